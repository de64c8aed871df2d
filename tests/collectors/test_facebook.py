import json
from datetime import UTC, datetime, timedelta

import pytest

from apps.collectors.facebook import Facebook
from apps.collectors.types import Kind, Limited, OurFault, Target, Unavailable
from tests.platforms import graph
from tests.platforms.world import Reply, as_json

ID = "100000000000001"


def test_page_is_counted_by_followers_never_by_likes(collect, world):
    world.set("facebook", "examplemin", 76012, id=ID, verified=True)
    (outcome,) = collect("facebook", "facebook.com/examplemin")
    assert (outcome.kind, outcome.followers, outcome.precision) == (Kind.COUNTED, 76012, "exact")
    assert (outcome.platform_id, outcome.handle, outcome.title) == (ID, "examplemin", "Example Ministry")
    assert outcome.verified is True


@pytest.mark.parametrize(
    ("status", "verified"),
    [("blue_verified", True), ("gray_verified", True), ("not_verified", False), ("new", None), (5, None)],
)
def test_badge(collect, world, status, verified):
    world.set("facebook", "examplemin", 5, more={"verification_status": status})
    assert collect("facebook", "facebook.com/examplemin")[0].verified is verified


def test_id_goes_before_the_name_and_a_new_name_is_told(collect, world):
    world.set("facebook", "newname", 5, id=ID)
    (outcome,) = collect("facebook", Target("facebook", "oldname", ID))
    assert (outcome.followers, outcome.handle) == (5, "newname")


def test_dots_and_case_are_no_new_name(collect, world):
    world.set("facebook", "mukhtar.ablyazov", 5, more={"username": "MukhtarAblyazov"})
    assert collect("facebook", "facebook.com/mukhtar.ablyazov")[0].handle == "mukhtar.ablyazov"


def test_fifty_pages_are_one_request_with_the_token_in_its_body(collect, world):
    names = [f"ministry{number}" for number in range(120)]
    for number, name in enumerate(names):
        world.set("facebook", name, number)
    outcomes = collect("facebook", *(Target("facebook", name) for name in names))
    assert [outcome.followers for outcome in outcomes] == list(range(120))
    requests = [request for _, request in world.log]
    assert [len(json.loads(request.one("batch"))) for request in requests] == [50, 50, 20]
    assert {request.path for request in requests} == {"/v26.0/"}
    assert all(not request.query and graph.TOKEN not in str(request.headers) for request in requests)


@pytest.mark.parametrize(
    ("text", "facts", "kind", "code"),
    [
        ("facebook.com/nosuchpage", None, Kind.NOT_FOUND, "no_alias"),
        (ID, None, Kind.NOT_FOUND, "no_object"),
        (ID, {"state": "merged", "more": {"to": "222222"}}, Kind.MOVED, "moved_to: 222222"),
        ("facebook.com/examplemin", {"state": "uncounted"}, Kind.HIDDEN, "no_count"),
        ("facebook.com/examplemin", {"more": {"id": None}}, Kind.ERROR, "bad_shape"),
    ],
)
def test_what_is_about_one_page_costs_nobody_else(collect, world, text, facts, kind, code):
    world.set("facebook", "othermin", 7)
    if facts:
        world.set("facebook", "examplemin", 5, **{"id": ID, **facts})
    first, second = collect("facebook", text, "facebook.com/othermin")
    assert (first.kind, first.followers, second.followers) == (kind, None, 7)
    assert first.detail.startswith(code)


@pytest.mark.parametrize("count", [-1, 1.5, "76012", True, 2**63])
def test_count_that_is_none_is_an_error(collect, world, count):
    world.set("facebook", "examplemin", count)
    (outcome,) = collect("facebook", "facebook.com/examplemin")
    assert (outcome.kind, outcome.followers) == (Kind.ERROR, None)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (graph.BAD_TOKEN, "bad_token"),
        (graph.PASSWORD_CHANGED, "bad_token"),
        (graph.EXPIRED, "token_expired"),
        (graph.NO_PERMISSION, "no_permission"),
        (graph.error(200, "(#200) Requires a permission"), "no_permission"),
        (graph.error(299, "(#299) Requires a permission"), "no_permission"),
        (graph.error(100, "Invalid batch"), "bad_request"),
    ],
)
@pytest.mark.parametrize("status", [200, 400, 401])
def test_refusal_of_the_whole_is_ours_whatever_the_http_status(collect, world, body, code, status):
    world.fail("facebook", as_json(body, status))
    with pytest.raises(OurFault) as error:
        collect("facebook", "facebook.com/examplemin")
    assert error.value.code == code


@pytest.mark.parametrize("code", [4, 17, 32, 613, 80001])
def test_limits_of_the_whole(collect, world, code):
    usage = json.dumps({"1": [{"type": "pages", "estimated_time_to_regain_access": 12}]})
    headers = {"X-Business-Use-Case-Usage": usage}
    reply = as_json(graph.error(code, "limit reached"), 400)
    world.fail("facebook", Reply(reply.body, 400, headers))
    with pytest.raises(Limited) as error:
        collect("facebook", "facebook.com/examplemin")
    assert timedelta(minutes=11) < error.value.retry_at - datetime.now(UTC) <= timedelta(minutes=12)


