"""Judge what an editor pointed at in her browser: whose count it is, how it reads, which one may be offered.

The companion (extension/) sends the wordings at the place that she pointed at, and the links around it. Nothing is
fetched here, and no wording is ever taken from a page that she did not point at.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations
from typing import Any, Final, Self
from urllib.parse import parse_qs, urlsplit

from django.conf import settings

from apps.backoffice import manual_entry
from apps.collecting import adapters
from apps.collectors.numbers import UNIT, Count, NotACount, read_count
from apps.collectors.types import NotAnAccount, Target
from apps.registry.models import Account
from apps.registry.services import find_account
from apps.standings import precision
from apps.users.models import User

MOST_WORDINGS: Final = 16
MOST_LINKS: Final = 12
LONGEST: Final = {"wording": 200, "where": 300, "link": 2000}  # characters

# The last part of a link below the profile: what its list is of.
FOLLOWERS: Final = {"followers", "verified_followers", "subscribers", "members", "fans"}
OTHERS: Final = {
    "following", "followings", "follows", "friends", "likes", "subscriptions", "photos", "photo", "videos", "video",
    "reels", "reel", "posts", "post", "status", "statuses", "p", "groups", "events", "lists", "media", "with_replies",
    "followers_you_follow",
}  # fmt: skip
_APART: Final = re.compile(r"\s*[|·•\n]\s*")
_WORD: Final = re.compile(r"[^\W\d_]+")


class CountOwner(StrEnum):
    """Whose count the place says it is."""

    OWN = "own"  # in the link to the account's followers
    OPEN = "open"  # in no link, or in one that names no account
    BESIDE = "beside"  # in no link, but the nearest links lead to another account
    OTHER = "other"  # in a link below another account, or to something else than followers: never offered


@dataclass(frozen=True)
class Wording:
    """A text at the place that was pointed at, and the links there, as the browser sent them."""

    text: str
    where: str
    link: str  # the address of the link it lies in; "" for none
    beside: tuple[str, ...] = ()  # addresses of the links nearest to it, where it lies in none

    @classmethod
    def from_json(cls, raw: Any) -> Self:
        """Read one of the browser's. Raises ValueError for what has another shape."""
        if not isinstance(raw, dict):
            raise ValueError("wording")
        beside = raw.get("beside", [])
        if not isinstance(beside, list) or len(beside) > MOST_LINKS:
            raise ValueError("beside")
        return cls(
            _text(raw.get("wording"), "wording"),
            _text(raw.get("where", ""), "where"),
            _text(raw.get("link", ""), "link"),
            tuple(_text(link, "link") for link in beside),
        )


@dataclass(frozen=True)
class Candidate:
    """A wording that reads as a count, and whose it is."""

    wording: Wording
    count: Count
    place: CountOwner

    @property
    def step(self) -> int:
        """Return the rounding step of the count, in followers."""
        return precision.step(self.count.followers, self.count.precision)

    @property
    def is_bare(self) -> bool:
        """Tell whether no word says what is counted."""
        return not _has_word(self.count)


@dataclass(frozen=True)
class Look:
    """What stands at the place that was pointed at."""

    account: Account
    candidates: list[Candidate]  # those that may be offered
    chosen: int | None  # the one that is offered by itself
    is_refused: bool  # whether there was a count that may never be offered
    code: str  # why the first wording that is no count is none: a code of NotACount
    seen: str  # and the part of it that decided


def chosen_platforms() -> list[str]:
    """Return the platforms for which the operator has turned the companion on."""
    return list(settings.COMPANION_PLATFORMS)


def look_at(account: Account, target: Target, wordings: Sequence[Wording]) -> Look:
    """Read the wordings and say which of them may be offered, and which one is offered by itself."""
    owners = _owners(wordings, account, target)
    candidates: dict[tuple[int, str, str, CountOwner], Candidate] = {}
    is_refused = False
    refusal: NotACount | None = None
    for wording in wordings:
        try:
            count = read_wording(wording.text)
        except NotACount as error:
            refusal = refusal or error
            continue
        place = place_of(wording, owners)
        is_refused = is_refused or place == CountOwner.OTHER
        key = (count.followers, count.precision, count.bound, place)
        if place != CountOwner.OTHER and (key not in candidates or candidates[key].is_bare):
            candidates[key] = Candidate(wording, count, place)
    offered = list(candidates.values())
    code, seen = (refusal.code, refusal.seen) if refusal else ("empty", "")
    return Look(account, offered, choose(offered), is_refused, code, seen)


