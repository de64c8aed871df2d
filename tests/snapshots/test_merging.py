"""Two accounts, or two actors, that turn out to be one: nothing recorded is lost, and how it was done is public."""

from datetime import UTC, date, datetime

import pytest
from django.urls import reverse

from apps.intake import imports
from apps.registry.models import Account, Actor, HandleChange, Membership, OldSlug
from apps.snapshots import merging, terms
from apps.snapshots.merging import CannotMerge, merge_accounts, merge_actors
from apps.snapshots.models import Correction, Doubt, Merger, Snapshot, SupersededSnapshot
from apps.standings.league import league
from apps.standings.types import Scope
from apps.users.models import Change
from tests.builders import make_account, make_actor, make_group, make_snapshot, make_snapshots, make_source

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor(django_user_model):
    return django_user_model.objects.create_superuser("editor")


@pytest.fixture
def desk(client, editor):
    client.force_login(editor)
    return client


@pytest.fixture
def two():
    """Provide the same page under two names: six values of the one, five of the other, four days in both."""
    kept = make_account("ministry", handle="new", platform_id="")
    gone = make_account(kept.actor, handle="old", platform_id="77")
    make_snapshots(kept, {"2021": 1, "2022-01-01": 10, "2022-01-02": 20, "2022-01-03": 30})
    make_snapshot(kept, "2022-01-04", state="absent")
    make_snapshot(kept, "2022-01-05", 50, observed_at=datetime(2022, 1, 5, 9, tzinfo=UTC))
    make_snapshots(gone, {"2020": 5, "2022-01-01": 10, "2022-01-02": 21, "2022-01-04": 40})
    make_snapshot(gone, "2022-01-05", 51, observed_at=datetime(2022, 1, 5, 12, tzinfo=UTC))
    return kept, gone


def counts(account):
    return {row.observed: row.followers for row in account.snapshots.all()}


def test_the_look_says_what_would_stand_and_why_and_changes_nothing(two):
    found = merging.look(*two)
    assert (found.kept_count, found.gone_count, found.moved, len(found.clashes)) == (6, 5, 1, 4)
    assert [(one.kept.observed, one.gone_stands, str(one.why)) for one in found.conflicts] == [
        ("2022-01-05", True, "later"),
        ("2022-01-04", True, "number"),
        ("2022-01-02", False, "stays"),
    ]
    assert (Account.objects.count(), Snapshot.objects.count()) == (2, 11)


def test_an_editors_value_stands(two, editor):
    kept, gone = two
    gone.snapshots.filter(day="2022-01-02").update(edited_by=editor)
    assert [str(one.why) for one in merging.look(kept, gone).conflicts][-1] == "editor"
    merge_accounts(kept, gone, "one page", editor)
    row = kept.snapshots.get(day="2022-01-02")
    assert (row.followers, row.edited_by) == (21, editor)


def test_both_histories_are_in_the_one_that_stays(two, editor):
    kept, gone = two
    merger = merge_accounts(kept, gone, " They share a page. ", editor)
    kept.refresh_from_db()
    assert counts(kept) == {
        "2020": 5,
        "2021": 1,
        "2022-01-01": 10,
        "2022-01-02": 20,
        "2022-01-03": 30,
        "2022-01-04": 40,
        "2022-01-05": 51,
    }
    assert not Account.objects.filter(pk=gone.pk).exists()
    assert (kept.handle, kept.platform_id) == ("new", "77")
    assert (merger.moved, merger.same, merger.reason) == (1, 1, "They share a page.")
    aside = {
        str(one.snapshot.day): (one.row["followers"], one.stood["followers"])
        for one in merger.set_aside.all()
    }
    assert aside == {
        "2022-01-01": (10, 10),
        "2022-01-02": (21, 20),
        "2022-01-04": (None, 40),
        "2022-01-05": (50, 51),
    }
    assert len(aside) + Snapshot.objects.count() == 11  # every value that was recorded is in one of the two
    assert {
        (str(one.snapshot.day), one.old["followers"], one.new["followers"])
        for one in Correction.objects.all()
    } == {
        ("2022-01-04", None, 40),
        ("2022-01-05", 50, 51),
    }


def test_the_old_name_and_number_lead_on(two, editor, client):
    kept, gone = two
    merge_accounts(kept, gone, "one page", editor)
    assert HandleChange.objects.get(old="old").account == kept
    assert client.get(f"/api/v1/accounts/{gone.pk}/").json()["id"] == kept.pk
    assert client.get("/api/v1/accounts/999999/").status_code == 404


