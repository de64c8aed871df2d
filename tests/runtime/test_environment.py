"""What a wrong value in the environment does: the start ends with a sentence, whichever part is started."""

import re
import subprocess
import sys
from decimal import Decimal

import pytest
from django.core import checks

from kzmedia import settings as own_settings
from kzmedia.environment import FORMS, Environment, WrongSettings, web_server
from tests.runtime.processes import BASE_DIR, clean_env

RUNNING = (BASE_DIR / "docs/running.md").read_text()

# (method, further arguments, what it takes and what comes of it, what it refuses)
READINGS = {
    "whole": ((7, 1, 90), {"1": 1, "90": 90, " 5 ": 5}, ["0", "91", "-1", "1.5", "7d", "٣", "1e1", "9" * 30]),
    "flag": ((False,), {"1": True, "TRUE": True, "on": True, "0": False, "No": False}, ["ture", "2", "-"]),
    "rate": (
        ("1/second",),
        {"120/minute": "120/minute", "60/minute;600/hour": "60/minute;600/hour", "5 per 2 hours": "5 per 2 hours"},
        ["120", "fast", "120/fortnight", "0/minute", "60/minute;", "-5/minute"],
    ),
    "address": (
        ("",),
        {"https://a.kz": "https://a.kz", "http://[::1]:80/x/": "http://[::1]:80/x/", "https://{host}": "https://{host}"},
        ["a.kz", "ftp://a.kz", "https://", "https://a.kz:99999", "https://a b", "https://a,b", "http://a.kz:port", "https://a.kz\x01"],
    ),
    "ends": (
        (["facebook", "x"],),
        {"facebook=2027-01-05, x = 2028-02-29": {"facebook": "2027-01-05", "x": "2028-02-29"}},
        ["facebook", "facebok=2027-01-05", "facebook=2027-02-29", "facebook=05.01.2027", "facebook=", "x=20270105"],
    ),
    "choice": ((["30d", "approved"],), {"30d": "30d", "Approved": "approved"}, ["30", "30d approved", "yes"]),
    "dollars": ((), {"1.50": Decimal("1.50"), "0": Decimal(0)}, ["NaN", "-1", "Infinity", "five", "1,50"]),
    "mailbox": (
        ("",),
        {"a@b.kz": "a@b.kz", "KZ Media <a@b>": "KZ Media <a@b>"},
        ["a", "a@", "a b", "a@b\nBcc: c@d", "a@b, c@d"],
    ),
    "mailboxes": ((), {"a@b.kz, c@d.kz,": ["a@b.kz", "c@d.kz"]}, ["a", "a@b.kz;c@d.kz", "A <a@b.kz>"]),
    "hosts": (
        (["x"],),
        {"a.kz, .b.kz,[::1],*": ["a.kz", ".b.kz", "[::1]", "*"]},
        ["https://a.kz", "a.kz:8000", "a.kz/", "a b", "-a.kz"],
    ),
    "origins": (
        (),
        {"https://a.kz,https://*.b.kz:8443": ["https://a.kz", "https://*.b.kz:8443"]},
        ["a.kz", "https://a.kz/", "//a.kz", "https://a.kz https://b.kz"],
    ),
    "ancestors": (
        (["*"],),
        {"https://news.kz,*.b.kz": ["https://news.kz", "*.b.kz"]},
        ["https://a.kz; script-src *", "https://a.kz https://b.kz", "none;"],
    ),
    "redis": (
        (),
        {"redis://h:1/0": "redis://h:1/0", "rediss://:p@h": "rediss://:p@h", "unix:///a.sock?db=0": "unix:///a.sock?db=0"},
        ["h:6379", "http://h", "redis://", "redis://h:x/0", "redis://h/zero", "unix://", "rediss://h?ssl_cert_reqs=none", "rediss://h?ssl_check_hostname=False"],
    ),
    "mail": (
        (),
        {"smtp+tls://u:p@h:587": "smtp+tls://u:p@h:587", "consolemail://": "consolemail://"},
        ["h:587", "smtp://", "imap://h", "smtp://h:mail"],
    ),
    "seconds": ((3.0,), {"0.5": 0.5, "10": 10.0}, ["0", "-1", "nan", "inf", "3s", "1e3"]),
    "secret": ((), {"abc:DEF_1": "abc:DEF_1"}, ["a b", "a\nb", "ключ"]),
    "program": ((), {sys.executable: sys.executable}, ["/nowhere", "/"]),
    "folder": ((BASE_DIR,), {str(BASE_DIR / "new"): BASE_DIR / "new"}, [str(BASE_DIR / "manage.py"), str(BASE_DIR / "manage.py/x")]),
    "bind": (("",), {"0.0.0.0": "0.0.0.0", "::": "::", "localhost": "localhost"}, ["http://a", "a b", "1.2.3.4:80", "*"]),  # noqa: S104
}  # fmt: skip


