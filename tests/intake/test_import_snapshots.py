"""manage.py import_snapshots: a verdict for every row, and nothing written without --yes."""

import csv
from datetime import UTC, date, datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from apps.intake.management.commands.import_snapshots import runs
from apps.registry.models import HandleChange, OldSlug
from apps.snapshots.models import Snapshot, Span
from tests.builders import RECORDED, make_account, make_actor, make_snapshot, make_source

pytestmark = pytest.mark.django_db
REFERENCE = ["actor", "platform", "observed", "state", "bound", "followers", "source", "locator", "note"]
EXPORT = [
    *("day", "span", "actor_slug", "actor_name", "kind", "platform", "handle", "account_id", "state"),
    *("bound", "followers", "precision", "observed_at", "source", "locator", "note"),
]


@pytest.fixture
def account():
    make_source("study")
    return make_account("abenov", "facebook", "murat")


@pytest.fixture
def run(tmp_path):
    def run(header, *rows, yes=False):
        path = tmp_path / "counts.csv"
        with path.open("w", encoding="utf-8", newline="") as lines:
            csv.writer(lines).writerows([header, *rows])
        out, err = StringIO(), StringIO()
        options = {"source": "study", "yes": yes, "stdout": out, "stderr": err}
        try:
            call_command("import_snapshots", str(path), **options)
        except CommandError as error:
            said = f"{err.getvalue()}{error}".splitlines()
            return [line for line in said if not line.startswith("read ")]
        return [line for line in out.getvalue().splitlines() if not line.startswith("Batch ")]

    return run


def row(observed="2022", followers="64000", state="counted", bound="=", source="", actor="abenov"):
    return [actor, "facebook", observed, state, bound, followers, source, "Table 2", ""]


def export_row(**cells):
    usual = {"day": "2022-01-01", "span": "year", "actor_slug": "abenov", "platform": "facebook"}
    usual |= {"state": "counted", "bound": "=", "followers": "64000", "precision": "printed"}
    return [(usual | cells).get(column, "") for column in EXPORT]


def test_nothing_is_written_without_yes(account, run):
    said = run(REFERENCE, row())
    assert said == [
        "new counts.csv:2: abenov facebook 2022 64000",
        "1 new, 0 the same, 0 in conflict.",
        "Nothing was written. Add --yes to write the new counts.",
    ]
    assert not Snapshot.objects.exists()


def test_new_same_and_conflict(account, run):
    make_snapshot(account, "2017", 39000)
    make_snapshot(account, "2021-05", 50000)
    said = run(REFERENCE, row("2017", "39000"), row("2021-05", "51000"), row("2022-01-15"), yes=True)
    assert said == [
        "same counts.csv:2: abenov facebook 2017 39000",
        "conflict counts.csv:3: abenov facebook 2021-05 51000 (50000 of test-source stands and is kept)",
        "new counts.csv:4: abenov facebook 2022-01-15 64000",
        "1 new, 1 the same, 1 in conflict.",
    ]
    assert list(Snapshot.objects.values_list("followers", flat=True)) == [39000, 50000, 64000]
    made = Snapshot.objects.get(day=date(2022, 1, 15))
    assert (made.source.key, made.span, made.precision, made.locator) == (
        "study",
        Span.DAY,
        "printed",
        "Table 2",
    )


def test_again_everything_is_the_same(account, run):
    run(REFERENCE, row(), row("2017", "", "absent", ""), yes=True)
    before = list(Snapshot.objects.values())
    assert (
        run(REFERENCE, row(), row("2017", "", "absent", ""), yes=True)[-1]
        == "0 new, 2 the same, 0 in conflict."
    )
    assert list(Snapshot.objects.values()) == before


def test_a_row_may_name_its_own_source(account, run):
    make_source("other")
    run(REFERENCE, row(source="other"), yes=True)
    assert Snapshot.objects.get().source.key == "other"


def test_our_own_export_comes_back_as_it_was(account, run):
    cells = {"day": "2026-01-01", "span": "day", "precision": "3sf", "observed_at": "2026-01-01T12:00:00Z"}
    assert run(EXPORT, export_row(), export_row(**cells, handle="MURAT"), yes=True)[-1].startswith("2 new")
    year, day = Snapshot.objects.all()
    assert (year.day, year.span, year.precision) == (date(2022, 1, 1), Span.YEAR, "printed")
    assert (day.span, day.precision, day.observed_at) == (Span.DAY, "3sf", RECORDED)
    assert datetime(2026, 1, 1, 12, tzinfo=UTC) == RECORDED


