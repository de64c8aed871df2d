"""Classify the addresses on a page: an account, a share button, another network, a page of the site itself."""

import re
from typing import Final
from urllib.parse import parse_qs, urlsplit

import idna

from apps.collectors import registry
from apps.collectors.addresses import is_under
from apps.collectors.sites.posts import is_post
from apps.collectors.types import Target

# Networks that are not collected but stand in the same rows of icons.
OTHER_NETWORKS: Final = {
    "pinterest": ("pinterest.com", "pinterest.ru"),
    "snapchat": ("snapchat.com",),
    "linkedin": ("linkedin.com",),
    "flickr": ("flickr.com",),
    "google_plus": ("plus.google.com",),
    "periscope": ("pscp.tv", "periscope.tv"),
    "yvision": ("yvision.kz",),
    "rutube": ("rutube.ru",),
    "dzen": ("dzen.ru", "zen.yandex.ru"),
    "twitch": ("twitch.tv",),
    "tumblr": ("tumblr.com",),
    "vimeo": ("vimeo.com",),
    "medium": ("medium.com",),
    "viber": ("viber.com",),
}
SHARES: Final = re.compile(
    r"(?:^|[/.])(?:share|share_button|sharer|intent|dialog|offer|add)(?:[./?]|$)|addtoany|sharethis", re.I
)
DOUBLED: Final = re.compile(r"^https?:/{0,2}(?=https?://)", re.I)
WRAPPERS: Final = re.compile(
    r"^(?:(?:l|lm|m)\.facebook\.com/(?:l\.php|login|flx)|facebook\.com/(?:login|l\.php|flx)|l\.(?:instagram|threads)\.com/"
    r"|(?:[a-z]+\.)?vk\.(?:com|ru)/away|google\.[a-z.]+/url|youtube\.com/redirect)",
    re.I,
)
PLUGINS: Final = re.compile(r"/(?:v\d+\.\d+/)?plugins/")
SHARE_PARAMETERS: Final = frozenset(("u", "url", "text", "title", "status"))


def read_account(address: str) -> Target:
    """Read the account that an address of a platform names. Raises NotAnAccount, also for share buttons."""
    parts = urlsplit(address)
    if is_under(parts.hostname or "", ("youtube.com",)) and parts.path == "/feeds/videos.xml":
        channel = parse_qs(parts.query).get("channel_id", [""])[0]
        return registry.parse(channel or "https://www.youtube.com/")
    if (shown := shown_by_plugin(address)) is not None:
        return registry.parse(shown, "facebook")
    return registry.parse(address)


def shown_by_plugin(address: str) -> str | None:
    """Return the address that a widget of Facebook shows, "" where it names none; None for any other address."""
    parts = urlsplit(address)
    if not is_under(parts.hostname or "", ("facebook.com",)) or not PLUGINS.match(parts.path):
        return None
    return parse_qs(parts.query).get("href", [""])[0]


def network_of(address: str) -> str:
    """Name the network that an address is of, "" where it is of none; whether it names an account is not asked."""
    host = (urlsplit(address).hostname or "").lower()
    for network, hosts in OTHER_NETWORKS.items():
        if is_under(host, hosts):
            return network
    for platform, module in registry.ADDRESSES.items():
        if is_under(host, tuple(module.HOSTS)) or host in getattr(module, "OTHERS", ()):
            return platform
    return ""


def bare_host(address: str) -> str:
    """Return the host of an address in lower case and in the letters that the net knows, without www."""
    host = (urlsplit(address).hostname or "").lower().rstrip(".")
    if not host.isascii():
        try:
            host = idna.encode(host, uts46=True).decode("ascii")
        except idna.IDNAError:
            return host
    return host.removeprefix("www.")


def complete(href: str) -> str:
    """Write a link whole that a hand has left half: www.instagram.com/name, http://https://t.me/name."""
    href = DOUBLED.sub("", href)
    host = href.partition("/")[0].lower()
    if "." in host and ":" not in host and network_of(f"https://{host}/"):
        return f"https://{href}"
    return href


def unwrap(address: str, own_host: str) -> str:
    """Return where a link of the site itself, or of a network, leads by way of a counter or a sign-in."""
    parts = urlsplit(address)
    host = bare_host(address)
    if not parts.query or (host != own_host and not WRAPPERS.search(f"{host}{parts.path}")):
        return address
    for values in parse_qs(parts.query).values():
        for value in values:
            if value.startswith(("http://", "https://")) and network_of(value):
                return value
    return address


def is_bot(target: Target) -> bool:
    """Tell whether a Telegram name is a bot's, which nobody subscribes to."""
    return target.platform == "telegram" and target.handle.lower().endswith("bot")


def is_share(address: str) -> bool:
    """Tell whether an address hands over a page to be shared rather than naming an account."""
    parts = urlsplit(address)
    if SHARES.search(parts.path) or parts.scheme in ("whatsapp", "viber"):
        return "intent/follow" not in parts.path and "intent/user" not in parts.path
    given = parse_qs(parts.query)
    return any(
        name in SHARE_PARAMETERS and any("://" in value or "%3A" in value for value in values)
        for name, values in given.items()
    )


def is_post_of(target: Target, address: str) -> bool:
    """Tell whether an address that names an account does so by one thing of its: a post, a photo, an album."""
    shown = shown_by_plugin(address)
    return is_post(target.platform, address if shown is None else shown)
