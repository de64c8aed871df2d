"""Odnoklassniki groups."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Final, NamedTuple
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
    objects,
    other_outcome,
    word,
)
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

HOSTS: Final = ("ok.ru", "odnoklassniki.ru")
NAME: Final = re.compile(r"[A-Za-z0-9_.-]{2,64}")
ID: Final = re.compile(r"[0-9]{5,25}")
RESERVED: Final = {
    **words(Refusal.VIDEO, "video live videoembed clips"),
    **words(Refusal.SEARCH, "search hashtag"),
    **words(Refusal.POST, "topic photo photos album"),
    **words(
        Refusal.RESERVED,
        "dk feed music games gifts help messages guests discussions settings marks login online groups friends "
        "profile group about apphook terms regulations business ads mobile cdk st.cmd app vitrine shopping offer oauth legal",
    ),
}


def parse(text: str) -> Target:
    """Return the group or person an address, name or number names; raises NotAnAccount."""
    address, name = read_pasted(text, HOSTS)
    if address is None:
        return _target(name)
    first, second = address.part(0), address.part(1)
    if first == "group" and second:
        return _by_id(second) if second[0].isdecimal() else _target(second)
    if first == "profile" and second:
        return _person(second)
    refuse_reserved(address, RESERVED)
    return _target(first)


def url(target: Target) -> str:
    if target.handle:
        return f"https://ok.ru/{quote(target.handle)}"
    return f"https://ok.ru/group/{quote(target.platform_id, safe='')}" if target.platform_id else ""


def _by_id(number: str) -> Target:
    if not ID.fullmatch(number):
        raise NotAnAccount(Refusal.BAD_ID, number)
    return Target("ok", platform_id=number)


def _person(number: str) -> Target:
    if not ID.fullmatch(number):
        raise NotAnAccount(Refusal.BAD_ID, number)
    return Target("ok", handle=f"profile/{number}")


def _target(name: str) -> Target:
    numbered = re.fullmatch(r"group([0-9]{5,25})", name)
    if numbered:
        return _by_id(numbered[1])
    return _by_id(name) if ID.fullmatch(name) else Target("ok", name_or_refuse(name, NAME, RESERVED))


class OK:
    platform = "ok"
    batch_size = 100
    probe: Target | None = Target(
        "ok", platform_id="10000"
    )  # no such group: that it is not found is an answer
    source = "api-ok"
    parse = staticmethod(parse)
    url = staticmethod(url)

    def __init__(
        self,
        *,
        api_url: str = "https://api.ok.ru",
        application_key: str = "",
        secret_key: str = "",
        access_token: str = "",
        contact: str = "",
    ) -> None:
        self._api_url = api_url
        self._keys = Keys(application_key.strip(), secret_key.strip(), access_token.strip())
        self._contact = contact

    @property
    def is_configured(self) -> bool:
        return bool(self._keys.application_key and self._keys.secret_key)

    def lane(self, target: Target) -> Lane:
        return Lane("id", self.batch_size) if target.platform_id else Lane("name", 1)

    def requests(self, targets: Sequence[Target]) -> int:
        names = sum(1 for target in targets if not target.platform_id)
        return -(-len(targets) // self.batch_size) + 2 * names

    def fetch(self, targets: Sequence[Target]) -> list[Outcome]:
        if not self.is_configured:
            raise OurFault("not_configured", "no key of an application")
        ids = [target for target in targets if target.platform_id]
        names = [target for target in targets if not target.platform_id]
        with Api(self._api_url, self._contact, secrets=self._keys) as api:
            plan = [
                (ids, self.batch_size, partial(_read_ids, api, self._keys)),
                (names, 1, partial(_read_names, api, self._keys)),
            ]
            return gather(targets, plan)


class Keys(NamedTuple):
    application_key: str
    secret_key: str
    access_token: str


FIELDS: Final = "UID,NAME,SHORTNAME,MEMBERS_COUNT"
ABOUT_ONE: Final = (100, 110, 160)


def signature(parameters: dict[str, str], keys: Keys) -> str:
    """Compute OK's `sig`: md5 over the sorted parameters (without the token) and a secret made from token and
    application."""
    secret = keys.secret_key
    if keys.access_token:
        secret = _md5(keys.access_token + keys.secret_key)
    return _md5("".join(f"{name}={parameters[name]}" for name in sorted(parameters)) + secret)


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _call(api: Api, keys: Keys, method: str, **asked: str) -> tuple[Answer, object]:
    parameters = {"application_key": keys.application_key, "format": "json", "method": method, **asked}
    signed = {**parameters, "sig": signature(parameters, keys)}
    if keys.access_token:
        signed["access_token"] = keys.access_token
    answer = api.get("/fb.do", list(signed.items()))
    return answer, answer.json_or_check()


def _read_ids(api: Api, keys: Keys, targets: Sequence[Target]) -> list[Outcome]:
    """Read groups by id. A success is an array, a failure an object, both with HTTP 200."""
    good, outcomes = fit(targets, lambda target: ID.fullmatch(target.platform_id), "bad_id")
    if not good:
        return outcomes
    asked = ",".join(target.platform_id for target in good)
    answer, body = _call(api, keys, "group.getInfo", uids=asked, fields=FIELDS)
    if not isinstance(body, list):
        code, said = _about_one(api, answer, body)
        if len(good) > 1:
            return halve(outcomes, good, partial(_read_ids, api, keys))
        return [*outcomes, _refusal(good[0], answer, code, said)]
    answer.ok()
    found = {word(dig(item, "uid")): item for item in objects(body)}
    for target in good:
        item = found.get(target.platform_id)
        outcomes.append(
            _outcome(target, item, answer)
            if item
            else other_outcome(target, Kind.NOT_FOUND, answer.at, "no_item")
        )
    return outcomes


def _read_names(api: Api, keys: Keys, targets: Sequence[Target]) -> list[Outcome]:
    """Resolve a short name to the group's id first."""
    (target,) = targets
    if target.handle.startswith("profile/"):
        return [other_outcome(target, Kind.ERROR, detail="person: followers of persons are not given")]
    if not NAME.fullmatch(target.handle):
        return [other_outcome(target, Kind.ERROR, detail="bad_handle")]
    answer, body = _call(api, keys, "url.getInfo", url=f"https://ok.ru/{target.handle}")
    if dig(body, "error_code") is not None:
        return [_refusal(target, answer, *_about_one(api, answer, body))]
    answer.ok()
    number = word(dig(body, "objectIdStr")) or word(dig(body, "objectId"))
    if "GROUP" not in word(dig(body, "type")).upper():
        kind = Kind.NOT_FOUND if dig(body, "type") in (None, "UNKNOWN") else Kind.ERROR
        return [other_outcome(target, kind, answer.at, f"not_a_group: {api.words(dig(body, 'type'), 40)}")]
    (outcome,) = _read_ids(api, keys, [Target("ok", target.handle, number)])
    return [replace(outcome, target=target)]


