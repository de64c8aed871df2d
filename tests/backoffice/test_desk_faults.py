"""The editor's desk under hostile or unlucky hands: nothing recorded changes unasked, nothing ends in a 500."""

import socket
import time
from datetime import date

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone
from kombu import Connection

from apps.collecting import tasks
from apps.collecting.models import Collection, PlatformState
from apps.registry.models import Account, Source
from apps.snapshots.models import Correction, Doubt, Snapshot
from apps.users.models import User
from tests.builders import make_account, make_snapshot, make_source

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client):
    client.force_login(User.objects.create_superuser("editor"))
    return client


def url(name, *args):
    return reverse(f"admin:{name}", args=args)


class TestCorrectionOfAPrintedFigure:
    """Rule 5: precision travels, and so does a bound."""

    @pytest.fixture
    def printed(self):
        return make_snapshot(make_account(), "2022", 67_000, bound=">", precision="printed")

    def shown(self, desk, snapshot):
        """Return what the form is filled with, as a browser would send it back."""
        form = desk.get(url("snapshots_snapshot_change", snapshot.pk)).context["form"]
        return {name: form.get_initial_for_field(field, name) or "" for name, field in form.fields.items()}

    def send(self, desk, snapshot, fields):
        answer = desk.post(url("snapshots_snapshot_change", snapshot.pk), fields)
        snapshot.refresh_from_db()
        return answer

    def test_sent_back_as_it_was_shown_it_changes_nothing(self, desk, printed):
        answer = self.send(desk, printed, {**self.shown(desk, printed), "reason": "Looked again"})
        assert "This value stands already" in answer.content.decode()
        assert (printed.bound, printed.precision) == (">", "printed")
        assert not Correction.objects.exists()

    def test_another_number_keeps_how_it_was_printed(self, desk, printed):
        self.send(desk, printed, {**self.shown(desk, printed), "count": ">76 000", "reason": "Misread"})
        assert (printed.followers, printed.bound, printed.precision) == (76_000, ">", "printed")

    def test_a_unit_says_that_it_is_abbreviated(self, desk, printed):
        self.send(desk, printed, {**self.shown(desk, printed), "count": "76K", "reason": "Misread"})
        assert (printed.followers, printed.bound, printed.precision) == (76_000, "=", "abbrev")


@pytest.fixture
def broker_at(monkeypatch):
    """Have the desk publish at this address instead."""
    publish = tasks.dispatch_due.apply_async

    def at(address):
        app = tasks.dispatch_due.app
        monkeypatch.setattr(app, "connection_for_write", lambda *_, **options: Connection(address, **options))
        monkeypatch.setattr(
            tasks.dispatch_due,
            "apply_async",
            lambda **options: publish(**{"connection": Connection(address), **options}),
        )

    return at


@pytest.mark.django_db(transaction=True)
def test_an_editor_works_on_while_the_broker_is_away(desk, broker_at):
    account = make_account(platform="bluesky")
    broker_at("redis://127.0.0.1:9/0")
    chosen = {"action": "collect_now", "_selected_action": [account.pk]}
    begun = time.monotonic()
    page = desk.post(url("registry_account_changelist"), chosen, follow=True)
    assert "1 account is due now." in page.content.decode()
    assert time.monotonic() - begun < 3


@pytest.mark.django_db(transaction=True)
def test_an_editor_works_on_while_the_broker_hangs(desk, broker_at):
    """It takes the connection and never says a word."""
    account = make_account(platform="bluesky")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        broker_at(f"redis://127.0.0.1:{silent.getsockname()[1]}/0")
        chosen = {"action": "collect_now", "_selected_action": [account.pk]}
        begun = time.monotonic()
        page = desk.post(url("registry_account_changelist"), chosen, follow=True)
    assert "1 account is due now." in page.content.decode()
    assert time.monotonic() - begun < 10


def test_an_address_of_a_source_without_its_scheme_is_taken_as_https(desk):
    fields = {"key": "akorda", "kind": "page", "title": "Akorda", "url": "www.akorda.kz/kz"}
    desk.post(url("registry_source_add"), fields)
    assert Source.objects.get(key="akorda").url == "https://www.akorda.kz/kz"


class TestHeld:
    @pytest.fixture
    def doubts(self):
        account = make_account(platform="bluesky")
        make_snapshot(account, "2026-11-10", 1_000_000)
        Collection.objects.create(account=account, due_at=timezone.now(), error_code="held")
        return [
            Doubt.objects.create(
                account=account,
                day=date(2026, 11, day),
                followers=followers,
                why="fall",
                against=1_000_000,
                source=make_source(),
                seen_at=timezone.now(),
            )
            for day, followers in ((20, 7), (21, 90_000))  # too far apart to be one question
        ]

    def decide(self, desk, *doubts):
        chosen = {"action": "reject", "_selected_action": [doubt.pk for doubt in doubts]}
        desk.post(url("snapshots_doubt_changelist"), chosen)

    def test_nothing_is_said_to_be_held_once_all_is_decided(self, desk, doubts):
        self.decide(desk, doubts[0])
        assert Collection.objects.get().error_code == "held"
        self.decide(desk, doubts[1])
        assert Collection.objects.get().error_code == ""

    def test_what_is_held_was_read(self, desk, doubts):
        page = desk.get(url("index")).content.decode()
        assert "2 counts are held" in page
        assert "cannot be read" not in page
        listed = desk.get(url("registry_account_changelist") + "?needs=error")
        assert listed.context["cl"].result_count == 0


def test_who_is_no_editor_changes_nothing_whatever_rights_are_written_down(client):
    account = make_account(platform="bluesky")
    snapshot = make_snapshot(account, "2022", 5)
    doubt = Doubt.objects.create(
        account=account,
        day=date(2026, 11, 20),
        followers=7,
        why="fall",
        against=1_000_000,
        source=make_source(),
        seen_at=timezone.now(),
    )
    PlatformState.objects.create(platform="bluesky", pause_code="rate")
    viewer = User.objects.create_user("viewer")
    viewer.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    client.force_login(viewer)

    def everything():
        models = (Account, Snapshot, Correction, Doubt, Collection, PlatformState)
        return [list(model.objects.order_by("pk").values()) for model in models]

    before = everything()
    tried = {
        "registry_account": ("collect_now", "pause", "resume", "follow", "same_page"),
        "snapshots_doubt": ("accept", "reject"),
        "collecting_platformstate": ("lift",),
    }
    pks = {
        "registry_account": account.pk,
        "snapshots_doubt": doubt.pk,
        "collecting_platformstate": "bluesky",
    }
    for model, actions in tried.items():
        assert client.get(url(f"{model}_changelist")).status_code == 302
        for action in actions:
            chosen = {"action": action, "_selected_action": [pks[model]]}
            client.post(url(f"{model}_changelist"), chosen)
    value = {"state": "counted", "count": "50", "evidence": "https://t.me/a", "reason": "Because"}
    for page in ("registry_account_read", "registry_account_change"):
        assert client.post(url(page, account.pk), value)["Location"].startswith("/admin/login/")
    assert client.get(url("snapshots_snapshot_change", snapshot.pk)).status_code == 302
    assert client.post(url("snapshots_snapshot_change", snapshot.pk), value).status_code == 302
    assert everything() == before
