"""Counts over time, as lines in which missing days stay missing."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from functools import partial
from itertools import groupby
from operator import attrgetter, itemgetter
from typing import Any, NamedTuple

from django.utils import timezone

from apps.common import reading
from apps.snapshots.models import Span, State
from apps.snapshots.rules import SPANS, last_day_sql
from apps.standings import precision, scopes, succession
from apps.standings.league_lines import THERE
from apps.standings.types import Handover, Point, Resolution, Scope, Series, Trend

TELLING = ("hidden", "private", "suspended", "absent")  # that of what is still there speaks first
LONGEST_BY_DAY = 400  # days
LONGEST_BY_WEEK = 3660  # days, ten years

Columns = tuple[Any, ...]  # of a _Reading


class _Actor(NamedTuple):
    slug: str
    name_en: str
    name_ru: str
    name_kk: str


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
    gone: date | None = None  # the first day on which its actor was no longer there; None: it is
    until: date | None = None  # the day its actor was succeeded, whose line this is; None: it was not
    before: _Actor | None = None  # whose account it is, where it was


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
    """Choose days up to 400 of them, then weeks up to ten years, then months."""
    days = (last - first).days + 1
    if days <= LONGEST_BY_DAY:
        return Resolution.DAY
    return Resolution.WEEK if days <= LONGEST_BY_WEEK else Resolution.MONTH


def trend(scope: Scope, first: date | None, last: date, reference: str = "") -> Trend:
    """Return every line of the scope from `first` (None: from the first snapshot there is) to `last`, both inclusive.

    One line for an actor's accounts on a platform, or for each account where the scope's rows are accounts; those
    without snapshots in the range have a line without points. A body's line goes as far as the body. An actor's line begins with those of whom it succeeds,
    who have none of their own beside it (succession.py); accounts are each for itself. Weeks (from Monday) and months
    show their last value, on its own day. Snapshots of whole months and years are kept apart from those and shown
    where their span touches the range. The reference ("" takes the group's own) has its line even where the scope's
    filters leave it out. `scope.fresh` plays no part. Four statements at most, however many lines.
    """
    reference = reference or scopes.group_reference(scope)
    if first is None:
        first = first_day(scope, reference) or last
    by = resolution(first, last)
    return Trend(first=first, last=last, resolution=by, series=lines(scope, first, last, by, reference))


def lines(
    scope: Scope,
    first: date,
    last: date,
    by: Resolution,
    reference: str = "",
    *,
    lead: bool = False,
    until: date | None = None,
) -> tuple[Series, ...]:
    """Return the lines of trend(), in order of names.

    lead: of what began before `first` there is each account's newest snapshot and nothing else, whether or not a
    span touches the range.
    until: the lines as of `last` with their points up to this day.
    """
    accounts = _accounts_of(scope, reference, last)
    sql, parameters = _statement(
        scope, first, until or last, [account.id for account in accounts], by, lead=lead
    )
    with reading.cursor() as cursor:
        cursor.execute(sql, parameters)
        readings: dict[int, list[Columns]] = {}
        for columns in cursor.fetchall():
            readings.setdefault(columns[0], []).append(columns)
    for account in accounts:  # what is still read of the page of a body that has ended is not on its line
        if account.gone and account.id in readings:
            readings[account.id] = [row for row in readings[account.id] if row[3] < account.gone]
    for found in readings.values():
        found.sort(key=itemgetter(1, 2))  # nearly in order as they come, which the database would not know
    line = attrgetter("actor_slug", "platform", *(["id"] if scope.rows == "accounts" else []))
    begins = first if lead else date.min
    return tuple(_series(list(parts), readings, reference, begins) for _, parts in groupby(accounts, line))


def _accounts_of(scope: Scope, reference: str, last: date) -> list[_Account]:
    """Return the accounts of all lines, in the order of the lines; of one line, those that were succeeded first."""
    accounts, parameters = _accounts(scope, reference, last)
    columns = (
        "id, platform, handle, slug, name_en, name_ru, name_kk, kind, gone, until, b_slug, b_en, b_ru, b_kk"
    )
    with reading.cursor() as cursor:
        cursor.execute(
            f"SELECT {columns} FROM ({accounts}) account ORDER BY sort_en, slug, platform, until, id",  # noqa: S608 our words
            parameters,
        )
        return [
            _Account._make((*found[:10], _Actor(*found[10:]) if found[9] else None))
            for found in cursor.fetchall()
        ]


def _accounts(scope: Scope, reference: str, last: date = date.max) -> tuple[str, list[Any]]:
    """Return the accounts of the scope and those of whom its actors had succeeded by the last day, under the
    successor."""
    wanted, parameters = scopes.filters(scope)
    platform, platform_parameters = scopes.platform(scope)
    columns = (
        "a.id, a.platform, a.handle, ac.slug, ac.name_en, ac.name_ru, ac.name_kk, ac.kind, "
        f"{scopes.gone_on()} AS gone, ac.sort_en"
    )
    own = f"""SELECT {columns}, NULL::date AS until,
            NULL::text AS b_slug, NULL::text AS b_en, NULL::text AS b_ru, NULL::text AS b_kk
        FROM tracking_account a JOIN tracking_actor ac ON ac.id = a.actor_id
        WHERE {platform} AND (({wanted}) OR ac.slug = %s AND NOT ac.hidden)"""  # noqa: S608 our words
    owned = [*platform_parameters, *parameters, reference]
    if scope.rows == "accounts":
        return own, owned
    over, over_parameters = succession.tables(scope, "%s::date", reference)
    return (
        f"""WITH {over}
        {own} AND NOT EXISTS (
            SELECT FROM over WHERE over.actor_id = a.actor_id AND over.platform = a.platform)
        UNION ALL
        SELECT {columns}, over.day, b.slug, b.name_en, b.name_ru, b.name_kk
        FROM over JOIN tracking_account a ON a.actor_id = over.actor_id AND a.platform = over.platform
        JOIN tracking_actor ac ON ac.id = over.heir_id JOIN tracking_actor b ON b.id = a.actor_id""",  # noqa: S608 our words
        [*over_parameters, last, *owned],
    )


def first_day(scope: Scope, reference: str = "") -> date | None:
    """Return the day of the scope's first snapshot."""
    accounts, parameters = _accounts(scope, reference)
    with reading.cursor() as cursor:
        # One step down the index per account; min() over the join would read every snapshot.
        cursor.execute(
            f"""SELECT min(one.day) FROM ({accounts}) account CROSS JOIN LATERAL (
                SELECT s.day FROM tracking_snapshot s WHERE s.account_id = account.id{scopes.readable(scope)}
                ORDER BY s.day LIMIT 1) one""",  # noqa: S608 our words
            parameters,
        )
        found: tuple[date | None] = cursor.fetchone()
    return found[0]


def actors_with_spans(slugs: Collection[str], before: date, since: date) -> set[str]:
    """Return those of the actors that have counts of whole months or years which begin before a day and end on `since`
    or later; one statement."""
    if not slugs:
        return set()
    with reading.cursor() as cursor:
        cursor.execute(
            f"""SELECT DISTINCT ac.slug FROM tracking_actor ac JOIN tracking_account a ON a.actor_id = ac.id
            WHERE ac.slug = ANY(%s) AND EXISTS (SELECT FROM tracking_snapshot s
                WHERE s.account_id = a.id AND s.day < %s AND s.span < {Span.DAY}
                    AND {last_day_sql("s.day", "s.span")} >= %s)""",  # noqa: S608 our words
            [sorted(slugs), before, since],
        )
        return {slug for (slug,) in cursor.fetchall()}


def _statement(
    scope: Scope, first: date, last: date, accounts: Sequence[int], by: Resolution, *, lead: bool
) -> tuple[str, list[Any]]:
    """Write the SELECT of _Reading rows, in no order; return it with its parameters."""
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
    """Build one line of one account or of several together; `found` has their readings in order of time.

    Of what was before `begins` there is each account's newest reading alone.
    """
    # Of one actor after another
    pages = [list(same) for _, same in groupby(accounts, attrgetter("until", "before"))]
    head, one = pages[-1][0], len(pages[-1]) == 1
    points, handovers = _join_parts(pages, found, begins)
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
        is_reference=reference in {head.actor_slug, *(one.before.slug for one in accounts if one.before)},
        handovers=handovers,
    )


