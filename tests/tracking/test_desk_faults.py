"""The editor's desk under hostile or unlucky hands: nothing recorded changes unasked, nothing ends in a 500."""

import socket
import time

import pytest
from django.urls import reverse
from kombu import Connection

from apps.tracking import tasks
from apps.tracking.models import (
    Correction,
)
from apps.users.models import User
from tests.builders import make_account, make_snapshot

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor():
    return User.objects.create_superuser("editor")


@pytest.fixture
def desk(client, editor):
    client.force_login(editor)
    return client


def url(name, *args):
    return reverse(f"admin:{name}", args=args)


class TestCorrectionOfAPrintedFigure:
    """Rule 5: precision travels, and so does a bound."""

    @pytest.fixture
    def printed(self):
        return make_snapshot(make_account(), "2022", 67_000, bound=">", precision="printed")

    def shown(self, desk, snapshot):
        """What the form is filled with, as a browser would send it back."""
        form = desk.get(url("tracking_snapshot_change", snapshot.pk)).context["form"]
        return {name: form.get_initial_for_field(field, name) or "" for name, field in form.fields.items()}

    def send(self, desk, snapshot, fields):
        answer = desk.post(url("tracking_snapshot_change", snapshot.pk), fields)
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
    page = desk.post(url("tracking_account_changelist"), chosen, follow=True)
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
        page = desk.post(url("tracking_account_changelist"), chosen, follow=True)
    assert "1 account is due now." in page.content.decode()
    assert time.monotonic() - begun < 10
