"""Threads accounts."""

from collections.abc import Sequence
from functools import partial
from typing import Final
from urllib.parse import quote

from apps.collectors import graph
from apps.collectors.addresses import name_or_refuse, read_pasted, refuse_reserved, words
from apps.collectors.http import Api
from apps.collectors.instagram import NAME  # the same names, for the same accounts
from apps.collectors.outcomes import Facts, count_outcome, dig, gather, other_outcome, same, word
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

HOSTS: Final = ("threads.com", "threads.net")
RESERVED: Final = {
    **words(Refusal.POST, "t post"),
    **words(Refusal.SEARCH, "search explore"),
    **words(
        Refusal.RESERVED, "login settings activity saved liked intent following for_you custom_feed insights"
    ),
}


def parse(text: str) -> Target:
    """Return the account an address or @name names, in lower case; raises NotAnAccount."""
    address, name = read_pasted(text, HOSTS)
    if address is None:
        return _target(name)
    refuse_reserved(address, RESERVED)
    if not address.part(0).startswith("@"):
        raise NotAnAccount(Refusal.BAD_HANDLE, address.seen)
    return _target(address.part(0))


def url(target: Target) -> str:
    return f"https://www.threads.com/@{quote(target.handle, safe='')}" if target.handle else ""


def _target(name: str) -> Target:
    return Target("threads", name_or_refuse(name.lower(), NAME))


class Threads(TokenAccess):
    default_url = "https://graph.threads.com"
    platform = "threads"
    batch_size = 25
    probe: Target | None = Target("threads", "threads")  # Meta's own accounts may be looked up with any token
    source = "api-threads"
    parse = staticmethod(parse)
    url = staticmethod(url)

    def lane(self, target: Target) -> Lane:
        return Lane("", 1)

    def requests(self, targets: Sequence[Target]) -> int:
        return len(targets)

    def fetch(self, targets: Sequence[Target]) -> list[Outcome]:
        if not self._token:
            raise OurFault("not_configured", "no token with threads_profile_discovery")
        with Api(self._api_url, self._contact, secrets=(self._token,)) as api:
            return api.finish(gather(targets, [(targets, 1, partial(_single, api, self._token))]))


FIELDS: Final = "username,name,is_verified,follower_count"


def _single(api: Api, token: str, targets: Sequence[Target]) -> list[Outcome]:
    (target,) = targets
    name = target.handle.lower()
    if not NAME.fullmatch(name):
        return [other_outcome(target, Kind.ERROR, detail="bad_handle")]
    asked = [("username", name), ("fields", FIELDS), ("access_token", token)]
    answer = api.get("/v1.0/profile_lookup", asked)
    api.rest(graph.rest_until(answer.headers, answer.at))
    body = answer.json_or_check()
    error = graph.error_of(api, body)
    if error:
        failure = graph.failure_of(error, answer.headers, answer.at)
        if failure:
            raise failure
        if answer.status == 429:
            raise Limited("rate", error.said, answer.retry_at())
        if answer.status >= 500:
            raise Unavailable("server_error", error.said)
        if not error.code:
            raise Unavailable("refused", f"HTTP {answer.status} {error.said}".strip())
        # Unknown, private or fewer than 100 followers: which of them is not told.
        said = f"not_offered: ({error.code}/{error.subcode}) {error.said}"
        return [other_outcome(target, Kind.NOT_FOUND, answer.at, said)]
    answer.ok()
    if not same(word(dig(body, "username")), name):
        return [other_outcome(target, Kind.ERROR, answer.at, "bad_shape: not the account that was asked for")]
    badge = dig(body, "is_verified")
    facts = Facts(handle=name, title=dig(body, "name"), verified=badge if isinstance(badge, bool) else None)
    if dig(body, "follower_count") is None:
        return [other_outcome(target, Kind.HIDDEN, answer.at, "no_count: the followers are not given", facts)]
    return [count_outcome(target, dig(body, "follower_count"), answer.at, facts)]
