"""Mastodon accounts, on whichever server."""

import re
from collections.abc import Sequence
from functools import partial
from typing import Final
from urllib.parse import quote, urlsplit

from apps.collectors.addresses import Address, clean, is_under, read
from apps.collectors.http import Answer, Api
from apps.collectors.outcomes import (
    Facts,
    Read,
    count_outcome,
    dig,
    gather,
    more,
    objects,
    other_outcome,
    word,
)
from apps.collectors.types import (
    Kind,
    Lane,
    NotAnAccount,
    Outcome,
    PlatformFailure,
    Refusal,
    Target,
    Unavailable,
)

HOSTS: Final = (
    "mastodon.social",
    "mastodon.online",
    "mstdn.social",
    "mas.to",
    "mastodon.world",
    "fosstodon.org",
)
# Sites with addresses of the same shape that are no Mastodon.
FOREIGN: Final = (
    "medium.com",
    "substack.com",
    "flipboard.com",
    "rumble.com",
    "dzen.ru",
    "rutube.ru",
    "odysee.com",
)
LOCAL: Final = r"[A-Za-z0-9_]+(?:[.-]+[A-Za-z0-9_]+)*"
DOMAIN: Final = r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]"
NAME: Final = re.compile(rf"(?=[^@]{{1,30}}(?:@|\Z))({LOCAL})(?:@({DOMAIN}))?", re.IGNORECASE)
FULL_NAME: Final = re.compile(rf"(?=[^@]{{1,30}}@.{{4,200}}\Z)({LOCAL})@({DOMAIN})", re.IGNORECASE)
ID: Final = re.compile(rf"([0-9]{{1,25}})@({DOMAIN})", re.IGNORECASE)
HOST: Final = re.compile(DOMAIN, re.IGNORECASE)


def parse(text: str) -> Target:
    """Return the account an address or @name@host names; raises NotAnAccount. Any host may be a Mastodon server."""
    text = clean(text)
    if FULL_NAME.fullmatch(text.removeprefix("@")):
        return _target(text.removeprefix("@"), "")
    address = read(text, HOSTS)
    if address is None:
        raise NotAnAccount(Refusal.BAD_HANDLE, text)
    if not HOST.fullmatch(address.host) or is_under(address.host, FOREIGN):
        raise NotAnAccount(Refusal.UNKNOWN_HOST, address.host)
    return _of_address(address)


def is_likely(address: Address) -> bool:
    """Tell whether an address of an unknown host has the shape that accounts have on Mastodon."""
    if not HOST.fullmatch(address.host) or is_under(address.host, FOREIGN):
        return False
    try:
        _of_address(address)
    except NotAnAccount:
        return False
    return True


def url(target: Target) -> str:
    name, _, host = target.handle.partition("@")
    if host:
        return f"https://{host}/@{quote(name, safe='')}"
    number, _, host = target.platform_id.partition("@")
    return f"https://{host}/web/accounts/{quote(number, safe='')}" if host else ""


def _of_address(address: Address) -> Target:
    parts = address.path[1:] if address.part(0) in ("web", "deck") else address.path
    first, second = (*parts, "", "")[:2]
    if first.startswith("@"):
        return _target(first[1:], address.host)
    if first == "users" and second:
        return _target(second, address.host)
    if first == "accounts" and second.isdecimal() and second.isascii() and len(second) <= 25:
        return Target("mastodon", platform_id=f"{second}@{address.host}")
    if first == "tags":
        raise NotAnAccount(Refusal.SEARCH, address.seen)
    raise NotAnAccount(Refusal.RESERVED, address.seen)


def _target(name: str, host: str) -> Target:
    """Return the account `name`, or `name@other`, as seen on a host."""
    named = NAME.fullmatch(name)
    if not named:
        raise NotAnAccount(Refusal.BAD_HANDLE, name)
    home = named[2] or host
    return Target("mastodon", f"{named[1]}@{home.lower()}")


