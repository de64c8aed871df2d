"""The settings of an installation on the open internet, in a process of their own."""

import json
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from apps.common.secrecy import Blank
from kzmedia import secret_files
from tests.runtime.processes import clean_env

DATABASE = "postgres://kzmedia:open-sesame-1@127.0.0.1:1/kzmedia"
TOKEN = "123456:telegram-token-of-a-bot"  # noqa: S105 made up
TELL = """
import json, django
django.setup()
from django.conf import settings
import sentry_sdk
print(json.dumps({"reports": sentry_sdk.is_initialized()} | {name: getattr(settings, name, None) for name in (
    "SESSION_COOKIE_SECURE", "SESSION_COOKIE_HTTPONLY", "SESSION_COOKIE_SAMESITE", "SESSION_COOKIE_NAME",
    "CSRF_COOKIE_SECURE", "CSRF_COOKIE_NAME", "SECURE_HSTS_SECONDS", "SECURE_HSTS_INCLUDE_SUBDOMAINS",
    "SECURE_SSL_REDIRECT", "PROXIES", "SECRET_KEY")}))
"""
FAIL = """
import logging, django
django.setup()
from django.conf import settings
try:
    raise ValueError("the platform said: bad token " + settings.COLLECTORS["telegram"]["token"])
except ValueError:
    logging.getLogger("apps.collecting").exception("asked %s", "https://api.telegram.org/bot" + settings.COLLECTORS["telegram"]["token"])
import sentry_sdk
assert sentry_sdk.is_initialized()
logging.getLogger("apps").error("database " + settings.DATABASES["default"]["PASSWORD"])
"""


def run(arguments, tmp_path, **variables):
    env = clean_env(
        DATABASE_URL=DATABASE,
        REDIS_URL="redis://127.0.0.1:1/0",
        VAR_DIR=str(tmp_path),
        DJANGO_SETTINGS_MODULE="kzmedia.settings",
        **variables,
    )
    return subprocess.run(  # noqa: S603 our own program
        [sys.executable, *arguments], env=env, cwd=settings.BASE_DIR, capture_output=True, text=True, timeout=60, check=False
    )  # fmt: skip


def test_the_check_before_going_live_finds_nothing(tmp_path):
    found = run(
        ["manage.py", "check", "--deploy", "--fail-level", "WARNING"], tmp_path,
        BEHIND_TLS="1", ALLOWED_HOSTS="kz.example",
    )  # fmt: skip
    assert found.returncode == 0, found.stderr
    assert "no issues" in found.stdout


def test_behind_tls_everything_is_bound_to_it(tmp_path):
    place = tmp_path / "key"
    place.write_text("a key of fifty signs and more, as it should be, really\n")
    told = json.loads(run(["-c", TELL], tmp_path, BEHIND_TLS="1", SECRET_KEY_FILE=str(place)).stdout)
    assert told == {
        "SESSION_COOKIE_SECURE": True,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_NAME": "__Host-sessionid",
        "CSRF_COOKIE_SECURE": True,
        "CSRF_COOKIE_NAME": "__Host-csrftoken",
        "SECURE_HSTS_SECONDS": 31_536_000,
        "SECURE_HSTS_INCLUDE_SUBDOMAINS": True,
        "SECURE_SSL_REDIRECT": True,
        "PROXIES": 1,
        "SECRET_KEY": place.read_text().strip(),
        "reports": False,  # nothing is reported unless an address is set
    }


def test_a_secret_may_lie_in_a_file(tmp_path):
    place = tmp_path / "token"
    place.write_text(TOKEN + "\n")
    environ = {"VK_TOKEN_FILE": str(place), "PORT_FILE": "/nothing"}
    secret_files.read(environ)
    assert environ["VK_TOKEN"] == TOKEN
    secret_files.read(environ)  # as a process that this one starts does, with what it was handed
    assert secret_files.secret_values({**environ, "DATABASE_URL": DATABASE}) == ["open-sesame-1", TOKEN]


def test_two_secrets_or_a_file_that_is_missing_stop_the_start(tmp_path):
    with pytest.raises(ImproperlyConfigured, match="VK_TOKEN and VK_TOKEN_FILE are both set"):
        secret_files.read({"VK_TOKEN": "one", "VK_TOKEN_FILE": "/two"})
    with pytest.raises(ImproperlyConfigured, match="cannot be read: FileNotFoundError"):
        secret_files.read({"VK_TOKEN_FILE": str(tmp_path / "none")})


def test_no_secret_is_written_down(tmp_path):
    said = run(["-c", FAIL], tmp_path, TELEGRAM_BOT_TOKEN=TOKEN, SENTRY_DSN="http://key@127.0.0.1:1/1").stderr
    assert "the platform said: bad token [secret]" in said
    assert "asked https://api.telegram.org/bot[secret]" in said
    assert "database [secret]" in said
    assert TOKEN not in said
    assert "open-sesame-1" not in said


def test_a_report_of_an_error_holds_no_secret():
    event = {"message": f"bad {TOKEN}", "exception": {"values": [{"value": TOKEN, "frames": (TOKEN, 1)}]}}
    assert TOKEN not in json.dumps(Blank([TOKEN]).deeply(event))
    assert Blank([TOKEN, "short"]).clean("short and " + TOKEN) == "short and [secret]"
