"""Answers as CSV and NDJSON, made of the same rows as JSON: what stands within a row is a column of its own, `now.followers`."""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rest_framework import serializers
from rest_framework.renderers import BaseRenderer

from apps.api.row import RowSerializer, Shape


class CsvRenderer(BaseRenderer):
    """Commas, a head, UTF-8; what there is not is empty."""

    media_type = "text/csv"
    format = "csv"
    charset = "utf-8"

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None
    ) -> bytes:
        view = renderer_context["view"]
        heads = columns_of(view.row_class, view.chosen_fields)
        text = io.StringIO()
        lines = csv.writer(text, lineterminator="\n")
        lines.writerow(heads)
        lines.writerows([_cell(_within(row, head)) for head in heads] for row in rows_of(data))
        return text.getvalue().encode()


class NdjsonRenderer(BaseRenderer):
    """A row a line, each as in JSON."""

    media_type = "application/x-ndjson"
    format = "ndjson"
    charset = "utf-8"

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None
    ) -> bytes:
        lines = (json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in rows_of(data))
        return "".join(f"{line}\n" for line in lines).encode()


def rows_of(data: Mapping[str, Any]) -> Sequence[Shape]:
    """Return the rows of a page; what is no page is one row."""
    rows: Sequence[Shape] = data.get("results", [dict(data)])
    return rows


def columns_of(row: type[RowSerializer], fields: Sequence[str] = ()) -> list[str]:
    """Return the columns of a row; only those of the fields named, in their order, where any are."""
    return [
        head for name in fields or row._declared_fields for head in _heads(name, row._declared_fields[name])
    ]


def _heads(name: str, field: Any) -> Iterator[str]:
    if isinstance(field, RowSerializer):
        for inner, within in field._declared_fields.items():
            yield from (f"{name}.{head}" for head in _heads(inner, within))
    else:
        yield name


def _within(row: Shape, head: str) -> Any:
    found: Any = row
    for name in head.split("."):
        found = None if found is None else found[name]
    return found


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list) and not any(isinstance(one, dict) for one in value):
        return " ".join(str(one) for one in value)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else value


def row_within(answer: type[serializers.Serializer[Any]]) -> type[RowSerializer] | None:
    """Return the row that an answer is of: that of a page's results, or the answer itself; None of the others."""
    results: Any = answer._declared_fields.get("results")
    found = type(results.child) if results is not None else answer
    return found if issubclass(found, RowSerializer) else None
