"""A good answer may say that nothing is left to ask with: it counts, and nothing more is asked before the reset."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from apps.collectors.http import Answer
from apps.collectors.types import Kind, Limited
from tests.platforms.server import PLATFORMS
from tests.platforms.world import Reply, as_json

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def soon(seconds=300):
    return (datetime.now(UTC) + timedelta(seconds=seconds)).replace(microsecond=0)


@pytest.fixture
def with_headers(monkeypatch):
    """Let the platform answer as ever, with these headers on top."""

    def put(platform, headers):
        code, answer = PLATFORMS[platform]

        def answered(world, request):
            reply = answer(world, request)
            return Reply(reply.body, reply.status, {**reply.headers, **headers}, reply.content_type)

        monkeypatch.setitem(PLATFORMS, platform, (code, answered))

    return put


def unix(instant):
    return str(int(instant.timestamp()))


def usage(**figures):
    return json.dumps({"1": [{"type": "pages", **figures}]})


def spent(platform, reset):
    """Return the headers of a last request, and until when they mean that we rest."""
    if platform in ("facebook", "instagram", "threads"):
        return {"X-Business-Use-Case-Usage": usage(call_count=100, estimated_time_to_regain_access=5)}
    prefix = {"x": "x-rate-limit", "bluesky": "RateLimit"}[platform]
    return {f"{prefix}-Remaining": "0", f"{prefix}-Reset": unix(reset)}


NAMES = {"bluesky": "examplemin.bsky.social"}


@pytest.mark.parametrize("platform", ["x", "bluesky", "facebook", "instagram", "threads"])
def test_last_good_answer_counts_and_then_we_rest(collect, world, with_headers, platform):
    name = NAMES.get(platform, "@examplemin")
    world.set(platform, name.lstrip("@"), 5400)
    reset = soon()
    with_headers(platform, spent(platform, reset))
    with pytest.raises(Limited) as error:
        collect(platform, name)
    (outcome,) = error.value.outcomes
    assert (outcome.kind, outcome.followers) == (Kind.COUNTED, 5400)
    assert abs(error.value.retry_at - reset) < timedelta(seconds=2)
    assert world.requests[platform] == 1


@pytest.mark.parametrize(("platform", "at_once"), [("x", 100), ("bluesky", 25), ("facebook", 50)])
def test_rest_of_a_batch_is_not_asked_for(collect, world, with_headers, platform, at_once):
    world.invents = True
    with_headers(platform, spent(platform, soon()))
    suffix = ".bsky.social" if platform == "bluesky" else ""
    with pytest.raises(Limited) as error:
        collect(platform, *[f"@account{number}{suffix}" for number in range(at_once + 1)])
    assert len(error.value.outcomes) == at_once
    assert world.requests[platform] == 1


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-rate-limit-remaining": "1", "x-rate-limit-reset": unix(soon())},
        {"x-rate-limit-remaining": "0"},
        {"x-rate-limit-remaining": "0", "x-rate-limit-reset": "1700000000"},  # long past
        {"x-rate-limit-remaining": "0", "x-rate-limit-reset": "later"},
        {"x-rate-limit-remaining": "none", "x-rate-limit-reset": unix(soon())},
    ],
)
def test_while_something_is_left_nobody_rests(collect, world, with_headers, headers):
    world.set("x", "examplemin", 5400)
    with_headers("x", headers)
    assert collect("x", "@examplemin")[0].followers == 5400


def test_mastodon_rests_by_server_and_asks_the_others(collect, world):
    for host in ("one.example", "two.example"):
        for name in ("first", "second"):
            world.set("mastodon", f"{name}@{host}", 7)
    account = PLATFORMS["mastodon"][1]
    reset = soon().isoformat().replace("+00:00", ".000000Z")

    def answered(known, request):
        reply = account(known, request)
        left = "0" if "/one.example" in request.path else "299"
        return Reply(reply.body, reply.status, {"X-RateLimit-Remaining": left, "X-RateLimit-Reset": reset})

    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(PLATFORMS, "mastodon", ("mastodon", answered))
        first, second, third, fourth = collect(
            "mastodon", "first@one.example", "second@one.example", "first@two.example", "second@two.example"
        )
    assert [first.followers, third.followers, fourth.followers] == [7, 7, 7]
    assert (second.kind, second.detail) == (Kind.ERROR, "window: nothing is left of it")
    assert world.requests["mastodon"] == 3


@pytest.mark.parametrize(
    ("headers", "minutes"),
    [
        ({"X-App-Usage": json.dumps({"call_count": 90, "total_time": 25, "total_cputime": 25})}, 15),
        ({"X-App-Usage": json.dumps({"call_count": 1, "total_time": 1, "total_cputime": 101})}, 15),
        ({"X-Business-Use-Case-Usage": usage(call_count=95, estimated_time_to_regain_access=0)}, 15),
        ({"X-Business-Use-Case-Usage": usage(call_count=3, estimated_time_to_regain_access=42)}, 42),
        ({"X-App-Usage": '{"call_count":99}', "X-Business-Use-Case-Usage": usage(call_count=1)}, 15),
    ],
)
def test_meta_is_left_alone_before_the_limit(collect, world, with_headers, headers, minutes):
    world.set("facebook", "examplemin", 76_012)
    with_headers("facebook", headers)
    with pytest.raises(Limited) as error:
        collect("facebook", "@examplemin")
    assert error.value.outcomes[0].followers == 76_012
    assert abs(error.value.retry_at - soon(60 * minutes)) < timedelta(seconds=3)


@pytest.mark.parametrize(
    "value", ["", "{", "[]", "5", '{"call_count": "99"}', '{"call_count": 89}', "[" * 9000]
)
@pytest.mark.parametrize("name", ["X-App-Usage", "X-Business-Use-Case-Usage"])
def test_meta_with_enough_left_or_no_word_of_it_is_read_on(collect, world, with_headers, name, value):
    world.set("facebook", "examplemin", 76_012)
    with_headers("facebook", {name: value})
    assert collect("facebook", "@examplemin")[0].followers == 76_012


def test_usage_may_stand_in_one_part_of_a_batch(collect, world):
    part = {
        "code": 200,
        "headers": [{"name": "X-App-Usage", "value": '{"call_count": 97}'}],
        "body": json.dumps(
            {"id": "100000000000001", "name": "A", "username": "examplemin", "followers_count": 5}
        ),
    }
    world.fail("facebook", as_json([part]))
    with pytest.raises(Limited) as error:
        collect("facebook", "@examplemin")
    assert error.value.outcomes[0].followers == 5


@pytest.mark.parametrize(
    ("value", "instant"),
    [
        ("1795348860", NOW + timedelta(minutes=1)),
        ("2026-11-22T12:05:00.123456Z", NOW + timedelta(minutes=5, microseconds=123456)),
        ("2026-11-22T12:05:00", NOW + timedelta(minutes=5)),
        ("2026-11-22T17:05:00+05:00", NOW + timedelta(minutes=5)),
        ("9999-12-31T23:59:59-23:00", NOW + timedelta(days=1)),
        ("2026-11-22T11:59:59Z", None),
        ("300", None),  # seconds from now are not what these headers mean
        ("soon", None),
        ("", None),
    ],
)
def test_reset_as_unix_seconds_or_iso(value, instant):
    answer = Answer(200, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": value}, b"", NOW)
    assert answer.window_end("x-ratelimit") == instant


def test_retry_after_at_the_end_of_time_is_a_day():
    answer = Answer(429, {"retry-after": "Fri, 31 Dec 9999 23:59:59 -2300"}, b"", NOW)
    assert answer.retry_at() == NOW + timedelta(days=1)
