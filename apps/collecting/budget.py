"""Budget and pauses of each platform: day sums and pauses in PostgreSQL, short windows in Redis."""

import logging
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from limits import parse
from limits.errors import StorageError
from limits.strategies import MovingWindowRateLimiter

from apps.collecting import adapters
from apps.collecting.models import PlatformState, ServerState
from apps.collecting.reasons import BLAMES_KEY, Pause, pause_of
from apps.collectors.types import Limited, OurFault, PlatformFailure
from apps.common import rates
from apps.registry.platforms import ALL
from apps.snapshots.terms import MONEY

logger = logging.getLogger(__name__)

FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=1)
OUR_FAULT_PAUSE = timedelta(days=1)  # a dead token is tried once a day, or when an admin lifts the pause


NO_PAUSE: dict[str, Any] = {
    "failures": 0,
    "paused_until": None,
    "pause_code": "",
    "pause_detail": "",
    "pause_key": "",
}


class Paused(Exception):
    """The platform may not be asked before `until` (UTC), for the reason of a code in reasons.Pause."""

    def __init__(self, until: datetime, code: str) -> None:
        super().__init__(f"{code} until {until:%Y-%m-%d %H:%M} UTC")
        self.until = until
        self.code = code


@dataclass(frozen=True)
class Share:
    """How many accounts of a batch may be read, and why the others have to wait, if not all may."""

    accounts: int
    rest: Paused | None = None
    has_failed: bool = False  # the platform's last answer was a failure: a good one ends the back-off
    # What was set aside, of which day, until `settle` knows what it came to
    requests: int = field(default=0, compare=False)
    money: Decimal = field(default=Decimal(0), compare=False)
    day: date | None = field(default=None, compare=False)


def reserve(platform: str, accounts: int, requests: Callable[[int], int], *, free: int = 0) -> Share:
    """Set aside requests, and money where accounts are charged, of the platform's day before they are made.

    `requests` says how many the first so many accounts take as a rule; the first `free` of them are paid for today
    already. What is left of the day buys what it can.
    Raises Paused: until the pause ends, or until the platform's next day where not even one account can be read.
    """
    now = timezone.now()
    budget = ALL[platform].budget
    today = now.astimezone(ZoneInfo(budget.zone)).date()
    with transaction.atomic():
        state = _lock_state(platform)
        if until := state.pause_end(now):
            raise Paused(until, state.pause_code)
        if state.day is None or state.day < today:
            state.requests_spent, state.money_spent = 0, Decimal(0)
        state.day = today  # where the clock was ahead, what was spent on the day that has not come counts for this one
        share, reason = accounts, ""
        if budget.price:
            cap = getattr(settings, MONEY[platform]) or Decimal(0)
            share = min(share, free + max(int((cap - state.money_spent) / budget.price), 0))
            reason = "money_cap" if share < accounts else ""
        if budget.per_day is not None:
            while share and state.requests_spent + requests(share) > budget.per_day:
                share, reason = share - 1, "day_budget"
        rest = Paused(_midnight_after(now, budget.zone), reason) if reason else None
        if rest and not share:
            raise rest
        asked, money = requests(share), budget.price * max(share - free, 0)
        state.requests_spent += asked
        state.money_spent += money
        state.save(update_fields=["day", "requests_spent", "money_spent"])
    return Share(share, rest, state.failures > 0, asked, money, today)


def settle(platform: str, share: Share, requests: int, accounts: int) -> None:
    """Put what was asked, and for how many accounts the platform charges, in the place of what was set aside."""
    spent = ALL[platform].budget.price * accounts
    if (requests, spent) == (share.requests, share.money):
        return
    with transaction.atomic():
        state = _lock_state(platform)
        if state.day != share.day:
            return  # of a day that is over
        state.requests_spent = max(state.requests_spent + requests - share.requests, 0)
        state.money_spent = max(state.money_spent + spent - share.money, Decimal(0))
        state.save(update_fields=["requests_spent", "money_spent"])


class Meter:
    """Counts the requests of one batch and keeps their pace.

    More may be needed than were set aside, where a culprit is looked for: each is taken from the day before it is made.
    """

    def __init__(self, platform: str, share: Share, sleep: Callable[[float], None]) -> None:
        self.platform = platform
        self.share = share
        self.requests = 0
        self._sleep = sleep

    def before_request(self) -> None:
        """Wait until one more request fits into the window; raises OurFault where nothing is left of the day.

        Raises Limited where another worker has met a pause meanwhile.
        """
        if self.requests and (state := find_pause(self.platform)):
            raise Limited("window", state.pause_code, state.paused_until)
        if self.requests >= self.share.requests:
            try:
                one = reserve(self.platform, 1, lambda accounts: accounts, free=1)
            except Paused as paused:
                if paused.code == Pause.DAY_BUDGET:
                    raise OurFault("day_budget", until=paused.until) from None
                raise Limited("window", paused.code, paused.until) from None
            self.share = replace(self.share, requests=self.share.requests + one.requests)
        if settings.COLLECT_WINDOWS:
            wait_for_window(self.platform, self._sleep)
        self.requests += 1


def _lock_state(platform: str) -> PlatformState:
    """Return the platform's row, for this transaction alone; made the first time."""
    rows = PlatformState.objects.select_for_update().filter(platform=platform)
    state = rows.first()
    if state is None:
        PlatformState.objects.bulk_create([PlatformState(platform=platform)], ignore_conflicts=True)
        state = rows.get()
    return state


