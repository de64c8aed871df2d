"""What the product does in the open between two nights is an entry to come, never a false alarm: neither on the server nor
for who checks a downloaded file, before the night and after it. The same done quietly is named.
"""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from apps.intake import import_db
from apps.intake.models import ImportBatch
from apps.ledger import keys, parts, reads, sealing, verification
from apps.ledger.models import AccountKey, Part, Seal, StandingLine
from apps.registry.models import Account
from apps.snapshots import recording, terms
from apps.snapshots.merging import merge_accounts
from apps.snapshots.models import Doubt, Precision, Snapshot, State
from tests.builders import make_account, make_actor, make_snapshot, make_source
from tests.ledger.conftest import night, record
from tools import verify

pytestmark = pytest.mark.django_db
MORNING = datetime(2026, 1, 4, 5, tzinfo=UTC)  # of the day whose night has sealed the three days before
YESTERDAY = date(2026, 1, 3)
BEFORE = date(2026, 1, 2)
DAYS_OF_TWIN = ((BEFORE, 1002), (YESTERDAY, 7), (date(2025, 12, 30), 8))


@pytest.fixture
def clock(monkeypatch):
    """Let it be an instant, until another is set."""
    instants = [MORNING]
    monkeypatch.setattr(timezone, "now", lambda: instants[-1])
    return instants


@pytest.fixture
def editor(django_user_model):
    return django_user_model.objects.create_superuser("editor")


def check(capsys, files, *options):
    code = verify.main([*files, *options])
    return code, capsys.readouterr().out


def reading(account, day: date, followers: int | None, at: datetime, **fields) -> recording.Reading:
    return recording.Reading(
        account_id=account.pk, day=day, state=fields.pop("state", State.COUNTED), followers=followers, observed_at=at,
        source_id=make_source(fields.pop("source", "api-facebook")).pk, **fields,
    )  # fmt: skip


LAST_MOMENT = datetime(2026, 1, 3, 18, 59, tzinfo=UTC)  # of yesterday in Almaty


def read_late(world, editor):
    """A batch that read at 23:59 wrote after midnight, where a reading of the evening was sealed."""
    recording.collect([reading(world[0], YESTERDAY, 1005, LAST_MOMENT)])


def read_late_elsewhere(world, editor):
    """The page was read in the evening, the interface of the platform just before midnight."""
    recording.collect([reading(world[0], YESTERDAY, 1005, LAST_MOMENT, source="page-facebook")])


def correct(world, editor):
    recording.correct(
        world[0].snapshots.get(day=BEFORE), state=State.COUNTED, followers=5, bound="=", precision="exact",
        reason="Typo", by=editor,
    )  # fmt: skip


def correct_twice(world, editor):
    correct(world, editor)
    recording.correct(
        world[0].snapshots.get(day=BEFORE), state=State.HIDDEN, followers=None, bound="=", precision="exact",
        reason="Not that either", by=editor,
    )  # fmt: skip


def revise(world, editor):
    make_source("api-facebook")
    recording.revise(world[0].snapshots.get(span=1), reading(world[0], BEFORE, 6, MORNING, locator="page 3"))


def accept_a_doubt(world, editor):
    """Days later an editor says that a strange count was right; another of that day was recorded and sealed."""
    doubt = Doubt.objects.create(
        account=world[0], day=date(2026, 1, 1), followers=90_000, why=Doubt.Why.RISE, against=1001,
        source=make_source("api-facebook"), seen_at=datetime(2026, 1, 1, 18, tzinfo=UTC), precision=Precision.ABBREVIATED,
    )  # fmt: skip
    recording.decide(doubt, Doubt.Decision.ACCEPTED, editor)
    assert world[0].snapshots.get(day=doubt.day).followers == 90_000


def make_twin(world, days=DAYS_OF_TWIN):
    """Make another account of the same page, read an hour later on some of the same days."""
    twin = make_account(world[0].actor, handle="twin")
    for day, followers in days:
        at = datetime(day.year, day.month, day.day, 15, tzinfo=UTC)
        record(twin, day, followers, observed_at=at, recorded_at=at)
    return twin


