"""How each platform is read, in the words of the status page: by program, by hand, paused and why."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.collecting import adapters
from apps.collecting.models import PlatformState, Run
from apps.collecting.words import pause
from apps.registry.models import Account
from apps.snapshots import terms
from apps.snapshots.models import Removal


@dataclass(frozen=True)
class Way:
    """How one platform's accounts are read."""

    platform: str
    words: str | Promise
    until: datetime | None  # of a pause, UTC
    terms: str | Promise
    accounts: int  # with an address
    last_run: Run | None


def ways() -> list[Way]:
    """Return how each platform that has accounts with an address is read, in order of its code."""
    now = timezone.now()
    ready = set(adapters.ready())
    states = PlatformState.objects.in_bulk()
    runs = {run.platform: run for run in Run.objects.order_by("platform", "-began_at").distinct("platform")}
    used = (
        Account.objects.public().addressed().order_by("platform").values("platform").annotate(n=Count("pk"))
    )
    return [
        _way(
            line["platform"], line["n"], ready, states.get(line["platform"]), runs.get(line["platform"]), now
        )
        for line in used
    ]


def _way(
    platform: str, accounts: int, ready: set[str], state: PlatformState | None, run: Run | None, now: datetime
) -> Way:
    until = state.pause_end(now) if state else None
    words: str | Promise
    if platform not in ready:
        words = (
            _("not configured: read by hand")
            if adapters.is_collected(platform)
            else _("entered by hand: automatic collection is not allowed")
        )
    elif until and state:
        words = pause(state).public
    else:
        words = _("collected automatically, once a day in the evening")
    return Way(platform, words, until, terms.of(platform).words, accounts, run)


def removals() -> list[Removal]:
    """Return the removals that a platform's terms asked for, newest first."""
    return list(Removal.objects.all()[:20])
