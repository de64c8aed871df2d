"""The editor's desk: strangers and readers stay out, an editor gets every job done, nothing is half done."""

from datetime import date, timedelta

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from apps.backoffice.templatetags.desk import moment
from apps.collecting.models import Collection, PlatformState
from apps.registry.models import Account, AccountState, Group, OldSlug
from apps.snapshots.models import Correction, Doubt, Snapshot, State
from apps.snapshots.recording import day_of
from apps.users.models import User
from tests.builders import make_account, make_actor, make_snapshot, make_source
from tests.queries import count_queries

pytestmark = pytest.mark.django_db

PAGES = [
    "index",
    "registry_actor_changelist",
    "registry_account_changelist",
    "registry_account_add",
    "registry_group_changelist",
    "registry_source_changelist",
    "snapshots_snapshot_changelist",
    "snapshots_doubt_changelist",
    "snapshots_correction_changelist",
    "collecting_platformstate_changelist",
    "registry_membership_changelist",
    "context_indicator_changelist",
    "context_event_changelist",
    "context_claim_changelist",
    "users_user_changelist",
]


@pytest.fixture
def editor():
    return User.objects.create_superuser("editor")


@pytest.fixture
def desk(client, editor):
    client.force_login(editor)
    return client


@pytest.fixture(autouse=True)
def no_broker(monkeypatch):
    """What is due is only counted here: the broker has its own tests."""
    woken = []
    monkeypatch.setattr("apps.collecting.tasks.wake", lambda: woken.append(1))
    return woken


def url(name, *args):
    return reverse(f"admin:{name}", args=args)


@pytest.mark.parametrize("page", PAGES)
def test_a_stranger_is_sent_to_sign_in(client, page):
    assert client.get(url(page)).status_code == 302


@pytest.mark.parametrize("page", PAGES)
def test_a_user_who_is_no_editor_is_sent_away(client, page):
    client.force_login(User.objects.create_user("charlie"))
    assert client.get(url(page)).status_code == 302


@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_and_its_cost_does_not_grow(desk, page):
    make_account("a0")
    few = count_queries(desk, url(page))
    for number in range(1, 8):
        account = make_account(f"a{number}")
        make_snapshot(account, "2026-11-20", 5)
        Collection.objects.create(account=account, due_at=timezone.now())
    assert count_queries(desk, url(page)) <= few + 1


def test_the_first_page_does_not_go_through_the_log(desk):
    """A million attempts have no index on their instant alone; the accounts know when they were asked last."""
    Collection.objects.create(
        account=make_account(platform="bluesky"), due_at=timezone.now(), last_attempt_at=timezone.now()
    )
    with CaptureQueriesContext(connection) as asked:
        page = desk.get(url("index")).content.decode()
    assert "Last attempt: " in page
    assert not [query["sql"] for query in asked if "tracking_attempt" in query["sql"]]


