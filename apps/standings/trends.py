"""Counts over time, as lines that a chart can draw without inventing anything."""

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

from django.db import connection
from django.utils import timezone

from apps.standings import precision, scopes
from apps.standings.changes import last_day_sql
from apps.standings.types import SPANS, Point, Resolution, Scope, Series, Trend
from apps.tracking.models import Span, State

LONGEST_BY_DAY = 400  # days
LONGEST_BY_WEEK = 3660  # days, ten years


class _Reading(NamedTuple):
    actor_slug: str
    name_en: str
    name_ru: str
    name_kk: str
    kind: str
    platform: str
    account_id: int
    handle: str
    bucket: date | None  # None on the one row of an account without snapshots
    span: int
    day: date
    state: str
    followers: int | None
    bound: str
    precision: str
    note: str
    locator: str
    source: str


def resolution(first: date, last: date) -> Resolution:
    """Days up to 400 of them, then weeks up to ten years, then months."""
    days = (last - first).days + 1
    if days <= LONGEST_BY_DAY:
        return Resolution.DAY
    return Resolution.WEEK if days <= LONGEST_BY_WEEK else Resolution.MONTH


def trend(scope: Scope, first: date | None, last: date, reference: str = "") -> Trend:
    """Every line of the scope from `first` (None: from the first snapshot there is) to `last`, both inclusive.

    One line for an actor's accounts on a platform, or for each account where the scope's rows are accounts; those
    without snapshots in the range have a line without points. Weeks (from Monday) and months show their last value,
    on its own day. Snapshots of whole months and years are kept apart from those and shown where their span touches
    the range. The reference ("" takes the group's own) has its line even where the scope's filters leave it out.
    `scope.fresh` plays no part. Three statements at most, however many lines.
    """
    reference = reference or scopes.group_reference(scope)
    if first is None:
        first = first_day(scope, reference) or last
    by = resolution(first, last)
    return Trend(first=first, last=last, resolution=by, series=lines(scope, first, last, by, reference))


def lines(
    scope: Scope, first: date, last: date, by: Resolution, reference: str = "", *, lead: bool = False
) -> tuple[Series, ...]:
    """The lines of trend(), in order of names.

    lead: of what began before `first` there is each account's newest snapshot and nothing else, whether or not a
    span touches the range.
    """
    sql, parameters = _statement(scope, first, last, reference, by, lead=lead)
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        readings = [_Reading._make(columns) for columns in cursor.fetchall()]
    line = attrgetter("actor_slug", "platform", *(["account_id"] if scope.rows == "accounts" else []))
    return tuple(_series(list(group), reference) for _, group in groupby(readings, line))


def _accounts(scope: Scope, reference: str) -> tuple[str, list[Any]]:
    wanted, parameters = scopes.filters(scope)
    platform, platform_parameters = scopes.platform(scope)
    return (
        f"""SELECT a.id, a.platform, a.handle, ac.slug, ac.name_en, ac.name_ru, ac.name_kk, ac.kind, ac.sort_en
        FROM tracking_account a JOIN tracking_actor ac ON ac.id = a.actor_id
        WHERE {platform} AND (({wanted}) OR ac.slug = %s AND NOT ac.hidden)""",  # noqa: S608 our words
        [*platform_parameters, *parameters, reference],
    )


def first_day(scope: Scope, reference: str = "") -> date | None:
    """The day of the scope's first snapshot."""
    accounts, parameters = _accounts(scope, reference)
    with connection.cursor() as cursor:
        # One step down the index per account; min() over the join would read every snapshot.
        cursor.execute(
            f"""SELECT min(one.day) FROM ({accounts}) account CROSS JOIN LATERAL (
                SELECT s.day FROM tracking_snapshot s WHERE s.account_id = account.id{scopes.readable(scope)}
                ORDER BY s.day LIMIT 1) one""",  # noqa: S608 our words
            parameters,
        )
        found: tuple[date | None] = cursor.fetchone()
    return found[0]