@pytest.mark.parametrize(
    ("form", "text"), [(form, text) for form, (_, taken, _bad) in READINGS.items() for text in taken]
)
def test_what_is_taken(form, text):
    arguments, taken, _ = READINGS[form]
    env = Environment({"NAME": text})
    assert getattr(env, form)("NAME", *arguments) == taken[text]
    assert env.mistakes == []
    env.refuse_mistakes()


@pytest.mark.parametrize(
    ("form", "text"), [(form, text) for form, (*_, bad) in READINGS.items() for text in bad]
)
def test_what_is_refused(form, text):
    arguments, *_ = READINGS[form]
    env, empty = Environment({"NAME": text}), Environment({})
    assert getattr(env, form)("NAME", *arguments) == getattr(empty, form)("NAME", *arguments)
    (mistake,) = env.mistakes
    with pytest.raises(WrongSettings) as refused:
        env.refuse_mistakes()
    sentence = str(refused.value)
    assert sentence.startswith(f"NAME was read as {text.strip()!r}; meant is ")
    assert sentence.endswith(f". ({mistake.id})")
    assert empty.mistakes == []


def test_databases_are_postgresql():
    env = Environment({"A": "postgres://u:p@h:5432/kzmedia", "B": "postgres://u@/%2Ftmp/kzmedia"})
    assert env.database("A")["NAME"] == "kzmedia"
    assert env.database("NONE") is None
    for text in ("mysql://h/x", "sqlite:///x", "postgres://h:port/x", "postgres://h", "h/x"):
        env = Environment({"DATABASE_URL": text})
        assert env.database("DATABASE_URL") is None
        assert [mistake.id for mistake in env.mistakes] == ["kzmedia.E011"]


def test_what_is_set_but_empty_is_not_set():
    empty = Environment({"DAYS": "", "HOSTS": " ", "SITES": ""})
    assert (empty.whole("DAYS", 7), empty.hosts("HOSTS", ["a"])) == (7, ["a"])
    assert empty.ancestors("SITES", ["*"]) == []  # nobody: so it is documented
    assert empty.mistakes == []


def test_a_secret_is_not_shown():
    env = Environment({"VK_TOKEN": "open sesame", "DATABASE_URL": "mysql://user:sesame@host/x"})
    env.secret("VK_TOKEN")
    env.database("DATABASE_URL")
    assert len(env.mistakes) == 2
    assert "sesame" not in " ".join(map(str, env.mistakes))


def test_mistakes_are_checks_with_hints(monkeypatch):
    env = Environment({"TOKEN_EXPIRES": "facebook=soon", "RATE_PAGES": "many"})
    env.ends("TOKEN_EXPIRES", ["facebook"])
    env.rate("RATE_PAGES", "1/second")
    monkeypatch.setattr(own_settings, "env", env)
    messages = checks.run_checks(tags=["settings"])
    assert [message.id for message in messages] == ["kzmedia.E005", "kzmedia.E003"]
    assert all(message.hint and message.is_serious() for message in messages)


WRONG = {"TOKEN_EXPIRES": "facebook=2027-13-05"}
PARTS = {
    "web": ("-m", "gunicorn", "-c", "kzmedia/processes/gunicorn.conf.py", "--check-config"),
    "worker": ("-m", "kzmedia.processes.worker"),
    "pictures": ("-m", "kzmedia.processes.renderer_worker"),
    "beat": ("-m", "kzmedia.processes.beat_app", "/nowhere/beat"),
    "prepare": ("manage.py", "prepare"),
    "up": ("manage.py", "up"),
    "backup": ("manage.py", "backup", "/nowhere/backup.tar"),
}


@pytest.mark.parametrize("part", PARTS)
def test_every_part_ends_with_the_sentence(part, tmp_path):
    env = clean_env(VAR_DIR=str(tmp_path), **WRONG, PORT="0" if part == "web" else "18999")
    done = subprocess.run(  # noqa: S603 our own words
        [sys.executable, *PARTS[part]], cwd=BASE_DIR, env=env, capture_output=True, text=True, timeout=60, check=False
    )  # fmt: skip
    assert done.returncode == 1
    name = "PORT" if part == "web" else "TOKEN_EXPIRES"
    sentence = done.stderr.strip().removeprefix("Error: ")
    assert sentence.startswith(f"{name} was read as ")
    assert "\n" not in sentence


def documented():
    """Return the variables by id of the table in docs/running.md."""
    rows = re.findall(r"^\| `(kzmedia\.E\d{3})` \| (.+?) \| (.+?) \|$", RUNNING, re.MULTILINE)
    return {code: (form, set(re.findall(r"`([A-Z0-9_]+)`", names))) for code, form, names in rows}


def test_the_list_of_checks_is_the_code_s():
    web = Environment({})
    web_server(web)
    forms = own_settings.env.forms | web.forms
    listed = documented()
    assert {code: form.replace("`", "") for code, (form, _) in listed.items()} == FORMS
    assert {code: names for code, (_, names) in listed.items()} == {
        code: {name for name, form in forms.items() if form == code} for code in FORMS
    }
