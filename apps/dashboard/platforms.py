"""How each platform is read here, in the words of the status page: by program, by hand, paused and why."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.collecting import adapters
from apps.collecting.models import Collection, PlatformState, Run
from apps.collecting.words import trouble
from apps.registry.models import Account, AccountState
from apps.snapshots import terms
from apps.snapshots.models import Removal

# The codes that a pause begins with, for everybody: none of the platform's own words.
PAUSES: dict[str, str | Promise] = {
    "rate": _("the platform asks for patience"),
    "window": _("the platform asks for patience"),
    "quota": _("the day's quota is used up"),
    "credit": _("the credit with the platform is used up"),
    "bad_token": _("the platform does not take our key"),
    "token_expired": _("our key has run out"),
    "no_permission": _("our key has no permission for this"),
    "not_enabled": _("the platform's interface is not enabled for us"),
    "server_error": _("the platform has a fault"),
    "timeout": _("the platform does not answer in time"),
    "connection": _("the platform cannot be reached"),
}
OTHER_PAUSE = _("the platform's answers cannot be read")


@dataclass(frozen=True)
class Way:
    """How one platform's accounts are read."""

    platform: str
    words: str | Promise
    until: datetime | None  # of a pause, UTC
    terms: str | Promise
    accounts: int  # with an address
    last_run: Run | None


@dataclass(frozen=True)
class Trouble:
    """An account that needs an editor: since when, and why in plain words."""

    account: Account
    words: str
    since: datetime | None


def ways() -> list[Way]:
    """One per platform that has accounts with an address, in order of its code."""
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
    until = state.paused_until if state and state.paused_until and state.paused_until > now else None
    words: str | Promise
    if platform not in ready:
        words = (
            _("not configured: read by hand")
            if adapters.is_collected(platform)
            else _("read by hand: no program may read it")
        )
    elif until and state:
        words = PAUSES.get(state.pause_reason.partition(":")[0], OTHER_PAUSE)
    else:
        words = _("collected automatically, once a day in the evening")
    return Way(platform, words, until, terms.of(platform).words, accounts, run)


def removals() -> list[Removal]:
    """What was removed because a platform's terms ask for it, newest first."""
    return list(Removal.objects.all()[:20])


def troubles(most: int = 100) -> list[Trouble]:
    """The accounts that need an editor, those without success for longest first; for editors only."""
    needing = (
        Collection.objects.filter(~Q(last_error="") | ~Q(account__stopped_because=""))
        .select_related("account__actor")
        .order_by("last_success_at", "pk")[:most]
    )
    return [
        Trouble(
            one.account,
            trouble(
                f"stopped: {one.account.stopped_because}" if _is_stopped(one.account) else one.last_error
            ),
            one.last_success_at,
        )
        for one in needing
    ]


def _is_stopped(account: Account) -> bool:
    return account.state == AccountState.PAUSED and bool(account.stopped_because)
