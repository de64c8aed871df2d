"""Mails go by the outbox: no page fails, waits or tells anything because of the mail server, and links are the site's own."""

import re
import smtplib
import statistics
import time
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import MD5PasswordHasher, PBKDF2PasswordHasher
from django.core import mail
from django.test import Client
from django.utils import timezone

from apps.common import mailing
from apps.users import invitations, outbox
from apps.users.models import Invitation, Mail
from tests.users.conftest import PASSWORD, delivered, sign_in

pytestmark = pytest.mark.django_db

RESET = "/en/accounts/password/reset/"


@pytest.fixture
def strange_host(settings):
    """Provide a site that is asked by a name that is not its own."""
    settings.ALLOWED_HOSTS, settings.SITE_URL = ["*"], "https://counts.example.kz"
    return {"headers": {"host": "evil.example"}}


def links(text):
    return list(re.findall(r"https?://[^\s>]+", text))


def test_every_link_is_the_site_s_own(client, officer, strange_host):
    EmailAddress.objects.create(user=officer, email=officer.email, primary=True, verified=True)
    client.post(RESET, {"email": "bob@example.kz"}, **strange_host)
    sign_in(client, "bob", **strange_host)
    client.post("/en/accounts/email/", {"action_add": "", "email": "bob@ministry.example"}, **strange_host)
    data = {"oldpassword": PASSWORD, "password1": "nine wild horses", "password2": "nine wild horses"}
    client.post("/en/accounts/password/change/", data, **strange_host)
    made, link = invitations.make("dana@example.kz", Invitation.Role.EDITOR)
    invitations.send(made, link)
    sent = delivered()
    assert len(sent) >= 4
    for message in sent:
        assert "evil" not in message.body + message.subject
        assert links(message.body)
        assert all(found.startswith("https://counts.example.kz") for found in links(message.body))
    path = links(sent[0].body)[0].removeprefix("https://counts.example.kz")
    assert Client().get(path, follow=True).status_code == 200


def test_an_address_that_is_somebody_else_s_has_the_site_s_links_too(client, officer, editor, strange_host):
    EmailAddress.objects.create(user=editor, email=editor.email, primary=True, verified=True)
    sign_in(client, "bob", **strange_host)
    client.post("/en/accounts/email/", {"action_add": "", "email": editor.email}, **strange_host)
    for message in delivered():
        assert "evil" not in message.body


def test_a_mail_server_that_is_down_is_nobody_s_trouble(client, officer, monkeypatch):
    """Known and unknown addresses get the same page; the mail goes when the server is back, and once."""

    def down(self, messages):
        raise smtplib.SMTPServerDisconnected("down")

    with monkeypatch.context() as patch:
        patch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", down)
        known = client.post(RESET, {"email": "bob@example.kz"})
        unknown = client.post(RESET, {"email": "eve@example.com"})
        assert (known.status_code, known.headers["Location"]) == (
            unknown.status_code,
            unknown.headers["Location"],
        )
        assert outbox.send_due() == 2
    waiting = Mail.objects.get(recipient="bob@example.kz")
    assert (waiting.state, waiting.tries, waiting.last_error) == (
        "waiting",
        1,
        "connection: SMTPServerDisconnected",
    )
    assert waiting.due_at > timezone.now()
    assert outbox.send_due() == 0
    Mail.objects.update(due_at=timezone.now())
    outbox.send_due()
    assert [message.to for message in mail.outbox] == [["bob@example.kz"]]
    assert outbox.send_due() == 0


def test_an_unknown_address_leaves_the_same_behind(client, officer):
    for address in ("bob@example.kz", "eve@example.com"):
        client.post(RESET, {"email": address})
    known, unknown = Mail.objects.order_by("pk")
    differing = {"id", "uid", "recipient", "sealed", "due_at", "made_at", "_state"}
    assert {**vars(known), **dict.fromkeys(differing)} == {**vars(unknown), **dict.fromkeys(differing)}
    assert len(known.sealed) == len(unknown.sealed)
    assert [message.to for message in delivered()] == [["bob@example.kz"]]
    assert set(Mail.objects.values_list("state", "sealed")) == {("sent", "")}


def test_what_waits_is_sealed(settings):
    made, link = invitations.make("dana@example.kz", Invitation.Role.ADMIN)
    invitations.send(made, link)
    token = link.rstrip("/").rpartition("/")[2]
    assert token not in repr(Mail.objects.values())
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another one"
    assert link in delivered()[0].body


