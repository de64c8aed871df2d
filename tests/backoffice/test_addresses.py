"""An editor gives an account another address, or follows it, at the very moment somebody else works on it."""

import threading
import uuid
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from apps.backoffice.forms import AccountAddForm, AccountForm
from apps.collecting import adapters, leasing, results, services
from apps.collecting.models import Attempt, Collection
from apps.collectors.types import Kind, Outcome, Target
from apps.registry.models import Account, HandleChange
from apps.snapshots.models import Snapshot
from apps.users.models import User
from tests.builders import make_account, make_actor

pytestmark = pytest.mark.django_db

OLD, NEW = "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa", "did:plc:bbbbbbbbbbbbbbbbbbbbbbbb"


@pytest.fixture(autouse=True)
def no_broker(monkeypatch):
    monkeypatch.setattr("apps.collecting.tasks.wake", lambda: None)


@pytest.fixture
def desk(client):
    client.force_login(User.objects.create_superuser("editor"))
    return client


@pytest.fixture
def account():
    made = make_account(platform="bluesky", handle="old.bsky.social")
    services.ensure_collection([made])
    return made


def change(desk, account, **fields):
    management = {
        f"{prefix}-{field}": 0
        for prefix in ("attempts", "handle_changes")
        for field in ("TOTAL_FORMS", "INITIAL_FORMS")
    }
    values = {"actor": account.actor_id, "state": "active", "note": "", "address": ""}
    page = reverse("admin:registry_account_change", args=[account.pk])
    return desk.post(page, {**values, **management, **fields}, follow=True)


class TestChangeAddress:
    def test_an_answer_about_the_old_address_is_not_recorded_under_the_new_one(self, account):
        ((platform, lease),) = leasing.dispatch(["bluesky"])
        run = uuid.uuid4()
        asked = leasing._claim(lease, run)
        services.change_address(account, Target("bluesky", "new.bsky.social"))
        late = Outcome(
            Target("bluesky", "old.bsky.social"),
            Kind.COUNTED,
            followers=9,
            observed_at=timezone.now(),
            platform_id=OLD,
            handle="old.bsky.social",
        )
        stored = results.store(lease, run, adapters.make(platform), [(asked[0], late)])
        account.refresh_from_db()
        assert stored == {}
        assert (account.handle, account.platform_id) == ("new.bsky.social", "")
        assert (Snapshot.objects.count(), Attempt.objects.count()) == (0, 0)
        assert leasing.dispatch(["bluesky"])  # the new address is read at once

    def test_the_same_address_pasted_again_forgets_no_id(self, account):
        """The id is what shows that a handle has another owner (rule 8)."""
        Account.objects.update(platform_id=OLD)
        services.change_address(account, Target("bluesky", "OLD.bsky.social"))
        account.refresh_from_db()
        assert account.platform_id == OLD

    def test_the_same_id_pasted_is_no_renaming(self, account):
        Account.objects.update(platform_id=OLD)
        services.change_address(account, Target("bluesky", platform_id=OLD))
        account.refresh_from_db()
        assert (account.handle, account.platform_id) == ("old.bsky.social", OLD)
        assert not HandleChange.objects.exists()

    def test_an_address_that_somebody_else_just_took_is_refused_in_words(self, desk, account, monkeypatch):
        other = make_account("first", "bluesky", "new.bsky.social")
        monkeypatch.setattr(AccountForm, "clean_address", lambda form: Target("bluesky", other.handle))
        page = change(desk, account, address=f"https://bsky.app/profile/{other.handle}")
        assert "is tracked already, as an account of first en" in page.content.decode()
        account.refresh_from_db()
        assert account.handle == "old.bsky.social"


class TestSave:
    def test_what_a_worker_learnt_meanwhile_stays(self, desk, account, monkeypatch):
        def clean(form):
            Account.objects.update(platform_id=OLD, title="Press service")

        monkeypatch.setattr(AccountForm, "clean", clean)
        change(desk, account, note="Asked by the ministry")
        account.refresh_from_db()
        assert (account.platform_id, account.title) == (OLD, "Press service")
        assert account.note == "Asked by the ministry"

    def test_hourly_begins_now(self, desk, account):
        Collection.objects.update(due_at=timezone.now() + timedelta(days=1))
        change(desk, account, hourly="on")
        assert Collection.objects.get().due_at <= timezone.now()


class TestAdd:
    def test_of_two_editors_at_once_the_second_is_told(self, desk, monkeypatch):
        make_account("first", "bluesky", "new.bsky.social")
        monkeypatch.setattr(AccountAddForm, "_refuse_a_second", lambda form, target: None)
        fields = {"actor": make_actor().pk, "address": "https://bsky.app/profile/new.bsky.social"}
        page = desk.post(
            reverse("admin:registry_account_add"), {**fields, "platform": "", "note": ""}, follow=True
        )
        assert "is tracked already, as an account of first en" in page.content.decode()
        assert Account.objects.count() == 1

    def test_the_note_reaches_the_account_that_waited_for_its_address(self):
        waiting = make_account(platform="bluesky", handle="", note="Named in the study")
        services.add_account(waiting.actor, Target("bluesky", "new.bsky.social"), note="Found by hand")
        waiting.refresh_from_db()
        assert waiting.note == "Named in the study\nFound by hand"


class TestFollow:
    def test_a_moved_mastodon_account_is_followed_by_its_new_name(self):
        """Mastodon says where to by a name, not by an id."""
        account = make_account(
            platform="mastodon",
            handle="old@mastodon.social",
            platform_id="5@mastodon.social",
            state="paused",
            stopped_code="moved",
            stopped_detail="new@mastodon.world",
        )
        assert services.follow(account)
        account.refresh_from_db()
        assert (account.handle, account.platform_id) == ("new@mastodon.world", "")
        made = HandleChange.objects.get()
        assert (made.old, made.new) == ("old@mastodon.social", "new@mastodon.world")

    def test_not_to_a_name_that_is_tracked(self):
        make_account(platform="mastodon", handle="new@mastodon.world")
        account = make_account(
            platform="mastodon",
            handle="old@mastodon.social",
            state="paused",
            stopped_code="moved",
            stopped_detail="NEW@mastodon.world",
        )
        assert not services.follow(account)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("act", ["change_address", "follow", "form"])
def test_an_editor_waits_for_the_worker_and_neither_is_thrown_out(act, account, client):
    """A worker that records holds the collection, then writes the account; the other way round is a deadlock."""
    Account.objects.update(state="paused", stopped_code="other_id", stopped_detail=NEW)
    account.refresh_from_db()
    client.force_login(User.objects.create_superuser("editor"))
    failed = []

    def edit():
        try:
            if act == "change_address":
                services.change_address(account, Target("bluesky", "new.bsky.social"))
            elif act == "follow":
                services.follow(account)
            else:
                change(client, account, note="x")
        except Exception as error:  # whatever it is, the test tells it
            failed.append(error)
        finally:
            connection.close()

    editor = threading.Thread(target=edit)
    with transaction.atomic():
        Account.objects.select_for_update(no_key=True).get(pk=account.pk)
        Collection.objects.select_for_update().get(account=account)
        editor.start()
        editor.join(0.7)
        Account.objects.filter(pk=account.pk).update(title="Learnt")
    editor.join(10)
    assert not failed
    account.refresh_from_db()
    assert account.title == "Learnt"