def test_what_hung_on_the_old_one_hangs_on_the_other(two, editor):
    kept, gone = two
    old = gone.snapshots.get(day="2022-01-02")
    Correction.objects.create(
        snapshot=old, old={}, new={}, reason="r", by=editor, at=datetime(2022, 2, 1, tzinfo=UTC)
    )
    for account in two:
        Doubt.objects.create(
            account=account, day="2022-03-01", followers=0, why="zero", against=9, source=make_source(),
            seen_at=datetime(2022, 3, 1, tzinfo=UTC),
        )  # fmt: skip
    merge_accounts(kept, gone, "one page", editor)
    assert Correction.objects.get(reason="r").snapshot == kept.snapshots.get(day="2022-01-02")
    assert Doubt.objects.get().account == kept


def test_a_chain_of_mergers_is_followed(two, editor, client):
    kept, gone = two
    merge_accounts(kept, gone, "one page", editor)
    third = make_account("third", handle="third")
    merge_accounts(third, kept, "and once more", editor)
    assert client.get(f"/api/v1/accounts/{gone.pk}/").json()["id"] == third.pk
    assert SupersededSnapshot.objects.count() == 4
    assert len(counts(third)) == 7


@pytest.mark.parametrize(
    "spoil",
    [
        lambda kept, gone: setattr(kept, "platform_id", "78"),
        lambda kept, gone: setattr(gone, "platform", "x"),
        lambda kept, gone: setattr(gone, "actor", make_actor("hidden", hidden=True)),
    ],
    ids=["other id", "other platform", "hidden"],
)
def test_two_that_are_two_are_not_merged(two, editor, spoil):
    spoil(*two)
    for account in two:
        account.save()
    with pytest.raises(CannotMerge):
        merge_accounts(*two, "one page", editor)
    assert Snapshot.objects.count() == 11


def test_nobody_is_merged_without_a_reason_or_with_itself(two, editor):
    for kept, gone, reason in [(*two, " "), (two[0], two[0], "one")]:
        with pytest.raises(CannotMerge):
            merge_accounts(kept, gone, reason, editor)
    assert Account.objects.count() == 2


