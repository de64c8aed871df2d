"""Facebook pages."""

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Final
from urllib.parse import quote

from apps.collectors import graph
from apps.collectors.addresses import Address, name_or_refuse, read_pasted, refuse_reserved, words
from apps.collectors.http import Api
from apps.collectors.outcomes import Facts, count_outcome, dig, fit, gather, other_outcome, word
from apps.collectors.token_access import TokenAccess
from apps.collectors.types import Kind, Lane, NotAnAccount, OurFault, Outcome, Refusal, Target

HOSTS: Final = ("facebook.com", "fb.com", "fb.me")
OTHERS: Final = ("fb.watch", "www.fb.watch")
NAME: Final = re.compile(r"[A-Za-z0-9.]{3,50}")  # the oldest pages have names of three letters
ID: Final = re.compile(r"[0-9]{5,25}")
NAMED_ID: Final = re.compile(r".+-([0-9]{6,25})")  # /Example-Ministry-100000000000001
RESERVED: Final = {
    **words(Refusal.GROUP, "groups group"),
    **words(Refusal.EVENT, "events event e"),
    **words(Refusal.SHORT_LINK, "share s l"),
    **words(
        Refusal.POST,
        "story.php permalink.php photo.php photo photos posts stories notes note.php media story hashtag.php",
    ),
    **words(Refusal.VIDEO, "watch reel reels video.php videos live"),
    **words(Refusal.SEARCH, "search hashtag explore directory public"),
    **words(
        Refusal.RESERVED,
        "profile.php pages people p home.php login login.php marketplace gaming help policies policy.php privacy "
        "settings messages notifications bookmarks friends memories saved sharer sharer.php share.php dialog plugins l.php "
        "business ads games recover legal terms careers tr adsmanager checkpoint r.php reg signup fundraisers jobs "
        "places offers ajax connect cookie cookies about docs",
    ),
}


def parse(text: str) -> Target:
    """Return the page or profile an address, name or number names; raises NotAnAccount."""
    address, name = read_pasted(text, HOSTS, OTHERS)
    if address is None:
        return _target(name)
    if address.host in OTHERS:
        raise NotAnAccount(Refusal.VIDEO, address.seen)
    number = _number(address)
    if number:
        if not ID.fullmatch(number):
            raise NotAnAccount(Refusal.BAD_ID, number)
        return Target("facebook", platform_id=number)
    refuse_reserved(address, RESERVED)
    named = NAMED_ID.fullmatch(address.part(0))
    return Target("facebook", platform_id=named[1]) if named else _target(address.part(0))


def url(target: Target) -> str:
    name = target.handle or target.platform_id
    return f"https://www.facebook.com/{quote(name, safe='')}" if name else ""


def plain(name: str) -> str:
    """Return a name as Facebook compares it: case and dots do not count."""
    return name.replace(".", "").casefold()


def _number(address: Address) -> str:
    """Return the id of an address that says in its path or query that it holds one; "" where it does not."""
    first, last = address.part(0), address.path[-1] if address.path else ""
    if first == "profile.php":
        return address.query.get("id", "")
    named = NAMED_ID.fullmatch(address.part(3) if address.part(1) == "category" else address.part(1))
    if first == "pages" and address.part(1) == "category":
        return named[1] if named else last
    if first in ("pages", "people") and len(address.path) > 2:
        return address.part(2)
    if first == "p" and len(address.path) > 1:
        return named[1] if named else last
    return ""


def _target(name: str) -> Target:
    if ID.fullmatch(name):
        return Target("facebook", platform_id=name)
    return Target("facebook", handle=name_or_refuse(name, NAME, RESERVED))


class Facebook(TokenAccess):
    default_url = "https://graph.facebook.com"
    platform = "facebook"
    batch_size = graph.BATCH
    probe: Target | None = Target("facebook", "facebook")
    source = "api-facebook"
    parse = staticmethod(parse)
    url = staticmethod(url)

    def lane(self, target: Target) -> Lane:
        return Lane("", self.batch_size)

    def requests(self, targets: Sequence[Target]) -> int:
        return len(targets)  # every operation of a batch counts

    def fetch(self, targets: Sequence[Target]) -> list[Outcome]:
        if not self._token:
            raise OurFault("not_configured", "no token of an app that may read public pages")
        with Api(self._api_url, self._contact, secrets=(self._token,)) as api:
            return api.finish(
                gather(targets, [(targets, self.batch_size, partial(_batch, api, self._token))])
            )


MANY: Final = 5  # pages of which not a single one gives its count
FIELDS: Final = "id,name,username,followers_count,verification_status"
MIGRATED: Final = re.compile(r"migrated to page ID ([0-9]{5,25})")


def _batch(api: Api, token: str, targets: Sequence[Target]) -> list[Outcome]:
    good, outcomes = fit(targets, _name, "bad_handle")
    paths = [f"{quote(_name(target), safe='')}?fields={FIELDS}" for target in good]
    return outcomes + (
        _believable(graph.batch(api, token, good, paths, partial(_outcome, api))) if good else []
    )


def _believable(outcomes: list[Outcome]) -> list[Outcome]:
    """Return the outcomes; where many pages are asked for and all withhold their count, it is our token that lacks it."""
    kinds = {outcome.kind for outcome in outcomes}
    if len(outcomes) < MANY or kinds & {Kind.COUNTED} or Kind.HIDDEN not in kinds:
        return outcomes
    return [
        replace(outcome, kind=Kind.ERROR) if outcome.kind == Kind.HIDDEN else outcome for outcome in outcomes
    ]


def _name(target: Target) -> str:
    """Return the id where it is known, else the name; "" for what can be neither."""
    if target.platform_id:
        return target.platform_id if ID.fullmatch(target.platform_id) else ""
    return target.handle if NAME.fullmatch(target.handle) else ""


def _outcome(api: Api, target: Target, part: graph.OperationAnswer) -> Outcome:
    error = graph.error_of(api, part.body)
    if error:
        return _refusal(target, part, error)
    number, name = word(dig(part.body, "id")), word(dig(part.body, "username"))
    if not ID.fullmatch(number):
        return other_outcome(target, Kind.ERROR, part.at, "bad_shape: a page without id")
    facts = Facts(
        platform_id=number,
        handle=target.handle if plain(name) == plain(target.handle) else name,
        title=dig(part.body, "name"),
        verified={"blue_verified": True, "gray_verified": True, "not_verified": False}.get(
            word(dig(part.body, "verification_status"))
        ),
    )
    if dig(part.body, "followers_count") is None:
        return other_outcome(
            target, Kind.HIDDEN, part.at, "no_count: the page's followers are not given", facts
        )
    # Never fan_count: likes, and for pages of global brands a sum over countries.
    return count_outcome(target, dig(part.body, "followers_count"), part.at, facts)


def _refusal(target: Target, part: graph.OperationAnswer, error: graph.Error) -> Outcome:
    if error.code == 803:
        return other_outcome(target, Kind.NOT_FOUND, part.at, f"no_alias: {error.said}")
    if (error.code, error.subcode) == (100, 33):
        # Deleted, unpublished, closed to this country or age, or a person's profile: Meta does not say which.
        return other_outcome(target, Kind.NOT_FOUND, part.at, f"no_object: {error.said}")
    moved = MIGRATED.search(error.said)
    if error.code == 21 and moved:
        return other_outcome(target, Kind.MOVED, part.at, f"moved_to: {moved[1]}")
    return other_outcome(target, Kind.ERROR, part.at, f"refused: ({error.code}/{error.subcode}) {error.said}")
