from collections import Counter
from datetime import UTC, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from apps.collecting.schedule import OPENS, next_due
from apps.snapshots.recording import ALMATY

CLOSES = time(23, 30)
keys = st.integers(1, 10**9)
instants = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 (aware by timezones=)


@given(keys, instants)
def test_it_is_due_in_the_evening_in_almaty(key, now):
    due = next_due(key, now).astimezone(ALMATY).time()
    assert OPENS <= due <= CLOSES


@given(keys, instants)
def test_it_rests_and_is_not_forgotten(key, now):
    wait = next_due(key, now) - now
    assert timedelta(hours=12) <= wait <= timedelta(hours=37)


@given(keys, instants)
def test_closed_and_absent_ones_wait_a_week(key, now):
    wait = next_due(key, now, weekly=True) - now
    assert timedelta(days=6) <= wait <= timedelta(days=8)


@given(keys, instants)
def test_read_in_its_slot_it_has_one_reading_per_day(key, now):
    first = next_due(key, now)
    second = next_due(key, first + timedelta(minutes=5))
    assert second.astimezone(ALMATY).date() - first.astimezone(ALMATY).date() == timedelta(days=1)


@given(keys, instants)
def test_the_window_lies_within_one_utc_day(key, now):
    first, second = next_due(key, now), next_due(key + 1, now)
    if first.astimezone(ALMATY).date() == second.astimezone(ALMATY).date():
        assert first.astimezone(UTC).date() == second.astimezone(UTC).date()


def test_keys_are_spread_evenly_over_the_window():
    now = datetime(2026, 11, 20, 3, tzinfo=UTC)
    half_hours = Counter(
        next_due(key, now).astimezone(ALMATY).strftime("%H:%M")[:4] for key in range(1, 1101)
    )
    assert len(half_hours) >= 32  # 33 stretches of ten minutes
    assert max(half_hours.values()) <= 2 * min(half_hours.values())


def test_an_hourly_account_is_due_in_an_hour():
    now = datetime(2026, 11, 20, 3, 7, tzinfo=ALMATY)
    assert next_due(5, now, hourly=True) == datetime(2026, 11, 20, 4, 7, tzinfo=ALMATY)