def _about_one(api: Api, answer: Answer, body: object) -> tuple[int, str]:
    """Return code and words of an error that is about what was asked for; any other is a PlatformFailure."""
    code, said = dig(body, "error_code"), api.words(dig(body, "error_msg"))
    if code in ABOUT_ONE and isinstance(code, int):
        return code, said
    raise _failure(answer, code, said)


def _failure(answer: Answer, code: object, said: str) -> PlatformFailure:
    said = f"({code}) {said}" if isinstance(code, int) else said
    if code == 2:
        return Unavailable("server_error", said)
    if code == 11:
        return Limited("rate", said, answer.retry_at())
    if code == 102:
        return OurFault("token_expired", said)
    if code in (101, 103, 104):
        return OurFault("bad_token", said)
    if code == 200:
        return OurFault("no_permission", said)
    answer.ok()
    return (
        OurFault("bad_request", said)
        if isinstance(code, int)
        else Unavailable("bad_shape", "no list of groups")
    )


def _refusal(target: Target, answer: Answer, code: int, said: str) -> Outcome:
    kind = Kind.ERROR if code == 100 else Kind.NOT_FOUND
    return other_outcome(target, kind, answer.at, f"error_{code}: {said}")


def _outcome(target: Target, item: dict[str, object], answer: Answer) -> Outcome:
    facts = Facts(word(dig(item, "uid")), word(dig(item, "shortname")), dig(item, "name"))
    if "members_count" not in item:
        return other_outcome(target, Kind.HIDDEN, answer.at, "no_count", facts)
    return count_outcome(target, item["members_count"], answer.at, facts)
