"""Instagram professional accounts."""

import re
from collections.abc import Sequence
from functools import partial
from typing import Final
from urllib.parse import quote

from apps.collectors import graph
from apps.collectors.addresses import name_or_refuse, read_pasted, refuse_reserved, words
from apps.collectors.http import Api
from apps.collectors.outcomes import Facts, count_outcome, dig, fit, gather, other_outcome, same, word
from apps.collectors.types import Kind, Lane, NotAnAccount, OurFault, Outcome, Refusal, Target

HOSTS: Final = ("instagram.com", "instagr.am")
OTHERS: Final = ("ig.me", "www.ig.me")
NAME: Final = re.compile(r"[a-z0-9_](?:(?:[a-z0-9_]|\.(?!\.)){0,28}[a-z0-9_])?")
RESERVED: Final = {
    **words(Refusal.POST, "p s"),
    **words(Refusal.VIDEO, "reel reels tv live"),
    **words(Refusal.SEARCH, "explore"),
    **words(Refusal.SHORT_LINK, "share"),
    **words(Refusal.GROUP, "channel j"),
    **words(
        Refusal.RESERVED,
        "accounts direct about legal privacy developer web api graphql stories challenge emails directory m _u "
        "press lite download terms",
    ),
}


def parse(text: str) -> Target:
    """Return the account an address or @name names, in lower case; raises NotAnAccount."""
    address, name = read_pasted(text, HOSTS, OTHERS)
    if address is None:
        return _target(name)
    first, second = address.part(0).lower(), address.part(1)
    if address.host in OTHERS:
        if first != "m" or not second:
            raise NotAnAccount(Refusal.GROUP if first == "j" else Refusal.RESERVED, address.seen)
        return _target(second)
    if first == "_u" and second:
        return _target(second)
    if first == "stories" and second:
        if second.lower() == "highlights":
            raise NotAnAccount(Refusal.POST, address.seen)
        return _target(second)
    refuse_reserved(address, RESERVED)
    return _target(address.part(0))


def url(target: Target) -> str:
    return f"https://www.instagram.com/{quote(target.handle, safe='')}/" if target.handle else ""


def _target(name: str) -> Target:
    return Target("instagram", name_or_refuse(name.lower(), NAME, RESERVED))


class Instagram:
    platform = "instagram"
    batch_size = graph.BATCH
    probe: Target | None = Target("instagram", "instagram")
    source = "api-instagram"
    parse = staticmethod(parse)
    url = staticmethod(url)

    def __init__(
        self,
        *,
        api_url: str = "https://graph.facebook.com",
        token: str = "",
        user_id: str = "",
        contact: str = "",
    ) -> None:
        self._api_url = api_url
        self._token = token.strip()
        self._user_id = user_id.strip()
        self._contact = contact

    @property
    def is_configured(self) -> bool:
        return bool(self._token and self._user_id)

    def lane(self, target: Target) -> Lane:
        return Lane("", self.batch_size)

    def requests(self, targets: Sequence[Target]) -> int:
        return len(targets)  # every operation of a batch counts

    def fetch(self, targets: Sequence[Target]) -> list[Outcome]:
        if not self.is_configured:
            raise OurFault("not_configured", "no token, or no id of an own professional account")
        with Api(self._api_url, self._contact, secrets=(self._token,)) as api:
            read = partial(_batch, api, self._token, quote(self._user_id, safe=""))
            return api.finish(gather(targets, [(targets, self.batch_size, read)]))


FIELDS: Final = "{id,username,name,followers_count}"


def _batch(api: Api, token: str, asking: str, targets: Sequence[Target]) -> list[Outcome]:
    """Ask by name: foreign accounts answer by name only, whatever id is known."""
    good, outcomes = fit(targets, lambda target: NAME.fullmatch(target.handle.lower()), "bad_handle")
    fields = [f"business_discovery.username({target.handle.lower()}){FIELDS}" for target in good]
    paths = [f"{asking}?fields={quote(field, safe='')}" for field in fields]
    return outcomes + (graph.batch(api, token, good, paths, partial(_outcome, api)) if good else [])


def _outcome(api: Api, target: Target, part: graph.OperationAnswer) -> Outcome:
    error = graph.error_of(api, part.body)
    if error and (error.code, error.subcode) == (110, 2207013):
        # Unknown, renamed, suspended or a personal account: one answer for all of them.
        return other_outcome(target, Kind.NOT_FOUND, part.at, f"not_found_or_personal: {error.said}")
    if error:
        said = f"refused: ({error.code}/{error.subcode}) {error.said}"
        return other_outcome(target, Kind.ERROR, part.at, said)
    found = dig(part.body, "business_discovery")
    name, number = word(dig(found, "username")), word(dig(found, "id"))
    if not number or not same(name, target.handle):
        return other_outcome(target, Kind.ERROR, part.at, "bad_shape: not the account that was asked for")
    facts = Facts(number, name.lower(), dig(found, "name"))
    if dig(found, "followers_count") is None:
        return other_outcome(
            target, Kind.HIDDEN, part.at, "no_count: the account's followers are not given", facts
        )
    return count_outcome(target, dig(found, "followers_count"), part.at, facts)
