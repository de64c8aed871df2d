"""The past cannot be changed quietly: whatever changes behind the product's back is named by its day."""

import gzip
import json
import subprocess
import sys
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings as django_settings
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from apps.intake.models import ImportBatch
from apps.ledger import keys, parts, reads, verification
from apps.ledger.models import AccountKey, Part, Seal, StandingLine
from apps.snapshots import recording, terms
from apps.snapshots.merging import merge_accounts
from apps.snapshots.models import Correction, Snapshot, State
from tests.builders import make_account, make_actor, make_snapshot, make_source
from tests.ledger.conftest import night, problems, record, seal
from tools import verify

pytestmark = pytest.mark.django_db
NEXT = "2026-01-05"


def sql(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.rowcount


@pytest.fixture
def editor(django_user_model):
    return django_user_model.objects.create_superuser("editor")


# What is sealed, night by night


def test_what_was_sealed_checks(world):
    report = verification.check(night(NEXT))
    assert (report.problems, report.pending, report.numbers) == ([], [], 1)
    assert report.lines == 10  # two accounts, four rows each


def test_each_night_takes_what_the_day_brought_and_no_more(world):
    record(world[0], date(2026, 1, 4), 1004)
    record(world[0], date(2026, 1, 5), 1005)  # a day that is not over
    (one,) = seal(NEXT)
    assert (one.number, one.lines, one.tally["lines"]) == (2, 1, {"row": 1})
    assert problems("2026-01-05") == []
    assert seal(NEXT) == []


def test_a_missed_night_is_sealed_later_day_by_day(world):
    record(world[0], date(2026, 1, 5), 1004)
    assert [(one.day.isoformat(), one.lines) for one in seal("2026-01-07")] == [
        ("2026-01-05", 0),
        ("2026-01-06", 1),
        ("2026-01-07", 0),
    ]
    assert problems("2026-01-07") == []


def test_two_installations_with_the_same_events_have_the_same_roots(world, settings, tmp_path):
    root, head = Seal.objects.get().parsed.root, Seal.objects.get().head
    lines = set(reads.plain())
    for model in (Part, Seal, AccountKey):
        model.objects.all().delete()
    sql("DELETE FROM ledger_standingline")
    settings.VAR_DIR = tmp_path / "other"  # another machine, another key
    for first, again in ((world[1], world[0]),):  # other numbers for the same accounts and rows
        for account in (first, again):
            rows = list(account.snapshots.all())
            account.snapshots.all().delete()
            account.pk = None
            old_handle, account.handle = account.handle, "moved-away"
            account.platform_id, old_id = "", account.platform_id
            account.save(force_insert=True)
            account.__class__.objects.filter(handle=old_handle).delete()
            account.handle, account.platform_id = old_handle, old_id
            account.save()
            for row in rows:
                row.pk, row.account = None, account
                row.save(force_insert=True)
    seal("2026-01-04")
    assert Seal.objects.get().parsed.root == root
    assert Seal.objects.get().head != head
    assert {line for line in reads.plain() if line.startswith(b"row")} == {
        line for line in lines if line.startswith(b"row")
    }


def test_a_correction_is_an_entry_and_so_is_what_it_replaced(world, editor):
    row = world[0].snapshots.get(day=date(2026, 1, 2))
    change = recording.correct(
        row, state=State.COUNTED, followers=5, bound="=", precision="exact", reason="Typo", by=editor
    )
    Correction.objects.filter(pk=change.pk).update(at=datetime(2026, 1, 4, 5, tzinfo=UTC))
    Snapshot.objects.filter(pk=row.pk).update(recorded_at=datetime(2026, 1, 4, 5, tzinfo=UTC))
    assert problems("2026-01-05") == []  # waits for the night, in the open
    (one,) = seal(NEXT)
    assert one.tally["lines"] == {"correction": 1, "gone": 1, "row": 1}
    assert one.tally["days"] == ["2026-01-02"]
    assert problems("2026-01-05") == []


def test_a_rename_is_an_entry_and_the_account_keeps_its_name_in_the_ledger(world):
    sql("UPDATE tracking_account SET handle = 'renamed' WHERE id = %s", world[0].pk)
    assert AccountKey.objects.get(account_id=world[0].pk).key == "facebook:77"
    (one,) = seal(NEXT)
    assert one.tally["lines"] == {"account": 1, "gone": 1}
    assert problems("2026-01-05") == []


def test_a_merger_moves_rows_in_the_open(world, editor):
    gone = make_account(world[0].actor, handle="old-name")
    record(gone, date(2026, 1, 2), 7, recorded_at=datetime(2026, 1, 4, 3, tzinfo=UTC))
    record(gone, date(2025, 12, 31), 8, recorded_at=datetime(2026, 1, 4, 3, tzinfo=UTC))
    seal(NEXT)
    merger = merge_accounts(world[0], gone, "The same page", editor)
    type(merger).objects.update(at=datetime(2026, 1, 5, 3, tzinfo=UTC))
    Snapshot.objects.filter(recorded_at__gt=datetime(2026, 2, 1, tzinfo=UTC)).update(
        recorded_at=datetime(2026, 1, 5, 3, tzinfo=UTC)
    )
    (one,) = seal("2026-01-06")
    assert one.tally["unexplained"] == 0
    assert one.tally["why"] == {"merged": 3}
    assert one.tally["lines"]["superseded"] == one.tally["lines"]["merger"] == 1
    assert problems("2026-01-06") == []


def test_a_removal_that_terms_demand_is_an_entry(settings):
    settings.YOUTUBE_TERMS = "approved"
    account = make_account(platform="youtube", handle="@tube")
    record(account, date(2020, 1, 1), 900, source=make_source("api-youtube"))
    seal("2026-01-03")
    assert b"withheld" in b"".join(reads.plain())  # numbers that must be forgotten are not sealed
    (removal,) = terms.expire()
    type(removal).objects.update(at=datetime(2026, 1, 3, 3, tzinfo=UTC))
    assert problems("2026-01-04") == []
    (one,) = seal("2026-01-04")
    assert one.tally["lines"] == {"gone": 1, "removal": 1}
    assert problems("2026-01-04") == []


def test_a_hidden_actor_is_a_line_and_no_hole_and_comes_back_as_it_was(world):
    sql("UPDATE tracking_actor SET hidden = true WHERE slug = 'ministry'")
    (one,) = seal(NEXT)
    assert one.tally["lines"] == {"hidden": 1}
    assert problems("2026-01-05") == []
    sql(
        "UPDATE tracking_snapshot SET followers = 1 WHERE account_id = %s AND day = '2026-01-02'", world[0].pk
    )
    sql("UPDATE tracking_actor SET hidden = false WHERE slug = 'ministry'")
    (one,) = seal("2026-01-06")
    assert one.tally["unexplained"] == 1
    assert any("2026-01-02" in problem for problem in problems("2026-01-06"))


# Behind the product's back

WAYS = {
    "followers": ("UPDATE tracking_snapshot SET followers = followers + 1 WHERE id = %s", {}),
    "state": ("UPDATE tracking_snapshot SET state = 'hidden', followers = NULL WHERE id = %s", {}),
    "bound": ("UPDATE tracking_snapshot SET bound = '>' WHERE id = %s", {}),
    "precision": ("UPDATE tracking_snapshot SET precision = '3sf' WHERE id = %s", {}),
    "moved": ("UPDATE tracking_snapshot SET day = '2021-01-01', recorded_at = now() WHERE id = %s", {}),
    "span": ("UPDATE tracking_snapshot SET span = 2, day = '2015-01-01' WHERE id = %s", {}),
    "dropped": ("DELETE FROM tracking_snapshot WHERE id = %s", {}),
    "note": ("UPDATE tracking_snapshot SET note = 'as printed', recorded_at = '2026-01-04T05:00Z' WHERE id = %s", {}),
    "locator": ("UPDATE tracking_snapshot SET locator = 'page 7' WHERE id = %s", {}),
    "instant": ("UPDATE tracking_snapshot SET observed_at = '2016-01-01T00:00Z' WHERE id = %s", {}),
    "account": (
        """UPDATE tracking_snapshot s SET account_id = (SELECT id FROM tracking_account WHERE platform = 'vk')
        WHERE id = %s""",
        {},
    ),
    "source": ("UPDATE tracking_snapshot SET source_id = (SELECT id FROM tracking_source WHERE key = 'test-source') "
               ", note = 'x' WHERE id = %s", {}),
    "fresh": (
        """UPDATE tracking_snapshot SET followers = 5, recorded_at = '2026-01-04T05:00Z',
        observed_at = observed_at + interval '1 minute' WHERE id = %s""",
        {},
    ),
    "added": (
        """INSERT INTO tracking_snapshot (account_id, day, span, state, followers, bound, precision, source_id, locator,
            note, recorded_at) SELECT account_id, '2019-05-05', 3, 'counted', 5, '=', 'exact', source_id, '', '',
            recorded_at FROM tracking_snapshot WHERE id = %s""",
        {"day": "2019-05-05"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
@given(st.data())
@settings(
    max_examples=3,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=(Phase.explicit, Phase.generate),
)
def test_any_row_changed_in_any_way_is_named_by_its_day(world, take_files, capsys, way, data):
    """By the server, and by the verifier in files that were downloaded then. What is found at once is found after the
    next night too: the ledger takes in nothing that it cannot explain."""
    row = data.draw(st.sampled_from(list(Snapshot.objects.order_by("pk"))))
    with transaction.atomic():
        make_account(platform="vk", handle="elsewhere")
        statement, told = WAYS[way]
        assert sql(statement, row.pk) == 1
        day = told.get("day", row.day.isoformat())
        is_late_reading = way == "fresh" and row.day == date(2026, 1, 3)
        for _night in range(2):
            report = verification.check(night("2026-01-05"))
            # A later reading of yesterday is no fault, but it is told.
            named = report.problems + (report.pending if way == "fresh" else [])
            assert any(day in problem for problem in named), (way, named)
            code, said = run(capsys, *take_files(), "--whole")
            assert (code, day in said) == (3 if is_late_reading else 1, True), said
            if not is_late_reading:
                seal(NEXT)
        transaction.set_rollback(True)
    keys.place().joinpath("newest.json").unlink(missing_ok=True)


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("UPDATE tracking_correction SET reason = 'Another'", "Typo"),
        ("DELETE FROM tracking_correction", "Typo"),
        ("UPDATE tracking_correction SET new = jsonb_set(new, '{followers}', '6')", "2026-01-02"),
    ],
)
def test_a_correction_is_as_safe_as_a_row(world, editor, statement, named):
    row = world[0].snapshots.get(day=date(2026, 1, 2))
    recording.correct(
        row, state=State.COUNTED, followers=5, bound="=", precision="exact", reason="Typo", by=editor
    )
    Correction.objects.update(at=datetime(2026, 1, 4, 5, tzinfo=UTC))
    Snapshot.objects.filter(pk=row.pk).update(recorded_at=datetime(2026, 1, 4, 5, tzinfo=UTC))
    seal(NEXT)
    sql(statement)
    assert any(named in problem for problem in problems("2026-01-06"))
    seal("2026-01-06")
    assert any(named in problem for problem in problems("2026-01-07"))


def test_two_accounts_that_changed_places_are_named(world):
    sql(
        "UPDATE tracking_account SET actor_id = (SELECT sum(actor_id) FROM tracking_account WHERE id = ANY(%s)) - actor_id"
        " WHERE id = ANY(%s)",
        [one.pk for one in world], [one.pk for one in world],
    )  # fmt: skip
    report = verification.check(night(NEXT))
    assert any("changed: account facebook:77" in line for line in report.pending)


def test_sealed_lines_that_were_rewritten_are_named_by_their_night(world):
    part = Part.objects.get()
    part.data = gzip.compress(gzip.decompress(bytes(part.data)).replace(b"\t1002\t", b"\t1003\t"))
    part.save()
    assert "of 2026-01-04" in problems("2026-01-05")[0]


def test_a_header_that_was_rewritten_has_no_signature(world):
    one = Seal.objects.get()
    one.header = one.header.replace("day 2026-01-04", "day 2026-01-03")
    one.save()
    assert "signature" in problems("2026-01-05")[0]


# The chain


def test_the_key_is_private_and_is_exchanged_in_the_open(world):
    file = keys.place() / "key"
    assert file.stat().st_mode & 0o777 == 0o600
    old, new = keys.public(keys.current()), keys.announce()
    seal(NEXT)
    (one,) = seal("2026-01-06")
    assert (one.parsed.key, keys.public(keys.current())) == (new, new)
    report = verification.check(night("2026-01-06"), key=old)
    assert (report.problems, report.notes) == ([], [])


def test_another_key_without_a_word_is_told(world):
    old = keys.public(keys.current())
    (keys.place() / "key").unlink()
    seal(NEXT)
    assert "no key before it vouched for" in verification.check(night(NEXT)).notes[0]
    assert "no key before it" in verification.check(night(NEXT), key=old).problems[0]


def test_a_restored_database_goes_on_in_the_open(world):
    record(world[0], date(2026, 1, 4), 1004)
    (lost,) = seal(NEXT)
    Part.objects.filter(seal=lost).delete()
    lost_head = lost.head
    lost.delete()  # the backup is of the night before
    (one,) = seal("2026-01-06")[-1:]
    assert Seal.objects.order_by("number").values_list("number", flat=True)[1] == 3
    report = verification.check(night("2026-01-06"))
    assert report.problems == []
    assert f"up to number 2 ({lost_head[:12]})" in report.notes[0]
    assert one.number == 4


def test_a_database_that_begins_empty_begins_a_new_chain_and_says_so(world):
    before = Seal.objects.get()
    for model in (Part, Seal, AccountKey, StandingLine):
        model.objects.all().delete()
    (one,) = seal(NEXT)
    assert (one.number, one.tally["lines"]["restored"]) == (1, 1)
    report = verification.check(night(NEXT))
    assert report.problems == []
    assert f"begins a new chain: one before it went up to 1 ({before.head[:12]})" in report.notes[0]
    assert verification.check(night(NEXT), known=[before.label]).problems != []


def test_a_printed_number_has_to_be_on_the_chain(world):
    label = Seal.objects.get().label
    assert verification.check(night(NEXT), known=[label]).problems == []
    assert verification.check(night(NEXT), known=["1-" + "0" * 12]).problems == [
        f"Number 1-{'0' * 12} is not one of this chain."
    ]


# The verifier


@pytest.fixture
def files(world, tmp_path, client):
    """The ledger and a snapshots.csv, as a reader downloads them."""
    return downloaded(client, tmp_path)


def downloaded(client, folder):
    ledger, table = folder / "ledger.txt.gz", folder / "snapshots.csv"
    ledger.write_bytes(b"".join(reads.packed()))
    table.write_bytes(b"".join(client.get("/export/snapshots.csv").streaming_content))
    return ledger, table


def run(capsys, *arguments):
    code = verify.main([str(one) for one in arguments])
    return code, capsys.readouterr().out


@pytest.mark.django_db(transaction=True)
def test_a_downloaded_file_is_checked_offline(files, capsys):
    code, told = run(capsys, *files, "--whole")
    assert (code, "as it was sealed" in told) == (0, True), told


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        (",1002,", ",1003,", "2026-01-02"),
        ("2026-01-02,", "2025-01-02,", "2025-01-02"),
        ("blogger,blogger en", "ministry,ministry en", "described in another way"),
    ],
)
def test_a_changed_file_is_named_by_day(files, capsys, old, new, named):
    ledger, table = files
    text = table.read_text()
    assert old in text
    table.write_text(text.replace(old, new, 1), newline="")
    code, told = run(capsys, ledger, table)
    assert (code, named in told) == (1, True), told


