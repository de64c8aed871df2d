"""An installation that has loaded the files of the release before takes those of this one: nothing doubles."""

import importlib
import shutil
from pathlib import Path
from uuid import uuid4

import pytest
from django.apps import apps
from django.utils import timezone

from apps.collecting.services import add_account
from apps.collectors.types import Target
from apps.context import migrations
from apps.context.models import IndicatorValue, LoadedRow
from apps.context.reference import DIRECTORY
from apps.context.services import load_reference
from apps.intake.models import ImportBatch, ImportedRow
from apps.intake.proposals import confirm
from apps.registry.models import Account, Actor, Alias, HandleChange, Impostor, Proposal, Succession
from apps.snapshots.models import Correction, Snapshot
from apps.users.models import User
from tests.builders import make_account, make_source
from tests.context.test_load_reference import append, rows_of, set_cell

pytestmark = pytest.mark.django_db
SHIPPED = Path(migrations.__file__).parent / "shipped_before"


@pytest.fixture
def before(tmp_path):
    """Load the release before as it loaded: rows were known by their cells, and what was said was not kept."""
    load_reference(SHIPPED)
    assert not LoadedRow.objects.filter(kind="account", key="abenov-facebook").exists()
    LoadedRow.objects.exclude(kind="files").update(cells=None)
    LoadedRow.objects.filter(kind="snapshot").delete()


def migrate():
    importlib.import_module("apps.context.migrations.0007_loaded_cells").remember(apps, None)


def line_of(directory, name, **cells):
    head, *rows = rows_of(directory / name)
    return next(
        number
        for number, row in enumerate(rows, 2)
        if all(row[head.index(column)] == value for column, value in cells.items())
    )


def fuller(tmp_path, **handles):
    """Return this release's files with handles filled in: {"abenov-facebook": "murat.abenov"}."""
    directory = Path(shutil.copytree(DIRECTORY, tmp_path / "fuller"))
    for key, handle in handles.items():
        set_cell(directory, "accounts.csv", line_of(directory, "accounts.csv", id=key), "handle", handle)
    return directory


def test_an_upgrade_doubles_nothing_and_keeps_three_edits(before):
    edited = {
        Actor: Actor.objects.get(slug="abenov"),
        Account: Account.objects.get(actor__slug="prosecutor-general"),
        IndicatorValue: IndicatorValue.objects.get(segment="accounts created"),
    }
    Actor.objects.filter(pk=edited[Actor].pk).update(name_kk="Мұрат Әбенов (блогер)")
    add_account(edited[Account].actor, Target("facebook", "prokuratura.kz"))
    IndicatorValue.objects.filter(pk=edited[IndicatorValue].pk).update(value=4100000)
    counts = {model: model.objects.count() for model in (Account, Snapshot)}
    migrate()
    loaded = load_reference()
    assert Account.objects.count() == counts[Account] + 1  # boreiko's channel is new
    assert Snapshot.objects.count() == counts[Snapshot] + 2
    assert Actor.objects.get(slug="abenov").name_kk == "Мұрат Әбенов (блогер)"
    assert Account.objects.get(pk=edited[Account].pk).handle == "prokuratura.kz"
    assert IndicatorValue.objects.get(pk=edited[IndicatorValue].pk).value == 4100000
    told = " ".join(loaded.kept)
    assert "name_kk" in told
    assert "in: handle." in told
    assert "in: value." in told


def test_an_upgrade_fills_addresses_as_proposals_and_confirms_none(before):
    without = set(Account.objects.without_address().values_list("pk", flat=True))
    migrate()
    load_reference()
    assert without <= set(Account.objects.without_address().values_list("pk", flat=True))
    proposed = Proposal.objects.waiting()
    assert proposed.count() == 34
    assert {one.actor.slug for one in proposed} >= {"prime-minister-website", "ministry-defense", "ablyazov"}
    youtube = proposed.get(actor__slug="ministry-defense", platform="youtube")
    assert (youtube.handle, youtube.platform_id) == ("", "UCIqE2ATvCydT31GBPvSEtig")
    assert proposed.get(actor__slug="prime-minister-website", platform="youtube").handle == "c/pmkz"
    assert Impostor.objects.count() == 2
    assert Succession.objects.count() == 24