def _join_parts(
    pages: Sequence[Sequence[_Account]], found: Mapping[int, list[Columns]], begins: date
) -> tuple[list[Point], tuple[Handover, ...]]:
    """Return the line of several actors, each until the next one is counted; and where it changed hands."""
    points: list[Point] = []
    handovers = []
    since = None
    for own in pages:
        until, before = own[0].until, own[0].before
        held = _points(own, found if len(pages) == 1 else _cut(own, found, since, until), begins)
        points += held
        if held and until and before:
            one = own[0] if len(own) == 1 else None
            handovers.append(
                Handover(until, *before, account_id=one and one.id, handle=one.handle if one else "")
            )
            since = until
    return points, tuple(handovers)


def _cut(
    accounts: Sequence[_Account], found: Mapping[int, list[Columns]], since: date | None, until: date | None
) -> dict[int, list[Columns]]:
    """Return the readings of days from `since` up to `until`, that one left out."""
    first, end = since or date.min, until or date.max
    return {one.id: [row for row in found.get(one.id, []) if first <= row[3] < end] for one in accounts}


def _points(accounts: Sequence[_Account], found: Mapping[int, list[Columns]], begins: date) -> list[Point]:
    """Return the values of one account, or the sums of several."""
    today = timezone.localdate()
    if len(accounts) == 1:
        return _alone(found.get(accounts[0].id, []), today)
    readings = [_Reading._make(columns) for account in accounts for columns in found.get(account.id, [])]
    before = [one for one in readings if one.bucket < begins]
    begun = {one.account_id for one in before if one.state in THERE}
    if len({(one.bucket, one.span) for one in before}) > 1:
        # Newest readings of different times are no sum, and what was one before them is not known here.
        readings = [one for one in readings if one.bucket >= begins]
    return list(_together(sorted(readings, key=attrgetter("bucket", "span")), today, begun))


