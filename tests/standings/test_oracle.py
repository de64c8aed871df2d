"""Random worlds, reckoned twice: by the product and by oracle.py. ORACLE_EXAMPLES=5000 looks longer."""

import csv
import io
import os
from datetime import date, timedelta

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.context.models import Indicator, IndicatorValue
from apps.registry.models import Account, Actor
from apps.snapshots.models import Snapshot, Span
from apps.standings import milestones, overtakes, ranks, trends
from apps.standings.league import league, league_sql
from apps.standings.types import Resolution, Scope
from tests.builders import RECORDED, make_source
from tests.standings import oracle

pytestmark = pytest.mark.django_db

looks = settings(
    max_examples=int(os.environ.get("ORACLE_EXAMPLES", "40")),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

FIRST = date(2022, 1, 1)
SOURCES = ("one", "two")
DAYS = [
    FIRST + timedelta(days=n)
    for n in (0, 1, 2, 3, 29, 30, 31, 32, 33, 59, 60, 62, 89, 90, 91, 92, 120, 366, 800)
]
SPANS = [
    ("month", FIRST),
    ("month", date(2022, 2, 1)),
    ("month", date(2022, 4, 1)),
    ("year", FIRST),
    ("year", date(2023, 1, 1)),
]
COUNTS = st.one_of(
    st.sampled_from(
        [0, 1, 9, 10, 11, 570, 571, 999, 1000, 39_000, 40_000, 76_000, 77_000, 1_230_000, 1_240_000]
    ),
    st.integers(0, 30),
    st.integers(0, 10**7),
)


@st.composite
def snaps(draw):
    times = draw(
        st.lists(
            st.one_of(st.sampled_from([("day", day) for day in DAYS]), st.sampled_from(SPANS)),
            max_size=6,
            unique=True,
        )
    )
    found = []
    for span, day in times:
        counted = draw(st.sampled_from([True, True, True, True, False]))
        found.append(
            oracle.Snap(
                day=day,
                span=span,
                state="counted"
                if counted
                else draw(st.sampled_from(["hidden", "absent", "suspended", "private"])),
                followers=draw(COUNTS) if counted else None,
                bound=draw(st.sampled_from("=====><~")) if counted else "=",
                precision=draw(st.sampled_from(["exact", "exact", "3sf", "abbrev", "printed"])),
                note=draw(st.sampled_from(["", "", "about", "over"])),
                source=draw(st.sampled_from(SOURCES)),
            )
        )
    return found


def accounts(most):
    platforms = st.sampled_from(["facebook", "facebook", "x"])
    if most == 1:
        return st.lists(st.builds(oracle.Acc, st.just("facebook"), snaps()), min_size=1, max_size=1)
    return st.lists(st.builds(oracle.Acc, platforms, snaps()), max_size=most)


@st.composite
def worlds(draw, most=3):
    kinds = st.sampled_from(["state_body", "party", "blogger"])
    number = draw(st.integers(0, 5))
    actors = [
        oracle.Act(
            f"actor-{n}", draw(kinds), draw(st.sampled_from([False] * 7 + [True])), draw(accounts(most))
        )
        for n in range(number)
    ]
    audience = draw(
        st.lists(
            st.tuples(
                st.sampled_from(["facebook", "x"]),
                st.sampled_from(["advertising reach", "active users"]),
                st.sampled_from([date(2021, 1, 1), *DAYS]),
                st.integers(1, 10**7),
                st.sampled_from("===><~"),
            ),
            max_size=4,
            unique_by=lambda one: one[:3],
        )
    )
    return oracle.World(actors, audience)


class stored:
    """The world is in the database inside the block, and gone after it."""

    def __init__(self, world):
        self.world = world
        self.block = transaction.atomic()

    def __enter__(self):
        self.block.__enter__()
        sources = {key: make_source(key).pk for key in SOURCES}
        actors = Actor.objects.bulk_create(
            Actor(slug=a.slug, kind=a.kind, hidden=a.hidden, name_en=a.slug, name_ru="", name_kk="")
            for a in self.world.actors
        )
        owned = [
            (actor, acc) for actor, a in zip(actors, self.world.actors, strict=True) for acc in a.accounts
        ]
        made = Account.objects.bulk_create(
            Account(actor=actor, platform=acc.platform) for actor, acc in owned
        )
        for account, (_, acc) in zip(made, owned, strict=True):
            acc.pk = account.pk
        Snapshot.objects.bulk_create(
            Snapshot(
                account_id=acc.pk,
                day=snap.day,
                span=Span[snap.span.upper()],
                state=snap.state,
                followers=snap.followers,
                bound=snap.bound,
                precision=snap.precision,
                note=snap.note,
                source_id=sources[snap.source],
                recorded_at=RECORDED,
            )
            for _, acc in owned
            for snap in acc.snaps
        )
        if self.world.audience:
            indicator = Indicator.objects.create(key="platform_audience", label_en="Audience", unit="people")
            IndicatorValue.objects.bulk_create(
                IndicatorValue(
                    indicator=indicator,
                    geo="KZ",
                    platform=platform,
                    segment=segment,
                    day=day,
                    value=people,
                    bound=bound,
                    source_id=sources["one"],
                )
                for platform, segment, day, people, bound in self.world.audience
            )

    def __exit__(self, *_):
        transaction.set_rollback(True)
        self.block.__exit__(None, None, None)


def close(number):
    return number if number is None else pytest.approx(number, rel=1e-9, abs=1e-9)


def assert_value(found, expected):
    assert (found is None) == (expected is None)
    if expected:
        assert found._asdict() == {name: expected[name] for name in found._fields}


def assert_change(found, expected):
    assert (found is None) == (expected is None)
    if expected:
        for name, wanted in expected.items():
            assert getattr(found, name) == (close(wanted) if isinstance(wanted, float) else wanted), name


def assert_row(row, line, reference, on):
    one = len(line["accounts"]) == 1
    assert (row.actor_slug, row.kind, row.platform) == (
        line["actor"].slug,
        line["actor"].kind,
        line["platform"],
    )
    assert (row.accounts, row.account_id) == (len(line["accounts"]), line["accounts"][0].pk if one else None)
    assert row.is_reference == (row.actor_slug == reference)
    assert_value(row.now, line["now"])
    assert_value(row.then, line["then"])
    assert (row.rank, row.rank_then) == (line["rank"], line["rank_then"])
    assert (row.rank_change, row.rank_is_open) == (line["rank_change"], line["rank_is_open"])
    assert row.unread == sum(
        not account.snaps or min(snap.day for snap in account.snaps) > on for account in line["accounts"]
    )
    assert len(row.left_out) == line["left_out"]
    assert_change(row.change, line["change"])
    assert (row.gap, row.times, row.share_percent) == (
        line["gap"],
        close(line["times"]),
        close(line["share"]),
    )
    assert (row.gap_bound, row.share_bound) == (line["gap_bound"], line["share_bound"])
    assert row.rank_then_is_open == line["rank_then_is_open"]
    reach = row.reach and (row.reach.percent, row.reach.audience, row.reach.day, row.reach.bound)
    assert reach == (line["reach"] and (close(line["reach"][0]), *line["reach"][1:]))


def assert_file(scope, on, since, reference, standing, is_period):
    rows = standing.rows
    sql, parameters = league_sql(scope, on, since, reference, is_period=is_period)
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY ({sql}) TO STDOUT WITH (FORMAT csv, HEADER)", parameters) as copy,
    ):
        lines = list(csv.DictReader(io.StringIO(b"".join(bytes(part) for part in copy).decode())))

    def text(found, decimals=None):
        if found is None:
            return ""
        return pytest.approx(found, abs=0.51 * 10**-decimals) if decimals else str(found)

    assert len(lines) == len(rows)
    for line, row in zip(lines, rows, strict=True):
        now, then, change = row.now, row.then, row.change
        counted = now is not None and now.followers is not None
        assert line["rank"] == text(row.rank)
        assert line["rank_then"] == text(row.rank_then)
        assert line["state"] == (now.state if now else "")
        assert line["bound"] == (now.bound if counted else "")
        assert line["precision"] == (now.precision if now else "")
        for end, one in {"": now, "_then": then}.items():
            assert line[f"parts{end}"] == (text(one.parts) if one else "")
            assert line[f"of{end}"] == (text(one.of) if one else "")
            assert line[f"first_day{end}"] == (text(one.first.day) if one else "")
            assert line[f"last_day{end}"] == (text(one.last.day) if one else "")
        assert line["rank_of"] == (text(standing.counted) if row.rank else "")
        assert line["rank_then_of"] == (text(standing.counted_then) if row.rank_then else "")
        assert line["rank_is_open"] == (str(row.rank_is_open).lower() if row.rank else "")
        assert line["rank_then_is_open"] == (str(row.rank_then_is_open).lower() if row.rank_then else "")
        assert line["rank_change"] == text(row.rank_change)
        assert line["bound_then"] == (then.bound if then and then.followers is not None else "")
        assert line["precision_then"] == (then.precision if then else "")
        assert line["change_bound"] == (change.bound if change else "")
        assert line["change_parts"] == (text(change.parts) if change else "")
        assert [line[f"change_{end}{word}"] for end in ("since", "until") for word in ("", "_span")] == (
            [text(change.since.day), change.since.span, text(change.until.day), change.until.span]
            if change
            else [""] * 4
        )
        assert line["gap_bound"] == (row.gap_bound if row.gap is not None else "")
        assert line["share_bound"] == (row.share_bound if row.share_percent is not None else "")
        assert line["reach_bound"] == (row.reach.bound if row.reach else "")
        assert line["followers"] == (text(now.followers) if now else "")
        assert line["day"] == (text(now.day) if now else "")
        assert line["span"] == (now.span if now else "")
        assert line["source"] == (now.source if now else "")
        assert line["followers_then"] == (text(then.followers) if then else "")
        assert line["day_then"] == (text(then.day) if then else "")
        assert line["span_then"] == (then.span if then else "")
        assert line["account_id"] == text(row.account_id)
        assert line["change"] == (text(change.absolute) if change else "")
        assert line["within_rounding"] == (str(change.within_rounding).lower() if change else "")
        assert line["gap_to_reference"] == text(row.gap)
        for column, found in {
            "change_percent": change and change.percent,
            "yearly_growth_percent_low": change and change.yearly_low,
            "yearly_growth_percent_high": change and change.yearly_high,
            "times_reference": row.times,
            "share_percent": row.share_percent,
            "reach_percent": row.reach and row.reach.percent,
        }.items():
            if found is None or abs(found) < 1e9:
                assert (float(line[column]) if line[column] else "") == text(found, 4), column


