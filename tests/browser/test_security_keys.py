"""Security keys in a real browser, with a key that the browser plays itself."""

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from apps.users.models import User
from tests.browser.test_a11y import axe, violations  # noqa: F401 a fixture
from tests.users.conftest import PASSWORD, set_up_app, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def reference(transactional_db):
    """These pages need no figures."""


@pytest.fixture
def editor(transactional_db):
    return User.objects.create_superuser("charlie", "charlie@example.kz", PASSWORD)


def put_key_in(page):
    """Put a key in the port of this browser, whose owner always says yes."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )


def type_password(page):
    page.fill("#id_login", "charlie")
    page.fill("#id_password", PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).last.click()


def sign_out(page):
    page.get_by_role("button", name="Sign out").first.click()
    page.wait_for_url("**/en/")


def test_a_passkey_is_set_up_and_opens_the_desk(visit, editor):
    opened = visit(fresh=True)  # keys are put into it
    page = opened.open("/en/accounts/login/?next=/admin/")
    put_key_in(page)
    type_password(page)
    page.wait_for_url("**/en/accounts/2fa/**")
    page.get_by_role("link", name="Add a security key").click()
    page.fill("#id_password", PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    page.wait_for_url("**/webauthn/add/**")
    page.check("#id_passwordless")
    page.click("#mfa_webauthn_add")
    page.wait_for_url("**/recovery-codes/**")
    assert Authenticator.objects.filter(type="webauthn").count() == 1

    # With a password and the key.
    opened.open("/en/me/")
    sign_out(page)
    opened.open("/en/accounts/login/?next=/admin/")
    type_password(page)
    page.wait_for_url("**/2fa/authenticate/")
    page.click("#mfa_webauthn_authenticate")
    page.wait_for_url("**/admin/")
    assert page.locator("#desk").count()

    # With the key alone: it has asked for finger, face or PIN itself.
    opened.open("/en/me/")
    sign_out(page)
    opened.open("/en/accounts/login/?next=/admin/")
    page.click("#passkey_login")
    page.wait_for_url("**/admin/")


def test_without_a_key_it_is_said_on_the_page(visit, editor):
    opened = visit(fresh=True)
    page = opened.open("/en/accounts/login/")
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    page.evaluate(
        "() => { navigator.credentials.get = () => Promise.reject(new DOMException('no', 'NotAllowedError')) }"
    )
    page.click("#passkey_login")
    page.locator("#key-failed").wait_for(state="visible")


PAGES = ["/en/accounts/signup/", "/en/accounts/password/reset/", "/en/accounts/password/reset/done/"]
OWN = ["/en/me/security/", "/en/accounts/email/", "/en/accounts/password/change/", "/en/accounts/reauthenticate/", "/en/accounts/2fa/", "/en/accounts/2fa/webauthn/add/", "/en/accounts/2fa/recovery-codes/"]  # fmt: skip


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (360, "dark")])
def test_nobody_is_kept_out_of_these_pages(visit, editor, axe, settings, width, scheme):  # noqa: F811
    client = Client()
    sign_in(client)
    opened = visit(width, scheme)
    name = settings.SESSION_COOKIE_NAME
    found = {path: wrong for path in PAGES if (wrong := violations(opened.open(path), axe))}
    opened.page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": opened.base}])
    client.post("/en/accounts/reauthenticate/", {"password": PASSWORD})
    page = opened.open("/en/accounts/2fa/totp/activate/")
    if wrong := violations(page, axe):
        found["activate"] = wrong
    set_up_app(client)
    for path in OWN:
        page = opened.open(path)
        if wrong := violations(page, axe):
            found[path] = wrong
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    assert found == {}
