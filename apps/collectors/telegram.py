"""Telegram channels and public groups: the public page t.me/NAME, or the Bot API where a token is set.

Bot API: https://core.telegram.org/bots/api (getChat, getChatMemberCount). The page has no description; its shape is in
docs/platforms.md. Both count exactly, one chat at a time.
"""

import html
import re
from collections.abc import Sequence
from functools import partial
from typing import Final
from urllib.parse import quote

from apps.collectors.addresses import name_or_refuse, read_pasted, refuse_reserved, words
from apps.collectors.http import Answer, Api, wait_seconds
from apps.collectors.numbers import UNITS, read_printed
from apps.collectors.outcomes import Facts, count_outcome, dig, gather, number, other_outcome, word
from apps.collectors.types import (
    Kind,
    Lane,
    Limited,
    NotAnAccount,
    OurFault,
    Outcome,
    Refusal,
    Target,
    Unavailable,
)

HOSTS: Final = ("t.me", "telegram.me", "telegram.dog")
NAME: Final = re.compile(r"(?=.{4,32}\Z)[A-Za-z](?:_?[A-Za-z0-9])*")
PAGE_LENGTH: Final = 400_000  # what is looked for stands at the top
CHAT_ID: Final = re.compile(r"-?[0-9]{1,20}")
RESERVED: Final = {
    **words(Refusal.PRIVATE_INVITE, "joinchat join c addlist"),
    **words(Refusal.PHONE, "contact"),
    **words(
        Refusal.RESERVED,
        "web m share proxy socks login auth boost invoice addstickers addemoji addtheme bg setlanguage confirmphone "
        "iv giftcode msg resolve privatepost k a z www call nft folder",
    ),
}


def parse(text: str) -> Target:
    """Return the channel or group an address of Telegram or a @name names; raises NotAnAccount."""
    text = text.strip()
    if re.match(r"[<\"']?tg:", text, re.IGNORECASE):
        # tg:resolve?domain=x is written as often as tg://resolve?domain=x
        text = re.sub(r"tg:(?://)?", "https://t.me/tg-app/", text, count=1, flags=re.IGNORECASE)
    address, name = read_pasted(text, HOSTS, names_below=True)
    if address is None:
        return _target(name)
    subdomain = next(
        (address.host.removesuffix(f".{host}") for host in HOSTS if address.host.endswith(f".{host}")), ""
    )
    if subdomain and subdomain not in RESERVED and len(subdomain) > 1:
        return _target(subdomain)
    parts = address.path
    if parts[:1] == ("tg-app",):
        if parts[1:2] == ("resolve",) and address.query.get("domain"):
            return _target(address.query["domain"])
        raise NotAnAccount(
            Refusal.PRIVATE_INVITE if parts[1:2] == ("join",) else Refusal.RESERVED,
            "tg://" + "/".join(parts[1:]),
        )
    if parts[:1] == ("s",) and len(parts) > 1:
        return _target(parts[1])
    if parts and parts[0].startswith("+"):
        is_phone = re.fullmatch(r"\+[0-9]{7,15}", parts[0])
        raise NotAnAccount(Refusal.PHONE if is_phone else Refusal.PRIVATE_INVITE, address.seen)
    refuse_reserved(address, RESERVED)
    return _target(parts[0])


def url(target: Target) -> str:
    return f"https://t.me/{quote(target.handle, safe='')}" if target.handle else ""


def _target(name: str) -> Target:
    return Target("telegram", name_or_refuse(name, NAME, RESERVED))


