"""Tables of past counts that programs send: looked at first, then written or undone. intake/imports.py does the work."""

import base64
import binascii
import io
import uuid
from collections.abc import Mapping
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _
from rest_framework import serializers

from apps.api.errors import BadParameters
from apps.api.row import NULL, Shape, counts, many, platform, some, span, text, whole, yes
from apps.api.sent import Strict
from apps.common.grids import NoTable
from apps.intake import imports
from apps.intake.answers import Answers, BadAnswer
from apps.intake.layout import Layout
from apps.intake.models import ImportBatch, ImportedRow
from apps.registry.models import Source
from apps.users import audit
from apps.users.models import User

MOST_ROWS = 1000  # that are told of; the counts are of all
ACTIONS = ("look", "write", "undo")


class SentTable(Strict):
    """A table, or the batch that an earlier call has made of one."""

    table = text("The table as text: CSV, TSV or JSON.", required=False, max_length=2_000_000)
    file = text("Or a file (.xlsx, .ods, .csv) in base64.", required=False, max_length=2_000_000)
    name = text("What the file is called.", required=False, max_length=200)
    source = text(
        "The key of the source of rows that name none.", required=False, min_length=1, max_length=60
    )
    nature = some(ImportBatch.Nature.values, "What the numbers are.", required=False)
    batch = text(
        "The batch of an earlier call, instead of a table.", required=False, min_length=1, max_length=36
    )
    answers = serializers.JSONField(
        required=False, help_text="What a person says of the table: docs/intake.md."
    )
    do = some(
        ACTIONS, "look: nothing is written; write and undo need a batch.", required=False, default="look"
    )


class ReadColumn(serializers.Serializer[Any]):
    name = text("As the table calls it; may be empty.")
    role = text("What it was taken for; left: not read.")
    confidence = whole("Per cent.")


class ReadSheet(serializers.Serializer[Any]):
    name = text("The sheet; empty for a text.")
    state = text("visible, hidden or veryhidden.")
    columns = ReadColumn(many=True)


class Asked(serializers.Serializer[Any]):
    kind = text("Which answer is asked for.")
    value = text("The name, word or day that is asked about; may be empty.")
    rows = whole("Rows that wait for it.")
    sentence = text("The question.")
    likely = many(text("An answer to offer."), "The likeliest first.")


class ToldRow(serializers.Serializer[Any]):
    line = whole("Of the table.")
    cell = text("The column, where a row holds several counts.")
    verdict = some(ImportedRow.Verdict.values, "What becomes of it.")
    problem = text("Why nothing is recorded of it; may be empty.")
    actor = text("Its slug.", **NULL)
    platform = platform(**NULL)
    day = text("2018-12-01, 2018-12 or 2018; may be empty.")
    span = span(**NULL)
    state = text("May be empty.")
    followers = whole("Null where none was read.", **NULL)
    bound = text("= > < ~; may be empty.")
    precision = text("May be empty.")


class LookedThrough(serializers.Serializer[Any]):
    batch = text("Found again by it for ever.")
    stage = some(ImportBatch.Stage.values, "Where the work stands.")
    refused = text("Why the table cannot be read; may be empty.")
    sheets = ReadSheet(many=True)
    questions = Asked(many=True)
    counts = counts("How many rows had which verdict.")
    rows = ToldRow(many=True, help_text=f"The first {MOST_ROWS}.")
    is_whole = yes("No row was left untold.")


def handle(sent: Any, user: User) -> Shape:
    """Look at a table, or write or undo a batch; return what stands then. Raises BadParameters."""
    body = SentTable(data=sent)
    if not body.is_valid():
        raise BadParameters({str(name): [str(one) for one in errors] for name, errors in body.errors.items()})
    asked = body.validated_data
    with audit.acting(user):
        batch = _batch(asked, user)
        try:
            if asked["do"] == "write":
                imports.write(batch, by=user)
            elif asked["do"] == "undo":
                imports.undo(batch, by=user)
            elif not batch.written_at:
                imports.check(batch, answers=answers_of(asked))
        except imports.ImportRefused as refused:
            raise BadParameters({"do": [str(refused)]}) from None
    return _describe(batch)


