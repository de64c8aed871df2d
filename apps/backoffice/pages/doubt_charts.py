"""A small chart for each account with a count that is held out: what stands, what the file adds, what is doubted."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

from apps.intake.models import ImportBatch, ImportedRow
from apps.registry.models import Account
from apps.snapshots.models import Snapshot

WIDTH, HEIGHT, EDGE = 300, 80, 6  # pixels
MOST_CHARTS = 12
MOST_POINTS = 400


@dataclass
class Chart:
    """The points of one account, in pixels, with what each is."""

    account: Account
    line: str = ""
    points: list[dict[str, object]] = field(default_factory=list)
    least: int = 0
    most: int = 0
    first: date | None = None
    last: date | None = None
    width: int = WIDTH
    height: int = HEIGHT


def of_batch(batch: ImportBatch) -> list[Chart]:
    """Return the charts of the first accounts with doubts; four statements, however many there are."""
    doubted = ImportedRow.objects.filter(batch=batch, verdict=ImportedRow.Verdict.DOUBT).order_by("number")
    keys = list(dict.fromkeys(doubted.values_list("account", flat=True)[:2000]))[:MOST_CHARTS]
    if not keys:
        return []
    points: dict[int, list[tuple[date, int, str]]] = defaultdict(list)
    new = ImportedRow.objects.filter(
        batch=batch, account__in=keys, verdict__in=("new", "doubt"), followers__isnull=False
    )
    for account, day, followers, verdict in new.values_list("account", "day", "followers", "verdict")[
        : MOST_POINTS * MOST_CHARTS
    ]:
        if day and followers is not None:
            points[account].append((day, followers, verdict))
    standing = Snapshot.objects.filter(account__in=keys, followers__isnull=False).order_by("-day")
    for account, day, followers in standing.values_list("account", "day", "followers")[
        : MOST_POINTS * MOST_CHARTS
    ]:
        if followers is not None:
            points[account].append((day, followers, "stands"))
    accounts = Account.objects.select_related("actor").in_bulk(keys)
    return [_chart(accounts[key], sorted(points[key])[:MOST_POINTS]) for key in keys if key in accounts]


def _chart(account: Account, points: list[tuple[date, int, str]]) -> Chart:
    days = [day.toordinal() for day, _followers, _kind in points]
    counts = [followers for _day, followers, _kind in points]
    span, most = max(days) - min(days) or 1, max(counts) or 1
    chart = Chart(account, least=min(counts), most=max(counts), first=points[0][0], last=points[-1][0])
    for day, followers, kind in points:
        x = EDGE + round((day.toordinal() - min(days)) / span * (WIDTH - 2 * EDGE))
        y = HEIGHT - EDGE - round(followers / most * (HEIGHT - 2 * EDGE))
        chart.points.append({"x": x, "y": y, "kind": kind, "day": day.isoformat(), "followers": followers})
    chart.line = " ".join(f"{point['x']},{point['y']}" for point in chart.points if point["kind"] != "doubt")
    return chart
