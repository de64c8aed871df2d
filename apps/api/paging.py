"""Pages of a list by where the last one ended, so that what is added meanwhile shifts nothing."""

import base64
import binascii
import json
from collections.abc import Sequence
from datetime import date
from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet
from django.utils.dateparse import parse_date

M = TypeVar("M", bound=Model)
LARGEST = 2**63
Position = tuple[Any, ...]


class BadCursor(ValueError):
    """The cursor is not one of ours, or is one of another list."""


def write_position(position: Sequence[Any]) -> str:
    """Return a place in a list as an opaque word."""
    cells = [cell.isoformat() if isinstance(cell, date) else cell for cell in position]
    return base64.urlsafe_b64encode(json.dumps(cells, separators=(",", ":")).encode()).decode().rstrip("=")


def read(cursor: str, kinds: Sequence[type]) -> Position:
    """Return the place that the word stands for; `kinds` says what such a list is ordered by. Raises BadCursor."""
    try:
        packed = cursor.encode("ascii")
        cells = json.loads(base64.b64decode(packed + b"=" * (-len(packed) % 4), b"-_", validate=True))
    except (ValueError, binascii.Error, RecursionError):
        raise BadCursor from None
    if not isinstance(cells, list) or len(cells) != len(kinds):
        raise BadCursor
    return tuple(_cell(cell, kind) for cell, kind in zip(cells, kinds, strict=True))


def _cell(cell: Any, kind: type) -> Any:
    if kind is date:
        try:
            cell = parse_date(cell)
        except (TypeError, ValueError):
            raise BadCursor from None
    wrong = type(cell) is not kind  # True is no number
    too_large = isinstance(cell, int) and abs(cell) >= LARGEST
    if wrong or too_large or (isinstance(cell, str) and not _is_text(cell)):
        raise BadCursor
    return cell


def _is_text(cell: str) -> bool:
    """Tell whether a database takes it for text: without NUL, without half a letter."""
    return "\0" not in cell and not any("\ud800" <= sign <= "\udfff" for sign in cell)


def after(rows: QuerySet[M], fields: Sequence[str], position: Position | None) -> QuerySet[M]:
    """Return the rows in order of the fields ("-pk" from the highest down), from behind the position."""
    rows = rows.order_by(*fields)
    if position is None:
        return rows
    behind, level = Q(), Q()
    for field, cell in zip(fields, position, strict=True):
        name = field.lstrip("-")
        behind |= level & Q(**{f"{name}__{'lt' if field.startswith('-') else 'gt'}": cell})
        level &= Q(**{name: cell})
    return rows.filter(behind)
