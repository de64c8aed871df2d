"""Signing in by the pages: a name or an address, a password, a second factor for whoever edits."""

import re
from base64 import b64decode

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from apps.users.models import User
from tests.users.conftest import PASSWORD, code, set_up_app, sign_in

pytestmark = pytest.mark.django_db

SETTING_UP = "/en/accounts/2fa/"
ASKING = "/en/accounts/2fa/authenticate/"


@pytest.mark.parametrize("name", ["bob", "bob@example.kz", "BOB@example.kz"])
def test_by_name_or_by_address(client, officer, name):
    assert sign_in(client, name)["Location"] == "/en/me/"
    assert client.get("/en/me/").status_code == 200


def test_wrong_password_is_said_and_opens_nothing(client, officer):
    answer = sign_in(client, "bob", "another password")
    assert "User name and password do not match" in answer.content.decode()
    assert client.get("/en/me/").status_code == 302


def test_a_person_who_is_switched_off_does_not_get_in(client, officer):
    User.objects.update(is_active=False)
    sign_in(client, "bob")
    assert client.get("/en/me/").status_code == 302


def test_nobody_is_told_which_names_exist(client, officer):
    wrong = sign_in(client, "bob", "another password").content
    unknown = sign_in(client, "eve", "another password").content
    plain = re.compile(rb'name="csrfmiddlewaretoken" value="[^"]+"|value="(bob|eve)"')
    assert plain.sub(b"", wrong) == plain.sub(b"", unknown)


@pytest.mark.parametrize("language", ["en", "ru", "kk"])
def test_sign_up_is_closed(client, language):
    page = client.get(f"/{language}/accounts/signup/")
    assert page.status_code == 200
    assert b"password1" not in page.content
    client.post(
        f"/{language}/accounts/signup/",
        {"username": "eve", "email": "eve@example.com", "password1": PASSWORD, "password2": PASSWORD},
    )
    assert not User.objects.exists()


def test_the_first_admin_is_led_to_a_second_factor_and_then_to_the_desk(client, editor):
    assert client.get("/admin/").headers["Location"].startswith("/admin/login/")
    assert "/accounts/login/" in client.get("/admin/login/?next=/admin/").headers["Location"]
    assert sign_in(client, following="/admin/").headers["Location"] == "/admin/"
    assert client.get("/admin/").headers["Location"] == f"{SETTING_UP}?next=%2Fadmin%2F"
    assert b"Set one up: then the desk opens" in client.get(SETTING_UP).content
    set_up_app(client)
    assert client.get("/admin/").status_code == 200
    assert b"recovery" in client.get("/en/accounts/2fa/recovery-codes/").content.lower()


def test_the_secret_is_shown_as_a_picture_that_the_policy_allows(client, editor):
    sign_in(client)
    client.post("/en/accounts/reauthenticate/", {"password": PASSWORD})
    page = client.get("/en/accounts/2fa/totp/activate/")
    picture = re.search(r'src="data:image/svg\+xml;base64,([^"]+)"', page.content.decode())
    assert b"<svg" in b64decode(picture.group(1))
    assert "data:" in re.search(r"img-src [^;]+", page.headers["Content-Security-Policy"]).group()


@pytest.fixture
def secret(editor):
    """Give the editor an authenticator app."""
    return set_up_app_of(Client(), "charlie")


def set_up_app_of(client, name):
    sign_in(client, name)
    return set_up_app(client)


def test_password_and_code(client, secret):
    assert sign_in(client, following="/admin/").headers["Location"].startswith(ASKING)
    assert client.get("/admin/").status_code == 302  # the password alone signs nobody in
    answer = client.post(ASKING, {"code": code(secret, 1)})
    assert answer.headers["Location"] == "/admin/"
    assert client.get("/admin/").status_code == 200


def test_a_wrong_code_opens_nothing(client, secret):
    sign_in(client)
    right = {code(secret, step) for step in range(-2, 3)}
    wrong = next(
        text for text in ("000000", "111111", "222222", "333333", "444444", "555555") if text not in right
    )
    answer = client.post(ASKING, {"code": wrong})
    assert b"This code is wrong" in answer.content
    assert client.get("/admin/").status_code == 302


def test_a_code_works_once(client, secret):
    now = code(secret, 1)
    sign_in(client)
    assert client.post(ASKING, {"code": now}).status_code == 302
    other = Client()
    sign_in(other)
    assert other.post(ASKING, {"code": now}).status_code == 200
    assert other.get("/admin/").status_code == 302


def test_codes_cannot_be_tried_through(client, secret):
    sign_in(client)
    for _attempt in range(5):
        client.post(ASKING, {"code": "abcdef"})
    answer = client.post(ASKING, {"code": code(secret, 1)})
    assert answer.status_code == 200
    assert b"Too many wrong passwords or codes" in answer.content


def test_recovery_codes_work_once_each(client, secret):
    codes = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()
    assert len(codes) == 10
    sign_in(client)
    assert client.post(ASKING, {"code": codes[0]}).status_code == 302
    assert client.get("/admin/").status_code == 200
    other = Client()
    sign_in(other)
    assert other.post(ASKING, {"code": codes[0]}).status_code == 200
    assert other.post(ASKING, {"code": codes[1]}).status_code == 302