def choose(candidates: Sequence[Candidate]) -> int | None:
    """Return which candidate is offered by itself; None where a person has to say.

    One in the account's own link goes before all others. Else every candidate has to agree, one of them has to say
    what it counts, and none may stand beside another account's links. Of those that agree the most exact is offered.
    """
    own = [candidate for candidate in candidates if candidate.place == CountOwner.OWN]
    pool = own or list(candidates)
    if not pool or not all(agree(one, other) for one, other in combinations(pool, 2)):
        return None
    is_beside = any(candidate.place == CountOwner.BESIDE for candidate in pool)
    if not own and (is_beside or all(candidate.is_bare for candidate in pool)):
        return None
    return candidates.index(min(pool, key=lambda candidate: (candidate.step, candidate.is_bare)))


def agree(one: Candidate, other: Candidate) -> bool:
    """Tell whether two candidates may be the same count, one of them more exact."""
    difference = abs(one.count.followers - other.count.followers)
    return one.count.bound == other.count.bound and difference < max(one.step, other.step)


def read_wording(text: str) -> Count:
    """Read a wording; of one with several parts, "Channel | 12K followers", the part that says what it counts.

    Raises NotACount where it is no count, or where two of its parts are.
    """
    try:
        return read_count(text)
    except NotACount as refusal:
        counts = [count for part in _APART.split(text) if (count := _count_with_word(part))]
        if len(counts) != 1:
            raise refusal from None
        return counts[0]


def _count_with_word(text: str) -> Count | None:
    try:
        count = read_count(text)
    except NotACount:
        return None
    return count if _has_word(count) else None


def place_of(wording: Wording, owners: Mapping[str, bool | None]) -> CountOwner:
    """Say whose count the wording is, by the link that it lies in, else by those nearest to it.

    `owners` tells of each link whether it leads to the account; None where it leads to none.
    """
    if wording.link:
        return _place_in(wording.link, owners[wording.link])
    nearest = {owners[link] for link in wording.beside}
    return CountOwner.BESIDE if False in nearest and True not in nearest else CountOwner.OPEN


def _place_in(link: str, is_own: bool | None) -> CountOwner:
    if not is_own:
        return CountOwner.OPEN if is_own is None else CountOwner.OTHER
    parts = urlsplit(link)
    segments = [segment.casefold() for segment in parts.path.split("/") if segment]
    kinds = {kind.casefold() for kind in parse_qs(parts.query).get("sk", [])} | set(segments[1:])
    if kinds & FOLLOWERS:
        return CountOwner.OWN
    return CountOwner.OTHER if kinds & OTHERS else CountOwner.OPEN


def _owners(wordings: Sequence[Wording], account: Account, target: Target) -> dict[str, bool | None]:
    links = {link for wording in wordings for link in (wording.link, *wording.beside) if link}
    return {link: _is_own(link, account, target) for link in links}


def _is_own(link: str, account: Account, target: Target) -> bool | None:
    try:
        linked = adapters.parse(link)
    except NotAnAccount:
        return None
    is_same = (linked.platform, linked.platform_id) == (target.platform, target.platform_id)
    if is_same and linked.handle.casefold() == target.handle.casefold():
        return True  # as the page's own address
    return find_account(linked) == account


def _has_word(count: Count) -> bool:
    """Tell whether the count's wording says what is counted, beside the number and its unit."""
    return any(word.casefold() not in UNIT for word in _WORD.findall(count.wording))


def next_account(by: User, present: Account | None = None) -> Account | None:
    """Return the first account of the editor's round, beside the present one, that the companion may still read."""
    for turn in manual_entry.turns_of(by):
        account: Account = turn.account
        is_open = not (turn.done_at or turn.skipped_until) and account.platform in chosen_platforms()
        if is_open and account != present:
            return account
    return None


def _text(raw: Any, name: str) -> str:
    if not isinstance(raw, str) or len(raw) > LONGEST[name] or "\0" in raw:
        raise ValueError(name)
    return raw.strip()