class Mastodon:
    """Many servers, not one: what fails on one of them concerns its accounts alone, never the platform."""

    platform = "mastodon"
    batch_size = 40
    probe: Target | None = None  # each server is on its own
    is_configured = True
    source = "api-mastodon"
    parse = staticmethod(parse)
    url = staticmethod(url)

    def __init__(self, *, api_url: str = "https://{host}", contact: str = "") -> None:
        """Keep the address, in which `{host}` stands for the account's own server."""
        self._api_url = api_url
        self._contact = contact

    def lane(self, target: Target) -> Lane:
        host = _host(target)
        return (
            Lane(f"{host} id", self.batch_size, host) if target.platform_id else Lane(f"{host} name", 1, host)
        )

    def requests(self, targets: Sequence[Target]) -> int:
        # By name at the worst: asked here, asked of the domain and where it sends us, asked there.
        return 4 * len(targets)

    def fetch(self, targets: Sequence[Target]) -> list[Outcome]:
        hosts: dict[str, list[Target]] = {}
        for target in targets:
            hosts.setdefault(_host(target), []).append(target)
        # Servers are named by whoever pasted an address: nothing inside our own network may be asked for.
        api = Api(self._api_url, self._contact, public_only=self._api_url == "https://{host}")
        with api:
            reads = {host: partial(_on_host, _Host(api, self._api_url, host)) for host in hosts}
            if len(hosts) > 1:
                reads = {host: partial(_or_errors, read) for host, read in reads.items()}
            return gather(targets, [(hosts[host], self.batch_size, read) for host, read in reads.items()])


def _or_errors(read: Read, targets: Sequence[Target]) -> list[Outcome]:
    """Read one server among several: where it fails, its accounts have errors and the others are asked on."""
    try:
        return list(read(targets))
    except PlatformFailure as failure:
        answered = {outcome.target: outcome for outcome in failure.outcomes}
        return [
            answered.get(target) or other_outcome(target, Kind.ERROR, detail=str(failure))
            for target in targets
        ]


class _Host:
    """One server, asked through the open connection."""

    def __init__(self, api: Api, address: str, host: str) -> None:
        self.api = api
        self.address = address
        self.host = host

    def get(self, path: str, params: list[tuple[str, str]] | None = None) -> Answer:
        base = self.address.replace("{host}", self.host)
        answer = self.api.get(path, params, base=base)
        # Each server has a window of its own; the others are asked on.
        self.api.rest(answer.window_end("x-ratelimit"), base)
        return answer

    def other(self, host: str) -> "_Host":
        return _Host(self.api, self.address, host)


def _host(target: Target) -> str:
    """Return the server that is asked: the one that gave the id, else the one in the name. "" where there is none."""
    match = ID.fullmatch(target.platform_id) if target.platform_id else FULL_NAME.fullmatch(target.handle)
    return match[2].lower() if match else ""


def _on_host(host: _Host, targets: Sequence[Target]) -> list[Outcome]:
    if not host.host:
        return [other_outcome(target, Kind.ERROR, detail="bad_handle") for target in targets]
    ids = [target for target in targets if target.platform_id]
    outcomes = _several(host, ids) if len(ids) > 1 else []
    done = {outcome.target for outcome in outcomes}
    return more(outcomes, [target for target in targets if target not in done], 1, partial(_single, host))


def _single(host: _Host, targets: Sequence[Target]) -> list[Outcome]:
    (target,) = targets
    return [_by_id(host, target) if target.platform_id else _by_name(host, target)]


def _several(host: _Host, targets: Sequence[Target]) -> list[Outcome]:
    """Ask for several ids in one request; servers before 4.3 do not know it, then nobody is answered for here."""
    numbers = {target.platform_id.partition("@")[0]: target for target in targets}
    answer = host.get("/api/v1/accounts", [("id[]", number) for number in numbers])
    if answer.status in (400, 401, 403, 404, 405):
        return []
    body = answer.ok().json()
    if not isinstance(body, list):
        raise Unavailable("bad_shape", "no list of accounts")
    found = {word(dig(item, "id")): item for item in objects(body)}
    return [
        _outcome(host, target, found[number], answer)
        if number in found
        else other_outcome(target, Kind.NOT_FOUND, answer.at, "left_out")
        for number, target in numbers.items()
    ]