def merge(world, editor):
    """Of a day that only the other has, a day with the same count read later, a day with another count."""
    merge_accounts(world[0], Account.objects.get(handle="twin"), "The same page", editor)
    assert Snapshot.objects.get(day=YESTERDAY, account=world[0]).followers == 7


def merge_what_was_never_sealed(world, editor):
    make_twin(world)
    Snapshot.objects.filter(account__handle="twin").update(
        recorded_at=timezone.now(), source=make_source("page-facebook")
    )
    merge(world, editor)


def merge_the_other_way_and_read_late(world, editor):
    """What a late reading replaces was sealed for the account that is gone."""
    kept = Account.objects.get(handle="twin")
    merge_accounts(kept, world[0], "The same page", editor)
    recording.collect([reading(kept, YESTERDAY, 1005, LAST_MOMENT)])


def merge_and_correct(world, editor):
    merge(world, editor)
    correct(world, editor)


def rename(world, editor):
    Account.objects.filter(pk=world[0].pk).update(handle="renamed")
    world[0].actor.__class__.objects.filter(slug="blogger").update(name_en="Another name", kind="media")


def hide(world, editor):
    world[0].actor.hidden = True
    world[0].actor.save()


def batch_of(world, editor, **row) -> ImportBatch:
    """An import whose one row was sealed as it was written."""
    written = world[0].snapshots.get(day=BEFORE).recorded_at
    batch = ImportBatch.objects.create(
        id=uuid4(), size=1, at=written, touched_at=written, stage="written", written_at=written, by=editor,
        source=make_source("old-table", "import"),
    )  # fmt: skip
    batch.rows.create(
        number=1,
        line=1,
        account=world[0],
        day=BEFORE,
        span=3,
        state="counted",
        followers=1002,
        verdict="new",
        **row,
    )
    return batch


def undo_an_import(world, editor):
    batch = batch_of(world, editor)
    assert import_db.take_back(batch, "Another table", editor)["removed"] == 1
    ImportBatch.objects.filter(pk=batch.pk).update(undone_at=timezone.now(), stage="undone")


def undo_an_import_and_bring_the_right_one(world, editor):
    undo_an_import(world, editor)
    later = timezone.now() + timedelta(minutes=5)
    make_snapshot(world[0], BEFORE, 777, source=make_source("old-table", "import"), recorded_at=later)


def add(world, editor):
    make_snapshot(world[0], "2016", 30_000, recorded_at=timezone.now())
    make_snapshot(
        make_account(make_actor("newcomer"), handle="newcomer"), "2015", 9, recorded_at=timezone.now()
    )


SEALED_TWINS = {
    merge: DAYS_OF_TWIN,
    merge_and_correct: DAYS_OF_TWIN,
    merge_the_other_way_and_read_late: DAYS_OF_TWIN[2:],
}
EVENTS = (
    read_late, read_late_elsewhere, correct, correct_twice, revise, accept_a_doubt, merge, merge_what_was_never_sealed,
    merge_the_other_way_and_read_late, merge_and_correct, rename, hide, undo_an_import, undo_an_import_and_bring_the_right_one, add,
)  # fmt: skip


@pytest.mark.parametrize("happen", EVENTS, ids=lambda happen: happen.__name__)
def test_what_is_done_in_the_open_is_an_entry_and_no_alarm(world, editor, clock, take_files, capsys, happen):
    if happen in SEALED_TWINS:
        make_twin(world, SEALED_TWINS[happen])
        clock.append(night("2026-01-04"))
        for model in (Part, Seal, AccountKey, StandingLine):
            model.objects.all().delete()
        keys.place().joinpath("newest.json").unlink()
        sealing.seal()
        clock.append(MORNING)
    happen(world, editor)
    clock.append(MORNING + timedelta(hours=1))
    assert verification.check().problems == []
    for options in (["--whole"], ["--part"], []):
        code, told = check(capsys, take_files(), *options)
        assert code in (0, 3), told
    clock.append(night("2026-01-08"))  # three nights were missed
    assert verification.check().problems == []
    assert [one.tally["unexplained"] for one in sealing.seal()] == [0, 0, 0, 0]
    assert verification.check().problems == []
    code, told = check(capsys, take_files(), "--whole")
    assert code == 0, told