def test_the_last_second_factor_of_an_editor_stays(client, secret):
    sign_in(client)
    client.post(ASKING, {"code": code(secret, 1)})
    client.post("/en/accounts/reauthenticate/", {"password": PASSWORD})
    answer = client.post("/en/accounts/2fa/totp/deactivate/")
    assert answer.status_code == 200
    assert Authenticator.objects.filter(type="totp").exists()


def test_an_officer_may_take_it_off(client, officer):
    set_up_app_of(client, "bob")
    assert client.get("/en/me/").status_code == 200
    client.post("/en/accounts/reauthenticate/", {"password": PASSWORD})
    assert client.post("/en/accounts/2fa/totp/deactivate/").status_code == 302
    assert not Authenticator.objects.exists()


def test_a_session_older_than_the_second_factor_must_confirm_it(editor):
    """Whoever has only the password can neither go on nor add a key of their own."""
    old, new = Client(), Client()
    sign_in(old)
    old.post("/en/accounts/reauthenticate/", {"password": PASSWORD})
    secret = set_up_app_of(new, "charlie")
    confirm = "/en/accounts/2fa/reauthenticate/"
    for address in ("/admin/", "/en/accounts/2fa/webauthn/add/", SETTING_UP, "/en/me/security/", "/en/"):
        assert old.get(address).headers["Location"].startswith(confirm), address
    assert old.post("/en/accounts/2fa/recovery-codes/generate/").headers["Location"].startswith(confirm)
    assert old.post(confirm, {"code": code(secret, 1)}).status_code == 302
    assert old.get("/admin/").status_code == 200


def test_whoever_becomes_an_editor_sets_one_up_first(client, officer):
    sign_in(client, "bob")
    assert client.get("/en/me/").status_code == 200
    User.objects.update(is_staff=True)
    assert client.get("/en/me/").headers["Location"].startswith(SETTING_UP)


def addresses(patterns, prefix=""):
    """Yield every address of the desk, with something in the place of what it asks for."""
    for one in patterns:
        path = prefix + re.sub(r"\(\?P<[^>]+>[^)]*\)|<[^>]+>", "1", str(one.pattern)).strip("^$").replace(
            "\\Z", ""
        )
        if isinstance(one, URLResolver):
            yield from addresses(one.url_patterns, path)
        elif isinstance(one, URLPattern):
            yield "/" + path


def test_a_password_alone_opens_no_address_of_the_desk(client, editor):
    sign_in(client)
    found = [path for path in addresses(get_resolver().url_patterns) if path.startswith("/admin/")]
    assert len(found) > 60
    for path in found:
        for method in (client.get, client.post):
            answer = method(path)
            assert answer.status_code == 302, path
            assert answer.headers["Location"].startswith(SETTING_UP), path
    assert User.objects.count() == 1


def test_a_password_alone_opens_neither_pages_nor_the_interface_for_programs(client, editor):
    sign_in(client)
    assert client.get("/en/status/").status_code == 302
    answer = client.get("/api/v1/actors/")
    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "second_factor"


# Guessing is held up: by name, by address.


def test_a_name_rests_after_five_wrong_passwords(client, officer):
    for attempt in range(5):
        sign_in(client, "bob", "wrong", REMOTE_ADDR=f"203.0.113.{attempt}")
    answer = sign_in(client, "bob", PASSWORD, REMOTE_ADDR="198.51.100.7")
    assert b"Too many wrong passwords" in answer.content
    assert client.get("/en/me/").status_code == 302


def test_an_address_rests_after_ten_wrong_passwords(client, officer):
    for attempt in range(10):
        sign_in(client, f"guess-{attempt}", "wrong", REMOTE_ADDR="203.0.113.9")
    assert b"Too many wrong passwords" in sign_in(client, "bob", REMOTE_ADDR="203.0.113.9").content
    assert sign_in(client, "bob", REMOTE_ADDR="198.51.100.7").status_code == 302


def test_a_made_up_forwarding_changes_no_address(client, officer, settings):
    settings.PROXIES = 0
    for attempt in range(10):
        header = {"HTTP_X_FORWARDED_FOR": f"198.51.100.{attempt}"}
        sign_in(client, f"guess-{attempt}", "wrong", REMOTE_ADDR="203.0.113.9", **header)
    assert b"Too many wrong passwords" in sign_in(client, "bob", REMOTE_ADDR="203.0.113.9").content


def test_behind_a_proxy_its_word_counts(client, officer, settings):
    settings.PROXIES = 1
    for attempt in range(10):
        header = {"HTTP_X_FORWARDED_FOR": f"10.0.0.{attempt}, 203.0.113.9"}
        sign_in(client, f"guess-{attempt}", "wrong", REMOTE_ADDR="10.1.1.1", **header)
    told = {"HTTP_X_FORWARDED_FOR": "203.0.113.9", "REMOTE_ADDR": "10.1.1.1"}
    assert b"Too many wrong passwords" in sign_in(client, "bob", **told).content
    cache.clear()
    assert sign_in(client, "bob", **told).status_code == 302