@looks
@given(
    worlds(),
    st.sampled_from([*DAYS, date(2022, 6, 1), date(2024, 12, 31)]),
    st.one_of(st.none(), st.sampled_from([date(2021, 12, 31), *DAYS])),
    st.fixed_dictionaries(
        {
            "platform": st.sampled_from(["", "facebook"]),
            "kinds": st.sampled_from([(), ("state_body",), ("party", "blogger")]),
            "rows": st.sampled_from(["actors", "accounts"]),
            "fresh": st.booleans(),
        }
    ),
    st.sampled_from(["", "actor-0", "actor-1"]),
    st.booleans(),
)
def test_the_league(world, on, since, scope, reference, is_period):
    with stored(world):
        found = league(Scope(**scope), on, since, reference, is_period=is_period)
        assert_file(Scope(**scope), on, since, reference, found, is_period)
    expected = oracle.league(world, on=on, since=since, reference=reference, is_period=is_period, **scope)
    assert [row.actor_slug for row in found.rows] == [line["actor"].slug for line in expected["rows"]]
    for row, line in zip(found.rows, expected["rows"], strict=True):
        assert_row(row, line, reference, on)
    for name in ("counted", "total", "last_known", "new", "dropped", "compared"):
        assert getattr(found, name) == expected[name], name
    if found.rows:
        assert found.counted_then == expected["counted_then"]
    states = [line["now"]["state"] if line["now"] else "unknown" for line in expected["rows"]]
    assert found.states == {state: states.count(state) for state in states if state != "counted"}
    assert len(found.samples) == len(expected["samples"])
    for sample, wanted in zip(found.samples, expected["samples"], strict=True):
        assert_change(sample.change, wanted.pop("change"))
        assert {name: getattr(sample, name) for name in wanted} == wanted


