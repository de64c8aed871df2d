"""X accounts."""

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
    Refusal,
    Target,
    Unavailable,
)

HOSTS: Final = ("x.com", "twitter.com")
OTHERS: Final = ("t.co",)
NAME: Final = re.compile(r"[A-Za-z0-9_]{1,15}")
ID: Final = re.compile(r"[0-9]{1,19}")
RESERVED: Final = {
    **words(Refusal.SEARCH, "search hashtag explore"),
    **words(
        Refusal.RESERVED,
        "home i settings share intent login compose messages notifications tos privacy logout signup account jobs "
        "about en download who_to_follow rules lists bookmarks grok oauth widgets",
    ),
}
WITHIN_I: Final = {
    "status": Refusal.POST,
    "web": Refusal.POST,
    "lists": Refusal.GROUP,
    "communities": Refusal.GROUP,
    "events": Refusal.EVENT,
    "spaces": Refusal.EVENT,
    "broadcasts": Refusal.VIDEO,
}


def parse(text: str) -> Target:
    """Return the account an address, @name or intent link names; raises NotAnAccount."""
    address, name = read_pasted(text, HOSTS, OTHERS)
    if address is None:
        return _target(name)
    if address.host in OTHERS:
        raise NotAnAccount(Refusal.SHORT_LINK, address.seen)
    first, second = address.part(0).lower(), address.part(1).lower()
    if first == "intent" and second in ("user", "follow"):
        if address.query.get("screen_name"):
            return _target(address.query["screen_name"])
        return _by_id(address.query.get("user_id", ""))
    if first == "i" and second == "user":
        return _by_id(address.part(2))
    if first == "i" and second in WITHIN_I:
        raise NotAnAccount(WITHIN_I[second], address.seen)
    refuse_reserved(address, RESERVED)
    return _target(address.part(0))


def url(target: Target) -> str:
    if target.handle:
        return f"https://x.com/{quote(target.handle, safe='')}"
    return f"https://x.com/i/user/{quote(target.platform_id, safe='')}" if target.platform_id else ""


def _by_id(number: str) -> Target:
    if not ID.fullmatch(number):
        raise NotAnAccount(Refusal.BAD_ID, number)
    return Target("x", platform_id=number)


def _target(name: str) -> Target:
    return Target("x", handle=name_or_refuse(name, NAME, RESERVED))