def _together(readings: Sequence[_Reading], today: date, begun: set[int]) -> Iterable[Point]:
    """Add up several accounts, only where each that has begun and is there was read in the same time.

    A reading that is missing would look like a fall, and filling it in would be an invention: the line breaks.
    begun: the accounts that had begun before all readings and were there.
    """
    alive = set(begun)
    for _, group in groupby(readings, lambda reading: (reading.bucket, reading.span)):
        parts = list(group)
        present = {part.account_id for part in parts}
        gone = {part.account_id for part in parts if part.state not in THERE}
        missing = alive - present
        alive = (alive | present) - gone
        if missing:
            continue
        yield _point([part for part in parts if part.state in THERE] or parts, today)


def _alone(readings: Iterable[Columns], today: date) -> list[Point]:
    """Return one account's values as they are: thousands of them, so no calls in between, nor Point's own, which is
    Python's."""
    step, point, whole = precision.step, partial(tuple.__new__, Point), int(Span.DAY)
    return [
        point(
            (
                day, SPANS[span - 1], None, state, "", word, 0,
                source, note, locator, day == today and span == whole, 0, int(state in THERE), (),
            )
            if followers is None
            else (
                day, SPANS[span - 1], followers, state, bound, word,
                1 if word == "exact" else step(followers, word),
                source, note, locator, day == today and span == whole, 1, 1, (),
            )
        )
        for _, _, span, day, state, followers, bound, word, note, locator, source in readings
    ]  # fmt: skip


def _point(parts: Sequence[_Reading], today: date) -> Point:
    """Return one value, or several as one: a lower bound where one that is there shows no count, a state where none does."""
    head = parts[0]
    counted = [part for part in parts if part.followers is not None]
    there = sum(part.state in THERE for part in parts)
    bounds = [part.bound for part in counted] + [">"] * (len(counted) < there)
    return Point(
        day=max(part.day for part in parts),
        span=SPANS[head.span - 1],
        followers=sum(part.followers or 0 for part in counted) if counted else None,
        state=State.COUNTED.value if counted else min((part.state for part in parts), key=TELLING.index),
        bound=precision.of_sum(*bounds) if counted else "",
        precision=max((part.precision for part in counted or parts), key=precision.place),
        step=sum(precision.step(part.followers or 0, part.precision) for part in counted),
        source=" ".join(sorted({part.source for part in counted or parts})),
        note="; ".join(sorted({part.note for part in parts if part.note})),
        locator="; ".join(sorted({part.locator for part in counted or parts if part.locator})),
        observed_today=head.span == Span.DAY and any(part.day == today for part in parts),
        parts=len(counted),
        of=there,
        accounts=tuple(sorted(part.account_id for part in counted)),
    )
