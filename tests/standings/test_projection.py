from datetime import date, timedelta

import pytest

from apps.standings.projection import NoProjectionReason, to_line, to_milestone
from apps.standings.types import Point, Series

ON = date(2026, 11, 22)


def line(counts, last=ON, **fields):
    """Return daily counts that end on a day."""
    first = last - timedelta(days=len(counts) - 1)
    values = {"span": "day", "state": "counted", **fields}
    points = tuple(
        Point(day=first + timedelta(days=n), followers=count, **values) for n, count in enumerate(counts)
    )
    return Series("a", "a", "a", "a", "party", "facebook", 1, "a", points)


def test_a_steady_line_reaches_its_milestone_on_a_day():
    found = to_milestone(line([9_000 + 10 * n for n in range(60)]), ON)
    # 9,590 today, 410 missing, 10 a day: 41 days.
    assert (found.target, found.per_day, found.days, found.why_not) == (10_000, 10, 60, None)
    assert found.earliest == found.likely == found.latest == ON + timedelta(days=41)


def test_the_day_is_the_first_on_which_nothing_is_missing():
    found = to_milestone(line([9_000 + 3 * n for n in range(60)]), ON)  # 9,177, 823 missing: 274 and a third
    assert found.likely == ON + timedelta(days=275)


def test_the_range_is_from_the_paces_of_the_year():
    slow_then_fast = [1_000 + n for n in range(100)] + [1_100 + 5 * n for n in range(100)]
    found = to_milestone(line(slow_then_fast), ON)
    assert found.earliest < found.likely < found.latest


def test_one_wrong_reading_moves_nothing():
    counts = [9_000 + 10 * n for n in range(60)]
    counts[30] = 1
    assert to_milestone(line(counts), ON).likely == ON + timedelta(days=41)


def test_catching_up_counts_only_days_both_were_counted():
    mine, other = line([100 + 2 * n for n in range(40)]), line([300 + n for n in range(60)])
    found = to_line(mine, other, ON)
    # 178 against 359 today, closing by 1 a day.
    assert (found.target, found.days, found.per_day) == (None, 40, 1)
    assert found.likely == ON + timedelta(days=181)


def test_table_2_has_two_values_and_no_projection():
    years = line([39_000, 64_000], span="year", precision="printed", step=1000)
    assert to_milestone(years, ON).why_not == NoProjectionReason.TOO_FEW_DAYS


@pytest.mark.parametrize(
    ("found", "why_not"),
    [
        (to_milestone(line([]), ON), NoProjectionReason.TOO_FEW_DAYS),
        (to_milestone(line(range(29)), ON), NoProjectionReason.TOO_FEW_DAYS),
        (to_milestone(line(range(30)), ON), None),
        (to_milestone(line(range(60), bound=">"), ON), NoProjectionReason.TOO_FEW_DAYS),
        (to_milestone(line(range(60), span="month"), ON), NoProjectionReason.TOO_FEW_DAYS),
        (to_milestone(line(range(60), last=ON - timedelta(days=31)), ON), NoProjectionReason.STALE),
        (to_milestone(line(range(60), last=ON - timedelta(days=30)), ON), None),
        (to_milestone(line(range(160, 60, -1)), ON), NoProjectionReason.NOT_CLOSING),
        (to_milestone(line([60] * 60), ON), NoProjectionReason.NOT_CLOSING),
        (to_milestone(line([101_000 + n // 30 for n in range(60)]), ON), NoProjectionReason.TOO_FAR),
        (
            to_milestone(line([76_000] * 30 + [77_000] * 30, precision="abbrev", step=1000), ON),
            NoProjectionReason.WITHIN_ROUNDING,
        ),
        (to_line(line(range(100, 160)), line(range(60)), ON), NoProjectionReason.THERE_ALREADY),
        (to_line(line(range(60)), line(range(100, 220, 2)), ON), NoProjectionReason.NOT_CLOSING),
    ],
)
def test_why_nothing_is_projected(found, why_not):
    assert found.why_not == why_not
    assert (found.earliest is None) == (why_not is not None)


def test_older_days_than_a_year_do_not_count():
    old = [5 * n for n in range(400)]
    assert to_milestone(line([*old, *([2_000] * 365)]), ON).why_not == NoProjectionReason.NOT_CLOSING


def test_not_within_five_years_at_the_slowest_pace():
    counts = [1_000] * 150 + [1_000 + 3 * n for n in range(200)]
    found = to_milestone(line(counts), ON)
    assert found.earliest is not None
    assert found.latest is None


@pytest.mark.parametrize(("pace", "missing", "days"), [(1, 1826, 1826), (4, 7305, 1827), (4, 7306, None)])
def test_five_years_and_a_quarter_of_a_day_are_the_end(pace, missing, days):
    """1,826.25 days at the pace of the year are still told, and not a follower more."""
    mine, ahead = line([pace * n for n in range(60)]), line([pace * 59 + missing] * 60)
    projection = to_line(mine, ahead, ON)
    if days is None:
        assert (projection.likely, projection.why_not) == (None, NoProjectionReason.TOO_FAR)
    else:
        ends = ON + timedelta(days=days)
        assert (projection.earliest, projection.likely, projection.latest) == (ends, ends, ends)


@pytest.mark.parametrize(("slow_missing", "is_latest_told"), [(0, True), (1, False)])
def test_the_slowest_pace_ends_at_five_years_too(slow_missing, is_latest_told):
    """The fastest and the median pace come earlier; each end is judged by itself."""
    counts = [4 * n for n in range(100)] + [4 * 99 + 40 * n for n in range(1, 101)]
    missing = 7305 + slow_missing
    projection = to_line(line(counts), line([counts[-1] + missing] * 200), ON)
    assert projection.earliest < projection.likely
    assert (projection.latest is not None) is is_latest_told