class X(TokenAccess):
    default_url = "https://api.x.com"
    platform = "x"
    batch_size = 100
    probe: Target | None = Target("x", "X")
    source = "api-x"
    parse = staticmethod(parse)
    url = staticmethod(url)

    def lane(self, target: Target) -> Lane:
        return Lane("id" if target.platform_id else "name", self.batch_size)

    def requests(self, targets: Sequence[Target]) -> int:
        ids = sum(1 for target in targets if target.platform_id)
        return -(-ids // self.batch_size) + -(-(len(targets) - ids) // self.batch_size)

    def fetch(self, targets: Sequence[Target]) -> list[Outcome]:
        if not self._token:
            raise OurFault("not_configured", "no bearer token")
        ids = [target for target in targets if target.platform_id]
        names = [target for target in targets if not target.platform_id]
        headers = {"Authorization": f"Bearer {self._token}"}
        with Api(self._api_url, self._contact, headers=headers, secrets=(self._token,)) as api:
            by_id, by_name = partial(_batch, api, True), partial(_batch, api, False)
            plan = [(ids, self.batch_size, by_id), (names, self.batch_size, by_name)]
            return api.finish(gather(targets, plan))


WINDOW: Final = "x-rate-limit"
FIELDS: Final = "public_metrics,verified,protected"


def _batch(api: Api, by_id: bool, targets: Sequence[Target]) -> list[Outcome]:
    """Ask for up to 100 of one sort. One malformed name would have the whole request refused: it is not sent."""
    good, outcomes = fit(
        targets, lambda target: (ID if by_id else NAME).fullmatch(_key(target, by_id)), "bad_handle"
    )
    if not good:
        return outcomes
    asked = ",".join(_key(target, by_id) for target in good)
    filters = ("/2/users", "ids") if by_id else ("/2/users/by", "usernames")
    answer = api.get(filters[0], [(filters[1], asked), ("user.fields", FIELDS)])
    api.rest(answer.window_end(WINDOW))
    body = _body(api, answer)
    if answer.status == 400 and len(good) > 1:
        return halve(outcomes, good, partial(_batch, api, by_id))
    if answer.status == 400:
        return [
            *outcomes,
            other_outcome(good[0], Kind.ERROR, answer.at, f"refused: {_read_words(api, body)}"),
        ]
    users = {
        word(dig(user, "id" if by_id else "username")).casefold(): user for user in objects(dig(body, "data"))
    }
    errors = {
        (word(dig(error, "resource_id")) or word(dig(error, "value"))).casefold(): error
        for error in objects(dig(body, "errors"))
    }
    for target in good:
        key = _key(target, by_id).casefold()
        if key in users:
            outcomes.append(_outcome(target, users[key], answer))
        elif key in errors:
            outcomes.append(_refusal(api, target, errors[key], answer))
        else:
            outcomes.append(other_outcome(target, Kind.ERROR, answer.at, "no_answer"))
    return outcomes


def _key(target: Target, by_id: bool) -> str:
    return target.platform_id if by_id else target.handle


def _body(api: Api, answer: Answer) -> object:
    """Return the body of a 200, or of a 400 (about what was asked); every other status is a PlatformFailure."""
    if answer.status in (401, 402, 403):
        try:
            body = answer.json()
        except Unavailable:
            body = None
        code = {401: "bad_token", 402: "credit", 403: "no_permission"}[answer.status]
        raise OurFault(
            "not_enabled" if dig(body, "reason") == "client-not-enrolled" else code, _read_words(api, body)
        )
    if answer.status == 429:
        raise _read_limit(api, answer)
    answer.check()
    body = answer.json()
    if answer.status not in (200, 400):
        raise Unavailable("refused", f"HTTP {answer.status} {_read_words(api, body)}")
    if answer.status == 200 and dig(body, "data") is None and not objects(dig(body, "errors")):
        raise Unavailable("bad_shape", "neither users nor errors")
    return body


def _read_limit(api: Api, answer: Answer) -> Limited | OurFault:
    """Tell the two things that come as 429 apart: the window is full (wait for its reset), or the month's cap is
    reached (stop)."""
    try:
        body = answer.json()
    except Unavailable:
        body = None
    said = _read_words(api, body)
    if dig(body, "title") == "UsageCapExceeded" or word(dig(body, "type")).endswith("/usage-capped"):
        return OurFault("quota", said)
    return Limited("rate", said, answer.reset_at(WINDOW) or answer.retry_at())


def _read_words(api: Api, body: object) -> str:
    return f"{api.words(dig(body, 'title'), 60)}: {api.words(dig(body, 'detail'))}"


def _outcome(target: Target, user: dict[str, object], answer: Answer) -> Outcome:
    """Read a protected account's count, which is as public as any."""
    badge = dig(user, "verified")
    facts = Facts(
        platform_id=word(dig(user, "id")),
        handle=word(dig(user, "username")),
        title=dig(user, "name"),
        verified=badge if isinstance(badge, bool) else None,
    )
    if not ID.fullmatch(word(dig(user, "id"))):
        return other_outcome(target, Kind.ERROR, answer.at, "bad_shape: a user without id")
    return count_outcome(target, dig(user, "public_metrics", "followers_count"), answer.at, facts)


def _refusal(api: Api, target: Target, error: dict[str, object], answer: Answer) -> Outcome:
    """Tell absent from suspended, which have the same type and status, by the title alone."""
    kind = {"Not Found Error": Kind.NOT_FOUND, "Forbidden": Kind.SUSPENDED}.get(
        word(dig(error, "title")), Kind.ERROR
    )
    return other_outcome(target, kind, answer.at, _read_words(api, error))
