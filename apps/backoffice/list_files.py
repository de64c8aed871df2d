"""The desk's lists as files: the rows that the filters leave, in the columns of the list, for a spreadsheet."""

import csv
from collections.abc import Iterator
from datetime import date, datetime
from itertools import islice
from typing import Any

from django.contrib.admin.utils import display_for_field, label_for_field, lookup_field
from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone
from django.utils.html import strip_tags
from django.utils.text import capfirst

from apps.backoffice.days import ShownDay
from apps.exports.columns import stays_text
from apps.figures.formats import NO_BREAK

PARAMETER = "file"
MOST = 100_000  # rows
BATCH = 500


class Echo:
    """A file that gives back each line that is written to it."""

    def write(self, line: str) -> str:
        return line


def csv_of(model_admin: Any, request: HttpRequest) -> StreamingHttpResponse:
    """Return the list that the request asks for as CSV with semicolons, which spreadsheets of the region open at once."""
    chosen = request.GET.copy()
    chosen.pop(PARAMETER, None)
    request.GET = chosen  # type: ignore[assignment]  # a QueryDict as before
    listed = model_admin.get_changelist_instance(request)
    response = StreamingHttpResponse(_lines(model_admin, listed), content_type="text/csv; charset=utf-8")
    name = f"{model_admin.opts.model_name}-{timezone.localdate().isoformat()}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response


def _lines(model_admin: Any, listed: Any) -> Iterator[str]:
    columns = [column for column in listed.list_display if column != "action_checkbox"]
    write = csv.writer(Echo(), delimiter=";").writerow
    names = [capfirst(str(label_for_field(column, model_admin.model, model_admin))) for column in columns]
    yield "\ufeff" + str(write(names))
    rows = listed.queryset.iterator(chunk_size=BATCH)
    rows = islice(rows, MOST)
    while batch := list(islice(rows, BATCH)):
        if hasattr(model_admin, "describe"):
            model_admin.describe(batch)
        for row in batch:
            yield str(write([_cell(column, row, model_admin) for column in columns]))


def _cell(column: str, row: Any, model_admin: Any) -> str:
    field, _attribute, value = lookup_field(column, row, model_admin)
    if value is None:
        return ""
    if isinstance(value, ShownDay):
        return value.iso
    if isinstance(value, datetime):
        return f"{timezone.localtime(value):%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    if field is not None and not isinstance(value, bool):
        value = display_for_field(value, field, "") if field.flatchoices or field.is_relation else value
    text = strip_tags(str(value)).strip()
    digits = text.replace(NO_BREAK, "").replace(",", "")
    if digits.isdecimal():
        return digits  # a count as a number, whatever the page puts between its thousands
    return text if stays_text(text) else f"'{text}"