@pytest.mark.django_db(transaction=True)
def test_a_dropped_row_is_named_by_day_and_a_selection_may_lack_some(files, capsys):
    ledger, table = files
    lines = [
        line for line in table.read_text().splitlines(keepends=True) if not line.startswith("2026-01-02")
    ]
    table.write_text("".join(lines), newline="")
    code, told = run(capsys, ledger, table)
    assert (code, told.count("2026-01-02 (day)")) == (1, 2), told
    assert run(capsys, ledger, table, "--part")[0] == 0


@pytest.mark.django_db(transaction=True)
def test_what_was_recorded_since_is_told_apart_from_what_nobody_knows(
    world, client, tmp_path, capsys, editor
):
    """Rows of the past: one that was added, one that has another value, one of an account that is new."""
    since = datetime(2026, 1, 4, 5, tzinfo=UTC)
    make_snapshot(world[0], "2016", 30_000, recorded_at=since)
    row = world[0].snapshots.get(day=date(2026, 1, 2))
    recording.correct(
        row, state=State.COUNTED, followers=7, bound="=", precision="exact", reason="Typo", by=editor
    )
    make_snapshot(make_account(make_actor("newcomer"), handle="newcomer"), "2015", 9, recorded_at=since)
    ledger, table = downloaded(client, tmp_path)
    code, told = run(capsys, ledger, table, "--whole")
    named = [line for line in told.splitlines() if line.startswith("recorded since, to be sealed tonight: ")]
    assert (code, len(named)) == (3, 3), told
    assert all(any(day in line for line in named) for day in ("2016-01-01", "2026-01-02", "2015-01-01"))
    assert "but for 3 rows" in told
    lines = table.read_text().splitlines()
    forged = next(line for line in lines if line.startswith("2026-01-03")).replace(
        "2026-01-03", "2019-01-03", 1
    )
    table.write_text("\n".join([*lines, forged, ""]), newline="")
    code, told = run(capsys, ledger, table, "--whole")
    assert (code, told.count("not in the ledger (changed, added or back-dated): 2019-01-0")) == (1, 1), told


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("choice", ["--whole", "--part"])
def test_a_row_that_is_changed_with_a_new_date_of_recording_is_no_row_recorded_since(
    world, client, tmp_path, capsys, choice
):
    Snapshot.objects.filter(account=world[0], day=date(2026, 1, 2)).update(
        followers=7, recorded_at=datetime(2026, 1, 4, 5, tzinfo=UTC)
    )
    code, told = run(capsys, *downloaded(client, tmp_path), choice)
    assert (
        code,
        "nothing in the open says why; it stood: 2026-01-02 (day), facebook:77: = 1002" in told,
    ) == (
        1,
        True,
    ), told


