"""The files that the data page offers, with how many rows and bytes each has, exactly or about."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.db.models import Count, F, Q
from django.utils.translation import gettext

from apps.common import reading
from apps.dashboard.links import exports
from apps.exports import counting
from apps.exports.statements import Period, snapshots
from apps.exports.workbook import MOST_ROWS
from apps.figures import formats
from apps.registry.models import Account, Group
from apps.snapshots import terms
from apps.snapshots.models import Snapshot
from apps.standings.types import Scope, Trend

COUNTED_UP_TO = 200_000  # more rows than these are estimated: counting millions takes seconds
SAMPLE = 500  # snapshots that the size of a row is taken from
STANDINGS_ROW = 190  # bytes, as measured on the reference dataset
COMMAS = 12  # bytes of a row that are not its cells
MOST_GROUPS = 30


@dataclass(frozen=True)
class Download:
    title: str
    links: dict[str, str]  # by kind, as links.exports gives them
    rows: int
    size: int  # bytes of the plain file
    is_exact: bool  # whether the rows are counted

    @property
    def fits_a_sheet(self) -> bool:
        return self.rows <= MOST_ROWS


@dataclass(frozen=True)
class File:
    """A file that a page offers, in every kind."""

    title: str
    links: dict[str, str]
    rows: int
    is_exact: bool = True

    @property
    def fits_a_sheet(self) -> bool:
        return self.rows <= MOST_ROWS


def page_file(links: dict[str, str], rows: int | None, title: str = "") -> File:
    """Return the file of what a page shows; `rows` None has a chart's lines counted."""
    return File(
        title or gettext("What is shown"), links, counting.of_lines(links["plain"]) if rows is None else rows
    )


def everything(scope: Scope) -> File:
    """Return all that is recorded of the scope's actors, whatever the days, with its rows counted or about."""
    rows, is_exact = counting.of(snapshots(replace(scope, publish=True), Period(), (), formats.language()))
    return File(gettext("All records"), exports("snapshots", None, **actor_parameters(scope)), rows, is_exact)


def actor_parameters(scope: Scope) -> dict[str, str | Sequence[str]]:
    """Return the parameters of a file that choose the scope's actors."""
    return {
        "group": scope.group,
        "actor": scope.actors,
        "platform": scope.platform,
        "kind": scope.kinds,
        "region": scope.region,
        "q": scope.q,
    }


def rows_of_file(trend: Trend) -> int | None:
    """Return the rows that a file of these lines has; None where only its own reading tells, as terms may leave some
    out."""
    sources = {
        key
        for keys in {point.source for line in trend.series for point in line.points}
        for key in keys.split()
    }
    alone = all(line.account_id is not None and not line.handovers for line in trend.series)
    return (
        sum(len(line.points) for line in trend.series)
        if alone and sources.isdisjoint(terms.unpublishable())
        else None
    )


def downloads() -> list[Download]:
    """Return the files: everything recorded, the standings of today, then each group's. Takes five statements at most."""
    total, is_exact = snapshot_total()
    bytes_a_row = row_size()
    public = Account.objects.public().aggregate(accounts=Count("pk"), actors=Count("actor", distinct=True))
    accounts, actors = public["accounts"], public["actors"]
    made = [
        Download(
            gettext("All records"),
            exports("snapshots", None),
            total,
            total * bytes_a_row,
            is_exact,
        ),
        Download(
            gettext("Standings today, by actor"),
            exports("standings", None),
            actors,
            actors * STANDINGS_ROW,
            is_exact=True,
        ),
        Download(
            gettext("Standings today, by account"),
            exports("standings", None, rows="accounts"),
            accounts,
            accounts * STANDINGS_ROW,
            is_exact=True,
        ),
    ]
    for group, held in groups(total, accounts, is_exact):
        title = gettext("Everything recorded of the group “%(group)s”") % {
            "group": group.title(formats.language())
        }
        links = exports("snapshots", None, group=group.slug, platform=group.platform)
        made.append(Download(title, links, held, held * bytes_a_row, is_exact))
    return made


def snapshot_total() -> tuple[int, bool]:
    """Return the number of public snapshots, and whether they were counted; the planner's estimate where they are
    many."""
    with reading.cursor() as cursor:
        cursor.execute(
            "SELECT reltuples::bigint FROM pg_class WHERE oid = %s::regclass", [Snapshot._meta.db_table]
        )
        estimate: int = cursor.fetchone()[0]
    if estimate > COUNTED_UP_TO:
        return estimate, False
    return Snapshot.objects.public().count(), True


def row_size() -> int:
    """Return the average bytes of a row of snapshots.csv, by the newest ones."""
    with reading.cursor() as cursor:
        cursor.execute(
            """SELECT coalesce(avg(octet_length(concat(s.day, ac.slug, ac.name_en, ac.kind, a.platform, a.handle,
                a.id, s.state, s.followers, s.precision, s.observed_at, source.key, s.locator, s.note))), 0)::int
            FROM (SELECT * FROM tracking_snapshot ORDER BY id DESC LIMIT %s) s
            JOIN tracking_account a ON a.id = s.account_id JOIN tracking_actor ac ON ac.id = a.actor_id
            JOIN tracking_source source ON source.id = s.source_id""",
            [SAMPLE],
        )
        found: int = cursor.fetchone()[0]
    return found + COMMAS if found else 0


def groups(total: int, accounts: int, is_exact: bool) -> list[tuple[Group, int]]:
    """Return the first groups and how many snapshots each holds: counted, or by its share in all accounts."""
    inside = Q(members__hidden=False) & (Q(platform="") | Q(members__accounts__platform=F("platform")))
    held = "members__accounts__snapshots" if is_exact else "members__accounts"
    found = Group.objects.public().annotate(held=Count(held, filter=inside, distinct=True)).order_by("pk")
    return [
        (group, group.held if is_exact else round(total * group.held / max(accounts, 1)))  # type: ignore[attr-defined]  # annotated
        for group in found[:MOST_GROUPS]
    ]
