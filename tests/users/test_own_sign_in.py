"""One's own sign-in: sessions seen and ended, password, addresses, what is lost."""

import re

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.core.cache import cache, caches
from django.core.management import call_command
from django.test import Client

from apps.common.breaker import redis_breaker
from apps.common.caching import SharedCache
from apps.users.models import User
from tests.users.conftest import PASSWORD, delivered, set_up_app, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def two(officer):
    """Provide one person in two browsers."""
    here, there = Client(), Client(headers={"user-agent": "A phone"})
    sign_in(here, "bob")
    sign_in(there, "bob")
    return here, there


def test_sessions_are_seen_and_ended(two):
    here, there = two
    page = here.get("/en/me/security/").content.decode()
    assert "A phone" in page
    assert "this browser" in page
    other = UserSession.objects.get(user_agent="A phone")
    assert here.post(f"/en/me/security/sessions/{other.pk}/end/").status_code == 302
    assert there.get("/en/me/").status_code == 302
    assert here.get("/en/me/").status_code == 200


def test_all_others_are_ended_at_once(two):
    here, there = two
    here.post("/en/me/security/sessions/end/")
    assert there.get("/en/me/").status_code == 302
    assert here.get("/en/me/").status_code == 200


def test_nobody_ends_somebody_else_s(two, editor):
    stranger = Client()
    stranger.force_login(editor)
    theirs = UserSession.objects.first()
    assert stranger.post(f"/en/me/security/sessions/{theirs.pk}/end/").status_code == 404
    assert UserSession.objects.filter(pk=theirs.pk).exists()


def test_strangers_see_nothing_of_it(client):
    assert "/accounts/login/" in client.get("/en/me/security/").headers["Location"]


def test_a_new_password_ends_the_other_sessions(two):
    here, there = two
    new = "nine wild horses"
    here.post("/en/accounts/reauthenticate/", {"password": PASSWORD})
    answer = here.post(
        "/en/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new}
    )
    assert answer.status_code == 302
    assert there.get("/en/me/").status_code == 302
    assert here.get("/en/me/").status_code == 200


def test_a_lost_password_is_replaced_by_mail(client, officer):
    client.post("/en/accounts/password/reset/", {"email": "bob@example.kz"})
    told = delivered()[0].body
    link = re.search(r"https?://[^/]+(/\S+)", told).group(1)
    form = client.get(link).headers["Location"]
    new = "nine wild horses"
    assert client.post(form, {"password1": new, "password2": new}).status_code == 302
    assert client.get("/en/me/").status_code == 302  # the mailbox alone signs nobody in
    assert sign_in(Client(), "bob", new).status_code == 302
    assert b"no longer works" in Client().get(link).content


def test_no_mail_goes_to_whoever_somebody_names(client, officer):
    known = client.post("/en/accounts/password/reset/", {"email": "bob@example.kz"})
    unknown = client.post("/en/accounts/password/reset/", {"email": "eve@example.com"})
    assert known.headers["Location"] == unknown.headers["Location"]
    assert [one.to for one in delivered()] == [["bob@example.kz"]]


@pytest.mark.parametrize("language", ["en", "ru", "kk"])
def test_mails_are_plain_text(client, officer, language):
    client.post(f"/{language}/accounts/password/reset/", {"email": "bob@example.kz"})
    sent = delivered()[0]
    assert sent.content_subtype == "plain"
    assert "bob" in sent.body
    assert f"/{language}/accounts/password/reset/key/" in sent.body
    assert sent.subject.startswith("KZMedia: ")


def test_an_address_counts_once_it_is_confirmed(client, officer):
    sign_in(client, "bob")
    client.post("/en/accounts/reauthenticate/", {"password": PASSWORD})
    client.post("/en/accounts/email/", {"action_add": "", "email": "bob@ministry.example"})
    assert not EmailAddress.objects.get(email="bob@ministry.example").verified
    link = re.search(r"https?://[^/]+(/\S+)", delivered()[-1].body).group(1)
    assert b"bob@ministry.example" in client.get(link).content
    client.post(link)
    assert EmailAddress.objects.get(email="bob@ministry.example").verified
    assert b"bob@ministry.example" in client.get("/en/accounts/email/").content


def test_whoever_lost_everything_begins_anew(client, editor, capsys):
    sign_in(client)
    set_up_app(client)
    call_command("take_off_second_factor", "charlie")
    assert "1 second factors forgotten, 1 sessions ended." in capsys.readouterr().out
    assert client.get("/admin/").headers["Location"].startswith("/admin/login/")
    assert not Authenticator.objects.exists()


def test_a_change_is_told_by_mail(client, editor):
    EmailAddress.objects.create(user=editor, email=editor.email, primary=True, verified=True)
    sign_in(client)
    set_up_app(client)
    assert any("Authenticator app activated" in one.body for one in delivered())


def test_secrets_are_on_no_page_of_the_desk(client, editor):
    shown = {model for model, _page in admin.site._registry.items()}
    assert not {Authenticator, UserSession, EmailAddress} & shown
    assert User in shown


PAGES = ["accounts/login/", "accounts/signup/", "accounts/password/reset/", "accounts/password/reset/done/", "accounts/password/reset/key/done/", "accounts/inactive/", "accounts/confirm-email/", "accounts/confirm-email/made-up/", "accounts/password/reset/key/1-made-up/"]  # fmt: skip
OWN = ["me/security/", "accounts/email/", "accounts/password/change/", "accounts/logout/", "accounts/reauthenticate/", "accounts/2fa/", "accounts/2fa/totp/activate/", "accounts/2fa/webauthn/", "accounts/2fa/webauthn/add/"]  # fmt: skip


@pytest.mark.parametrize("language", ["en", "ru", "kk"])
def test_every_page_is_in_our_look(client, officer, language):
    for path in PAGES:
        assert b"css/app.css" in client.get(f"/{language}/{path}").content, path
    sign_in(client, "bob")
    client.post("/en/accounts/reauthenticate/", {"password": PASSWORD})
    for path in OWN:
        page = client.get(f"/{language}/{path}")
        assert page.status_code == 200, path
        assert b"css/app.css" in page.content, path
        for script in re.findall(rb"<script[^>]*>", page.content):
            assert b"src=" in script or b"application/json" in script, path
        assert b"style=" not in page.content, path


# The cache that all processes share.


@pytest.fixture
def shared(settings, monkeypatch):
    def at(address):
        return SharedCache(
            address,
            {
                "KEY_PREFIX": "test-shared",
                "OPTIONS": {
                    "serializer": "apps.common.caching.JsonSerializer",
                    "socket_connect_timeout": 0.3,
                },
            },
        )

    return at


def test_failed_sign_ins_are_counted_together(shared, settings):
    one, other = shared(settings.REDIS_URL), shared(settings.REDIS_URL)
    one.set("count", [1.5, 2.5], 10)
    assert other.get("count") == [1.5, 2.5]
    assert not other.add("count", [], 10)
    other.delete("count")
    assert one.get("count") is None


def test_without_redis_each_process_counts_for_itself(shared):
    caches["memory"].clear()
    lost = shared("redis://127.0.0.1:1/0")
    lost.set("count", [1.5], 10)
    assert lost.get("count") == [1.5]
    assert redis_breaker.is_open
    assert not lost.add("count", [], 10)
    lost.delete("count")
    assert lost.get("count", "none") == "none"
    assert cache.get("count") is None