@pytest.mark.django_db(transaction=True)
def test_the_instant_of_the_newest_number_parts_sealed_from_since(world, client, tmp_path, capsys):
    """Two hours before its midnight: a long transaction may have ended after the night's work, and the next takes it in."""
    until = datetime(2026, 1, 3, 17, tzinfo=UTC)
    make_snapshot(world[0], "2016", 30_000, recorded_at=until - timedelta(seconds=1))
    make_snapshot(world[0], "2015", 30_000, recorded_at=until)
    code, told = run(capsys, *downloaded(client, tmp_path))
    assert code == 1
    assert "not in the ledger (changed, added or back-dated): 2016-01-01" in told
    assert "recorded since, to be sealed tonight: 2015-01-01" in told


@pytest.mark.django_db(transaction=True)
def test_the_verifier_needs_nothing_of_ours(files, tmp_path):
    program = tmp_path / "verify.py"
    program.write_bytes((django_settings.BASE_DIR / "tools" / "verify.py").read_bytes())
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-I", "-S", program, *files],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout


def test_one_number_is_proved(world, tmp_path, capsys):
    row = world[0].snapshots.get(day=date(2026, 1, 2))
    told = asdict(reads.proof(row.pk))
    file = tmp_path / "proof.json"
    file.write_text(json.dumps(told, default=str))
    code, text = run(capsys, "--proof", file)
    assert (code, "2026-01-02 (day), facebook:77: = 1002" in text) == (0, True)
    file.write_text(json.dumps({**told, "line": told["line"].replace("1002", "1003")}, default=str))
    assert run(capsys, "--proof", file)[0] == 1


