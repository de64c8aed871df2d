"""Random lines, reckoned twice: by the product and by oracle_lines.py. ORACLE_EXAMPLES=5000 looks longer."""

import os
import random
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.registry.models import Actor
from apps.standings import comparison, overtakes, projection, trends, unusual
from apps.standings.comparison import View
from apps.standings.types import Point, Scope, Series
from tests.builders import make_group
from tests.standings import oracle, oracle_lines
from tests.standings.test_oracle import DAYS, FIRST, close, stored, worlds

pytestmark = pytest.mark.django_db


def looks(examples):
    return settings(
        max_examples=int(os.environ.get("ORACLE_EXAMPLES", examples)),
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )


def public_lines(world, first, last, by, platform=""):
    """Return slug, platform -> points; in order."""
    return {
        (actor.slug, where): oracle_lines.line(mine, first, last, by)
        for actor in world.actors
        if not actor.hidden
        for where in sorted({account.platform for account in actor.accounts})
        if (mine := [account for account in actor.accounts if account.platform == where])
        and platform in ("", where)
    }


def numbers(found):
    return [close(number) if isinstance(number, float) else number for number in found]


@looks(40)
@given(
    worlds(),
    st.sampled_from(DAYS),
    st.sampled_from(DAYS),
    st.sampled_from([None, *DAYS]),
    st.sampled_from(["constant", "all"]),
    st.sampled_from(["", "actor-0", "actor-1"]),
)
def test_lines_together(world, first, last, day, sample, reference):
    first, last = sorted([first, last])
    with stored(world):
        trend = trends.trend(Scope(), first, last, reference)
    lines = public_lines(world, first, last, trend.resolution)
    assert trend.resolution == ("day" if (last - first).days < 400 else "week")
    assert [(line.actor_slug, line.platform) for line in trend.series] == list(lines)
    names = (
        "day",
        "span",
        "followers",
        "state",
        "bound",
        "precision",
        "step",
        "source",
        "note",
        "parts",
        "of",
    )
    for series, points in zip(trend.series, lines.values(), strict=True):
        assert series.is_reference == (series.actor_slug == reference)
        for found, wanted in zip(series.points, points, strict=True):
            wanted = replace(wanted, step=0) if wanted.followers is None else wanted
            assert [getattr(found, name) for name in names] == [getattr(wanted, name) for name in names]
    base = oracle_lines.base(lines.values())
    assert comparison.common_base(trend) == base
    for name in View:
        for drawn, (key, points) in zip(comparison.view(trend, name, day), lines.items(), strict=True):
            measure = lines.get((reference, key[1]))
            wanted = oracle_lines.view(name, points, list(lines.values()), day or base, measure)
            assert list(drawn.values) == numbers(wanted), name
    others = [points for (slug, _), points in lines.items() if slug != reference]
    found = comparison.together(trend, sample, day)
    wanted, counted = oracle_lines.together(others, sample, day)
    assert [(one.day, one.total, one.median, one.counted) for one in found.points] == wanted
    assert (len(found.series), found.of, found.sample) == (counted, len(others), sample)


@looks(40)
@given(
    worlds(),
    st.sampled_from(DAYS),
    st.sampled_from(DAYS),
    st.booleans(),
    st.sampled_from([(), ("actor-0",), ("actor-0", "actor-1")]),
)
def test_overtakes_of_sums_within_a_group(world, first, last, by_group, of):
    first, last = sorted([first, last])
    begin, end = date(2021, 1, 1), DAYS[-1]
    members = {actor.slug for actor in world.actors if not by_group or actor.kind != "party"}
    with stored(world):
        make_group("g", list(Actor.objects.filter(slug__in=members)))
        scope = Scope(group="g" if by_group else "")
        periods = [(None, end), (first, last)]
        found = [overtakes.within(scope, since, until, of) for since, until in periods]
    everything = []
    for where in ("facebook", "x"):
        lines = public_lines(world, begin, end, "day", where)
        mine = {slug: points for (slug, _), points in lines.items() if slug in members}
        everything += [(*one, where) for one in oracle_lines.overtakes(mine)]
    for (since, until), those in zip(periods, found, strict=True):
        # Where an overtake of spans begins is cut by the one before, which a period may not hold.
        kept = 5 if since is None else 4
        assert sorted(
            (one.winner, one.loser, one.platform, one.by, one.after)[:kept] for one in those
        ) == sorted(
            (winner, loser, where, by, after)[:kept]
            for winner, loser, after, by, day, where in everything
            if (since or begin) <= day <= until and (not of or winner in of or loser in of)
        )


def counts(seed, days, start, slope, noise, gaps, precision):
    """Return a line of days that goes up or down, with gaps."""
    chance = random.Random(seed)  # noqa: S311 examples, not secrets
    found, count = [], float(start)
    for n in range(days):
        count += slope + chance.uniform(-noise, noise)
        if chance.random() >= gaps:
            number = max(0, round(count))
            word = chance.choice(precision)
            bound = "=" if chance.random() > 0.02 else ">"
            step = oracle.step(number, word)
            state = "counted" if chance.random() > 0.02 else "hidden"
            found.append(
                (FIRST + timedelta(days=n), number if state == "counted" else None, word, bound, step, state)
            )
    return found