class Telegram:
    platform = "telegram"
    batch_size = 20
    probe: Target | None = Target("telegram", "telegram")
    parse = staticmethod(parse)
    url = staticmethod(url)

    def __init__(
        self,
        *,
        page_url: str = "https://t.me",
        api_url: str = "https://api.telegram.org",
        token: str = "",
        contact: str = "",
    ) -> None:
        self._page_url = page_url
        self._api_url = api_url
        self._token = token.strip()
        self._contact = contact

    @property
    def is_configured(self) -> bool:
        return True  # the page needs no credentials

    @property
    def source(self) -> str:
        return "api-telegram" if self._token else "page-telegram"

    def lane(self, target: Target) -> Lane:
        return Lane("", 1)

    def requests(self, targets: Sequence[Target]) -> int:
        # A page without a count is looked up once more, in its preview; the Bot API takes two calls for name and count.
        return 2 * len(targets)

    def fetch(self, targets: Sequence[Target]) -> list[Outcome]:
        if self._token:
            api = Api(self._api_url, self._contact, secrets=(self._token,))
            read = partial(_read_chat, api, f"/bot{quote(self._token, safe=':')}")
        else:
            api = Api(self._page_url, self._contact)
            read = partial(_read_page, api)
        with api:
            return gather(targets, [(targets, 1, lambda batch: [read(target) for target in batch])])


# The Bot API


def _read_chat(api: Api, path: str, target: Target) -> Outcome:
    """Name and id, then the count. The name is asked for where it is known: an id works only for chats the bot is in."""
    if NAME.fullmatch(target.handle):
        chat = f"@{target.handle}"
    elif not target.handle and CHAT_ID.fullmatch(target.platform_id):
        chat = target.platform_id
    else:
        return other_outcome(target, Kind.ERROR, detail="bad_handle")
    answer = api.get(f"{path}/getChat", [("chat_id", chat)])
    body = answer.json_or_check()
    if dig(body, "ok") is not True:
        return _refusal(api, target, answer, body)
    result = dig(body, "result")
    facts = Facts(
        platform_id=word(dig(result, "id")),
        handle=word(dig(result, "username")) or target.handle,
        title=dig(result, "title"),
    )
    if dig(result, "type") not in ("channel", "supergroup", "group"):
        return other_outcome(
            target, Kind.ERROR, answer.at, "not_a_channel: a person or a bot has no followers"
        )
    answer = api.get(f"{path}/getChatMemberCount", [("chat_id", chat)])
    body = answer.json_or_check()
    if dig(body, "ok") is not True:
        return _refusal(api, target, answer, body)
    return count_outcome(target, dig(body, "result"), answer.at, facts)


def _refusal(api: Api, target: Target, answer: Answer, body: object) -> Outcome:
    """Return what a failure of the Bot API means: an outcome of this chat, or a PlatformFailure."""
    code, said = dig(body, "error_code"), api.words(dig(body, "description"))
    if code == 429:
        wait = number(dig(body, "parameters", "retry_after"))
        raise Limited(
            "rate", said, answer.retry_at() if wait is None else wait_seconds(min(wait, 10**9), answer.at)
        )
    if code in (401, 404):
        raise OurFault("bad_token", said)
    if code == 400 and "chat not found" in said.lower():
        return other_outcome(target, Kind.NOT_FOUND, answer.at, f"chat_not_found: {said}")
    if code == 403:
        return other_outcome(target, Kind.PRIVATE, answer.at, f"closed: {said}")
    if code == 400:
        return other_outcome(target, Kind.ERROR, answer.at, f"refused: {said}")
    answer.check()
    if isinstance(code, int) and code >= 500:
        raise Unavailable("server_error", said)
    raise Unavailable("bad_shape", said or f"HTTP {answer.status}")


# The public page. Expressions with bounded repeats, not a parser: a page of two million opening tags keeps a tree
# builder busy for hours.

