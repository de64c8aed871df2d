"""Leagues and trends built by hand: the published table of 2017 and 2022, and whatever a test needs."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from apps.standings import changes, precision
from apps.standings.types import (
    ConstantSample,
    League,
    Point,
    Resolution,
    Row,
    Series,
    Trend,
    Value,
)

ON, SINCE = date(2022, 12, 31), date(2017, 12, 31)


def value(followers=None, year=2022, **fields):
    state = "counted" if followers is not None else "absent"
    made = Value(
        state=state,
        followers=followers,
        bound="=",
        precision="printed",
        step=precision.step(followers, "printed") if followers else 0,
        day=date(year, 1, 1),
        span="year",
        source="koshkenov2022",
        age_days=0,
    )
    return made._replace(**fields)


def row(slug, name, then, now, kind="state_body", **fields):
    made = Row(
        actor_id=1,
        actor_slug=slug,
        name_en=name,
        name_ru=name,
        name_kk=name,
        kind=kind,
        platform="facebook",
        account_id=None,
        handle="",
        now=now,
        then=then,
        rank=None,
        rank_then=None,
        change=changes.between(changes.number_of(then), changes.number_of(now)) if then and now else None,
        gap=None,
        times=None,
        share_percent=None,
        reach=None,
    )
    return replace(made, **fields)


@dataclass(frozen=True)
class MadeLeague(League):
    samples: tuple[ConstantSample, ...] = ()
    sources: frozenset[str] = frozenset()

    @property
    def clear_gain(self):
        return changes.clear_gain(self.rows)


def league(rows, on=ON, since=SINCE, samples=()):
    def ranks(end):
        counts = [getattr(row, end).followers for row in rows if getattr(row, end) is not None]
        counts = [count for count in counts if count is not None]
        return lambda item: (
            1 + sum(count > item.followers for count in counts)
            if item is not None and item.followers is not None
            else None
        )

    now, then = ranks("now"), ranks("then")
    ranked = [replace(row, rank=now(row.now), rank_then=then(row.then)) for row in rows]
    ranked.sort(key=lambda row: (row.rank is None, row.rank or 0))
    states = {}
    for item in ranked:
        if item.rank is None:
            state = item.now.state if item.now else "unknown"
            states[state] = states.get(state, 0) + 1
    return MadeLeague(
        on=on,
        since=since,
        rows=tuple(ranked),
        counted=sum(row.rank is not None for row in ranked),
        counted_then=sum(row.rank_then is not None for row in ranked),
        states=states,
        last_known=0,
        total=None,
        reference=next((row for row in ranked if row.is_reference), None),
        samples=samples,
    )


def table2():
    def both(slug, name, then, now, **fields):
        return row(slug, name, value(then, 2017), value(now), **fields)

    return league(
        [
            both("abenov", "Murat Abenov", 39000, 64000, kind="blogger", is_reference=True),
            both("president-press-office", "Press office of the President of Kazakhstan", 31000, 76000),
            both("prime-minister-website", "Prime Minister's Website", 18600, 55000),
            both("prosecutor-general", "Prosecutor General's Office", 11700, 23000),
            both("ministry-defense", "Ministry of Defense", 9600, None),
            both("ministry-labor", "Ministry of Labor and Social Protection", 570, 10000),
        ],
        samples=(
            ConstantSample(
                kind="",
                then=61870,
                now=164000,
                median_then=15150,
                median_now=39000,
                counted=4,
                of=5,
                change=None,
            ),
        ),
    )


def points(first, counts, **fields):
    """Return a point a day; None leaves the day out."""
    return tuple(
        Point(day=first + timedelta(days=place), span="day", followers=count, state="counted", **fields)
        for place, count in enumerate(counts)
        if count is not None
    )


def series(slug, made, platform="facebook", **fields):
    return Series(
        actor_slug=slug,
        name_en=f"{slug} en",
        name_ru=f"{slug} ru",
        name_kk=f"{slug} kk",
        kind="state_body",
        platform=platform,
        account_id=None,
        handle="",
        points=tuple(made),
        **fields,
    )


def trend(*made, resolution=Resolution.DAY):
    days = [point.day for item in made for point in item.points] or [date(2022, 1, 1)]
    return Trend(first=min(days), last=max(days), resolution=resolution, series=tuple(made))
