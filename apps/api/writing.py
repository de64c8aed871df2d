"""Readings that trusted collectors outside send. snapshots/recording.py records them, by its own rules."""

import logging
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.api import tokens
from apps.api.errors import BadParameters
from apps.api.models import ApiToken
from apps.api.row import Shape
from apps.api.sent import SentSerializer
from apps.collectors.platforms import SOURCES
from apps.collectors.types import Target
from apps.common.tables import FIRST_YEAR, LAST_YEAR
from apps.registry.models import Account, Source
from apps.registry.services import find_accounts, lock_accounts
from apps.snapshots import terms
from apps.snapshots.manual import manual_source
from apps.snapshots.models import Bound, Precision, Snapshot, Span, State
from apps.snapshots.recording import Reading, Recorded, Verdict, collect, day_of, publish
from apps.snapshots.rules import value_problems
from apps.snapshots.words import VALUE_PROBLEMS
from apps.users.models import User

logger = logging.getLogger(__name__)

NOT_OURS_TO_NAME = (Source.Kind.MANUAL, Source.Kind.SYNTHETIC)
SPANS = {span.word: span for span in Span}
CLOCKS_DIFFER = timedelta(minutes=5)
OF_A_TOKEN = "token-"  # noqa: S105 the beginning of a source's key


@dataclass
class SentRow:
    """One row that was sent, and what becomes of it."""

    sent: Mapping[str, Any]
    account: Account | None = None
    reading: Reading | None = None
    wrong: dict[str, str] = field(default_factory=dict)  # a sentence by field
    recorded: Recorded | None = None


def record(sent: Any, user: User, token: ApiToken | None) -> Shape:
    """Record what was sent in one transaction and say what became of each row.

    Raises BadParameters where the body is not of the shape that the document of the interface describes.
    """
    rows, dry_run = _check_rows(sent)
    with transaction.atomic():
        sources = _Sources(token, {row["source"] for row in rows if "source" in row})
        accounts = _Accounts(rows)
        lines = [_line(row, accounts, sources, None if token else user) for row in rows]
        _record([line for line in lines if line.reading], user, token)
        if dry_run:
            transaction.set_rollback(True)
    answers = [_answer(place, line) for place, line in enumerate(lines)]
    counts = dict(Counter(answer["verdict"] for answer in answers))
    logger.info("%s sent %d rows%s: %s", token or user, len(rows), " to try" if dry_run else "", counts)
    return {"dry_run": dry_run, "counts": counts, "rows": answers}


def _check_rows(sent: Any) -> tuple[list[dict[str, Any]], bool]:
    body = SentSerializer(data=sent)
    if not body.is_valid():
        raise BadParameters(dict(_flat("", body.errors)))
    return body.validated_data["rows"], body.validated_data["dry_run"]


def _flat(place: str, errors: Any) -> Iterable[tuple[str, list[str]]]:
    """Flatten nested errors by their place: rows.3.followers."""
    if isinstance(errors, Mapping):
        for name, inner in errors.items():
            own = place if name == "non_field_errors" else f"{place}.{name}".lstrip(".")
            yield from _flat(own, inner)
    elif errors and isinstance(errors[0], Mapping):
        for at, inner in enumerate(errors):
            yield from _flat(f"{place}.{at}".lstrip("."), inner)
    else:
        yield place or "body", [str(error) for error in errors]


class _Accounts:
    """The accounts that the rows may mean, in two queries."""

    def __init__(self, rows: Sequence[Mapping[str, Any]]) -> None:
        self._by_key = Account.objects.in_bulk({row["account"] for row in rows if "account" in row})
        self._by_address = find_accounts(_target(row) for row in rows)

    def find(self, row: Mapping[str, Any]) -> Account | None:
        """Return the account that all that is said of it names; None where there is none, or where it contradicts
        itself."""
        account = self._by_key.get(row["account"]) if "account" in row else self._by_address.get(_target(row))
        wanted = {name: row[name] for name in ("platform", "handle", "platform_id") if name in row}
        agrees = account and all(
            getattr(account, name).lower() == value.lower() for name, value in wanted.items()
        )
        return account if agrees else None


def _target(row: Mapping[str, Any]) -> Target:
    return Target(row.get("platform", ""), row.get("handle", ""), row.get("platform_id", ""))


class _Sources:
    """The sources that the rows name; that of the token for those that name none."""

    def __init__(self, token: ApiToken | None, keys: set[str]) -> None:
        self.own = tokens.source_of(token) if token else manual_source()
        for key in sorted(keys & SOURCES.keys()):  # made when first needed, as by our own collectors
            kind, title, address = SOURCES[key]
            Source.objects.get_or_create(key=key, defaults={"kind": kind, "title": title, "url": address})
        allowed = Source.objects.filter(key__in=keys).exclude(kind__in=NOT_OURS_TO_NAME)
        self.named = {source.key: source for source in allowed if not source.key.startswith(OF_A_TOKEN)}
        self.named[self.own.key] = self.own

    def of(self, line: SentRow, account: Account) -> Source | None:
        """Return the source of a row. A platform whose terms set limits must not lose them on the way here (rule 9)."""
        key, own = line.sent.get("source", ""), f"api-{account.platform}"
        if not key and account.platform in terms.CHOICES:
            sentence = _("Say where this count comes from: “%(key)s”, or the source that printed it.")
            line.wrong["source"] = sentence % {"key": own}
        elif key.startswith("api-") and key != own:
            line.wrong["source"] = _("This is the source of another platform.")
        elif key and key not in self.named:
            sentence = _("There is no source with the key “%(key)s” that a program may name.")
            line.wrong["source"] = sentence % {"key": key}
        else:
            return self.named[key] if key else self.own
        return None