def test_what_nobody_touched_follows_the_release(before):
    migrate()
    loaded = load_reference()
    assert IndicatorValue.objects.get(segment="accounts created").bound == ">"
    assert Actor.objects.get(slug="muftiyat").kind == "association"
    assert Actor.objects.get(slug="nur-otan").ended.isoformat() == "2022-03-01"
    assert set(Account.objects.filter(actor__slug="nur-otan").values_list("state", flat=True)) == {"closed"}
    assert not [sentence for sentence in loaded.kept if "deleted" not in sentence]
    again = load_reference()
    assert not again.changed
    assert all(tally.new == tally.changed == 0 for tally in again.tallies.values())


def test_a_line_that_gains_a_handle_changes_the_row_that_stands(before, tmp_path):
    migrate()
    load_reference()
    account = Account.objects.get(actor__slug="abenov", platform="facebook")
    history = account.snapshots.count()
    directory = fuller(tmp_path, **{"abenov-facebook": "murat.abenov"})
    load_reference(directory)
    account.refresh_from_db()
    assert (account.handle, account.snapshots.count()) == ("murat.abenov", history)
    assert Account.objects.filter(actor=account.actor, platform="facebook").count() == 1
    assert not HandleChange.objects.filter(account=account).exists()  # it had none before
    set_cell(
        directory,
        "accounts.csv",
        line_of(directory, "accounts.csv", id="abenov-facebook"),
        "handle",
        "abenov.kz",
    )
    load_reference(directory)
    change = HandleChange.objects.get(account=account)
    assert (change.old, change.new) == ("murat.abenov", "abenov.kz")
    assert Account.objects.filter(actor=account.actor, platform="facebook").count() == 1


def test_a_handle_that_another_account_has_stays_and_is_told(before, tmp_path):
    migrate()
    load_reference()
    make_account("somebody", "facebook", "murat.abenov")
    loaded = load_reference(fuller(tmp_path, **{"abenov-facebook": "murat.abenov"}))
    assert Account.objects.get(actor__slug="abenov", platform="facebook").handle == ""
    assert any("in: handle." in sentence for sentence in loaded.kept)


def test_a_name_that_changes_stays_known(before, tmp_path):
    migrate()
    load_reference()
    directory = fuller(tmp_path)
    set_cell(directory, "actors.csv", line_of(directory, "actors.csv", key="azat"), "name_en", "Azat Party")
    load_reference(directory)
    actor = Actor.objects.get(slug="azat")
    assert actor.name_en == "Azat Party"
    assert Alias.objects.get(actor=actor).text == "Azat Democratic Party of Kazakhstan"


def test_a_release_takes_a_proposal_back_but_no_record(before, tmp_path):
    migrate()
    load_reference()
    first, second = Proposal.objects.filter(actor__slug="atameken").order_by("pk")[:2]
    Proposal.objects.filter(pk=second.pk).update(state="confirmed", decided_at=timezone.now())
    directory = fuller(tmp_path)
    head, *rows = rows_of(directory / "proposals.csv")
    (directory / "proposals.csv").unlink()
    (directory / "proposals.csv").write_text(",".join(head) + "\n")
    append(directory, "proposals.csv", *[row for row in rows if row[0] != "atameken"])
    load_reference(directory)
    assert not Proposal.objects.filter(pk=first.pk).exists()
    assert Proposal.objects.filter(pk=second.pk).exists()
    actors = rows_of(directory / "actors.csv")
    assert any(row[0] == "atameken" for row in actors)


def test_a_refused_proposal_stays_refused(before):
    migrate()
    load_reference()
    Proposal.objects.filter(actor__slug="covid-commission").update(state="refused", reason="Not kept up")
    load_reference()
    assert Proposal.objects.filter(actor__slug="covid-commission").get().reason == "Not kept up"
    assert Proposal.objects.waiting().count() == 33


def test_what_is_tracked_already_is_no_proposal():
    make_account("elsewhere", "telegram", "primeministerkaz")
    load_reference()
    assert Proposal.objects.count() == 33


@pytest.mark.parametrize("name", ["accounts.csv", "snapshots.csv", "indicators.csv", "claims.csv", "names.csv",
                                  "successions.csv", "proposals.csv", "impostors.csv"])  # fmt: skip
def test_every_line_has_an_id_of_its_own(name):
    head, *rows = rows_of(DIRECTORY / name)
    ids = [row[head.index("id")] for row in rows]
    assert all(ids)
    assert len(set(ids)) == len(ids)


