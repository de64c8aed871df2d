"""Say who changed what, newest first, in sentences: rows of the desk, corrections, decisions, answers and mergers."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db.models import QuerySet
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from apps.backoffice.templatetags.desk import grouped, person, side, when
from apps.snapshots.models import Correction, CorrectionRequest, Doubt, Merger
from apps.users.models import Change, User

PAGE = 50
LONGEST = 120  # letters of a value
PEOPLE = ("users_user", "tracking_membership")  # tables that admins alone see
# Rows of these tables belong to a row of another, which their key names.
PART_OF = {"tracking_group_members": "tracking_group", "tracking_actor_peers": "tracking_actor"}
OF_WHOLE = ("group_id", "from_actor_id")  # their columns that name it
SILENT = ("id", "password", "last_login")


@dataclass(frozen=True)
class Entry:
    """One thing that somebody did."""

    at: datetime
    sentence: str
    details: tuple[str, ...] = ()
    address: str = ""


def entries(*, until: datetime, by: User | None, may_see_people: bool) -> list[Entry]:
    """Return what was done before the moment, newest first: a page of it."""
    changes = Change.objects.filter(at__lt=until).select_related("by")
    if not may_see_people:
        changes = changes.exclude(table__in=PEOPLE)
    found = of_changes(_newest(changes, "at", by))
    corrections = Correction.objects.filter(at__lt=until).select_related("by", "snapshot__account__actor")
    found += [_correction(row) for row in _newest(corrections, "at", by)]
    doubts = Doubt.objects.filter(decided_at__lt=until).select_related("decided_by", "account__actor")
    found += [_decision(row) for row in _newest(doubts, "decided_at", by, "decided_by")]
    requests = CorrectionRequest.objects.filter(answered_at__lt=until).select_related("answered_by", "actor")
    found += [_answer(row) for row in _newest(requests, "answered_at", by, "answered_by")]
    mergers = Merger.objects.filter(at__lt=until).select_related("by", "actor", "account")
    found += [_merger(row) for row in _newest(mergers, "at", by)]
    return sorted(found, key=lambda entry: entry.at, reverse=True)[:PAGE]


def _newest(rows: QuerySet[Any], at: str, by: User | None, who: str = "by") -> list[Any]:
    chosen = rows.filter(**{who: by}) if by else rows
    return list(chosen.order_by(f"-{at}", "-pk")[:PAGE])


def _correction(row: Correction) -> Entry:
    facts = {
        "who": person(row.by),
        "what": f"{row.snapshot.account.actor}, {row.snapshot.account}, {when(row.snapshot)}",
        "old": side(row.old),
        "new": side(row.new),
    }
    sentence = _("%(who)s corrected %(what)s: %(old)s → %(new)s") % facts
    address = reverse("admin:snapshots_snapshot_change", args=[row.snapshot_id])
    return Entry(row.at, sentence, (row.reason_shown,), address)


def _decision(row: Doubt) -> Entry:
    facts = {
        "who": person(row.decided_by),
        "count": grouped(row.followers),
        "what": f"{row.account.actor}, {row.account}",
    }
    if row.decision == Doubt.Decision.REJECTED:
        sentence = _("%(who)s rejected the held count %(count)s: %(what)s") % facts
    else:
        sentence = _("%(who)s accepted the held count %(count)s: %(what)s") % facts
    assert row.decided_at is not None  # noqa: S101 only decided ones are asked for
    return Entry(row.decided_at, sentence, (), reverse("admin:snapshots_doubt_change", args=[row.pk]))


def _answer(row: CorrectionRequest) -> Entry:
    facts = {
        "who": person(row.answered_by),
        "what": row.subject,
        "outcome": row.outcome_label,
    }
    sentence = _("%(who)s answered a request for a correction: %(what)s (%(outcome)s)") % facts
    assert row.answered_at is not None  # noqa: S101 only answered ones are asked for
    address = reverse("admin:snapshots_correctionrequest_change", args=[row.pk])
    return Entry(row.answered_at, sentence, (row.answer,) if row.answer else (), address)


def _merger(row: Merger) -> Entry:
    gone = str(row.row.get("handle") or row.row.get("name_en") or row.gone)
    kept = f"{row.actor}, {row.account}" if row.account else str(row.actor)
    facts = {"who": person(row.by), "gone": gone, "kept": kept}
    sentence = _("%(who)s merged “%(gone)s” into “%(kept)s”") % facts
    return Entry(row.at, sentence, (row.reason,))


# Rows of the desk's tables


def of_changes(changes: list[Change]) -> list[Entry]:
    """Return the sentence of each change, with its columns in words; a query a table, however many there are."""
    names = _names(changes)
    return [_change(change, names) for change in changes]


def model_of(table: str) -> Any:
    """Return the model of a table, or of the one whose rows its key names; None where none is known."""
    return _table_model(PART_OF.get(table, table))


def _table_model(table: str) -> Any:
    models = apps.get_models(include_auto_created=True)
    return next((model for model in models if model._meta.db_table == table), None)


def _names(changes: Iterable[Change]) -> dict[tuple[Any, str], str]:
    """Return the names of all rows that the changes are of or point to, by model and key."""
    wanted: dict[Any, set[str]] = defaultdict(set)
    for change in changes:
        model = model_of(change.table)
        if model is None:
            continue
        wanted[model].add(change.key)
        for column, value in [*(change.before or {}).items(), *(change.after or {}).items()]:
            field = _field(_table_model(change.table), column)
            if field is not None and field.is_relation and value is not None:
                wanted[field.related_model].add(str(value))
    found = {}
    for model, keys in wanted.items():
        own = {key for key in keys if key.isdecimal() or not _is_numbered(model)}
        try:
            named_by = [field.name for field in model._meta.concrete_fields if field.is_relation]
            rows = model._default_manager.filter(pk__in=own).select_related(*named_by)
            found.update({(model, str(row.pk)): _title_of(row) for row in rows})
        except (ValueError, TypeError):  # keys of another shape than the table's: they stay as they are
            continue
    return found


def _is_numbered(model: Any) -> bool:
    return model._meta.pk.get_internal_type() in (
        "AutoField",
        "BigAutoField",
        "SmallAutoField",
        "OneToOneField",
    )


def _title_of(row: Any) -> str:
    return person(row) if isinstance(row, User) else str(row)


def _change(change: Change, names: dict[tuple[Any, str], str]) -> Entry:
    model = model_of(change.table)
    what = str(model._meta.verbose_name) if model else change.table
    row = names.get((model, change.key)) or _deleted_name(change) or f"№ {change.key}"
    facts = {"who": person(change.by), "what": what, "row": row}
    if change.what == Change.What.UPDATE or change.table in PART_OF:
        sentence = _("%(who)s changed %(what)s “%(row)s”") % facts
    elif change.what == Change.What.INSERT:
        sentence = _("%(who)s added %(what)s “%(row)s”") % facts
    else:
        sentence = _("%(who)s deleted %(what)s “%(row)s”") % facts
    return Entry(change.at, sentence, tuple(_columns(change, model, names)), _address(change, model))


def _deleted_name(change: Change) -> str:
    """Return the name that a deleted row had."""
    values = {**(change.after or {}), **(change.before or {})}
    return str(
        values.get("name_en") or values.get("title_en") or values.get("handle") or values.get("title") or ""
    )


def _address(change: Change, model: Any) -> str:
    if model is None or change.what == Change.What.DELETE:
        return ""
    try:
        return reverse(f"admin:{model._meta.label_lower.replace('.', '_')}_change", args=[change.key])
    except NoReverseMatch:
        return ""


def _columns(change: Change, model: Any, names: dict[tuple[Any, str], str]) -> Iterable[str]:
    before, after = change.before or {}, change.after or {}
    table, is_part = _table_model(change.table), change.table in PART_OF
    for column in {**before, **after}:
        field = _field(table, column)
        if column in SILENT or column.startswith(("sort_", "fold")):
            continue
        if is_part and column in OF_WHOLE:
            continue  # the row itself, which the sentence names
        label = _label(field, column, is_part=is_part)
        old, new = (_value(field, values.get(column), names) for values in (before, after))
        if is_part or change.what == Change.What.UPDATE:
            yield f"{label}: {old or '–'} → {new or '–'}"
        elif old or new:
            yield f"{label}: {old or new}"


def _label(field: Any, column: str, *, is_part: bool) -> str:
    if field is None:
        return column
    # The columns of a table that only ties two others have no words of their own.
    return str(
        field.related_model._meta.verbose_name if is_part and field.is_relation else field.verbose_name
    )


def _field(model: Any, column: str) -> Any:
    if model is None:
        return None
    return next(
        (field for field in model._meta.concrete_fields if column in (field.column, field.name)), None
    )


def _value(field: Any, value: Any, names: dict[tuple[Any, str], str]) -> str:
    """Return a column's value in words: a choice's label, the name of what it points to, yes or no."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if field is not None and field.is_relation:
        return names.get((field.related_model, str(value)), f"№ {value}")
    if field is not None and field.flatchoices:
        return str(dict(field.flatchoices).get(value, value))
    text = str(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
