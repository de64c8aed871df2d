"""Addresses as tables hold them: wrapped, decorated, several in a cell, beside numbers; e-mail addresses and phones told apart."""

import re
from collections.abc import Iterable
from typing import Final, NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

from apps.collectors import registry
from apps.collectors.mastodon import HOSTS as MASTODON_HOSTS
from apps.collectors.types import NotAnAccount, Refusal, Target

EMAIL: Final = re.compile(r"(?:mailto:)?[\w.+%-]+@[\w-]+(?:\.[\w-]+)+", re.IGNORECASE)
PHONE: Final = re.compile(r"(?:tel:|тел\.?:?)?\s?\+?[0-9][0-9 ()\u00a0–-]{8,20}[0-9]")
MASTODON: Final = re.compile(r"@[A-Za-z0-9_.-]+@(?:[a-z0-9-]+\.)+[a-z]{2,}", re.IGNORECASE)
NUMBER: Final = re.compile(
    r"[0-9][0-9 .,\u00a0\u202f]*(?:\s?(?:тыс|млн|мың|k|m|к)\.?)?(?:\s?(?:подписчик\w*|followers?|subscribers?|жазылушы))?",
    re.IGNORECASE,
)
MARKDOWN: Final = re.compile(r"\[[^\]\n]{0,300}\]\((\S{4,2000}?)\)")
ANCHOR: Final = re.compile(r"<a\s[^>]*href=[\"']([^\"']{4,2000})[\"'][^>]*>.*", re.IGNORECASE | re.DOTALL)
REMARK: Final = re.compile(r"\s*\((?![^)]*[/@])[^()]{1,60}\)\s*$|\s+[-–—]\s+[^/@]{1,60}$")
WAYBACK: Final = re.compile(
    r"https?://web\.archive\.org/(?:web|save)/(?:[0-9*]{1,14}(?:[a-z]{2}_)?/)?(https?:/?/?\S+|[\w-]+\.\S+)",
    re.IGNORECASE,
)
LOOKS: Final = re.compile(r"(?:https?://|www\.|tg:|//)\S+|(?:[\w-]+\.)+[a-z]{2,}/\S*", re.IGNORECASE)
KNOWN_HOST: Final = re.compile(
    r"(?:[\w-]+\.)*(?:facebook\.com|fb\.com|fb\.me|instagram\.com|youtube\.com|youtu\.be|twitter\.com|x\.com|t\.me|telegram\.me|"
    r"tiktok\.com|vk\.com|vk\.ru|threads\.(?:net|com)|ok\.ru|odnoklassniki\.ru|bsky\.app|whatsapp\.com)(?:/\S*)?",
    re.IGNORECASE,
)
# What leads elsewhere, and the parameter that says where.
_WRAPPERS: Final = {
    "google.com/url": ("q", "url"),
    "l.facebook.com/l.php": ("u",),
    "lm.facebook.com/l.php": ("u",),
    "facebook.com/l.php": ("u",),
    "facebook.com/flx/warn": ("u",),
    "l.instagram.com": ("u",),
    "vk.com/away.php": ("to",),
    "vk.ru/away.php": ("to",),
    "m.vk.com/away.php": ("to",),
    "ok.ru/dk": ("st.link",),
    "youtube.com/redirect": ("q",),
    "t.umblr.com/redirect": ("z",),
    "away.vk.com/away.php": ("to",),
    "slack-redir.net/link": ("url",),
    "safelinks.protection.outlook.com": ("url",),
    "translate.google.com/translate": ("u",),
    "yandex.ru/clck/jsredir": ("url",),
    "linkedin.com/redir/redirect": ("url",),
}


class Found(NamedTuple):
    """What a cell says of accounts: the targets with their text, and what was seen beside them."""

    target: Target
    text: str


class NotALink(ValueError):
    """A cell that names no account. `code`: email, phone, beside, or one of Refusal; `seen` what decided."""

    def __init__(self, code: str, seen: str) -> None:
        super().__init__(f"{code}: {seen}")
        self.code, self.seen = code, seen


