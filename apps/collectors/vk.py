"""VK communities and persons."""

import re
from collections.abc import Sequence
from functools import partial
from typing import Final
from urllib.parse import quote

from apps.collectors.addresses import name_or_refuse, read_pasted, refuse_reserved, words
from apps.collectors.http import Answer, Api
from apps.collectors.outcomes import (
    Facts,
    count_outcome,
    dig,
    fit,
    gather,
    halve,
    more,
    objects,
    other_outcome,
    word,
)
from apps.collectors.token_access import TokenAccess
from apps.collectors.types import (
    Kind,
    Lane,
    Limited,
    NotAnAccount,
    OurFault,
    Outcome,
    PlatformFailure,
    Refusal,
    Target,
    Unavailable,
)

HOSTS: Final = ("vk.com", "vk.ru", "vkontakte.ru", "vk.me", "vk.link", "vkvideo.ru")
OTHERS: Final = ("vk.cc",)
NAME: Final = re.compile(r"[A-Za-z0-9_.]{2,32}")
NUMBERED: Final = re.compile(r"(club|public|event|id)([0-9]{1,18})")
WALL: Final = re.compile(r"wall(-?[0-9]{1,18})(?:_[0-9]+)?")
ID: Final = re.compile(
    r"-?[1-9][0-9]{0,17}"
)  # communities have negative ids, as everywhere in VK's owner ids
ONE_THING: Final = re.compile(
    r"(photo|album|video|clip|topic|market|doc|story|audio|app|note|page|poll|product|artist|podcast|playlist|article)"
    r"s?(-?[0-9]+)(_[0-9]+)*"
)
VIDEOS: Final = ("video", "clip", "podcast")
RESERVED: Final = {
    **words(Refusal.VIDEO, "clips"),
    **words(Refusal.SEARCH, "search"),
    **words(Refusal.SHORT_LINK, "away.php away cc"),
    **words(Refusal.PRIVATE_INVITE, "join invite"),
    **words(
        Refusal.RESERVED,
        "feed im login settings friends groups music market video albums audios bookmarks mail write apps games about "
        "support help terms privacy dev services ads jobs join.php public event club docs stickers calls restore "
        "share.php widget_community.php video_ext.php js al_feed.php discover covid19 vkpay write.php wall id "
        "rtrg legal data_protection",
    ),
}


def parse(text: str) -> Target:
    """Return the community or person an address, name or number names; raises NotAnAccount.

    A wall entry names the one on whose wall it stands.
    """
    address, name = read_pasted(text, HOSTS, OTHERS)
    if address is None:
        return _target(name)
    if address.host in OTHERS:
        raise NotAnAccount(Refusal.SHORT_LINK, address.seen)
    parts = address.path
    if parts[:1] == ("video",) and len(parts) > 1 and parts[1].startswith("@"):
        parts = parts[1:]
    first = parts[0] if parts else ""
    wall = WALL.fullmatch(first) or (
        WALL.fullmatch(address.query.get("w", "")) if first.lower() in ("", *RESERVED) else None
    )
    if wall:
        return _by_id(wall[1])
    if first.startswith("@"):
        return _target(first[1:].partition("-")[0])
    thing = ONE_THING.fullmatch(first.lower())
    if thing:
        raise NotAnAccount(Refusal.VIDEO if thing[1] in VIDEOS else Refusal.POST, address.seen)
    if parts == address.path:
        refuse_reserved(address, RESERVED)
    return _target(first)


def url(target: Target) -> str:
    if target.handle:
        return f"https://vk.com/{quote(target.handle, safe='')}"
    number = target.platform_id
    if not number:
        return ""
    return (
        f"https://vk.com/club{quote(number[1:], safe='')}"
        if number.startswith("-")
        else f"https://vk.com/id{number}"
    )


def _by_id(number: str) -> Target:
    if not ID.fullmatch(number):
        raise NotAnAccount(Refusal.BAD_ID, number)
    return Target("vk", platform_id=number)


