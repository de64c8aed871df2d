"""Proofs of the counts that a chart shows: which of the sealed rows an edition carries."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Any, Final

from apps.exports.trend import Cell
from apps.ledger import reads

MOST: Final = 300  # those of the newest days; the others are checked with the ledger's own file
DAYS: Final = ("day", "day_then", "first_day", "first_day_then")


def proofs_of(rows: Sequence[Sequence[Cell]]) -> list[dict[str, Any]]:
    """Prove the sealed counts of the accounts in a chart's table, of its days, as tools/verify.py --proof reads it."""
    if len(rows) < 2:
        return []
    shown = [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]
    pairs = sorted({f"{row['actor_slug']} {row.get('platform') or ''}" for row in shown})
    days = sorted({_day(row[name]) for row in shown for name in DAYS if row.get(name)})
    if not days:
        return []
    given = {"pairs": pairs, "first": days[0], "last": days[-1]}
    condition = """(ac.slug || ' ' || a.platform = ANY(%(pairs)s) OR ac.slug || ' ' = ANY(%(pairs)s))
        AND s.day BETWEEN %(first)s AND %(last)s"""
    proved = reads.proofs(condition, given, MOST)
    told = [{**asdict(one), "day": one.day.isoformat()} for one in proved]
    return [{name: value for name, value in one.items() if name != "snapshot"} for one in told]


def _day(cell: Any) -> date:
    return cell if isinstance(cell, date) else date.fromisoformat(str(cell))
