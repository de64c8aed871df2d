"""Record what an editor read on a page."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from apps.registry.models import Account, Source
from apps.snapshots.models import Bound, Precision, State
from apps.snapshots.recording import DOUBT_FLOOR, Reading, Recorded, day_of, publish
from apps.users.models import User


@dataclass(frozen=True)
class Evidence:
    """Where a number that was read by hand can be seen: an address, and the words as they stood there."""

    address: str
    wording: str


def read_by_hand(
    account: Account,
    *,
    state: State,
    followers: int | None,
    precision: Precision,
    evidence: Evidence,
    by: User,
    at: datetime | None = None,
    bound: Bound = Bound.EXACTLY,
) -> Recorded:
    """Record what an editor read on the page. A value that stands for the day is kept (verdict same or conflict)."""
    seen = at or timezone.now()
    reading = Reading(
        account_id=account.pk,
        day=day_of(seen),
        state=state,
        followers=followers,
        bound=bound,
        precision=precision,
        source_id=manual_source().pk,
        observed_at=seen,
        locator=evidence.address,
        note=evidence.wording,
        edited_by_id=by.pk,
    )
    return publish([reading])[0]


def jump_from(account: Account, followers: int) -> int | None:
    """Return the last count, where the new one is at least twice or at most half of it and more than 100 away.

    Also at 0 after any number. Rule 6 holds a program's reading from ten times on; a hand slips sooner.
    """
    last = (
        account.snapshots.filter(state=State.COUNTED)
        .order_by("-day", "-span")
        .values_list("followers", flat=True)
        .first()
    )
    if last and not followers:
        return last  # a page that shows 0 after a number is looked at twice, however small the number was
    if last is None or abs(followers - last) <= DOUBT_FLOOR:
        return None
    return last if followers >= last * 2 or followers * 2 <= last else None


def manual_source() -> Source:
    source, _ = Source.objects.get_or_create(
        key="manual", defaults={"kind": Source.Kind.MANUAL, "title": "Read by hand by an editor"}
    )
    return source