def _target(name: str) -> Target:
    numbered = NUMBERED.fullmatch(name.lower())
    if numbered:
        return _by_id(numbered[2] if numbered[1] == "id" else f"-{numbered[2]}")
    return Target("vk", handle=name_or_refuse(name, NAME, RESERVED))


class VK(TokenAccess):
    default_url = "https://api.vk.com"
    platform = "vk"
    batch_size = 500
    probe: Target | None = Target("vk", platform_id="-1")  # its own community for developers
    source = "api-vk"
    parse = staticmethod(parse)
    url = staticmethod(url)

    def lane(self, target: Target) -> Lane:
        sort = "person" if target.platform_id else "name"
        return Lane("community" if target.platform_id.startswith("-") else sort, self.batch_size)

    def requests(self, targets: Sequence[Target]) -> int:
        # Communities, persons, and names of which it is not known: asked for as the one, then as the other.
        return 4 * -(-len(targets) // self.batch_size)

    def fetch(self, targets: Sequence[Target]) -> list[Outcome]:
        if not self._token:
            raise OurFault("not_configured", "no service token of an app")
        groups = [target for target in targets if target.platform_id.startswith("-")]
        people = [target for target in targets if target.platform_id and target not in groups]
        names = [target for target in targets if not target.platform_id]
        with Api(self._api_url, self._contact, secrets=(self._token,)) as api:
            plan = [
                (groups, self.batch_size, partial(_read_ids, api, self._token, GROUPS)),
                (people, self.batch_size, partial(_read_ids, api, self._token, PEOPLE)),
                (names, self.batch_size, partial(_read_names, api, self._token)),
            ]
            return gather(targets, plan)


VERSION: Final = "5.199"  # the shape of an answer depends on it
GROUPS: Final = ("groups.getById", "group_ids", "members_count,verified,screen_name,is_closed,deactivated")
PEOPLE: Final = ("users.get", "user_ids", "followers_count,verified,screen_name")
ABOUT_ONE: Final = {
    15: Kind.PRIVATE,
    18: Kind.SUSPENDED,
    30: Kind.PRIVATE,
    100: Kind.NOT_FOUND,
    113: Kind.NOT_FOUND,
    125: Kind.NOT_FOUND,
    203: Kind.PRIVATE,
}


def _read_ids(api: Api, token: str, sort: tuple[str, str, str], targets: Sequence[Target]) -> list[Outcome]:
    good, outcomes = fit(targets, lambda target: ID.fullmatch(target.platform_id), "bad_id")
    return outcomes + (_ask(api, token, sort, good) if good else [])


def _read_names(api: Api, token: str, targets: Sequence[Target]) -> list[Outcome]:
    """Return a name does not show whose it is: communities are asked first, persons for what is left."""
    good, outcomes = fit(targets, lambda target: NAME.fullmatch(target.handle), "bad_handle")
    if not good:
        return outcomes
    found = _ask(api, token, GROUPS, good)
    left = [outcome.target for outcome in found if outcome.kind == Kind.NOT_FOUND and not outcome.platform_id]
    outcomes += [outcome for outcome in found if outcome.target not in left]
    return more(outcomes, left, 500, partial(_ask, api, token, PEOPLE))


def _ask(api: Api, token: str, sort: tuple[str, str, str], targets: Sequence[Target]) -> list[Outcome]:
    """Send one call; by POST, which keeps the token and hundreds of names out of the address."""
    method, parameter, fields = sort
    names = ",".join(target.platform_id.lstrip("-") or target.handle for target in targets)
    form = {parameter: names, "fields": fields, "access_token": token, "v": VERSION}
    answer = api.post(f"/method/{method}", form)
    body = answer.json_or_check()
    error = dig(body, "error")
    if error is not None:
        code, said = dig(error, "error_code"), api.words(dig(error, "error_msg"))
        if not isinstance(code, int) or code not in ABOUT_ONE:
            raise _failure(answer, code, said)
        if len(targets) > 1:
            # One of them is meant; nobody says which.
            return halve([], targets, partial(_ask, api, token, sort))
        return [other_outcome(targets[0], ABOUT_ONE[code], answer.at, f"error_{code}: {said}")]
    answer.ok()
    response = dig(body, "response")
    items = dig(response, "groups") if sort is GROUPS else response
    if not isinstance(items, list):
        raise Unavailable("bad_shape", f"no list in the answer of {method}")
    by_id = {word(dig(item, "id")): item for item in objects(items)}
    by_name = {word(dig(item, "screen_name")).casefold(): item for item in objects(items)}
    outcomes = []
    for target in targets:
        number = target.platform_id.lstrip("-")
        item = by_id.get(number) if number else by_name.get(target.handle.casefold())
        if item is None:
            outcomes.append(other_outcome(target, Kind.NOT_FOUND, answer.at, "no_item"))
        else:
            outcomes.append((_group if sort is GROUPS else _person)(target, item, answer))
    return outcomes


def _failure(answer: Answer, code: object, said: str) -> PlatformFailure:
    said = f"({code}) {said}" if isinstance(code, int) else said
    if code in (5, 27, 28):
        return OurFault("bad_token", said)
    if code == 2:
        return OurFault("not_enabled", said)
    if code in (6, 9, 14):
        return Limited("rate", said, answer.retry_at())
    if code == 29:
        return OurFault("quota", said)  # the day's calls of this method
    if code in (1, 10):
        return Unavailable("server_error", said)
    if code == 7:
        return OurFault("no_permission", said)
    answer.check()
    return (
        OurFault("bad_request", said)
        if isinstance(code, int)
        else Unavailable("bad_shape", "an error without code")
    )


def _group(target: Target, item: dict[str, object], answer: Answer) -> Outcome:
    facts = Facts(f"-{word(dig(item, 'id'))}", dig(item, "screen_name"), dig(item, "name"), _badge(item))
    gone = _read_gone(target, item, answer, facts)
    if gone:
        return gone
    if "members_count" not in item:
        kind = Kind.PRIVATE if dig(item, "is_closed") in (1, 2) else Kind.HIDDEN
        return other_outcome(target, kind, answer.at, "no_count", facts)
    return count_outcome(target, item["members_count"], answer.at, facts)


def _person(target: Target, item: dict[str, object], answer: Answer) -> Outcome:
    """Read a person: VK counts a person's followers and friends together."""
    name = f"{word(dig(item, 'first_name'))} {word(dig(item, 'last_name'))}"
    facts = Facts(word(dig(item, "id")), dig(item, "screen_name"), name, _badge(item))
    gone = _read_gone(target, item, answer, facts)
    if gone:
        return gone
    if "followers_count" not in item:
        kind = Kind.PRIVATE if dig(item, "is_closed") is True else Kind.HIDDEN
        return other_outcome(target, kind, answer.at, "no_count", facts)
    return count_outcome(target, item["followers_count"], answer.at, facts)


def _read_gone(target: Target, item: dict[str, object], answer: Answer, facts: Facts) -> Outcome | None:
    """Return the outcome of an account that is banned or deleted, or of an answer without its id; None for any other."""
    if not ID.fullmatch(word(dig(item, "id"))):
        return other_outcome(target, Kind.ERROR, answer.at, "bad_shape: an answer without id")
    state = dig(item, "deactivated")
    if state is None:
        return None
    # It is called DELETED by then: a name that is none is not kept.
    known = Facts(facts.platform_id, facts.handle)
    return other_outcome(
        target,
        Kind.SUSPENDED if state == "banned" else Kind.NOT_FOUND,
        answer.at,
        "deactivated: banned" if state == "banned" else "deactivated: deleted",
        known,
    )


def _badge(item: dict[str, object]) -> bool | None:
    return {0: False, 1: True}.get(number) if isinstance(number := dig(item, "verified"), int) else None
