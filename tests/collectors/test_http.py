import gzip
import time
import tracemalloc
import zlib
from datetime import UTC, datetime, timedelta

import pytest

from apps.collectors.http import Answer, Api, printable
from apps.collectors.types import Limited, OurFault, Unavailable
from apps.common.http import Client, user_agent
from apps.common.version import VERSION
from tests.platforms.server import free_port
from tests.platforms.world import Reply, as_json, page

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SECRET = "s3cret-key"  # noqa: S105 (opens nothing)


@pytest.fixture
def get(server):
    """Ask the local server, which gives this reply."""

    def ask(*replies, path="/x", follow=False, **options):
        server.world.fail("bluesky", *replies)
        with Api(server.at("bluesky"), "press@example.kz", secrets=(SECRET,), **options) as api:
            return api.get(path, follow=follow)

    return ask


def code_of(error):
    return error.value.code


def test_user_agent_says_who_asks_and_where_to_complain(get, world):
    get(as_json({}))
    assert world.log[0][1].headers["user-agent"] == f"KZMedia/{VERSION} (+press@example.kz)"


@pytest.mark.parametrize(
    ("contact", "agent"),
    [
        ("", "KZMedia/{}"),
        ("a@b.kz", "KZMedia/{} (+a@b.kz)"),
        ("Министр\r\nX: y a@b.kz", "KZMedia/{} (+X: y a@b.kz)"),
    ],
)
def test_contact_cannot_break_the_header(contact, agent):
    assert user_agent(contact) == agent.format(VERSION)


def test_version_is_the_one_of_the_project():
    with open("pyproject.toml") as project:
        assert f'\nversion = "{VERSION}"\n' in project.read()


def test_silence_ends_in_a_time_out(get, impatient):
    with pytest.raises(Unavailable) as error:
        get("timeout")
    assert code_of(error) == "timeout"


def test_dripping_ends_with_the_deadline_of_the_whole(get, impatient):
    started = time.monotonic()
    with pytest.raises(Unavailable) as error:
        get(Reply(b"x" * 2000, drip=0.05))
    assert code_of(error) == "timeout"
    assert time.monotonic() - started < 2


def test_nobody_listening_is_a_failed_connection():
    with Api(f"http://127.0.0.1:{free_port()}", "") as api, pytest.raises(Unavailable) as error:
        api.get("/")
    assert code_of(error) == "connection"


@pytest.mark.parametrize("reply", [Reply(hang_up=True), Reply(b"x" * 100, send=50)])
def test_broken_off_answer_is_truncated(get, reply):
    with pytest.raises(Unavailable) as error:
        get(reply)
    assert code_of(error) == "truncated"


def test_body_of_the_largest_size_is_read(get):
    assert len(get(Reply(b"x" * 2_000_000)).body) == 2_000_000


@pytest.mark.parametrize("encoding", ["", "gzip", "deflate"])
def test_fifty_megabytes_are_refused_before_they_fill_the_memory(get, encoding):
    plain = bytes(50_000_000)
    body = {"": bytes, "gzip": gzip.compress, "deflate": zlib.compress}[encoding](plain)
    reply = Reply(body, headers={"Content-Encoding": encoding} if encoding else {})
    del plain
    tracemalloc.start()
    with pytest.raises(Unavailable) as error:
        get(reply)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert code_of(error) == "too_large"
    assert peak < 8_000_000


def test_compressed_answer_is_unfolded(get):
    reply = Reply(gzip.compress(b'{"a": "\xd3\x99"}'), headers={"Content-Encoding": "gzip"})
    assert get(reply).json() == {"a": "ә"}


@pytest.mark.parametrize(
    ("body", "encoding", "code"),
    [
        (gzip.compress(b"x" * 1000, mtime=0)[:20], "gzip", "truncated"),
        (b"no gzip at all", "gzip", "encoding"),
        (b"x", "br", "encoding"),
    ],
)
def test_compression_that_cannot_be_undone_is_a_failure(get, body, encoding, code):
    with pytest.raises(Unavailable) as error:
        get(Reply(body, headers={"Content-Encoding": encoding}))
    assert code_of(error) == code


def test_redirect_on_the_same_host_is_followed_when_asked(get, server):
    moved = Reply(status=302, headers={"Location": f"{server.at('bluesky')}/there"})
    assert get(moved, as_json({"a": 1}), follow=True).json() == {"a": 1}
    assert server.world.log[-1][1].path == "/there"


@pytest.mark.parametrize("where", ["https://example.com/", "http://127.0.0.1:1/", "//localhost/x"])
def test_redirect_to_another_host_is_not_followed(get, server, where):
    with pytest.raises(Unavailable) as error:
        get(Reply(status=302, headers={"Location": where}), follow=True)
    assert code_of(error) == "redirect"
    assert len(server.world.log) == 1