def answers_of(asked: dict[str, Any]) -> Answers | None:
    """Return the answers that were sent, None where there are none. Raises BadParameters."""
    if "answers" not in asked:
        return None
    try:
        return Answers.from_json(dict(asked["answers"]))
    except BadAnswer as wrong:
        raise BadParameters(
            {"answers": [_("This answer cannot be used: %(name)s.") % {"name": wrong.name}]}
        ) from None
    except (TypeError, ValueError):
        raise BadParameters(
            {"answers": [_("This answer cannot be used: %(name)s.") % {"name": "answers"}]}
        ) from None


def _batch(asked: dict[str, Any], user: User) -> ImportBatch:
    if "batch" in asked:
        return _find_batch(asked["batch"], user)
    if asked["do"] != "look":
        raise BadParameters({"batch": [_("Look at the table first, then name its batch.")]})
    answers_of(asked)  # before a file is kept
    content = content_of(asked)
    source = Source.objects.exclude(kind=Source.Kind.SYNTHETIC).filter(key=asked.get("source", "")).first()
    if source is None:
        sentence = _("There is no source with the key “%(key)s”.") % {"key": asked.get("source", "")}
        raise BadParameters({"source": [sentence]})
    try:
        return imports.receive(
            io.BytesIO(content),
            asked.get("name") or "table",
            source=source,
            language=(get_language() or "en")[:2],
            nature=asked.get("nature", ImportBatch.Nature.PUBLISHED),
            by=user,
        )
    except NoTable as refused:
        raise BadParameters({"table" if "table" in asked else "file": [str(refused)]}) from None


def content_of(asked: dict[str, Any]) -> bytes:
    """Return the table that was sent, as the bytes of a file. Raises BadParameters."""
    if "table" in asked:
        return str(asked["table"]).encode("utf-8", "replace")
    try:
        return base64.b64decode(asked.get("file", ""), validate=True)
    except (binascii.Error, ValueError):
        raise BadParameters({"file": [_("This is not base64.")]}) from None


def _find_batch(key: str, user: User) -> ImportBatch:
    """Find a batch of this user's own; another's is as one that is not there."""
    try:
        number = uuid.UUID(key)
    except ValueError:
        number = uuid.UUID(int=0)
    batch = ImportBatch.objects.filter(pk=number, by=user).first()
    if batch is None:
        raise BadParameters({"batch": [_("There is no such batch of yours.")]})
    return batch


def _describe(batch: ImportBatch) -> Shape:
    layouts = [Layout.from_json(saved) for saved in batch.reading.get("layouts", [])]
    rows = list(batch.rows.select_related("account__actor").order_by("number")[: MOST_ROWS + 1])
    return {
        "batch": str(batch.pk),
        "stage": batch.stage,
        "refused": batch.refused,
        "sheets": [sheet_of(layout) for layout in layouts],
        "questions": [question_of(question) for question in batch.reading.get("questions", [])],
        "counts": {
            verdict.value: batch.counts[verdict.value]
            for verdict in ImportedRow.Verdict
            if batch.counts.get(verdict.value)
        },
        "rows": [_row(row) for row in rows[:MOST_ROWS]],
        "is_whole": len(rows) <= MOST_ROWS,
    }


def sheet_of(layout: Layout) -> Shape:
    columns = [
        {"name": column.name, "role": column.role, "confidence": column.confidence}
        for column in layout.columns
    ]
    return {"name": layout.sheet_name, "state": layout.sheet_state, "columns": columns}


def question_of(question: Mapping[str, Any]) -> Shape:
    sentence = imports.sentence_of(question)
    return {
        "kind": question["kind"],
        "value": question["value"],
        "rows": question["rows"],
        "sentence": sentence,
        "likely": question["likely"],
    }


def _row(row: ImportedRow) -> Shape:
    account = row.account
    return {
        "line": row.line,
        "cell": row.cell,
        "verdict": row.verdict,
        "problem": row.problem,
        "actor": account.actor.slug if account else None,
        "platform": account.platform if account else None,
        "day": row.observed,
        "span": {1: "year", 2: "month", 3: "day"}.get(row.span or 0),
        "state": row.state,
        "followers": row.followers,
        "bound": row.bound,
        "precision": row.precision,
    }