class TestAddAnAccount:
    def add(self, desk, address, platform="", actor=None):
        actor = actor or make_actor()
        fields = {"actor": actor.pk, "address": address, "platform": platform, "note": ""}
        return desk.post(url("registry_account_add"), fields)

    def test_an_address_is_recognised_and_read_at_once(self, desk, no_broker):
        self.add(desk, "https://bsky.app/profile/akorda.bsky.social")
        account = Account.objects.get()
        assert (account.platform, account.handle) == ("bluesky", "akorda.bsky.social")
        assert account.collection.due_at <= timezone.now()
        assert no_broker

    def test_what_is_said_of_the_first_reading_is_true(self, desk, no_broker):
        at_once = self.said(desk, "https://bsky.app/profile/a.bsky.social")
        assert at_once.endswith("was recognised and will be read within two minutes.")
        until = timezone.now() + timedelta(hours=2)
        PlatformState.objects.create(platform="bluesky", paused_until=until, pause_code="rate")
        paused = self.said(desk, "https://bsky.app/profile/b.bsky.social")
        shown = moment(until)
        assert paused.endswith(f"Bluesky is paused until {shown}; it will be read after that.")
        by_hand = self.said(desk, "https://www.tiktok.com/@akorda")
        assert by_hand.endswith("No program reads it here: please read its number by hand.")

    def said(self, desk, address):
        told = [str(each) for each in get_messages(self.add(desk, address).wsgi_request)]
        return [words for words in told if "recognised" in words][-1]

    def test_a_bare_handle_needs_its_platform(self, desk):
        answer = self.add(desk, "@akorda")
        assert "without a platform" in answer.content.decode()
        assert not Account.objects.exists()
        self.add(desk, "@akorda", "telegram")
        assert Account.objects.get().platform == "telegram"

    @pytest.mark.parametrize(
        ("address", "words"),
        [
            ("https://example.com/page", "is not an address"),
            ("https://t.me/+AbCdEf123456", "invitation"),
            ("https://www.youtube.com/watch?v=dQw4w9WgXcQ", "single video"),
            ("https://www.facebook.com/groups/123", "group"),
            ("https://t.me/c/12345/6", "private"),
        ],
    )
    def test_what_is_no_account_is_refused_with_the_reason(self, desk, address, words):
        answer = self.add(desk, address)
        assert words in answer.content.decode()
        assert not Account.objects.exists()

    def test_a_second_time_says_whose_it_is(self, desk):
        make_account(make_actor("first"), "telegram", "akorda")
        answer = self.add(desk, "https://t.me/AKORDA")
        assert "is tracked already, as an account of first en" in answer.content.decode()
        assert Account.objects.count() == 1

    def test_an_address_fills_the_account_that_lacked_one(self, desk):
        actor = make_actor()
        waiting = make_account(actor, "telegram", handle="")
        make_snapshot(waiting, "2022", 5)
        self.add(desk, "https://t.me/akorda", actor=actor)
        account = Account.objects.get()
        assert (account.pk, account.handle, account.snapshots.count()) == (waiting.pk, "akorda", 1)

    def test_a_page_no_program_reads_asks_for_its_number(self, desk):
        answer = self.add(desk, "https://www.facebook.com/enbekgovkz")
        account = Account.objects.get()
        assert answer.url == url("registry_account_read", account.pk)


class TestReadByHand:
    def read(self, desk, account, **fields):
        values = {"state": "counted", "count": "76K", "evidence": "https://www.facebook.com/enbekgovkz"}
        return desk.post(url("registry_account_read", account.pk), {**values, **fields})

    @pytest.fixture
    def account(self):
        return make_account("labour", "facebook", "enbekgovkz")

    def test_the_number_counts_for_today_with_who_and_where(self, desk, editor, account):
        self.read(desk, account)
        made = Snapshot.objects.get()
        assert (made.day, made.followers, made.precision) == (day_of(timezone.now()), 76000, "abbrev")
        assert (made.source.kind, made.locator, made.note, made.edited_by) == (
            "manual",
            "https://www.facebook.com/enbekgovkz",
            "76K",
            editor,
        )

    @pytest.mark.parametrize(
        "wrong",
        [
            {"count": "many"},
            {"count": ""},
            {"count": "1,234K"},
            {"evidence": ""},
            {"evidence": "javascript:alert(1)"},
            {"state": "absent"},
            {"state": "nonsense"},
        ],
    )
    def test_what_cannot_be_recorded_is_refused(self, desk, account, wrong):
        assert self.read(desk, account, **wrong).status_code == 200
        assert not Snapshot.objects.exists()

    def test_a_jump_asks_to_confirm(self, desk, account):
        make_snapshot(account, "2022", 10_000)
        answer = self.read(desk, account)
        assert "10,000" in answer.content.decode() or "10000" in answer.content.decode()
        assert Snapshot.objects.count() == 1
        self.read(desk, account, confirmed="on")
        assert Snapshot.objects.count() == 2

    @pytest.mark.parametrize(
        ("before", "count", "asks"),
        [
            (1000, "2000", True),  # exactly twice
            (1000, "1999", False),
            (1000, "500", True),  # exactly half
            (1000, "501", False),
            (100, "200", False),  # twice, but no more than a hundred away
            (200, "100", False),
            (101, "202", True),
            (202, "101", True),
        ],
    )
    def test_half_and_twice_ask_to_confirm_and_nothing_nearer(self, desk, account, before, count, asks):
        make_snapshot(account, "2022", before)
        self.read(desk, account, count=count)
        assert Snapshot.objects.count() == (1 if asks else 2)

    def test_a_vanished_page_is_recorded_as_such(self, desk, account):
        self.read(desk, account, state="absent", count="")
        assert Snapshot.objects.get().state == State.ABSENT

    def test_todays_value_is_corrected_not_overwritten(self, desk, account):
        self.read(desk, account)
        answer = self.read(desk, account, count="77K")
        assert url("snapshots_snapshot_change", Snapshot.objects.get().pk) in answer.content.decode()
        assert Snapshot.objects.get().followers == 76000