def _line(sent: Mapping[str, Any], accounts: _Accounts, sources: _Sources, editor: User | None) -> SentRow:
    line = SentRow(sent, accounts.find(sent))
    line.wrong.update(_contradictions(sent))
    if line.account is None:
        line.wrong["account"] = _("There is no such account.")
        return line
    source = sources.of(line, line.account)
    if line.wrong or source is None:
        return line
    note = sent.get("note", "")
    line.reading = Reading(
        account_id=line.account.pk,
        day=sent["day"],
        span=SPANS[sent["span"]],
        state=State(sent["state"]),
        followers=sent.get("followers"),
        bound=Bound(sent["bound"]),
        precision=Precision(sent["precision"]),
        observed_at=sent.get("observed_at"),
        source_id=source.pk,
        locator=sent.get("locator", ""),
        note=note if source == sources.own else _sign_note(note, sources.own),
        edited_by_id=editor.pk if editor else None,
    )
    return line


def _contradictions(sent: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """Yield what cannot be true of a row, whoever sent it: a sentence by field."""
    day, span, seen = sent["day"], SPANS[sent["span"]], sent.get("observed_at")
    now = timezone.now()
    if (span == Span.YEAR and day.month != 1) or (span != Span.DAY and day.day != 1):
        yield "day", _("Write the first day of the span: 2017-01-01 for a year, 2017-06-01 for a month.")
    elif not FIRST_YEAR <= day.year <= LAST_YEAR:
        yield "day", _("The day is out of range.")
    elif day > day_of(now):
        yield "day", _("This day is yet to come.")
    if seen and (span != Span.DAY or day_of(seen) != day):
        yield "observed_at", _("This instant is not on that day in Almaty.")
    elif seen and seen > now + CLOCKS_DIFFER:
        yield "observed_at", _("This instant is yet to come.")
    for name, code in value_problems(sent["state"], sent.get("followers"), sent["bound"]):
        yield name, str(VALUE_PROBLEMS[code])


def _sign_note(note: str, own: Source) -> str:
    """Return the note with who sent the row, where the source is not the sender itself."""
    return f"{note} [{own.key}]".strip()


def _record(lines: Sequence[SentRow], user: User, token: ApiToken | None) -> None:
    """Record readings of a program with an instant as our own collectors' (the later wins, strange ones are held); all
    else as imported figures, which replace nothing."""
    lock_accounts({line.account.pk for line in lines if line.account})
    read: list[SentRow] = []
    printed: list[SentRow] = []
    for line in lines:
        (read if token and line.reading and _is_read(line.reading) else printed).append(line)
    for some, way in ((read, collect), (printed, publish)):
        readings = [line.reading for line in some if line.reading]
        for line, recorded in zip(some, way(readings), strict=True):
            line.recorded = recorded


def _is_read(reading: Reading) -> bool:
    """Tell whether a platform was read at a known instant, rather than a figure found in print."""
    is_dated = reading.observed_at is not None and reading.span == Span.DAY
    return is_dated and reading.precision != Precision.PRINTED


def _answer(place: int, line: SentRow) -> Shape:
    reasons = [{"field": name, "message": sentence} for name, sentence in line.wrong.items()]
    verdict, stood = "error", None
    if line.recorded:
        verdict, stood = _word(line.recorded.verdict), line.recorded.existing
        if why := _why(line.recorded.verdict):
            reasons.append({"field": "row", "message": why})
    return {
        "row": place,
        "verdict": verdict,
        "account": line.account.pk if line.account else None,
        "reasons": reasons,
        "standing": _worth(stood) if stood else None,
    }


def _word(verdict: Verdict) -> str:
    kept = (Verdict.KEPT, Verdict.LATE, Verdict.CONFLICT)
    return "conflict" if verdict in kept else str(verdict)


def _why(verdict: Verdict) -> str:
    match verdict:
        case Verdict.KEPT:
            return _("An editor's or a printed value stands; it was kept.")
        case Verdict.LATE:
            return _("A later reading of the day stands, or a count where this has none; it was kept.")
        case Verdict.CONFLICT:
            return _("Another value stands; it was kept. An editor can correct it.")
        case Verdict.HELD:
            return _("The count is too far from the last one; it waits for an editor.")
    return ""


def _worth(row: Snapshot) -> Shape:
    return {"state": row.state, "followers": row.followers, "bound": row.bound, "precision": row.precision}
