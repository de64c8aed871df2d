"""Loading the counts of snapshots.csv: new ones are recorded, corrected ones follow in the open, none is moved."""

from collections.abc import Mapping, Sequence

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from apps.context.dataset import Dataset, Fact
from apps.context.reference import reread
from apps.context.reference_rows import to_reading
from apps.context.row_merging import Before, Loaded, find_before, merge_fields, remember
from apps.intake.models import ImportedRow
from apps.registry.models import Account
from apps.snapshots import recording
from apps.snapshots.models import Bound, Precision, Snapshot, State
from apps.snapshots.recording import Key, Recorded, Verdict

Keys = Mapping[str, int]


def load_counts(
    dataset: Dataset, loaded: Loaded, sources: Keys, accounts: Mapping[Fact[Account], Account]
) -> None:
    """Record the counts that do not stand yet; where a release corrects one that nobody has touched, correct it."""
    before = find_before(dataset.snapshots)
    facts, readings = [], []
    for fact in dataset.snapshots:
        meant = dataset.account_of[fact.row]
        account_id = accounts[meant].pk if isinstance(meant, Fact) else meant
        reading = to_reading(fact.made, account_id, sources[fact.keys["source"]])
        earlier = before.get(fact)
        if earlier and earlier.row and _key(earlier.row) != reading.key:
            _say_moved(loaded, fact, earlier.row)
            continue
        facts.append(fact)
        readings.append(reading)
    key_of = {pk: key for key, pk in sources.items()}
    first: dict[Key, Fact[Snapshot]] = {}
    for fact, answer in zip(facts, recording.publish(readings), strict=True):
        is_first = first.setdefault(answer.reading.key, fact) is fact
        if is_first and _is_corrected(fact, answer, before.get(fact), sources):
            recording.revise(answer.existing, answer.reading)  # type: ignore[arg-type]  # corrected is what stands
            _say_corrected(loaded, fact, answer)
        elif answer.verdict == Verdict.CONFLICT:
            _say_kept(loaded, fact, answer, first[answer.reading.key], key_of)
        else:
            _take_words(loaded, fact, answer, before.get(fact))
    _remember_rows(facts, readings, before)


def _key(row: Snapshot) -> Key:
    return (row.account_id, row.day, int(row.span))


def _is_corrected(fact: Fact[Snapshot], answer: Recorded, earlier: Before | None, sources: Keys) -> bool:
    """Tell whether what stands is what an older release said of this very line, and the file says otherwise now."""
    row = answer.existing
    if answer.verdict != Verdict.CONFLICT or row is None or row.edited_by_id:
        return False
    if earlier and earlier.cells:
        was = reread(fact.kind, earlier.cells)
        said = (was.state, was.followers, was.bound, sources.get(earlier.cells["source"]))
        return said == (row.state, row.followers, row.bound, row.source_id)
    # A release before this one did not note its lines: a printed count of the same source that came by no other way.
    is_printed = row.precision == Precision.PRINTED and row.observed_at is None
    if not is_printed or row.source_id != answer.reading.source_id or row.corrections.exists():
        return False
    imported = ImportedRow.objects.filter(account=row.account_id, day=row.day, span=row.span)
    return not imported.exists()


def _take_words(loaded: Loaded, fact: Fact[Snapshot], answer: Recorded, earlier: Before | None) -> None:
    """Count a row that is new or stands already; its place and note follow the file where nobody changed them."""
    if answer.verdict == Verdict.NEW or answer.existing is None:
        loaded.tally(fact).new += 1
    elif earlier and earlier.cells:
        merge_fields(loaded, answer.existing, fact, earlier.cells, ("locator", "note"))
    else:
        loaded.tally(fact).same += 1


def _remember_rows(
    facts: Sequence[Fact[Snapshot]],
    readings: Sequence[recording.Reading],
    before: Mapping[Fact[Snapshot], Before],
) -> None:
    """Note which row each line became. A line that another source's row speaks for became none."""
    accounts = {reading.account_id for reading in readings}
    standing = {_key(row): row for row in Snapshot.objects.filter(account__in=accounts, observed_at=None)}
    settled = {}
    for fact, reading in zip(facts, readings, strict=True):
        row, earlier = standing.get(reading.key), before.get(fact)
        if row is None or row.source_id != reading.source_id or row.edited_by_id:
            continue
        if reading.value != (row.state, row.followers, row.bound):
            continue
        if earlier is None or earlier.row != row or earlier.cells != fact.row.cells:
            settled[fact] = row
    remember(settled)


# What is said of a row


def _say_corrected(loaded: Loaded, fact: Fact[Snapshot], answer: Recorded) -> None:
    loaded.tally(fact).changed += 1
    sentence = _("%(place)s: corrected as the file now says it: %(old)s → %(new)s.")
    old = _value(answer.existing) if answer.existing else ""
    loaded.changed.append(sentence % {"place": fact.row.place, "old": old, "new": _value(fact.made)})


def _say_moved(loaded: Loaded, fact: Fact[Snapshot], row: Snapshot) -> None:
    loaded.tally(fact).kept += 1
    sentence = _(
        "%(place)s: the file now gives another account or date for a count that is recorded (%(day)s, %(value)s): "
        "the record is kept, and none is added."
    )
    loaded.kept.append(sentence % {"place": fact.row.place, "day": row.day, "value": _value(row)})


def _say_kept(
    loaded: Loaded, fact: Fact[Snapshot], answer: Recorded, first: Fact[Snapshot], key_of: Mapping[int, str]
) -> None:
    """Say what is kept: an editor's value, or, of two sources that disagree, the one that stands."""
    if answer.existing is None:
        return
    loaded.tally(fact).kept += 1
    said = {"place": fact.row.place, "value": _value(fact.made), "source": fact.keys["source"]}
    standing = _value(answer.existing)
    if answer.existing.edited_by_id:
        sentence = _(
            "%(place)s: kept as an editor set it: %(standing)s. The file says %(value)s (%(source)s)."
        )
        loaded.kept.append(sentence % {**said, "standing": standing})
    elif first is not fact and _value(first.made) == standing:
        sentence = _(
            "%(place)s says %(value)s (%(source)s), %(first)s says %(standing)s (%(other)s) "
            "of the same account and date: the first one, %(first)s, is kept."
        )
        other = {"first": first.row.place, "standing": standing, "other": first.keys["source"]}
        loaded.conflicts.append(sentence % {**said, **other})
    else:
        sentence = _(
            "%(place)s says %(value)s (%(source)s), what is recorded says %(standing)s (%(other)s) "
            "of the same account and date: what is recorded is kept."
        )
        other = {"standing": standing, "other": key_of[answer.existing.source_id]}
        loaded.conflicts.append(sentence % {**said, **other})


def _value(snapshot: Snapshot) -> str:
    """Return a count or a state as a sentence quotes it: 39,000, > 40,000, Page does not exist."""
    if snapshot.followers is None:
        return str(State(snapshot.state).label)
    number = number_format(snapshot.followers, force_grouping=True)
    return number if snapshot.bound == Bound.EXACTLY else f"{snapshot.bound} {number}"
