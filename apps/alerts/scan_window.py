"""The window of time and data that detectors scan."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import NamedTuple

from django.db import connection

from apps.snapshots.recording import day_of
from apps.standings.types import FRESH_DAYS, Scope

# Of so many actors of a platform one may be looked at from an earlier day on, apart from the others.
PER_STRAGGLER = 20


class Stretch(NamedTuple):
    """Days of a platform that are looked at."""

    platform: str
    first: date
    actors: tuple[str, ...] = ()  # by slug, alone; of all where there are none

    @property
    def scope(self) -> Scope:
        """Return the actors' own accounts, or the platform's."""
        return Scope(platform=self.platform, actors=self.actors)


class Touched(NamedTuple):
    """A day of an account that was recorded or corrected."""

    actor_id: int
    actor_slug: str
    platform: str
    account_id: int
    day: date


@dataclass(frozen=True)
class Look:
    """From one instant to another (UTC)."""

    since: datetime
    now: datetime

    @property
    def today(self) -> date:
        return day_of(self.now)

    @property
    def last(self) -> date:
        """Return the last day that is over in Almaty: a day's value is its last reading, so no day is judged before."""
        return self.today - timedelta(days=1)

    @cached_property
    def new_days(self) -> Sequence[Touched]:
        """Return the days of public accounts, no older than FRESH_DAYS, that were written or have ended since the last
        look."""
        with connection.cursor() as cursor:
            cursor.execute(
                TOUCHED, [self.today - timedelta(days=FRESH_DAYS), self.last, self.since, day_of(self.since)]
            )
            return [Touched(*columns) for columns in cursor.fetchall()]

    @cached_property
    def platforms(self) -> dict[str, date]:
        """Return the platforms that were touched, with the first day that was."""
        first: dict[str, date] = {}
        for one in self.new_days:
            first[one.platform] = min(one.day, first.get(one.platform, one.day))
        return dict(sorted(first.items()))

    @cached_property
    def stretches(self) -> list[Stretch]:
        """Return what is to be looked at: each platform from the first day on that most of its actors were touched on, and
        the few that were touched before (a late reading, a correction) from theirs.

        Otherwise one reading that came a month late would have a month of all accounts looked at again.
        """
        first: dict[str, dict[str, date]] = {}
        for one in self.new_days:
            actors = first.setdefault(one.platform, {})
            actors[one.actor_slug] = min(one.day, actors.get(one.actor_slug, one.day))
        found = []
        for platform, actors in sorted(first.items()):
            days = sorted(actors.values())
            begin = days[len(days) // PER_STRAGGLER]
            found.append(Stretch(platform, begin))
            stragglers = sorted(slug for slug, day in actors.items() if day < begin)
            if stragglers:
                found.append(Stretch(platform, days[0], tuple(stragglers)))
        return found

    @cached_property
    def actors(self) -> dict[tuple[str, str], int]:
        """Return the actors that were touched on a platform, with their keys."""
        return {(one.actor_slug, one.platform): one.actor_id for one in self.new_days}


# One step down the index per account. What is older than FRESH_DAYS is no news, whenever it was recorded.
TOUCHED = """
SELECT ac.id, ac.slug, a.platform, a.id, s.day
FROM tracking_account a JOIN tracking_actor ac ON ac.id = a.actor_id
CROSS JOIN LATERAL (
    SELECT s.day FROM tracking_snapshot s
    WHERE s.account_id = a.id AND s.span = 3 AND s.day BETWEEN %s AND %s AND (s.recorded_at > %s OR s.day >= %s)
) s
WHERE NOT ac.hidden ORDER BY s.day, a.id"""