def test_redirects_in_a_circle_end(get, server):
    moved = Reply(status=302, headers={"Location": "/bluesky/again"})
    with pytest.raises(Unavailable) as error:
        get(*[moved] * 10, follow=True)
    assert code_of(error) == "redirect"
    assert len(server.world.log) == 4


def test_unasked_redirect_is_a_failure(get):
    with pytest.raises(Unavailable) as error:
        get(Reply(status=301, headers={"Location": "/bluesky/x"})).check()
    assert code_of(error) == "redirect"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html></html>",
        b'{"a": ',
        b"[" * 20_000,
        b'{"a": ' + b"[" * 20_000 + b"]" * 20_000 + b"}",
        b'{"a": ' + b"9" * 10_000 + b"}",
        b'{"a": NaN}',
        b'{"a": -Infinity}',
        b'{"a": "\xff"}',
        b"\x00",
        "{}".encode("utf-16"),
    ],
)
def test_what_is_no_json_is_a_failure_of_the_platform(get, body):
    with pytest.raises(Unavailable) as error:
        get(Reply(body)).json()
    assert code_of(error) == "not_json"


def test_more_parts_than_any_answer_has_are_not_made_into_objects(get):
    body = b"[" + b"0," * 29_998 + b"0]"
    assert len(get(Reply(body)).json()) == 29_999
    with pytest.raises(Unavailable) as error:
        get(Reply(b"[0,0," + body[1:])).json()
    assert code_of(error) == "too_large"


def test_byte_order_mark_is_no_harm(get):
    assert get(Reply(b'\xef\xbb\xbf{"a": 1}')).json() == {"a": 1}


def test_text_with_broken_utf8_is_read_with_marks(get):
    assert get(page("")).text() == ""
    assert get(Reply(b"a\xffb")).text() == "a�b"


@pytest.mark.parametrize("status", [500, 502, 503, 599])
def test_server_error_is_no_answer(get, status):
    with pytest.raises(Unavailable) as error:
        get(page("<html>", status)).check()
    assert code_of(error) == "server_error"


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("35", 35),
        ("0", 0),
        (" 120 ", 120),
        ("Sun, 22 Nov 2026 12:01:00 GMT", 60),
        ("Sun, 22 Nov 2026 11:00:00 GMT", 0),  # past
        ("86401", 86400),  # absurd: a day is enough
        ("9" * 40, 86400),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 86400),
    ],
)
def test_retry_after_in_seconds_or_as_a_date(value, seconds):
    answer = Answer(429, {"retry-after": value}, b"", NOW)
    assert answer.retry_at() == NOW + timedelta(seconds=seconds)
    with pytest.raises(Limited) as error:
        answer.check()
    assert error.value.retry_at == NOW + timedelta(seconds=seconds)


@pytest.mark.parametrize("value", ["", "soon", "-5", "1.5", "²", "Mon, 99 Foo 2026"])
def test_unreadable_retry_after_leaves_the_wait_to_us(value):
    assert Answer(429, {"retry-after": value}, b"", NOW).retry_at() is None


def test_keys_are_struck_out_of_the_platforms_words(server):
    with Api(server.at("bluesky"), "", secrets=(SECRET,)) as api:
        assert api.words(f"bad key {SECRET}\x00!") == "bad key *** !"
        assert api.words(None) == ""


def test_failure_carries_no_address_and_no_key(server, impatient):
    server.world.fail("bluesky", "timeout")
    with Api(server.at("bluesky"), "", secrets=(SECRET,)) as api, pytest.raises(Unavailable) as error:
        api.get(f"/{SECRET}", [("key", SECRET)])
    seen = repr((error.value, error.value.__cause__, error.value.__context__))
    assert SECRET not in seen
    assert error.value.__context__ is None


@pytest.mark.parametrize("key", ["two words", "line\nbreak", "ключ"])
def test_key_that_cannot_be_sent_is_our_fault_and_not_shown(server, key):
    with pytest.raises(OurFault) as error:
        Api(server.at("bluesky"), "", secrets=(key,))
    assert key not in str(error.value)


def test_hosts_typed_in_by_people_must_be_public(server):
    with Client(public_only=True) as client, pytest.raises(Exception, match="private_address"):
        client.send("GET", server.at("bluesky"))
    assert server.world.log == []


@pytest.mark.parametrize(
    ("value", "text"),
    [("a\x00b\ud800c", "a bc"), ("  two \n lines ", "two lines"), (5, ""), (None, ""), ("ә" * 300, "ә" * 20)],
)
def test_printable_is_what_a_database_takes(value, text):
    assert printable(value, 20) == text
