"""Counts that people bring as CSV files, in the columns of the reference dataset or of our own export."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from apps.collectors.platforms import PLATFORMS
from apps.common.tables import FIRST_YEAR, LAST_YEAR, BadTable, Problem, Row, read, shown
from apps.tracking.models import (
    Account,
    Actor,
    Bound,
    HandleChange,
    OldSlug,
    Precision,
    Snapshot,
    Source,
    Span,
    State,
)
from apps.tracking.recording import Reading, Recorded, day_of, publish

REQUIRED = ("platform", "followers")
OPTIONAL = (
    *("actor", "observed"),  # as in the reference dataset
    *("actor_slug", "day", "span", "precision", "observed_at"),  # as in our own export
    *("handle", "account_id", "state", "bound", "source", "locator", "note"),
    *("actor_name", "kind"),  # for people; not read
)
SPANS = {span.word: span for span in Span}
BATCH = 5000  # rows a statement


@dataclass(frozen=True)
class Line:
    """A row that can be recorded."""

    row: Row
    account: Account
    count: Snapshot  # not saved
    source_id: int

    def reading(self) -> Reading:
        return reading_of(self.count, self.account.pk, self.source_id)


@dataclass(frozen=True)
class Tracked:
    """The accounts that a file may mean."""

    accounts: Mapping[tuple[str, str], Sequence[Account]]  # (slug, old or new; platform)
    handles: Mapping[int, Collection[str]]  # account -> its handles, old and new, in small letters


def import_snapshots(path: Path, source: Source, *, write: bool) -> list[tuple[Line, Recorded]]:
    """Record the counts of a file, or only say what would become of each; what stands is never overwritten.

    `source` is that of the rows that name none. Raises BadTable with every mistake; then nothing is written.
    """
    problems: list[Problem] = []
    rows = read(path, REQUIRED, OPTIONAL, problems)
    sources = dict(Source.objects.values_list("key", "pk")) | {"": source.pk}
    tracked = _tracked({_actor(row) for row in rows})
    lines = [line for row in rows if (line := _line(row, tracked, sources))]
    if problems:
        raise BadTable(sorted(problems, key=lambda problem: problem.line))
    recorded: list[Recorded] = []
    with transaction.atomic():
        for start in range(0, len(lines), BATCH):
            recorded += publish([line.reading() for line in lines[start : start + BATCH]])
        if not write:
            transaction.set_rollback(True)
    return list(zip(lines, recorded, strict=True))


def read_count(row: Row) -> Snapshot:
    """What the row says of an account, not saved. What cannot be read is noted with the row.

    Read are day, span, state, followers, bound, precision (as printed, unless given), observed_at, locator, note.
    """
    followers = row.whole("followers")
    made = Snapshot(
        state=row.one_of("state", State.values) if row.has("state") else State.COUNTED,
        followers=followers,
        bound=row.one_of("bound", Bound.values, required=False) or Bound.EXACTLY,
        precision=row.one_of("precision", Precision.values, required=False) or Precision.PRINTED,
        observed_at=_instant(row),
        locator=row.text("locator"),
        note=row.text("note"),
    )
    column = "day" if row.has("day") else "observed"
    dated = _day_and_span(row) if row.has("day") else row.when("observed", required=True)
    if dated:
        made.day, made.span = dated[0], Span(dated[1])
        if made.day > day_of(timezone.now()):
            row.wrong(column, _("This day is yet to come."))
        if made.observed_at and (made.span != Span.DAY or day_of(made.observed_at) != made.day):
            row.wrong("observed_at", _("This instant is not on that day in Almaty."))
    _check_number(row, made)
    row.check(made, "followers", "locator")
    return made


def reading_of(count: Snapshot, account_id: int, source_id: int) -> Reading:
    """What `read_count` read, as it is recorded."""
    return Reading(
        account_id=account_id,
        day=count.day,
        span=Span(count.span),
        state=State(count.state),
        followers=count.followers,
        bound=Bound(count.bound),
        precision=Precision(count.precision),
        observed_at=count.observed_at,
        source_id=source_id,
        locator=count.locator,
        note=count.note,
    )


def _day_and_span(row: Row) -> tuple[date, int] | None:
    """The two columns of our own export: the first day of the span, and the word for the span."""
    dated = row.when("day", required=True)
    span = SPANS.get(row.one_of("span", SPANS)) if row.has("span") else Span.DAY
    if dated is None or span is None:
        return None
    day = dated[0]
    first = day.replace(month=1, day=1) if span == Span.YEAR else day.replace(day=1)
    if dated[1] != Span.DAY or (span != Span.DAY and day != first):
        row.wrong("day", _("Write the first day of the span: 2017-01-01 for a year, 2017-06-01 for a month."))
        return None
    return day, span


def _instant(row: Row) -> datetime | None:
    cell = row.text("observed_at")
    if not cell:
        return None
    try:
        instant = parse_datetime(cell)
    except ValueError:
        instant = None
    # The first and the last instants there are have no day in another zone.
    if instant is None or timezone.is_naive(instant) or not FIRST_YEAR <= instant.year <= LAST_YEAR:
        row.wrong("observed_at", _("Write the instant with its offset: 2026-01-31T18:05:00Z."))
        return None
    return instant


def _check_number(row: Row, made: Snapshot) -> None:
    """A number belongs to `counted` and to nothing else."""
    if made.state == State.COUNTED:
        row.whole("followers", required=True)
        return
    if not made.state:
        return
    if made.followers is not None:
        row.wrong("followers", _("Only a row whose state is “counted” has a number."))
    if made.bound != Bound.EXACTLY:
        row.wrong("bound", _("Only a row whose state is “counted” has a bound."))


def _actor(row: Row) -> str:
    return row.text("actor_slug" if row.has("actor_slug") else "actor", required=True)


def _line(row: Row, tracked: Tracked, sources: Mapping[str, int]) -> Line | None:
    account, count = _account(row, tracked), read_count(row)
    source_id = sources.get(row.text("source"))
    if source_id is None:
        row.wrong(
            "source", _("There is no source with the key “%(key)s”.") % {"key": shown(row.text("source"))}
        )
    return Line(row, account, count, source_id) if account and source_id else None


def _account(row: Row, tracked: Tracked) -> Account | None:
    """The account the row means: by actor and platform, by its handle where given, at last by our own id."""
    platform, handle = row.one_of("platform", PLATFORMS), row.text("handle").lower()
    known = row.whole("account_id")
    found = [
        account
        for account in tracked.accounts.get((_actor(row), platform), ())
        if not handle or handle in tracked.handles[account.pk]
    ]
    if len(found) > 1:
        found = [account for account in found if account.pk == known] or found
    if not found and platform and _actor(row):
        row.wrong("handle" if handle else "platform", _("The actor has no such account. Add it first."))
    if len(found) > 1:
        row.wrong("platform", _("The actor has several accounts there; name one in the column handle."))
    return found[0] if len(found) == 1 else None


def _tracked(slugs: Collection[str]) -> Tracked:
    actors = dict(OldSlug.objects.filter(slug__in=slugs).values_list("slug", "actor"))
    actors |= dict(Actor.objects.filter(slug__in=slugs).values_list("slug", "pk"))
    by_actor: dict[int, list[Account]] = defaultdict(list)
    handles: dict[int, set[str]] = {}
    for account in Account.objects.select_related("actor").filter(actor__in=actors.values()):
        by_actor[account.actor_id].append(account)
        handles[account.pk] = {account.handle.lower()}
    for change in HandleChange.objects.filter(account__actor__in=actors.values()):
        handles[change.account_id].add(change.old.lower())
    accounts: dict[tuple[str, str], list[Account]] = defaultdict(list)
    for slug, actor_id in actors.items():
        for account in by_actor[actor_id]:
            accounts[slug, account.platform].append(account)
    return Tracked(accounts, handles)