class TestCorrect:
    def test_with_a_reason(self, desk, editor):
        snapshot = make_snapshot(make_account(), "2022", 64_000)
        page = url("snapshots_snapshot_change", snapshot.pk)
        assert desk.get(page).status_code == 200
        desk.post(page, {"state": "counted", "count": "63 900", "reason": "Misprint in the table"})
        snapshot.refresh_from_db()
        assert (snapshot.followers, snapshot.edited_by) == (63_900, editor)
        assert Correction.objects.get().old["followers"] == 64_000

    def test_without_a_reason_nothing_changes(self, desk):
        snapshot = make_snapshot(make_account(), "2022", 64_000)
        desk.post(
            url("snapshots_snapshot_change", snapshot.pk), {"state": "counted", "count": "1", "reason": " "}
        )
        snapshot.refresh_from_db()
        assert snapshot.followers == 64_000
        assert not Correction.objects.exists()

    def test_history_cannot_be_deleted(self, desk):
        snapshot = make_snapshot(make_account(), "2022", 64_000)
        for name, pk in (("snapshots_snapshot", snapshot.pk), ("registry_account", snapshot.account_id)):
            assert desk.post(url(f"{name}_delete", pk), {"post": "yes"}).status_code == 403
        action = {"action": "delete_selected", "_selected_action": [snapshot.pk], "post": "yes"}
        desk.post(url("snapshots_snapshot_changelist"), action)
        assert Snapshot.objects.count() == 1


class TestHeldCounts:
    @pytest.fixture
    def doubt(self):
        account = make_account(platform="bluesky")
        make_snapshot(account, "2026-11-10", 1_000_000)
        return Doubt.objects.create(
            account=account,
            day=date(2026, 11, 20),
            followers=7,
            why="fall",
            against=1_000_000,
            source=make_source(),
            seen_at=timezone.now(),
        )

    @pytest.mark.parametrize(("action", "recorded"), [("accept", 2), ("reject", 1)])
    def test_are_decided(self, desk, doubt, action, recorded):
        desk.post(url("snapshots_doubt_changelist"), {"action": action, "_selected_action": [doubt.pk]})
        doubt.refresh_from_db()
        assert doubt.decision == f"{action}ed"
        assert Snapshot.objects.count() == recorded

    def test_stand_on_the_first_page(self, desk, doubt):
        assert "1 count is held" in desk.get(url("index")).content.decode()


class TestAccounts:
    def test_collect_now_says_how_many(self, desk, no_broker):
        ready, by_hand = make_account(platform="bluesky"), make_account(platform="facebook")
        chosen = {"action": "collect_now", "_selected_action": [ready.pk, by_hand.pk]}
        page = desk.post(url("registry_account_changelist"), chosen, follow=True).content.decode()
        assert "1 account is due now." in page
        assert "1 account was left alone" in page
        assert ready.collection.due_at <= timezone.now()
        assert no_broker

    def test_a_stopped_account_says_why_and_goes_on_when_resumed(self, desk):
        account = make_account(
            platform="bluesky", state=AccountState.PAUSED, stopped_code="other_id", stopped_detail="did:plc:x"
        )
        page = desk.get(url("registry_account_changelist") + "?needs=stopped").content.decode()
        assert "now belongs to another account" in page
        desk.post(url("registry_account_changelist"), {"action": "resume", "_selected_action": [account.pk]})
        account.refresh_from_db()
        assert (account.state, account.stopped_code) == (AccountState.ACTIVE, "")

    @pytest.mark.parametrize("needs", ["address", "stopped", "error", "stale", "never", "title", "hand"])
    def test_the_filters_answer(self, desk, needs):
        make_account(platform="bluesky", handle="")
        assert desk.get(url("registry_account_changelist") + f"?needs={needs}").status_code == 200

    def test_a_new_address_keeps_the_history(self, desk):
        account = make_account(platform="telegram", handle="old_name", platform_id="-1001")
        make_snapshot(account, "2022", 5)
        fields = {
            "actor": account.actor_id,
            "state": "active",
            "note": "",
            "address": "https://t.me/new_name",
        }
        management = {
            f"{prefix}-{field}": 0
            for prefix in ("attempts", "handle_changes")
            for field in ("TOTAL_FORMS", "INITIAL_FORMS")
        }
        desk.post(url("registry_account_change", account.pk), {**fields, **management})
        account.refresh_from_db()
        assert (account.handle, account.platform_id) == ("new_name", "")
        assert account.handle_changes.get().old == "old_name"
        assert account.snapshots.count() == 1