def test_a_renamed_actor_and_a_renamed_account_are_found(account, run):
    OldSlug.objects.create(slug="old-abenov", actor=account.actor)
    HandleChange.objects.create(account=account, old="Before", new="murat", noticed_at=RECORDED)
    make_account(account.actor, "facebook", "second")
    assert run(EXPORT, export_row(actor_slug="old-abenov", handle="before"))[0].startswith("new ")


def test_a_slug_that_somebody_else_has_now_is_theirs(account, run):
    OldSlug.objects.create(slug="taken", actor=account.actor)
    theirs = make_account(make_actor("taken"), "facebook", "theirs")
    run(REFERENCE, row(actor="taken"), yes=True)
    assert Snapshot.objects.get().account == theirs


def test_our_id_decides_between_two_accounts_without_a_handle(account, run):
    second = make_account(account.actor, "facebook", "")
    run(EXPORT, export_row(account_id=second.pk), yes=True)
    assert Snapshot.objects.get().account == second


@pytest.mark.parametrize(
    ("header", "bad", "problem"),
    [
        (REFERENCE, row("15/21/2022"), "observed: There is no such day as “15/21/2022”"),
        (REFERENCE, row(followers="64.5"), "followers: “64.5” has a fraction but no unit"),
        (REFERENCE, row(source="nobody"), "source: There is no source with the key “nobody”."),
        (REFERENCE, row(state="absent"), "followers: Only a row whose state is “counted” has a number."),
        (
            EXPORT,
            export_row(handle="other"),
            "address: The actor's account there has another address, or none yet.",
        ),
        (EXPORT, export_row(day="2022-05-01"), "day: Write the first day of the span"),
        (EXPORT, export_row(day="2022"), "day: Write the first day of the span"),
        (EXPORT, export_row(span="week"), "span: “week” is not known; known are: year, month, day."),
        (EXPORT, export_row(precision="rough"), "precision: “rough” is not known"),
        (
            EXPORT,
            export_row(observed_at="2022-01-01T12:00"),
            "observed_at: Write the instant with its offset",
        ),
        (
            EXPORT,
            export_row(observed_at="2022-13-01T12:00Z"),
            "observed_at: Write the instant with its offset",
        ),
        (
            EXPORT,
            export_row(span="day", observed_at="2022-01-01T20:00Z"),
            "observed_at: This instant is not on that day in Almaty.",
        ),
        (
            EXPORT,
            export_row(span="day", observed_at="0001-01-01T00:00+14:00"),
            "observed_at: Write the instant with its offset",
        ),
        (
            EXPORT,
            export_row(span="day", observed_at="9999-12-31T23:59-12:00"),
            "observed_at: Write the instant with its offset",
        ),
    ],
)
def test_a_mistake_is_named_and_nothing_is_written(account, run, header, bad, problem):
    good = row() if header is REFERENCE else export_row()
    said = run(header, good, bad, yes=True)
    assert said[0].startswith(f"error counts.csv:3:{problem}")
    assert said[-1] == "1 mistake; nothing was written."
    assert not Snapshot.objects.exists()


def test_an_ambiguous_account_is_a_mistake(account, run):
    make_account(account.actor, "facebook", "second")
    assert "The actor has several accounts there" in run(REFERENCE, row())[0]


def test_an_unknown_source_or_file_is_refused(account, run, tmp_path):
    with pytest.raises(CommandError, match="There is no source with the key “nobody”"):
        call_command("import_snapshots", str(tmp_path / "counts.csv"), source="nobody")
    with pytest.raises(CommandError, match="There is no file"):
        call_command("import_snapshots", str(tmp_path / "counts.csv"), source="study")


def test_rows_of_one_problem_share_a_line(account, tmp_path):
    path = tmp_path / "counts.csv"
    rows = [REFERENCE, row(), *[row(actor="nobody", observed=str(year)) for year in (2018, 2019, 2020)]]
    with path.open("w", encoding="utf-8", newline="") as lines:
        csv.writer(lines).writerows(rows)
    err = StringIO()
    call_command("import_snapshots", str(path), source="study", stdout=StringIO(), stderr=err)
    (asked,) = [line for line in err.getvalue().splitlines() if line.startswith("asked ")]
    assert asked == "asked counts.csv:3-5:actor: Who is “nobody”? (3)"


def test_runs_of_numbers():
    assert runs([2, 3, 4, 7, 9, 10]) == "2-4,7,9-10"
