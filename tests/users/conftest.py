"""People who sign in by the pages, as anybody does."""

import time
from unittest import mock

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core import mail
from django.core.cache import cache

from apps.users import outbox
from apps.users.models import User

PASSWORD = "eight wild horses"  # noqa: S105 of people who live for one test


@pytest.fixture(autouse=True)
def nothing_counted():
    """Hold failed sign-ins of one test not against the next."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture(autouse=True)
def mail_set_up(settings):
    """Mails go by the outbox; `delivered` hands them over."""
    settings.EMAIL_URL = "smtp://mail.example"
    settings.EMAIL_BACKEND = "apps.users.outbox.Backend"
    settings.MAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


def delivered():
    """Return every mail that the mail server has got, with those that waited."""
    outbox.send_due()
    return mail.outbox


@pytest.fixture
def officer(db):
    return User.objects.create_user("bob", "bob@example.kz", PASSWORD)


@pytest.fixture
def editor(db):
    return User.objects.create_superuser("charlie", "charlie@example.kz", PASSWORD)


def code(secret, ahead=0):
    """Return what an authenticator app shows now; `ahead`: so many half minutes later."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + ahead))


def sign_in(client, name="charlie", password=PASSWORD, following="", **more):
    return client.post(
        "/en/accounts/login/", {"login": name, "password": password, "next": following}, **more
    )


def set_up_app(client):
    """Set up an authenticator app in a session that a password opened; gives its secret.

    What follows the commit follows at once: the transaction of a test is never committed.
    """
    client.post("/en/accounts/reauthenticate/", {"password": PASSWORD})
    page = client.get("/en/accounts/2fa/totp/activate/")
    assert page.status_code == 200
    secret = page.context["form"].secret
    with mock.patch("allauth.mfa.totp.internal.flows.transaction.on_commit", lambda do: do()):
        done = client.post("/en/accounts/2fa/totp/activate/", {"code": code(secret)})
    assert done.status_code == 302, done.context["form"].errors
    return secret
