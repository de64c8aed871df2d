"""What strangers can have written into the log: one line for an error, no address that is as good as a password, not a flood."""

import io
import logging
import logging.config
import os
import re
import stat

import pytest
from django.conf import settings as real_settings
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import URLPattern, get_resolver

from apps.common.secrecy import Blank
from apps.dashboard.views import texts
from kzmedia.monitoring.one_line import AtMost
from kzmedia.processes import children
from kzmedia.processes.supervisor import LOG_BYTES, Supervisor

TOKEN = "jX3-open_sesame.9zQ4"  # noqa: S105 of nobody


@pytest.fixture
def written():
    """Provide what the configured handler writes, line by line."""
    loggers = [logging.getLogger(name) for name in ("", *real_settings.LOGGING["loggers"])]
    before = [(logger, list(logger.handlers), logger.level, logger.propagate) for logger in loggers]
    stream = io.StringIO()
    handlers = {"console": {**real_settings.LOGGING["handlers"]["console"], "stream": stream}}
    logging.config.dictConfig({**real_settings.LOGGING, "handlers": handlers})
    yield lambda: [line for line in stream.getvalue().splitlines() if line]
    for logger, known, level, propagate in before:
        logger.handlers, logger.level, logger.propagate = known, level, propagate


@pytest.fixture
def broken(monkeypatch):
    """Provide a page that cannot be made, by an error whose words break lines."""

    def fail(*args, **kwargs):
        raise ValueError("no\n2026-01-01 ERROR root: forged")

    monkeypatch.setattr(texts, "render", fail)
    return Client(raise_request_exception=False)


@pytest.mark.django_db
def test_an_error_of_a_stranger_is_one_line(broken, written):
    assert broken.get("/en/method/?q=private").status_code == 500
    (line,) = written()
    assert "failed: GET en/method/, 500" in line
    assert "ValueError: no 2026-01-01 ERROR root: forged at tests" not in line
    assert re.search(
        r"ValueError: no 2026-01-01 ERROR root: forged at apps/dashboard/views/texts\.py:\d+ method < ", line
    )
    assert "private" not in line


@pytest.mark.django_db
def test_an_error_of_somebody_signed_in_has_its_traceback(broken, written):
    broken.force_login(get_user_model().objects.create_user("bob"))
    user_page = broken.get("/en/method/")
    assert user_page.status_code == 500
    assert any("Traceback" in line for line in written())


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "headers"),
    [("/en/", {"host": "evil.example"}), ("/en/none\n2026 ERROR forged/", {}), ("/en/accounts/login/", {})],
)
def test_a_strange_request_is_one_line_at_most(client, written, address, headers):
    client.raise_request_exception = False
    client.get(address, headers=headers)
    lines = written()
    assert len(lines) <= 1
    assert not any(line.startswith("2026 ERROR") for line in lines)


def addresses_of(resolver, prefix=""):
    """Yield every address that somebody may have to keep to themselves, with a token in its place."""
    for entry in resolver.url_patterns:
        route = prefix + str(entry.pattern)
        if not isinstance(entry, URLPattern):
            yield from addresses_of(entry, route)
        elif re.search(
            r"<(str|uuid):(?!platform|kind|way|ending|object_id)|\(\?P<key>", route
        ) and not route.lstrip("^").startswith(("admin/", "export/editions")):
            yield "/" + re.sub(
                r"<[^>]+>|\(\?P<\w+>[^)]*\)", TOKEN, route.replace("^", "").replace("\\Z", "").rstrip("$")
            )


@pytest.mark.parametrize(
    "path",
    [
        f"/unsubscribe/{TOKEN}/",
        f"/confirm/{TOKEN}:1:2/",
        f"/en/invitation/{TOKEN}/",
        f"/kk/accounts/password/reset/key/2-{TOKEN}/",
        f"/en/accounts/confirm-email/{TOKEN}/",
        "/en/corrections/asked/5c0f0a0e-6d0b-4d8e-9a57-0d2f6a1c7b11/",
        f"/data/ledger/mail/{TOKEN}/",
        f"/en/accounts/login/?next=%2Fen%2Finvitation%2F{TOKEN}%2F",
        f"/en/invitation/%6A{TOKEN}/",
    ],
)
def test_capability_addresses_are_blanked_in_every_logger(written, path):
    for name in (
        "",
        "django.request",
        "django.server",
        "django.security.csrf",
        "waitress",
        "celery",
        "apps.alerts",
    ):
        logging.getLogger(name).warning("Not Found: %s (referer https://a.kz%s?x=1)", path, path)
    lines = written()
    assert len(lines) == 7
    secret = path.rstrip("/").rpartition("/")[2].removeprefix("login")
    for line in lines:
        assert TOKEN not in line
        assert secret not in line
        assert "[secret]" in line


@pytest.mark.django_db
def test_django_itself_writes_none(client, written):
    client.get(f"/unsubscribe/{TOKEN}/nothing")
    client.get(f"/en/invitation/{TOKEN}/")
    client.post(f"/en/invitation/{TOKEN}/x")
    assert TOKEN not in "".join(written())


def test_every_address_with_a_token_is_such_an_address():
    """A new one is seen here."""
    found = sorted(set(addresses_of(get_resolver())))
    assert len(found) >= 5
    public = ("/export/editions/", "/data/package")  # what stands there is a name or a month, no secret
    assert [path for path in found if TOKEN in Blank().clean(path) and not path.startswith(public)] == []


def test_a_flood_is_cut_and_told(monkeypatch):
    now = 0.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    limit = AtMost(lines=3, seconds=60)

    def record(**more):
        made = logging.LogRecord("django.request", logging.WARNING, "", 0, "Not Found: %s", ("/x",), None)
        made.__dict__.update(more)
        return made

    assert [limit.filter(record(request=1)) for _ in range(5)] == [True] * 3 + [False] * 2
    other = logging.LogRecord("apps.collecting", logging.WARNING, "", 0, "own", (), None)
    assert limit.filter(other)
    now = 61.0
    told = record(request=1)
    assert limit.filter(told)
    assert told.getMessage() == "Not Found: /x (2 lines like this were left out)"


def test_logs_are_for_their_owner_and_group(tmp_path):
    before = os.umask(0)
    try:
        log = tmp_path / "web.log"
        log.touch(mode=0o666)
        with children.open_log(log) as output:
            output.write(b"one\n")
        assert stat.S_IMODE(log.stat().st_mode) == 0o640
        os.truncate(log, LOG_BYTES + 1)
        Supervisor(tmp_path, print)._shorten(log)
        assert stat.S_IMODE((tmp_path / "web.log.1").stat().st_mode) == 0o640
        assert log.stat().st_size == 0
    finally:
        os.umask(before)
