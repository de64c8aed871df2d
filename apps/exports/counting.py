"""Row counts of files, which a page shows before the download."""

import json
from typing import Any
from urllib.parse import urlsplit

from django.http import QueryDict

from apps.common import reading
from apps.exports.forms import TrendForm
from apps.exports.statements import Statement

COUNTED_UP_TO = (
    20_000  # more rows than these are guessed: it stands on every page, and counting is most of a page's time
)
FAR_MORE = 10  # a guess so many times as large is believed without counting


def of_lines(address: str) -> int:
    """Count the rows of the file of a chart's lines, as its address asks for it; 0 where no file has this address."""
    form = TrendForm(QueryDict(urlsplit(address).query))
    return 0 if form.problems() else len(form.table(form.lines())) - 1


def of(statement: Statement) -> tuple[int, bool]:
    """Count up to COUNTED_UP_TO rows, and beyond that, or where it guesses far more, return the planner's guess."""
    with reading.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) SELECT 1 {statement.guessed}", statement.count_parameters)
        told: Any = cursor.fetchone()[0]
        plan = json.loads(told) if isinstance(told, str) else told
        guess = int(plan[0]["Plan"]["Plan Rows"])
        if guess > COUNTED_UP_TO * FAR_MORE:
            return guess, False
        cursor.execute(
            f"SELECT count(*) FROM (SELECT 1 {statement.counted} LIMIT {COUNTED_UP_TO + 1}) few",  # noqa: S608
            statement.count_parameters,
        )
        found: int = cursor.fetchone()[0]
    return (found, True) if found <= COUNTED_UP_TO else (max(found, guess), False)
