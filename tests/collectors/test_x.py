from datetime import UTC, datetime

import pytest

from apps.collectors.types import Kind, Limited, OurFault, Target, Unavailable
from apps.collectors.x import X
from tests.platforms import x
from tests.platforms.world import Reply, as_json


def test_user_is_counted(collect, world):
    world.set("x", "examplemin", 583423, id="1000000001", verified=True)
    (outcome,) = collect("x", "x.com/ExampleMin")
    assert (outcome.kind, outcome.followers, outcome.precision) == (Kind.COUNTED, 583423, "exact")
    assert (outcome.platform_id, outcome.handle, outcome.verified) == ("1000000001", "examplemin", True)


def test_protected_account_still_reports_its_count(collect, world):
    world.set("x", "examplemin", 5, state="protected")
    assert collect("x", "@examplemin")[0].followers == 5


def test_hundred_are_one_request_ids_and_names_apart(collect, world):
    targets = []
    for number in range(250):
        world.set("x", f"min{number}", number, id=str(10**9 + number))
        named = Target("x", f"min{number}", str(10**9 + number) if number < 120 else "")
        targets.append(named)
    outcomes = collect("x", *targets)
    assert [outcome.followers for outcome in outcomes] == list(range(250))
    asked = [
        (request.path, len((request.one("ids") or request.one("usernames")).split(",")))
        for _, request in world.log
    ]
    assert asked == [("/2/users", 100), ("/2/users", 20), ("/2/users/by", 100), ("/2/users/by", 30)]
    assert X().requests(targets) == 4


def test_absent_and_suspended_are_told_apart_by_title(collect, world):
    world.set("x", "examplemin", 7)
    world.set("x", "baduser", 5, id="55", state="suspended")
    absent, suspended, counted, by_id = collect(
        "x", "@nosuchuser", "@BadUser", "@examplemin", Target("x", "", "55")
    )
    assert (absent.kind, suspended.kind, by_id.kind) == (Kind.NOT_FOUND, Kind.SUSPENDED, Kind.SUSPENDED)
    assert counted.followers == 7


def test_nobody_valid_is_an_answer_without_data(collect):
    (outcome,) = collect("x", "@nosuchuser")
    assert outcome.kind == Kind.NOT_FOUND


def test_unknown_title_is_an_error(collect, world):
    world.fail("x", as_json({"errors": [{"value": "examplemin", "title": "Strange"}]}))
    assert collect("x", "@examplemin")[0].kind == Kind.ERROR


def test_neither_in_data_nor_in_errors_is_an_error(collect, world):
    world.fail("x", as_json({"data": [{"id": "5", "username": "other"}]}))
    (outcome,) = collect("x", "@examplemin")
    assert (outcome.kind, outcome.detail) == (Kind.ERROR, "no_answer")


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (x.problem(401, "Unauthorized", "about:blank"), "bad_token"),
        (
            x.problem(
                403,
                "Client Forbidden",
                "https://api.x.com/2/problems/client-forbidden",
                reason="client-not-enrolled",
            ),
            "not_enabled",
        ),
        (x.problem(403, "Forbidden", "about:blank"), "no_permission"),
        (x.problem(402, "CreditsDepleted", "https://api.x.com/2/problems/credits"), "credit"),
        (x.problem(429, "UsageCapExceeded", "https://api.x.com/2/problems/usage-capped"), "quota"),
        (x.problem(429, "UsageCapExceeded", "about:blank"), "quota"),
        (x.problem(429, "Capped", "https://api.twitter.com/2/problems/usage-capped"), "quota"),
        (Reply(b"<html>", 401), "bad_token"),
    ],
)
def test_what_is_wrong_with_us(collect, world, reply, code):
    world.fail("x", reply)
    with pytest.raises(OurFault) as error:
        collect("x", "@examplemin")
    assert error.value.code == code


def test_rate_limit_until_its_reset(collect, world):
    reset = int(datetime.now(UTC).timestamp()) + 300
    limited = x.problem(429, "Too Many Requests", "about:blank")
    world.fail("x", Reply(limited.body, 429, {"x-rate-limit-reset": str(reset)}))
    with pytest.raises(Limited) as error:
        collect("x", "@examplemin")
    assert error.value.retry_at == datetime.fromtimestamp(reset, UTC)


def test_refused_batch_is_asked_one_by_one(collect, world):
    world.set("x", "examplemin", 7)
    world.fail("x", x.invalid(), x.invalid())
    first, second = collect("x", "@othermin", "@examplemin")
    assert (first.kind, second.followers) == (Kind.ERROR, 7)
    assert first.detail.startswith("refused")


def test_malformed_name_is_not_sent(collect, world):
    world.set("x", "examplemin", 7)
    bad, long, good = collect("x", Target("x", "exa-mple"), Target("x", "a" * 16), "@examplemin")
    assert (bad.detail, long.detail, good.followers) == ("bad_handle", "bad_handle", 7)
    assert world.log[0][1].one("usernames") == "examplemin"


def test_token_travels_in_a_header(collect, world):
    collect("x", "@nosuchuser")
    assert world.log[0][1].headers["authorization"] == f"Bearer {x.TOKEN}"
    assert x.TOKEN not in str(world.log[0][1].query)


@pytest.mark.parametrize("count", [-1, "5", None, True, 1.0])
def test_count_that_is_none_is_an_error(collect, world, count):
    world.set("x", "examplemin", count)
    assert collect("x", "@examplemin")[0].kind == Kind.ERROR


@pytest.mark.parametrize("body", [{}, [], {"data": None}, {"errors": []}])
def test_answer_of_no_shape(collect, world, body):
    world.fail("x", as_json(body))
    with pytest.raises(Unavailable, match="bad_shape"):
        collect("x", "@examplemin")


def test_without_a_token_nothing_is_asked(collect, world):
    assert not X().is_configured
    with pytest.raises(OurFault, match="not_configured"):
        collect("x", "@examplemin", token="")
    assert world.log == []