def test_a_row_that_was_changed_has_no_proof(world):
    row = world[0].snapshots.get(day=date(2026, 1, 2))
    sql("UPDATE tracking_snapshot SET followers = 3 WHERE id = %s", row.pk)
    with pytest.raises(reads.NotSealed):
        reads.proof(row.pk)


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 7, 8, 13])
def test_every_line_of_a_tree_has_its_path(count, monkeypatch):
    """Also over parts, whose roots are nodes of the tree."""
    leaves = [verify.leaf(bytes([number])) for number in range(count)]
    root = verify.root_of(leaves)
    for index in range(count):
        path = verify.path_of(leaves, index)
        assert verify.root_by_path(leaves[index], index, count, path) == root
        in_part = [*verify.path_of(leaves[index // 4 * 4 :][:4], index % 4)]
        roots = [verify.root_of(leaves[at : at + 4]) for at in range(0, count, 4)]
        assert (
            verify.root_by_path(leaves[index], index, count, [*in_part, *verify.path_of(roots, index // 4)])
            == root
        )


def test_a_seal_of_several_parts_has_the_root_of_all_lines(world, monkeypatch):
    monkeypatch.setattr(parts, "PART_LINES", 4)
    for day in (4, 5):
        for account in world:
            record(account, date(2026, 1, day), 1000 + day, recorded_at=datetime(2026, 1, 4, 5, tzinfo=UTC))
    others = [make_account(f"other-{number}", handle=f"other-{number}") for number in range(4)]
    for account in others:
        record(account, date(2026, 1, 1), 3)
    (one,) = seal(NEXT)
    assert (one.lines, one.parts.count()) == (10, 3)
    assert problems("2026-01-05") == []
    for row in Snapshot.objects.filter(account__in=others):
        assert "other" in verify.check_proof(asdict(reads.proof(row.pk)))


@given(st.binary(max_size=200), st.integers(0, 511))
@settings(max_examples=15, deadline=None, database=None)
def test_signatures_are_checked_as_the_library_does(message, bit):
    key = Ed25519PrivateKey.generate()
    public, signature = bytes.fromhex(keys.public(key)), bytearray(key.sign(message))
    assert verify.is_signed(message, bytes(signature), public)
    signature[bit // 8] ^= 1 << bit % 8
    assert not verify.is_signed(message, bytes(signature), public)
    assert not verify.is_signed(message + b"!", key.sign(message), public)


def test_a_field_survives_its_escapes():
    text = "tab\t line\n return\r back\\slash \b\f\v \\N қазақша"
    assert verify.fields_of(verify.line_of(["row", text, ""])) == ["row", text, ""]
    with connection.cursor() as cursor, cursor.copy("COPY (SELECT %s) TO STDOUT", [text]) as copy:
        assert b"".join(map(bytes, copy)) == verify.line_of([text]) + b"\n"


def test_an_import_that_was_undone_is_an_entry(world, editor):
    source = make_source("old-table", "import")
    batch = ImportBatch.objects.create(size=1, id=uuid4(),
        at=night("2026-01-03"), touched_at=night("2026-01-03"), stage="undone", source=source,
        undone_at=datetime(2026, 1, 4, 5, tzinfo=UTC),
    )  # fmt: skip
    row = world[0].snapshots.get(day=date(2026, 1, 2))
    batch.rows.create(
        number=1,
        line=1,
        account=world[0],
        day=row.day,
        span=3,
        state="counted",
        followers=1002,
        verdict="new",
    )
    row.delete()
    (one,) = seal(NEXT)
    assert one.tally["why"] == {"undone": 1}
    assert problems("2026-01-05") == []
    make_snapshot(world[0], "2016", 3, recorded_at=datetime(2026, 1, 5, 5, tzinfo=UTC))
    assert any("2016-01-01" in line for line in verification.check(night("2026-01-06")).pending)