@pytest.mark.parametrize(
    ("change", "day"),
    [
        ({"followers": 1005}, YESTERDAY),  # without a later instant
        (
            {"followers": 1005, "observed_at": datetime(2026, 1, 3, 19, tzinfo=UTC)},
            YESTERDAY,
        ),  # not of its day
        ({"followers": 1005, "observed_at": datetime(2026, 1, 2, 18, tzinfo=UTC)}, BEFORE),  # too late
        (
            {"state": "hidden", "followers": None, "observed_at": LAST_MOMENT},
            YESTERDAY,
        ),  # takes a number away
    ],
)
def test_what_collecting_would_not_have_written_is_named(world, clock, take_files, capsys, change, day):
    row = Snapshot.objects.filter(account=world[0], day=day)
    assert row.update(recorded_at=MORNING, **change) == 1
    clock.append(MORNING + timedelta(hours=1))
    assert any(day.isoformat() in problem for problem in verification.check().problems)
    code, told = check(capsys, take_files())
    assert (code, f"nothing in the open says why; it stood: {day}" in told) == (1, True), told


def test_a_source_of_another_platform_is_no_late_reading(world, clock):
    row = Snapshot.objects.filter(account=world[0], day=YESTERDAY)
    row.update(source=make_source("api-vk"), observed_at=LAST_MOMENT, recorded_at=MORNING)
    clock.append(MORNING + timedelta(hours=1))
    assert any("2026-01-03" in problem for problem in verification.check().problems)


def test_a_count_beside_the_one_that_was_accepted_is_named(world, editor, clock):
    accept_a_doubt(world, editor)
    Snapshot.objects.filter(account=world[0], followers=90_000).update(followers=90_001)
    clock.append(MORNING + timedelta(hours=1))
    assert any("2026-01-01" in problem for problem in verification.check().problems)


def test_a_value_that_a_merger_did_not_let_stand_is_named(world, editor, clock):
    merge_what_was_never_sealed(world, editor)
    Snapshot.objects.filter(account=world[0], day=BEFORE).update(followers=1)
    clock.append(MORNING + timedelta(hours=1))
    assert any("2026-01-02" in problem for problem in verification.check().problems)


def test_a_removal_that_terms_demand_is_no_alarm_before_its_night(world, clock, take_files, capsys, settings):
    settings.YOUTUBE_TERMS = "approved"
    account = make_account(platform="youtube", handle="@tube")
    record(account, date(2020, 1, 1), 900, source=make_source("api-youtube"))
    clock.append(night("2026-01-05"))
    sealing.seal()
    assert terms.expire()[0].snapshots == 1
    clock.append(night("2026-01-05") + timedelta(hours=1))
    assert verification.check().problems == []
    assert check(capsys, take_files(), "--whole")[0] in (0, 3)


def test_what_is_to_come_names_no_account_before_its_night(world, clock):
    make_account(make_actor("newcomer"), handle="newcomer")
    told = b"".join(reads.packed())
    assert told
    assert not parts.standing(parts.of_account("facebook:@newcomer"))
    assert AccountKey.objects.count() == 2


def test_a_row_that_went_with_its_import_may_be_recorded_anew_nights_later(world, editor, clock):
    undo_an_import(world, editor)
    clock.append(night("2026-01-05"))
    assert [one.tally["why"] for one in sealing.seal()] == [{"undone": 1}]
    make_snapshot(world[0], BEFORE, 777, recorded_at=night("2026-01-05") + timedelta(hours=3))
    clock.append(night("2026-01-06"))
    assert [(one.tally["unexplained"], one.lines) for one in sealing.seal()] == [(0, 1)]
    assert verification.check().problems == []