def test_a_new_title_is_asked_about_and_confirmed(desk):
    account = make_account(platform="telegram", title="Casino", title_before="Press service")
    assert "1 account has a new title" in desk.get(url("index")).content.decode()
    page = desk.get(url("registry_account_changelist") + "?needs=title").content.decode()
    assert "was “Press service” and is now “Casino”" in page
    desk.post(url("registry_account_changelist"), {"action": "same_page", "_selected_action": [account.pk]})
    account.refresh_from_db()
    assert account.title_before == ""


class TestActorsAndGroups:
    def test_a_changed_slug_leaves_a_redirect(self, desk):
        actor = make_actor("old-name")
        fields = {
            "name_kk": "a",
            "name_ru": "b",
            "name_en": "c",
            "slug": "new-name",
            "kind": "party",
            "accounts-TOTAL_FORMS": 0,
            "aliases-TOTAL_FORMS": 0,
            "aliases-INITIAL_FORMS": 0,
            "accounts-INITIAL_FORMS": 0,
        }
        desk.post(url("registry_actor_change", actor.pk), fields)
        assert OldSlug.objects.get().slug == "old-name"

    def test_a_body_that_has_ended_is_closed_with_its_accounts(self, desk):
        account = make_account("ministry")
        fields = {
            "name_kk": "a",
            "name_ru": "b",
            "name_en": "c",
            "slug": "ministry",
            "kind": "agency",
            "ended": "2022-06-11",
            "ended_span": 3,
            "accounts-TOTAL_FORMS": 0,
            "accounts-INITIAL_FORMS": 0,
            "aliases-TOTAL_FORMS": 0,
            "aliases-INITIAL_FORMS": 0,
        }
        desk.post(url("registry_actor_change", account.actor_id), fields)
        account.refresh_from_db()
        assert (account.state, account.actor.ended.isoformat()) == ("closed", "2022-06-11")

    def test_the_reference_is_a_member(self, desk):
        one, other = make_actor(), make_actor()
        fields = {"title_en": "a", "title_ru": "b", "title_kk": "c", "slug": "g", "members": [one.pk]}
        desk.post(url("registry_group_add"), {**fields, "reference": other.pk})
        assert not Group.objects.exists()
        desk.post(url("registry_group_add"), {**fields, "reference": one.pk})
        assert Group.objects.get().reference == one


def test_a_pause_is_lifted(desk):
    later = timezone.now() + timedelta(hours=3)
    PlatformState.objects.create(platform="bluesky", paused_until=later, pause_code="rate", failures=3)
    assert "Bluesky is paused until" in desk.get(url("index")).content.decode()
    desk.post(url("collecting_platformstate_changelist"), {"action": "lift", "_selected_action": ["bluesky"]})
    assert PlatformState.objects.get().paused_until is None


def test_addresses_of_before_lead_to_where_the_tables_are(desk):
    snapshot = make_snapshot(make_account(), "2022", 64_000)
    old = f"/admin/tracking/snapshot/{snapshot.pk}/change/?_popup=1"
    answer = desk.get(old)
    assert (answer.status_code, answer["Location"]) == (301, old.replace("tracking", "snapshots"))
    assert desk.get("/admin/tracking/nothing/").status_code == 404