def test_after_another_key_it_is_given_up(settings):
    made, link = invitations.make("dana@example.kz", Invitation.Role.ADMIN)
    invitations.send(made, link)
    settings.SECRET_KEY = "another one"  # noqa: S105 of nobody
    assert delivered() == []
    assert Mail.objects.get().state == "dead"


def test_a_mail_is_sent_by_one_and_given_up_after_a_day(monkeypatch):
    outbox.ask_for_reset("a@example.kz")
    now = timezone.now() + timedelta(seconds=1)
    assert outbox.claim(now)
    assert outbox.claim(now) is None
    again = outbox.claim(now + outbox.LEASE)  # its sender did not live to say
    assert again.tries == 2
    monkeypatch.setattr(outbox, "messages_of", lambda mail: [mail])
    monkeypatch.setattr(mailing, "send", lambda message: (_ for _ in ()).throw(mailing.MailDelayed("no")))
    for tries in range(2, len(outbox.WAITS) + 2):
        Mail.objects.update(tries=tries, state="sending", run=again.run)
        again.tries = tries
        outbox.send(again)
        assert Mail.objects.get().state == ("waiting" if tries <= len(outbox.WAITS) else "dead")


def test_without_a_mail_server_nothing_waits(client, officer, settings):
    settings.EMAIL_URL = ""
    client.post(RESET, {"email": "bob@example.kz"})
    mail.send_mail("s", "b", None, ["a@example.kz"])
    assert not Mail.objects.exists()


def test_what_is_old_is_forgotten():
    outbox.ask_for_reset("a@example.kz")
    outbox.send_due()
    Mail.objects.update(made_at=timezone.now() - outbox.KEPT - timedelta(hours=1))
    outbox.send_due()
    assert not Mail.objects.exists()


def test_an_invitation_is_replaced(client, editor):
    made, first = invitations.make("dana@example.kz", Invitation.Role.EDITOR)
    Invitation.objects.update(expires_at=timezone.now() - timedelta(days=1))
    client.force_login(editor)
    page = client.post(f"/admin/invite/{made.pk}/replace/").content.decode()
    second = re.search(r'class="made-link">([^<]+)<', page).group(1)
    assert second in delivered()[0].body
    path = [link.removeprefix("http://127.0.0.1:8000") for link in (first, second)]
    assert [Client().get(address).status_code for address in path] == [404, 200]
    Invitation.objects.update(accepted_at=timezone.now())
    assert client.post(f"/admin/invite/{made.pk}/replace/").status_code == 404


@pytest.mark.parametrize("login", ["bob", "bob@example.kz", "BOB@example.kz", "eve", "eve@example.kz"])
def test_whoever_signs_in_wrongly_costs_one_hash(client, officer, monkeypatch, login):
    hashed = []
    encode = MD5PasswordHasher.encode
    monkeypatch.setattr(MD5PasswordHasher, "encode", lambda *words: hashed.append(1) or encode(*words))
    assert sign_in(client, login, "wrong").status_code == 200
    assert len(hashed) == 1
    if login.lower().startswith("bob"):
        assert sign_in(client, login).status_code == 302


class QuickHasher(PBKDF2PasswordHasher):
    """Takes some milliseconds: enough to be seen where it is left out."""

    iterations = 10_000


@pytest.mark.faults
@pytest.mark.parametrize("page", ["reset", "sign-in"])
def test_a_known_address_takes_as_long_as_an_unknown_one(client, officer, settings, page):
    settings.ACCOUNT_RATE_LIMITS = False
    settings.PASSWORD_HASHERS = [f"{QuickHasher.__module__}.QuickHasher"]
    officer.set_password(PASSWORD)
    officer.save()
    took = {"bob@example.kz": [], "eve@example.kz": []}
    for turn in range(2020):
        address = sorted(took)[turn % 2]
        data = {"email": address} if page == "reset" else {"login": address, "password": "wrong"}
        began = time.perf_counter()
        status = client.post(RESET if page == "reset" else "/en/accounts/login/", data).status_code
        if turn >= 20:
            took[address].append(time.perf_counter() - began)
        assert status == (302 if page == "reset" else 200)
    known, unknown = (statistics.median(seconds) for seconds in took.values())
    assert abs(known - unknown) < 0.05 * unknown