WALKS = st.builds(
    counts,
    st.integers(0, 10**6),
    st.sampled_from([25, 31, 40, 90, 150]),
    st.sampled_from([0, 300, 9_500, 98_000, 1_200_000]),
    st.sampled_from([-20.0, -0.5, 0.0, 0.2, 3.0, 60.0, 4_000.0]),
    st.sampled_from([0.0, 2.0, 80.0]),
    st.sampled_from([0.0, 0.1, 0.5]),
    st.sampled_from([["exact"], ["exact"], ["exact"], ["3sf"], ["exact", "abbrev", "printed"]]),
)


def series(slug, walk):
    points = tuple(
        Point(day, "day", number, state, bound, word, step) for day, number, word, bound, step, state in walk
    )
    return Series(slug, slug, "", "", "party", "facebook", 1, "", points)


def assert_projection(found, wanted):
    if isinstance(wanted, str):
        assert (found.why_not, found.earliest, found.likely, found.latest) == (wanted, None, None, None)
        return
    *days, pace = wanted
    assert found.why_not is None
    assert found.per_day == close(pace)
    for one, other in zip((found.earliest, found.likely, found.latest), days, strict=True):
        # A last bit of a division may move a day, or the five years.
        assert (one is None) == (other is None) or abs(((one or other) - FIRST).days - 5 * 365.25) < 200
        assert not one or not other or abs((one - other).days) <= 1


@looks(40)
@given(WALKS, WALKS, st.sampled_from([0, 1, 20, 31, 60, 250]))
def test_projections(mine, theirs, later):
    usable = [[one for one in walk if one[1] is not None and one[3] == "="] for walk in (mine, theirs)]
    on = FIRST + timedelta(days=150 + later)
    first = on - timedelta(days=364)
    own, other = ([one for one in walk if first <= one[0] <= on] for walk in usable)

    def open_(first, last):
        return 0 if first[2] == last[2] == "exact" else first[4] + last[4]

    if own:
        last = own[-1][1]
        target = next(
            head * 10**power for power in range(12) for head in (1, 2, 5) if head * 10**power > last
        )
        wanted = oracle_lines.projection(
            [(one[0], target - one[1]) for one in own], on, open_(own[0], own[-1])
        )
        found = projection.to_milestone(series("a", mine), on)
        assert (found.target, found.days) == (target, len(own))
        assert_projection(found, wanted)
    ahead = {one[0]: one for one in other}
    both = [(one, ahead[one[0]]) for one in own if one[0] in ahead]
    gaps = [(one[0], two[1] - one[1]) for one, two in both]
    tolerance = sum(open_(both[0][side], both[-1][side]) for side in (0, 1)) if both else 0
    found = projection.to_line(series("a", mine), series("b", theirs), on)
    assert_projection(found, oracle_lines.projection(gaps, on, tolerance))


@looks(25)
@given(st.data())
def test_unusual_days(data):
    number = data.draw(st.integers(1, 6))
    chance = random.Random(data.draw(st.integers(0, 10**6)))  # noqa: S311 examples, not secrets
    leaps = data.draw(
        st.lists(st.tuples(st.integers(1, 44), st.sampled_from([-900, -60, 60, 900])), max_size=3)
    )
    world = oracle.World(
        [oracle.Act(f"a{n}", "party", False, [oracle.Acc("x" if n % 3 else "vk", [])]) for n in range(number)]
    )
    accounts = [actor.accounts[0] for actor in world.actors]
    for account in accounts:
        count = chance.choice([500, 20_000])
        noise, part, days = chance.choice([0, 0, 3, 10]), chance.random(), chance.choice([29, 32, 45])
        word = chance.choice(["exact", "exact", "printed"])
        for n in range(days):
            count += 5 + chance.randint(-noise, noise)
            count += sum(size for day, size in leaps if day == n and chance.random() < part)
            if chance.random() < 0.97:
                snap = oracle.Snap(
                    FIRST + timedelta(days=n), "day", "counted", max(count, 0), "=", word, "", "one"
                )
                account.snaps.append(replace(snap, bound=">") if chance.random() < 0.01 else snap)
    last = FIRST + timedelta(days=44)
    first = data.draw(st.sampled_from([FIRST, FIRST + timedelta(days=20), last]))
    with stored(world):
        found = unusual.within(Scope(), first, last)
        counted = {
            account.pk: (
                account.platform,
                {snap.day: (snap.followers, snap.precision) for snap in account.snaps if snap.bound == "="},
            )
            for account in accounts
        }
    single, wide = oracle_lines.unusual(counted, first, last)

    def told(days):
        return sorted((day.account_id, day.day, day.change, round(day.score, 6)) for day in days)

    def expected(days):
        return sorted((pk, day, change, round(score, 6)) for pk, day, change, score in days)

    assert told(found.single) == expected(single)
    assert {(one.platform, one.day, one.falls): (told(one.days), one.of) for one in found.platforms} == {
        key: (expected(days), of) for key, (days, of) in wide.items()
    }