def _statement(
    scope: Scope, first: date, last: date, reference: str, by: Resolution, *, lead: bool
) -> tuple[str, list[Any]]:
    """Rows of _Reading in the order of lines, then of time; one for an account without any."""
    accounts, parameters = _accounts(scope, reference)
    readable = scopes.readable(scope)
    columns = "s.span, s.day, s.state, s.followers, s.bound, s.precision, s.note, s.locator, s.source_id"
    if by == Resolution.DAY:
        days = f"""SELECT s.day AS bucket, {columns} FROM tracking_snapshot s
            WHERE s.account_id = account.id AND s.day BETWEEN asked.first AND asked.last AND s.span = 3{readable}"""  # noqa: S608
    else:
        days = f"""SELECT bucket.day AS bucket, one.* FROM (
                SELECT day::date FROM generate_series(date_trunc('{by}', asked.first), asked.last, '1 {by}') day
            ) bucket CROSS JOIN LATERAL (
                SELECT {columns} FROM tracking_snapshot s
                WHERE s.account_id = account.id AND s.span = 3{readable}
                    AND s.day >= greatest(bucket.day, asked.first)
                    AND s.day <= least((bucket.day + interval '1 {by}' - interval '1 day')::date, asked.last)
                ORDER BY s.day DESC LIMIT 1
            ) one"""  # noqa: S608 our words
    # Whole months and years begin on the first of a month: those days are asked for one by one, as a scan for them
    # would read every day.
    spans = f"""SELECT s.day AS bucket, {columns} FROM generate_series(
            date_trunc('year', asked.first), asked.last, '1 month') month
        JOIN tracking_snapshot s ON s.account_id = account.id AND s.day = month::date AND s.span IN (1, 2)
        WHERE {"s.day" if lead else last_day_sql("s.day", "s.span")} >= asked.first{readable}"""  # noqa: S608 our words
    before = f"""UNION ALL (SELECT s.day AS bucket, {columns} FROM tracking_snapshot s
        WHERE s.account_id = account.id AND s.day < asked.first{readable} ORDER BY s.day DESC, s.span DESC LIMIT 1)"""  # noqa: S608 our words
    sql = f"""WITH asked AS MATERIALIZED (SELECT %s::date AS first, %s::date AS last),
        account AS ({accounts})
        SELECT account.slug, account.name_en, account.name_ru, account.name_kk, account.kind, account.platform,
            account.id, account.handle, reading.bucket, reading.span, reading.day, reading.state,
            reading.followers, reading.bound, reading.precision, reading.note, reading.locator, source.key
        FROM asked CROSS JOIN account
        LEFT JOIN LATERAL ({days} UNION ALL {spans} {before if lead else ""}) reading ON true
        LEFT JOIN tracking_source source ON source.id = reading.source_id
        ORDER BY account.sort_en, account.slug, account.platform, {"account.id, " if scope.rows == "accounts" else ""}
            reading.bucket, reading.span, account.id"""  # noqa: S608 our words
    return sql, [first, last, *parameters]


def _series(readings: Sequence[_Reading], reference: str) -> Series:
    """One line of readings that are in order of time."""
    head = readings[0]
    accounts = {reading.account_id for reading in readings}
    taken = [reading for reading in readings if reading.bucket is not None]
    today = timezone.localdate()
    if len(accounts) == 1:
        points: Iterable[Point] = (_alone(reading, today) for reading in taken)
    else:
        points = _together(taken, today)
    return Series(
        actor_slug=head.actor_slug,
        name_en=head.name_en,
        name_ru=head.name_ru,
        name_kk=head.name_kk,
        kind=head.kind,
        platform=head.platform,
        account_id=head.account_id if len(accounts) == 1 else None,
        handle=head.handle if len(accounts) == 1 else "",
        # A week that ends in February is drawn after the whole of February, though it began before it.
        points=tuple(sorted(points, key=lambda point: (point.day, SPANS.index(point.span)))),
        is_reference=head.actor_slug == reference,
    )


def _together(readings: Sequence[_Reading], today: date) -> Iterable[Point]:
    """The sums of several accounts, only where each that has begun and is not gone was read in the same time.

    A reading that is missing would look like a fall, and filling it in would be an invention: the line breaks.
    """
    alive: set[int] = set()
    for _, group in groupby(readings, lambda reading: (reading.bucket, reading.span)):
        parts = list(group)
        present = {part.account_id for part in parts}
        gone = {part.account_id for part in parts if part.state == State.ABSENT}
        missing = alive - present
        alive = (alive | present) - gone
        if missing:
            continue
        yield _point([part for part in parts if part.state != State.ABSENT] or parts, today)


def _alone(one: _Reading, today: date) -> Point:
    """One value as it is."""
    counted = one.followers is not None
    return Point(
        day=one.day,
        span=SPANS[one.span - 1],
        followers=one.followers,
        state=one.state,
        bound=one.bound if counted else "=",
        precision=one.precision if counted else "exact",
        step=precision.step(one.followers, one.precision) if one.followers is not None else 0,
        source=one.source,
        note=one.note,
        locator=one.locator,
        observed_today=one.day == today and one.span == Span.DAY,
    )


def _point(parts: Sequence[_Reading], today: date) -> Point:
    """One value, or several as one; where one of them has no number the sum has none, but that one's state."""
    head = parts[0]
    states = [part.state for part in parts if part.followers is None]
    counts = [(part.followers, part.precision) for part in parts if part.followers is not None]
    return Point(
        day=max(part.day for part in parts),
        span=SPANS[head.span - 1],
        followers=None if states else sum(followers for followers, _ in counts),
        state=states[0] if states else State.COUNTED.value,
        bound=precision.of_sum(*(part.bound for part in parts)) if not states else "=",
        precision=max((word for _, word in counts), key=precision.place, default="exact"),
        step=sum(precision.step(followers, word) for followers, word in counts) if not states else 0,
        source=" ".join(sorted({part.source for part in parts})),
        note="; ".join(sorted({part.note for part in parts if part.note})),
        locator="; ".join(sorted({part.locator for part in parts if part.locator})),
        observed_today=head.span == Span.DAY and any(part.day == today for part in parts),
    )