def test_a_failure_on_the_way_leaves_all_as_it_was(two, editor, monkeypatch):
    monkeypatch.setattr(merging, "_take_over", lambda kept, gone: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        merge_accounts(*two, "one page", editor)
    assert (Account.objects.count(), Snapshot.objects.count(), Merger.objects.count()) == (2, 11, 0)


def test_actors_become_one(editor, client, django_user_model):
    kept, gone = make_actor("kept"), make_actor("gone", region="Almaty")
    make_snapshots(make_account(kept), {"2022": 1})
    moved = make_account(gone, "x")
    group = make_group("g", members=[kept, gone], reference=gone)
    alone = make_group("alone", members=[gone])
    later = make_actor("later", succeeds=gone)
    OldSlug.objects.create(slug="older", actor=gone)
    officer = django_user_model.objects.create_user("officer")
    for actor in (kept, gone):
        Membership.objects.create(user=officer, actor=actor)
    kept.peers.add(gone)
    merger = merge_actors(kept, gone, "one body", editor)
    kept.refresh_from_db(), later.refresh_from_db(), group.refresh_from_db(), moved.refresh_from_db()
    assert (moved.actor, later.succeeds, group.reference, kept.region) == (kept, kept, kept, "Almaty")
    assert set(group.members.all()) == set(alone.members.all()) == {kept}
    assert Membership.objects.get(user=officer).actor == kept
    assert not kept.peers.exists()
    assert (merger.moved, merger.row["slug"], merger.account) == (1, "gone", None)
    for slug in ("gone", "older"):
        response = client.get(f"/en/actors/{slug}/")
        assert (response.status_code, response["Location"]) == (301, "/en/actors/kept/")


def test_a_successor_that_is_the_same_follows_nobody(editor):
    first = make_actor("first")
    kept = make_actor("kept", succeeds=first)
    gone = make_actor("gone", succeeds=kept)
    merge_actors(kept, gone, "one body", editor)
    kept.refresh_from_db()
    assert kept.succeeds == first
    again = make_actor("again", succeeds=kept)
    merge_actors(again, kept, "one body", editor)
    again.refresh_from_db()
    assert again.succeeds == first


def test_two_ends_of_a_line_are_not_one(editor):
    first = make_actor("first")
    last = make_actor("last", succeeds=make_actor("middle", succeeds=first))
    with pytest.raises(CannotMerge):
        merge_actors(first, last, "one body", editor)


class TestPages:
    def post(self, desk, kept, gone, what="accounts", **fields):
        return desk.post(
            reverse("admin:backoffice_merge", args=[what]), {"kept": kept.pk, "gone": gone.pk, **fields}
        )

    def test_looked_at_and_merged(self, desk, two):
        kept, gone = two
        page = self.post(desk, kept, gone, check="1")
        assert page.status_code == 200
        assert f'name="seen" value="{kept.pk} {gone.pk}"' in page.content.decode()
        assert Account.objects.count() == 2
        done = self.post(desk, kept, gone, merge="1", seen=f"{kept.pk} {gone.pk}", reason="one page")
        assert done.status_code == 302
        assert Account.objects.get() == kept
        changes = Change.objects.filter(table__in=["tracking_merger", "tracking_account"])
        assert {(one.table, one.what) for one in changes} >= {
            ("tracking_merger", "INSERT"),
            ("tracking_account", "DELETE"),
        }

    def test_not_without_a_look_or_a_reason(self, desk, two):
        kept, gone = two
        self.post(desk, kept, gone, merge="1", reason="one page")
        self.post(desk, kept, gone, merge="1", seen=f"{gone.pk} {kept.pk}", reason="one page")
        self.post(desk, kept, gone, merge="1", seen=f"{kept.pk} {gone.pk}", reason="")
        assert Account.objects.count() == 2

    def test_actors(self, desk):
        kept, gone = make_actor("kept"), make_actor("gone")
        assert self.post(desk, kept, gone, "actors", check="1").status_code == 200
        self.post(desk, kept, gone, "actors", merge="1", seen=f"{kept.pk} {gone.pk}", reason="one body")
        assert Actor.objects.get() == kept

    def test_why_not_is_said(self, desk, two):
        assert "Choose two different ones" in self.post(desk, two[0], two[0], check="1").content.decode()
        assert desk.get(reverse("admin:backoffice_merge", args=["accounts"])).status_code == 200
        assert desk.get("/admin/merge/nothing/").status_code == 404

    def test_readers_see_how_it_was_done(self, client, two, editor):
        merger = merge_accounts(*two, "They share a page.", editor)
        page = client.get("/en/corrections/").content.decode()
        assert "They share a page." in page
        assert "old is the same account as new" in page
        address = f"/en/corrections/merged/{merger.pk}/"
        assert address in page
        values = client.get(address).content.decode()
        assert "<del>21</del>" in values
        assert "The one that stands was read later." in values
        Actor.objects.update(hidden=True)
        assert client.get(address).status_code == 404
        assert "They share a page." not in client.get("/en/corrections/").content.decode()


def test_the_standings_follow(two, editor):
    merge_accounts(*two, "one page", editor)
    [row] = league(Scope(platform="facebook"), date(2022, 1, 6)).rows
    assert (row.now.followers, row.accounts) == (51, 1)


def test_an_import_of_the_old_one_is_still_undone(two, editor, tmp_path):
    kept, gone = two
    file = tmp_path / "counts.csv"
    file.write_text("day,platform,handle,followers\n2019-01-01,facebook,old,3\n2022-01-03,facebook,old,33\n")
    with file.open("rb") as opened:
        batch = imports.receive(opened, "counts.csv", source=make_source(), by=editor)
    imports.write(imports.check(batch), by=editor)
    assert gone.snapshots.filter(day="2019-01-01").exists()
    merge_accounts(kept, gone, "one page", editor)
    imports.undo(batch, by=editor)
    assert "2019-01-01" not in counts(kept)
    assert counts(kept)["2022-01-03"] == 30


def test_what_was_set_aside_goes_when_the_terms_say_so(editor, settings):
    settings.YOUTUBE_TERMS = "30d"
    api = make_source("api-youtube")
    kept, gone = make_account("a", "youtube"), make_account("b", "youtube")
    make_snapshots(kept, {"2022-01-01": 1, "2022-01-02": 3})
    make_snapshots(gone, {"2022-01-01": 2}, source=api)
    merge_accounts(kept, gone, "one channel", editor)
    assert SupersededSnapshot.objects.count() == 1
    terms.expire()
    assert not SupersededSnapshot.objects.exists()
    assert counts(kept) == {"2022-01-01": 1, "2022-01-02": 3}