def test_limit_without_a_time_leaves_the_wait_to_us(collect, world):
    world.fail("facebook", as_json(graph.LIMIT, 400))
    with pytest.raises(Limited) as error:
        collect("facebook", "facebook.com/examplemin")
    assert error.value.retry_at is None


@pytest.mark.parametrize(
    "usage", ["{", "[]", '{"1": 5}', '{"1": [{"estimated_time_to_regain_access": "x"}]}']
)
def test_unreadable_usage_header_is_no_harm(collect, world, usage):
    body = as_json(graph.LIMIT, 400).body
    world.fail("facebook", Reply(body, 400, {"X-Business-Use-Case-Usage": usage}))
    with pytest.raises(Limited) as error:
        collect("facebook", "facebook.com/examplemin")
    assert error.value.retry_at is None


def test_limit_in_one_operation_pauses_and_keeps_the_others(collect, world):
    world.set("facebook", "examplemin", 5)
    world.set("facebook", "limitedmin", 5, state="limited", more={"minutes": 30})
    with pytest.raises(Limited) as error:
        collect("facebook", "facebook.com/examplemin", "facebook.com/limitedmin")
    assert [outcome.followers for outcome in error.value.outcomes] == [5]
    assert timedelta(minutes=29) < error.value.retry_at - datetime.now(UTC) <= timedelta(minutes=30)


@pytest.mark.parametrize(
    ("state", "failure", "code"),
    [("forbidden", OurFault, "no_permission"), ("transient", Unavailable, "server_error")],
)
def test_refusal_of_one_is_its_own_beside_answers_and_the_platforms_alone(
    collect, world, state, failure, code
):
    world.set("facebook", "examplemin", 5)
    world.set("facebook", "refusedmin", 5, state=state)
    first, second = collect("facebook", "facebook.com/refusedmin", "facebook.com/examplemin")
    assert (first.kind, second.followers) == (Kind.ERROR, 5)
    assert first.detail.startswith(code)
    with pytest.raises(failure) as error:
        collect("facebook", "facebook.com/refusedmin")
    assert error.value.code == code


def test_transient_error_of_the_whole(collect, world):
    world.fail("facebook", as_json(graph.TRANSIENT, 500))
    with pytest.raises(Unavailable, match="server_error"):
        collect("facebook", "facebook.com/examplemin")


@pytest.mark.parametrize("part", [None, {"code": 200, "body": "not json"}, {"code": 200}, 5])
def test_operation_without_an_answer(collect, world, part):
    good = {"code": 200, "body": json.dumps({"id": ID, "username": "examplemin", "followers_count": 5})}
    world.fail("facebook", as_json([good, part]))
    first, second = collect("facebook", "facebook.com/examplemin", "facebook.com/othermin")
    assert (first.followers, second.kind) == (5, Kind.ERROR)


@pytest.mark.parametrize("body", [[], {}, [None, None, None]])
def test_answers_that_are_not_as_many_as_questions(collect, world, body):
    world.fail("facebook", as_json(body))
    with pytest.raises(Unavailable, match="bad_shape"):
        collect("facebook", "facebook.com/examplemin")


def test_token_is_never_in_a_failure(collect, world):
    world.fail("facebook", as_json(graph.error(190, f"bad token {graph.TOKEN}"), 400))
    with pytest.raises(OurFault) as error:
        collect("facebook", "facebook.com/examplemin")
    assert graph.TOKEN not in str(error.value)


def test_without_a_token_nothing_is_asked(collect, world):
    assert not Facebook().is_configured
    with pytest.raises(OurFault, match="not_configured"):
        collect("facebook", "facebook.com/examplemin", token="")
    assert world.log == []


def test_name_that_is_none_is_not_asked_for(collect, world):
    (outcome,) = collect("facebook", Target("facebook", "a/../b"))
    assert (outcome.kind, outcome.detail) == (Kind.ERROR, "bad_handle")
    assert world.log == []


def test_every_operation_counts():
    assert Facebook().requests([Target("facebook", "examplemin")] * 60) == 60


@pytest.mark.parametrize(("hidden", "kind"), [(4, Kind.HIDDEN), (5, Kind.ERROR)])
def test_where_no_page_gives_its_count_the_token_lacks_it(collect, world, hidden, kind):
    names = [f"ministry{number}" for number in range(hidden)]
    for name in names:
        world.set("facebook", name, 5, state="uncounted")
    assert {outcome.kind for outcome in collect("facebook", *(f"@{name}" for name in names))} == {kind}
    world.set("facebook", "counted", 5)
    *rest, last = collect("facebook", *(f"@{name}" for name in names), "@counted")
    assert {outcome.kind for outcome in rest} == {Kind.HIDDEN}
    assert last.followers == 5