def _by_id(host: _Host, target: Target) -> Outcome:
    answer = host.get(f"/api/v1/accounts/{target.platform_id.partition('@')[0]}")
    return _read_answer(host, target, answer)


def _by_name(host: _Host, target: Target) -> Outcome:
    """Ask by the name on its server; where its domain is served by another host, there."""
    name = target.handle.partition("@")[0]
    answer = host.get("/api/v1/accounts/lookup", [("acct", name)])
    is_known = answer.status == 200 and answer.body.lstrip()[:1] == b"{"
    if not is_known and answer.status in (200, 301, 302, 307, 308, 404):
        served = _find_host(host, target.handle)
        if served and served != host.host:
            host = host.other(served)
            answer = host.get("/api/v1/accounts/lookup", [("acct", name)])
    return _read_answer(host, target, answer)


def _find_host(host: _Host, handle: str) -> str:
    """Return the host that WebFinger names for the account; "" where the domain knows no such account."""
    asked = [("resource", f"acct:{handle}")]
    answer = host.get("/.well-known/webfinger", asked)
    if answer.status in (301, 302, 307, 308):
        # A domain hands these questions on to the host that serves it: the one redirect to elsewhere we obey.
        other = _host_of(answer.headers.get("location", ""))
        answer = host.other(other).get("/.well-known/webfinger", asked) if other else answer
    if answer.status != 200:
        return ""
    for link in objects(dig(answer.json(), "links")):
        if dig(link, "rel") == "self":
            return _host_of(word(dig(link, "href")))
    return ""


def _host_of(address: str) -> str:
    """Return the host of an address somebody else wrote; "" where it is no public name."""
    try:
        found = urlsplit(address).hostname or ""
    except ValueError:
        return ""
    return found if HOST.fullmatch(found) else ""


def _read_answer(host: _Host, target: Target, answer: Answer) -> Outcome:
    if answer.status == 404:
        return other_outcome(target, Kind.NOT_FOUND, answer.at, "not_found")
    if answer.status == 410:
        return other_outcome(target, Kind.SUSPENDED, answer.at, "gone")  # servers before 3.3
    if answer.status in (401, 403):
        said = host.api.words(dig(answer.json_or_check(), "error"))
        return other_outcome(target, Kind.ERROR, answer.at, f"guests_refused: {said}")
    return _outcome(host, target, answer.ok().json(), answer)


def _outcome(host: _Host, target: Target, account: object, answer: Answer) -> Outcome:
    number, name, acct = (word(dig(account, key)) for key in ("id", "username", "acct"))
    if not re.fullmatch(r"[0-9]{1,25}", number) or not NAME.fullmatch(name):
        return other_outcome(target, Kind.ERROR, answer.at, "bad_shape: no account in the answer")
    if "@" in acct:
        return other_outcome(target, Kind.ERROR, answer.at, "not_home: the server holds only a copy")
    domain = target.handle.partition("@")[2] or host.host
    facts = Facts(f"{number}@{host.host}", f"{name}@{domain}", dig(account, "display_name"))
    if dig(account, "suspended") is True:
        return other_outcome(
            target, Kind.SUSPENDED, answer.at, "suspended", Facts(facts.platform_id, facts.handle)
        )
    moved = word(dig(account, "moved", "acct"))
    if moved:
        whole = host.api.words(moved if "@" in moved else f"{moved}@{domain}")
        return other_outcome(target, Kind.MOVED, answer.at, f"moved_to: {whole}", facts)
    followers = dig(account, "followers_count")
    if followers == -1:
        # What the glitch-soc fork sends for a hidden count.
        return other_outcome(target, Kind.HIDDEN, answer.at, "minus_one", facts)
    return count_outcome(target, followers, answer.at, facts)