def unwrap(text: str) -> str:
    """Return the address that the text leads to: without redirections, archives, Markdown, tags and remarks behind it."""
    plain = text.strip()
    for _round in range(6):
        before = plain
        if (markdown := MARKDOWN.fullmatch(plain)) or (markdown := ANCHOR.fullmatch(plain)):
            plain = markdown[1]
        if wayback := WAYBACK.fullmatch(plain):
            plain = re.sub(r"^(https?):/*(?=[^/])", r"\1://", wayback[1], flags=re.IGNORECASE)
        plain = _redirected(plain)
        plain = REMARK.sub("", plain).strip()
        if plain == before:
            return plain
    return plain


def _redirected(text: str) -> str:
    if not re.match(r"(?:https?:)?//|(?:[\w-]+\.)+[a-z]{2,}/", text, re.IGNORECASE):
        return text
    try:
        parts = urlsplit(text if "//" in text[:8] else f"https://{text}")
        host = (parts.hostname or "").lower().removeprefix("www.")
        query = parse_qs(parts.query, max_num_fields=50)
    except ValueError:
        return text
    place = f"{host}{parts.path}".rstrip("/")
    for wrapper, names in _WRAPPERS.items():
        if place == wrapper or host == wrapper or host.endswith(f".{wrapper}"):
            return next((unquote(query[name][0]) for name in names if name in query), text)
    if host == "web.telegram.org" and parts.fragment:
        named = re.search(r"(?:^|[?&]p=)(@[A-Za-z]\w{2,31})", unquote(parts.fragment))
        return f"https://t.me/{named[1][1:]}" if named else text
    if host in ("twitter.com", "m.twitter.com", "x.com") and parts.fragment.startswith("!/"):
        return f"https://{host}/{parts.fragment[2:]}"
    if host.endswith("facebook.com") and parts.path.startswith("/pg/"):
        return f"https://{host}{parts.path[3:]}"
    return text


def pieces(text: str) -> list[str]:
    """Split a cell into the addresses it holds; one piece where it holds one, or none that can be told apart."""
    if ANCHOR.fullmatch(text.strip()) or MARKDOWN.fullmatch(text.strip()):
        return [text.strip()]
    parts = [
        part.strip()
        for part in re.split(
            r"[\n;|]+|,\s+|,(?=https?://|@)|\s+(?:и|and|және)\s+|\s+(?=https?://)|\s{2,}", text
        )
        if part.strip()
    ]
    if len(parts) > 1 and all(is_address(part) or part.startswith("@") for part in parts):
        return parts
    words = text.split()
    if len(words) > 1 and all(is_address(word.strip(",;")) for word in words):
        return [word.strip(",;") for word in words]
    return [text.strip()]


def is_address(text: str) -> bool:
    """Tell whether a text looks like the address of a page; an e-mail address does not."""
    plain = text.strip()
    if EMAIL.fullmatch(plain):
        return False
    return bool(
        LOOKS.fullmatch(plain)
        or KNOWN_HOST.fullmatch(plain)
        or MASTODON.fullmatch(plain)
        or MARKDOWN.fullmatch(plain)
        or ANCHOR.fullmatch(plain)
    )


def read_account(text: str, platform: str = "", servers: Iterable[str] = ()) -> Target:
    """Return the account that one address or name names; `servers` are hosts known to be Mastodon.

    Raises NotALink. An address of an unknown host is never a Mastodon account by its shape alone, and what looks like an
    e-mail address only where the platform was named.
    """
    plain = unwrap(text)
    if EMAIL.fullmatch(plain) and platform != "mastodon":
        raise NotALink("email", plain)
    if PHONE.fullmatch(plain):
        raise NotALink("phone", plain)
    if NUMBER.fullmatch(plain) and not (plain.isdecimal() and len(plain) >= 5 and platform):
        raise NotALink("number", plain)
    if re.search(r"\s", plain):
        raise NotALink("beside", plain)
    try:
        target = registry.parse(plain, platform)
    except NotAnAccount as refused:
        raise NotALink(refused.code, refused.seen) from None
    if target.platform == "mastodon" and not MASTODON.fullmatch(
        plain if plain.startswith("@") else f"@{plain}"
    ):
        host = (target.handle or target.platform_id).rpartition("@")[2]
        if host not in MASTODON_HOSTS and host not in set(servers):
            raise NotALink(Refusal.UNKNOWN_HOST, host)
    return target
