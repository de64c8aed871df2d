"""The next due time of an account: once a day, spread over the evening in Almaty."""

from datetime import datetime, time, timedelta

from apps.snapshots.recording import ALMATY

OPENS = time(
    18, 0
)  # with the end below inside one UTC day, so that a platform that bills per UTC day bills once
WINDOW_MINUTES = 330  # until 23:30
GOLDEN = 0.6180339887498949  # consecutive keys land far apart, any number of them evenly
REST = timedelta(hours=12)  # an account read in the morning has its value for the day
WEEK = timedelta(days=6)
FIRST_RETRY = timedelta(minutes=5)  # after an error; doubled from one to the next, up to a day
DOUBLED = 9  # errors in a row after which the wait is a day
DAILY = 14  # days on which it is asked once; then once a week, and never forgotten
HOUR = timedelta(hours=1)
SOON = timedelta(minutes=15)  # an hourly account joins a request that is made so long before it is due


def evening_ends(now: datetime) -> datetime | None:
    """Return when the evening ends that is under way at this instant; None outside of it."""
    opens = datetime.combine(now.astimezone(ALMATY).date(), OPENS, ALMATY)
    closes = opens + timedelta(minutes=WINDOW_MINUTES)
    return closes if opens <= now < closes else None


def slot(key: int, day: datetime) -> datetime:
    """Return the account's minute of the evening on the Almaty day of the instant given."""
    offset = timedelta(minutes=int((key * GOLDEN) % 1 * WINDOW_MINUTES))
    return datetime.combine(day.astimezone(ALMATY).date(), OPENS, ALMATY) + offset


def next_due(key: int, now: datetime, *, weekly: bool = False, hourly: bool = False) -> datetime:
    """Return the first slot after a rest: tomorrow's evening as a rule, next week's for closed and absent accounts.

    Hourly on request: an hour after it was read.
    """
    if hourly and not weekly:
        return now + HOUR
    earliest = now + REST + (WEEK if weekly else timedelta(0))
    due = slot(key, earliest)
    return due if due >= earliest else slot(key, earliest + timedelta(days=1))


def retry_at(key: int, now: datetime, errors: int, *, is_lasting: bool = False) -> datetime:
    """Return when an account is asked again after so many errors in a row: in minutes, in hours, daily, then weekly.

    `is_lasting`: of an error that does not pass by itself, which is not asked for before the next day.
    """
    if errors <= DOUBLED and not is_lasting:
        return now + FIRST_RETRY * float(2 ** max(errors - 1, 0))
    return next_due(key, now, weekly=errors > DAILY if is_lasting else errors > DOUBLED + DAILY)
