"""Preview of what a rule would have sent in a past year: the same detectors and the same judgement, nothing stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from django.db import connection
from django.utils import timezone

from apps.alerts import detectors, scan_window
from apps.alerts.matching import Wanted
from apps.alerts.models import Occurrence, OccurrenceKind
from apps.registry.models import Account, Actor
from apps.standings.types import Scope

KINDS = frozenset(
    {
        OccurrenceKind.OVERTAKE,
        OccurrenceKind.MILESTONE,
        OccurrenceKind.UNUSUAL,
        OccurrenceKind.WIDE,
        OccurrenceKind.GONE,
        OccurrenceKind.BACK,
    }
)
MOST_ACCOUNTS = 600  # on one platform: every pair of them is looked at over every day


@dataclass(frozen=True)
class Preview:
    year: int
    told: list[Occurrence]  # oldest first
    too_large: list[str]  # platforms with too many accounts for a look at a whole year
    has_data: bool


@dataclass(frozen=True)
class Year(scan_window.Look):
    """A whole year as one look: every day of the accounts in question is new."""

    year: int = 0
    asked: tuple[int, ...] = ()  # actors; empty: all
    on: tuple[str, ...] = ()  # platforms

    @property
    def first(self) -> date:
        return date(self.year, 1, 1)

    @property
    def last(self) -> date:
        return min(date(self.year, 12, 31), self.today - timedelta(days=1))

    @cached_property
    def new_days(self) -> Sequence[scan_window.Touched]:
        with connection.cursor() as cursor:
            cursor.execute(
                """SELECT ac.id, ac.slug, a.platform, a.id, s.day
                FROM tracking_account a JOIN tracking_actor ac ON ac.id = a.actor_id
                JOIN tracking_snapshot s ON s.account_id = a.id
                WHERE NOT ac.hidden AND a.platform = ANY(%s) AND (%s OR ac.id = ANY(%s))
                    AND s.span = 3 AND s.day BETWEEN %s AND %s""",
                [list(self.on), not self.asked, list(self.asked), self.first, self.last],
            )
            return [scan_window.Touched(*columns) for columns in cursor.fetchall()]


def of(wanted: Wanted, year: int) -> Preview:
    """Return what the rule would have sent in the year. Names, badges and held counts are left out: their past is not
    kept."""
    asked = tuple(sorted({*wanted.actors, *(actor for group, _ in wanted.groups for actor in group)}))
    sizes = accounts(wanted)
    small = tuple(platform for platform, count in sizes.items() if count <= MOST_ACCOUNTS)
    now = timezone.now()
    look = Year(since=now, now=now, year=year, asked=asked, on=small)
    found: list[Occurrence] = []
    if wanted.kinds & KINDS:
        for platform in look.platforms:
            found += of_platform(wanted, look, Scope(platform=platform))
    found.sort(key=lambda one: (one.day, one.key))
    told = [one for one, _ in wanted.tells(found, look.last)]
    name(told)
    return Preview(year, told, [platform for platform in sizes if platform not in small], bool(look.new_days))


def of_platform(wanted: Wanted, look: Year, scope: Scope) -> list[Occurrence]:
    found: list[Occurrence] = []
    if OccurrenceKind.OVERTAKE in wanted.kinds:
        found += detectors.find_overtakes(look, scope, look.first)
    if OccurrenceKind.MILESTONE in wanted.kinds:
        found += detectors.find_milestones(look, scope, look.first)
    if wanted.kinds & {OccurrenceKind.UNUSUAL, OccurrenceKind.WIDE}:
        found += detectors.unusual_days(look, scope, look.first)
    if wanted.kinds & {OccurrenceKind.GONE, OccurrenceKind.BACK}:
        found += detectors.turns(look, scope, look.first)
    return found


def accounts(wanted: Wanted) -> dict[str, int]:
    """Return how many accounts each of the rule's platforms has."""
    found: dict[str, int] = {}
    for platform in Account.objects.public().order_by("platform").values_list("platform", flat=True):
        if not wanted.platforms or platform in wanted.platforms:
            found[platform] = found.get(platform, 0) + 1
    return found


def name(told: list[Occurrence]) -> None:
    """Give them their actors, for the sentences: one statement."""
    actors = Actor.objects.in_bulk({key for one in told for key in (one.actor_id, one.other_id) if key})
    for one in told:
        one.actor = actors.get(one.actor_id or 0)
        one.other = actors.get(one.other_id or 0)