_CLASS: Final = r'\bclass="[^"<>]{0,200}\b%s\b[^"<>]{0,200}"[^<>]{0,300}>'
_EXTRA: Final = re.compile(
    r"<div [^<>]{0,300}?" + _CLASS % "tgme_page_extra" + r"(.{0,400}?)</div>", re.DOTALL
)
_TITLE: Final = re.compile(
    r"<div [^<>]{0,300}?" + _CLASS % "tgme_page_title" + r"(.{0,4000}?)</div>", re.DOTALL
)
_PREVIEW_TITLE: Final = re.compile(
    r"<div [^<>]{0,300}?" + _CLASS % "tgme_channel_info_header_title" + r"(.{0,4000}?)</div>", re.DOTALL
)
_COUNTER: Final = re.compile(
    r"<span [^<>]{0,300}?"
    + _CLASS % "counter_value"
    + r"([^<>]{0,40})</span>\s{0,20}<span [^<>]{0,300}?"
    + _CLASS % "counter_type"
    + r"([^<>]{0,40})</span>"
)
_CONTACT: Final = re.compile(r'property="og:title"\s{1,20}content="Telegram: Contact @')
_TAG: Final = re.compile(r"<[^<>]{0,1000}>")
# As the page may say it to a reader whose language is English, Russian or Kazakh.
_COUNTED: Final = r"(?:subscribers?|members?|подписчик(?:а|и|ов)?|участник(?:а|и|ов)?|жазылушы(?:лар)?|қатысушы(?:лар)?|мүше(?:лер)?)"
_USERS: Final = re.compile(
    r"\bmonthly users\b|пользовател\w{1,3} (?:в|за) месяц|(?:айлық|айына) .{0,40}пайдаланушы", re.IGNORECASE
)
_KIND: Final = re.compile(_COUNTED, re.IGNORECASE)
_FOLLOWERS: Final = re.compile(
    rf"([0-9][0-9 ,.'\u00a0\u202f\u2009]{{0,30}}?(?:[ \u00a0\u202f]?(?:{UNITS})\.?)?)\s{{1,5}}{_COUNTED}\b.{{0,100}}",
    re.DOTALL | re.IGNORECASE,
)


def _read_page(api: Api, target: Target) -> Outcome:
    if not NAME.fullmatch(target.handle):
        return other_outcome(target, Kind.ERROR, detail="bad_handle")
    answer = api.get(f"/{target.handle}", follow=True)
    page = _page(answer)
    title = _TITLE.search(page)
    facts = _facts(target, title)
    extras = [_text(found) for found in _EXTRA.findall(page)]
    for extra in extras:
        followers = _FOLLOWERS.fullmatch(extra)
        value = read_printed(followers[1]) if followers else None
        if value:
            return count_outcome(target, value[0], answer.at, facts, precision=value[1])
    if any(_USERS.search(extra) for extra in extras):
        return other_outcome(target, Kind.ERROR, answer.at, "bot: users of a bot are not followers")
    if any(extra.startswith("@") for extra in extras):
        return other_outcome(target, Kind.ERROR, answer.at, "person: a person's count is not shown")
    if not extras and ("tgme_icon_user" in page or _CONTACT.search(page)):
        return other_outcome(target, Kind.NOT_FOUND, answer.at, "contact_page")
    if extras:
        return other_outcome(target, Kind.ERROR, answer.at, f"unknown_text: {extras[0][:100]}")
    return _read_preview(api, target, facts)


def _read_preview(api: Api, target: Target, facts: Facts) -> Outcome:
    """Return the preview of the posts, which abbreviates the count; where a channel has none it leads back to the
    page."""
    answer = api.get(f"/s/{target.handle}", follow=True)
    page = _page(answer)
    title = _PREVIEW_TITLE.search(page)
    for shown, of in _COUNTER.findall(page):
        value = read_printed(_text(shown)) if _KIND.fullmatch(_text(of)) else None
        if value:
            named = facts if facts.title else _facts(target, title)
            return count_outcome(target, value[0], answer.at, named, precision=value[1])
    return other_outcome(target, Kind.ERROR, answer.at, "no_count: the page shows none")


def _facts(target: Target, title: re.Match[str] | None) -> Facts:
    """Name and badge, which stand in the same element; the page gives no id."""
    if title is None:
        return Facts(handle=target.handle)
    return Facts(handle=target.handle, title=_text(title[1]), verified="verified-icon" in title[1])


def _page(answer: Answer) -> str:
    """Return the text of a page that is whole and Telegram's; else Unavailable."""
    page = answer.ok().text()
    if "tgme_" not in page:
        raise Unavailable("bad_shape", "not a page of t.me")
    if "</html>" not in page:
        raise Unavailable("truncated", "the page has no end")
    return page[:PAGE_LENGTH]


def _text(fragment: str) -> str:
    return " ".join(html.unescape(_TAG.sub(" ", fragment)).split(" ")).strip()
