"""Counts over time, as lines that a chart can draw without inventing anything."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import groupby
from operator import attrgetter, itemgetter
from typing import Any, NamedTuple

from django.db import connection
from django.utils import timezone

from apps.standings import precision, scopes
from apps.standings.changes import last_day_sql
from apps.standings.types import SPANS, Point, Resolution, Scope, Series, Trend
from apps.tracking.models import Span, State

LONGEST_BY_DAY = 400  # days
LONGEST_BY_WEEK = 3660  # days, ten years

Columns = tuple[Any, ...]  # of a _Reading


class _Account(NamedTuple):
    """What is said once of a line, not with each of its readings."""

    id: int
    platform: str
    handle: str
    actor_slug: str
    name_en: str
    name_ru: str
    name_kk: str
    kind: str


class _Reading(NamedTuple):
    account_id: int
    bucket: date
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
    `scope.fresh` plays no part. Four statements at most, however many lines.
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
    accounts = _accounts_of(scope, reference)
    sql, parameters = _statement(scope, first, last, [account.id for account in accounts], by, lead=lead)
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        readings: dict[int, list[Columns]] = {}
        for columns in cursor.fetchall():
            readings.setdefault(columns[0], []).append(columns)
    for found in readings.values():
        found.sort(key=itemgetter(1, 2))  # nearly in order as they come, which the database would not know
    line = attrgetter("actor_slug", "platform", *(["id"] if scope.rows == "accounts" else []))
    begins = first if lead else date.min
    return tuple(_series(list(parts), readings, reference, begins) for _, parts in groupby(accounts, line))


def _accounts_of(scope: Scope, reference: str) -> list[_Account]:
    """The accounts of all lines, in the order of the lines."""
    accounts, parameters = _accounts(scope, reference)
    columns = "id, platform, handle, slug, name_en, name_ru, name_kk, kind"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {columns} FROM ({accounts}) account ORDER BY sort_en, slug, platform, id",  # noqa: S608 our words
            parameters,
        )
        return [_Account._make(found) for found in cursor.fetchall()]


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
    scope: Scope, first: date, last: date, accounts: Sequence[int], by: Resolution, *, lead: bool
) -> tuple[str, list[Any]]:
    """Rows of _Reading, in no order."""
    readable = scopes.readable(scope)
    columns = "s.span, s.day, s.state, s.followers, s.bound, s.precision, s.note, s.locator, s.source_id"
    # With a plain "span = 3" PostgreSQL 18 skips along the index for it and takes a third longer; a sum it reads past.
    of_a_day = "s.span + 0 = 3"
    if by == Resolution.DAY:
        days = f"""SELECT s.day AS bucket, {columns} FROM tracking_snapshot s
            WHERE s.account_id = account.id AND s.day BETWEEN asked.first AND asked.last AND {of_a_day}{readable}"""  # noqa: S608
    else:
        days = f"""SELECT bucket.day AS bucket, one.* FROM bucket CROSS JOIN LATERAL (
                SELECT {columns} FROM tracking_snapshot s
                WHERE s.account_id = account.id AND s.day BETWEEN bucket.first AND bucket.last AND {of_a_day}{readable}
                ORDER BY s.day DESC LIMIT 1
            ) one"""  # noqa: S608 our words
    # Whole months and years begin on the first of a month: those days are asked for together, as a scan for them
    # would read every day.
    spans = f"""SELECT s.day AS bucket, {columns} FROM tracking_snapshot s
        WHERE s.account_id = account.id AND s.span IN (1, 2) AND s.day = ANY (ARRAY(
            SELECT month::date FROM generate_series(date_trunc('year', asked.first), asked.last, '1 month') month))
            AND {"s.day" if lead else last_day_sql("s.day", "s.span")} >= asked.first{readable}"""  # noqa: S608 our words
    before = f"""UNION ALL (SELECT s.day AS bucket, {columns} FROM tracking_snapshot s
        WHERE s.account_id = account.id AND s.day < asked.first{readable} ORDER BY s.day DESC, s.span DESC LIMIT 1)"""  # noqa: S608 our words
    # The days of a bucket are reckoned once, not for every account; sources are few, and better looked up in a table
    # in memory than each in an index.
    sql = f"""WITH asked AS MATERIALIZED (SELECT %s::date AS first, %s::date AS last),
        bucket AS MATERIALIZED (
            SELECT day::date AS day, greatest(day::date, asked.first) AS first,
                least((day + interval '1 {by}')::date - 1, asked.last) AS last
            FROM asked CROSS JOIN generate_series(date_trunc('{by}', asked.first), asked.last, '1 {by}') day
        ),
        source AS MATERIALIZED (SELECT id, key FROM tracking_source)
        SELECT account.id, reading.bucket, reading.span, reading.day, reading.state, reading.followers,
            reading.bound, reading.precision, reading.note, reading.locator, source.key
        FROM asked CROSS JOIN unnest(%s::bigint[]) account(id)
        CROSS JOIN LATERAL ({days} UNION ALL {spans} {before if lead else ""}) reading
        LEFT JOIN source ON source.id = reading.source_id"""  # noqa: S608 our words
    return sql, [first, last, list(accounts)]


def _series(
    accounts: Sequence[_Account], found: Mapping[int, list[Columns]], reference: str, begins: date
) -> Series:
    """One line of one account or of several together; `found` has their readings in order of time.

    Of what was before `begins` there is each account's newest reading alone.
    """
    head, one = accounts[0], len(accounts) == 1
    today = timezone.localdate()
    if one:
        points = _alone(found.get(head.id, []), today)
    else:
        readings = [_Reading._make(columns) for account in accounts for columns in found.get(account.id, [])]
        before = [one for one in readings if one.bucket < begins]
        begun = {one.account_id for one in before if one.state != State.ABSENT}
        if len({(one.bucket, one.span) for one in before}) > 1:
            # Newest readings of different times are no sum, and what was one before them is not known here.
            readings = [one for one in readings if one.bucket >= begins]
        points = list(_together(sorted(readings, key=attrgetter("bucket", "span")), today, begun))
    if any(point.span != "day" for point in points):
        # A week that ends in February is drawn after the whole of February, though it began before it.
        points.sort(key=lambda point: (point.day, SPANS.index(point.span)))
    return Series(
        actor_slug=head.actor_slug,
        name_en=head.name_en,
        name_ru=head.name_ru,
        name_kk=head.name_kk,
        kind=head.kind,
        platform=head.platform,
        account_id=head.id if one else None,
        handle=head.handle if one else "",
        points=tuple(points),
        is_reference=head.actor_slug == reference,
    )


def _together(readings: Sequence[_Reading], today: date, begun: set[int]) -> Iterable[Point]:
    """The sums of several accounts, only where each that has begun and is not gone was read in the same time.

    A reading that is missing would look like a fall, and filling it in would be an invention: the line breaks.
    begun: the accounts that had begun before all readings and were not gone.
    """
    alive = set(begun)
    for _, group in groupby(readings, lambda reading: (reading.bucket, reading.span)):
        parts = list(group)
        present = {part.account_id for part in parts}
        gone = {part.account_id for part in parts if part.state == State.ABSENT}
        missing = alive - present
        alive = (alive | present) - gone
        if missing:
            continue
        yield _point([part for part in parts if part.state != State.ABSENT] or parts, today)


def _alone(readings: Iterable[Columns], today: date) -> list[Point]:
    """One account's values as they are: thousands of them, so no calls in between."""
    step = precision.step
    return [
        Point(
            day,
            SPANS[span - 1],
            None,
            state,
            "=",
            "exact",
            0,
            source,
            note,
            locator,
            day == today and span == Span.DAY,
        )
        if followers is None
        else Point(
            day,
            SPANS[span - 1],
            followers,
            state,
            bound,
            word,
            1 if word == "exact" else step(followers, word),
            source,
            note,
            locator,
            day == today and span == Span.DAY,
        )
        for _, _, span, day, state, followers, bound, word, note, locator, source in readings
    ]


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
