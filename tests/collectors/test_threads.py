import pytest

from apps.collectors.threads import Threads
from apps.collectors.types import Kind, Limited, OurFault, Unavailable
from tests.platforms import graph
from tests.platforms.world import as_json


def test_profile_is_counted(collect, world):
    world.set("threads", "examplemin", 5400, verified=True)
    (outcome,) = collect("threads", "threads.net/@ExampleMin")
    assert (outcome.kind, outcome.followers, outcome.precision) == (Kind.COUNTED, 5400, "exact")
    assert (outcome.handle, outcome.platform_id, outcome.verified) == ("examplemin", "", True)


@pytest.mark.parametrize("facts", [None, {"state": "personal", "followers": 500}, {"followers": 99}])
def test_unknown_private_and_small_are_not_told_apart(collect, world, facts):
    if facts:
        world.set("threads", "examplemin", **facts)
    (outcome,) = collect("threads", "@examplemin")
    assert outcome.kind == Kind.NOT_FOUND
    assert outcome.detail.startswith("not_offered")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (graph.BAD_TOKEN, "bad_token"),
        (graph.EXPIRED, "token_expired"),
        (graph.NO_PERMISSION, "no_permission"),
    ],
)
def test_what_is_wrong_with_us(collect, world, body, code):
    world.fail("threads", as_json(body, 400))
    with pytest.raises(OurFault) as error:
        collect("threads", "@examplemin")
    assert error.value.code == code


@pytest.mark.parametrize("code", [4, 17, 613])
def test_limits_keep_what_was_answered(collect, world, code):
    world.set("threads", "examplemin", 500)
    first = as_json({"username": "examplemin", "name": "x", "follower_count": 500})
    world.fail("threads", first, as_json(graph.error(code, "limit"), 400))
    with pytest.raises(Limited) as error:
        collect("threads", "@examplemin", "@othermin")
    assert [outcome.followers for outcome in error.value.outcomes] == [500]


def test_transient_error(collect, world):
    world.fail("threads", as_json(graph.TRANSIENT, 500))
    with pytest.raises(Unavailable, match="server_error"):
        collect("threads", "@examplemin")


@pytest.mark.parametrize("more", [{"username": "other"}, {"follower_count": -1}, {"follower_count": "500"}])
def test_answer_that_makes_no_sense_is_an_error(collect, world, more):
    world.set("threads", "examplemin", 500, more=more)
    assert collect("threads", "@examplemin")[0].kind == Kind.ERROR


def test_without_a_token_nothing_is_asked(collect, world):
    assert not Threads().is_configured
    with pytest.raises(OurFault, match="not_configured"):
        collect("threads", "@examplemin", token="")
    assert world.log == []