def test_a_corrected_count_of_a_later_release_is_a_correction_in_the_open(before, tmp_path):
    migrate()
    count = Snapshot.objects.get(
        account__actor__slug="abenov", account__platform="facebook", day="2022-01-01"
    )
    directory = fuller(tmp_path)
    line = line_of(directory, "snapshots.csv", id="count-2")
    set_cell(directory, "snapshots.csv", line, "followers", "64100")  # the release before noted no lines
    loaded = load_reference(directory)
    assert f"snapshots.csv:{line}: corrected as the file now says it: 64,000 → 64,100." in loaded.changed
    assert not loaded.conflicts
    set_cell(directory, "snapshots.csv", line, "followers", "64200")  # this one has
    load_reference(directory)
    set_cell(directory, "snapshots.csv", line, "note", "Another wording")
    load_reference(directory)
    count.refresh_from_db()
    assert (count.followers, count.note, count.edited_by) == (64200, "Another wording", None)
    told = [(one.old["followers"], one.new["followers"], one.by) for one in count.corrections.order_by("at")]
    assert told == [(64000, 64100, None), (64100, 64200, None)]
    again = load_reference(directory)
    assert not again.changed
    assert again.tallies["Snapshots"].same == Snapshot.objects.count()


@pytest.mark.parametrize("touched", ["edited", "imported", "other source"])
def test_a_count_that_somebody_touched_keeps_its_value(before, tmp_path, touched):
    migrate()
    count = Snapshot.objects.get(
        account__actor__slug="abenov", account__platform="facebook", day="2022-01-01"
    )
    if touched == "edited":
        load_reference()
        Snapshot.objects.filter(pk=count.pk).update(
            followers=65000, edited_by=User.objects.create_user("editor")
        )
    elif touched == "imported":
        batch = ImportBatch.objects.create(
            id=uuid4(), source=count.source, size=1, at=timezone.now(), touched_at=timezone.now()
        )
        ImportedRow.objects.create(
            batch=batch,
            number=1,
            line=1,
            account=count.account,
            day=count.day,
            span=count.span,
            verdict="new",
        )
    else:
        load_reference()
        Snapshot.objects.filter(pk=count.pk).update(source=make_source("elsewhere"))
    directory = fuller(tmp_path)
    set_cell(
        directory, "snapshots.csv", line_of(directory, "snapshots.csv", id="count-2"), "followers", "64100"
    )
    loaded = load_reference(directory)
    count.refresh_from_db()
    assert count.followers == (65000 if touched == "edited" else 64000)
    assert not Correction.objects.exists()
    assert len(loaded.kept) + len(loaded.conflicts) == 1


def test_a_line_whose_date_changes_makes_no_second_record(before, tmp_path):
    migrate()
    load_reference()
    number = Snapshot.objects.count()
    directory = fuller(tmp_path)
    line = line_of(directory, "snapshots.csv", id="count-2")
    set_cell(directory, "snapshots.csv", line, "observed", "2022-03")
    loaded = load_reference(directory)
    assert Snapshot.objects.count() == number
    assert any(
        f"snapshots.csv:{line}: the file now gives another account or date" in one for one in loaded.kept
    )


def test_nine_confirmed_addresses_fill_the_accounts_that_lacked_them(before):
    """Six are of accounts that stand without an address, three of none: those alone are new, and nothing doubles."""
    migrate()
    load_reference()
    lacking = {(account.actor_id, account.platform): account for account in Account.objects.without_address()}
    editor = User.objects.create_superuser("editor")
    waiting = list(Proposal.objects.waiting().order_by("pk"))
    filling = [one for one in waiting if (one.actor_id, one.platform) in lacking]
    others = [one for one in waiting if one not in filling][:3]
    accounts, counts = Account.objects.count(), Snapshot.objects.count()
    assert len(filling) == 6
    for proposal in (*filling, *others):
        confirm(proposal, editor)
    assert Account.objects.count() == accounts + 3
    for proposal in filling:
        proposal.refresh_from_db()
        assert proposal.account == lacking[proposal.actor_id, proposal.platform]
    loaded = load_reference()
    assert (Account.objects.count(), Snapshot.objects.count()) == (accounts + 3, counts)
    assert Proposal.objects.filter(state="confirmed").count() == 9
    assert all(tally.new == 0 for tally in loaded.tallies.values())