@looks
@given(worlds(), st.sampled_from(DAYS), st.sampled_from(["", "facebook"]))
def test_ranks_over_time_are_those_of_each_day(world, on, platform):
    with stored(world):
        lines = ranks.ranks(Scope(platform=platform), [FIRST, on] if on > FIRST else [on])
    expected = oracle.league(world, on=on, since=None, platform=platform)["rows"]
    places = {line.actor_slug: place for line in lines for place in line.places if place.day == on}
    ranked = [line for line in expected if line["rank"]]
    assert {slug: (one.rank, one.of, one.is_open) for slug, one in places.items()} == {
        line["actor"].slug: (line["rank"], len(ranked), line["rank_is_open"]) for line in ranked
    }


@looks
@given(worlds(most=1), st.sampled_from(DAYS), st.sampled_from(DAYS), st.sampled_from(list(Resolution)))
def test_trends(world, first, last, by):
    first, last = sorted([first, last])
    with stored(world):
        lines = trends.lines(Scope(rows="accounts"), first, last, by)
    public = [actor for actor in world.actors if not actor.hidden]
    assert [line.actor_slug for line in lines] == [actor.slug for actor in public]
    for line, actor in zip(lines, public, strict=True):
        expected = oracle.trend(actor.accounts[0], first, last, by)
        names = ("day", "span", "followers", "state", "precision", "source", "note")
        assert [tuple(getattr(point, name) for name in names) for point in line.points] == [
            tuple(getattr(snap, name) for name in names) for snap in expected
        ]
        bounds = [snap.bound if snap.state == "counted" else "" for snap in expected]
        assert [point.bound for point in line.points] == bounds
        assert [point.step for point in line.points if point.followers is not None] == [
            oracle.step(snap.followers, snap.precision) for snap in expected if snap.followers is not None
        ]


@looks
@given(worlds(most=1), st.sampled_from(DAYS), st.sampled_from(DAYS))
def test_overtakes(world, first, last):
    everything = oracle.overtakes(world, "facebook")

    def expected(first, last):
        return sorted(tuple(one) for *one, day in everything if first <= day <= last)

    with stored(world):
        for begin, end in [(None, DAYS[-1]), sorted([first, last])]:
            found = overtakes.within(Scope(platform="facebook"), begin, end)
            assert sorted((one.winner, one.loser, one.after, one.by) for one in found) == expected(
                begin or DAYS[0], end
            )


@looks
@given(worlds(most=1), st.sampled_from(DAYS), st.sampled_from(DAYS))
def test_milestones(world, first, last):
    expected = [
        (actor.slug, *one)
        for actor in world.actors
        if not actor.hidden
        for one in oracle.milestones(actor.accounts[0])
        if first <= one[3] <= last
    ]
    with stored(world):
        found = milestones.within(Scope(), first, last)
    assert sorted((one.actor_slug, one.number, one.after, one.by, one.on) for one in found) == sorted(
        expected
    )