def spent_today(state: PlatformState) -> tuple[int, Decimal]:
    """Requests and US dollars of the platform's present day; what is written may be of an earlier one."""
    today = timezone.now().astimezone(ZoneInfo(ALL[state.platform].budget.zone)).date()
    return (state.requests_spent, state.money_spent) if state.day == today else (0, Decimal(0))


def _midnight_after(now: datetime, zone: str) -> datetime:
    tomorrow = now.astimezone(ZoneInfo(zone)) + timedelta(days=1)
    return tomorrow.replace(hour=0, minute=0, second=0, microsecond=0)


def pause(platform: str, failure: PlatformFailure) -> None:
    """Pause the platform after its failure: everyone waits. A longer pause that stands already is kept."""
    now = timezone.now()
    with transaction.atomic():
        state = _lock_state(platform)
        if not failure.is_certain:
            state.failures = min(state.failures + 1, 30)
        until = _until(failure, state.failures, now)
        if state.paused_until is None or until > state.paused_until:
            code, detail = pause_of(failure.code, failure.detail)
            state.paused_until, state.pause_code, state.pause_detail = until, code, detail[:300]
            state.pause_key = adapters.fingerprint(platform) if code in BLAMES_KEY else ""
        state.save(update_fields=["failures", "paused_until", "pause_code", "pause_detail", "pause_key"])
    logger.warning("%s is paused until %s: %s", platform, state.paused_until, failure)


def keep(platform: str, paused: Paused) -> None:
    """Keep a day that is spent as a pause like any other: editors see it, and nothing is leased in vain until it ends.

    A longer pause that stands already is kept.
    """
    PlatformState.objects.bulk_create([PlatformState(platform=platform)], ignore_conflicts=True)
    PlatformState.objects.filter(platform=platform).exclude(paused_until__gte=paused.until).update(
        paused_until=paused.until, pause_code=paused.code, pause_detail="", pause_key=""
    )


def _until(failure: PlatformFailure, failures: int, now: datetime) -> datetime:
    if isinstance(failure, Limited) and failure.retry_at:
        return max(failure.retry_at, now if failure.is_certain else now + FIRST_PAUSE)
    if isinstance(failure, OurFault):
        return failure.until or now + OUR_FAULT_PAUSE
    wait: timedelta = min(FIRST_PAUSE * 2.0 ** max(failures - 1, 0), LONGEST_PAUSE)
    return now + wait * random.uniform(1.0, 1.2)  # noqa: S311 (jitter, no secret)


def note_success(platform: str) -> None:
    """Begin the back-off anew, as the platform answered. A pause that another worker was told to keep goes on."""
    over = Q(paused_until=None) | Q(paused_until__lte=timezone.now())
    PlatformState.objects.filter(over, platform=platform).exclude(failures=0, pause_code="").update(
        **NO_PAUSE
    )


def find_pause(platform: str) -> PlatformState | None:
    """Return the platform's state while it may not be asked."""
    return PlatformState.objects.paused().filter(platform=platform).first()


def lift(platform: str) -> int:
    """End a pause, as an admin asked; returns how many ended (0 or 1)."""
    return PlatformState.objects.filter(platform=platform).update(**NO_PAUSE)


def has_new_key(state: PlatformState) -> bool:
    """Tell whether a pause blames a key that is not the one in use any more."""
    return bool(state.pause_key) and state.pause_key != adapters.fingerprint(state.platform)


def pause_server(platform: str, server: str, failure: PlatformFailure) -> datetime:
    """Pause one server of many, which failed; returns until when (UTC)."""
    now = timezone.now()
    code, detail = pause_of(failure.code, failure.detail)
    with transaction.atomic():
        state, _made = ServerState.objects.select_for_update().get_or_create(
            platform=platform, server=server, defaults={"paused_until": now, "pause_code": code}
        )
        state.failures = min(state.failures + 1, 30)
        state.paused_until = max(_until(failure, state.failures, now), state.paused_until)
        state.pause_code, state.pause_detail = code, detail[:300]
        state.save()
    return state.paused_until


def server_states(platform: str, servers: Iterable[str]) -> dict[str, ServerState]:
    """Return the states of those servers that failed when they were last asked."""
    states = ServerState.objects.filter(platform=platform, server__in=list(servers))
    return {state.server: state for state in states}


def server_succeeded(platform: str, server: str) -> None:
    """Forget the failures of a server that answered."""
    ServerState.objects.filter(platform=platform, server=server).delete()


@cache
def _limiter() -> MovingWindowRateLimiter:
    return MovingWindowRateLimiter(rates.storage("kzmedia-windows"))


def wait_for_window(platform: str, sleep: Callable[[float], None], patience: float = 60) -> None:
    """Return when one more request fits into the platform's window, shared by all workers.

    Raises Limited when that would take longer than `patience` seconds. Without Redis the request goes out
    after the pause of one window's share, so a lost Redis slows collecting down but does not stop it.
    """
    rate = parse(ALL[platform].budget.window)
    share = rate.get_expiry() / rate.amount
    waited = 0.0
    while waited <= patience:
        try:
            if _limiter().hit(rate, platform):
                return
        except StorageError:
            sleep(share)
            return
        sleep(min(share, 1.0))
        waited += min(share, 1.0)
    raise Limited("window", retry_at=timezone.now() + timedelta(seconds=share))
