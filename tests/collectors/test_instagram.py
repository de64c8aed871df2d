import json

import pytest

from apps.collectors.instagram import Instagram
from apps.collectors.types import Kind, Limited, OurFault, Target
from tests.platforms import graph
from tests.platforms.world import as_json


def test_professional_account_is_counted(collect, world):
    world.set("instagram", "examplemin", 267793, id="17841400000000001")
    (outcome,) = collect("instagram", "instagram.com/ExampleMin")
    assert (outcome.kind, outcome.followers, outcome.precision) == (Kind.COUNTED, 267793, "exact")
    assert (outcome.platform_id, outcome.handle) == ("17841400000000001", "examplemin")
    assert outcome.verified is None


def test_name_is_asked_for_whatever_id_is_known(collect, world):
    world.set("instagram", "examplemin", 5)
    (outcome,) = collect("instagram", Target("instagram", "examplemin", "17841400000000001"))
    assert outcome.followers == 5
    assert "username%28examplemin%29" in json.loads(world.log[0][1].one("batch"))[0]["relative_url"]


def test_fifty_are_one_request(collect, world):
    for number in range(60):
        world.set("instagram", f"min{number}", number)
    outcomes = collect("instagram", *(f"@min{number}" for number in range(60)))
    assert [outcome.followers for outcome in outcomes] == list(range(60))
    assert [len(json.loads(request.one("batch"))) for _, request in world.log] == [50, 10]


@pytest.mark.parametrize("is_known", [True, False])
def test_unknown_and_personal_are_the_same_answer(collect, world, is_known):
    if is_known:
        world.set("instagram", "nosuchuser", 5, state="personal")
    world.set("instagram", "examplemin", 7)
    first, second = collect("instagram", "@nosuchuser", "@examplemin")
    assert (first.kind, second.followers) == (Kind.NOT_FOUND, 7)
    assert first.detail.startswith("not_found_or_personal")


def test_other_refusal_of_one_is_its_own_error(collect, world):
    part = {"code": 400, "body": json.dumps(graph.error(110, "Invalid user id", 1))}
    world.fail("instagram", as_json([part]))
    (outcome,) = collect("instagram", "@examplemin")
    assert (outcome.kind, outcome.detail) == (Kind.ERROR, "refused: (110/1) Invalid user id")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (graph.NO_PERMISSION, "no_permission"),
        (graph.error(200, "permission"), "no_permission"),
        (graph.EXPIRED, "token_expired"),
        (graph.PASSWORD_CHANGED, "bad_token"),
        (graph.BAD_TOKEN, "bad_token"),
    ],
)
def test_what_is_wrong_with_us(collect, world, body, code):
    world.fail("instagram", as_json(body, 400))
    with pytest.raises(OurFault) as error:
        collect("instagram", "@examplemin")
    assert error.value.code == code


@pytest.mark.parametrize("code", [4, 17, 32, 613, 80002])
@pytest.mark.parametrize("status", [400, 403, 429])
def test_limits(collect, world, code, status):
    world.fail("instagram", as_json(graph.error(code, "limit"), status))
    with pytest.raises(Limited):
        collect("instagram", "@examplemin")


@pytest.mark.parametrize("more", [{"username": "somebodyelse"}, {"id": None}])
def test_answer_about_somebody_else_is_no_number(collect, world, more):
    world.set("instagram", "examplemin", 5, more=more)
    (outcome,) = collect("instagram", "@examplemin")
    assert (outcome.kind, outcome.followers) == (Kind.ERROR, None)


@pytest.mark.parametrize("count", [-1, "5", True])
def test_count_that_is_none_is_an_error(collect, world, count):
    world.set("instagram", "examplemin", count)
    assert collect("instagram", "@examplemin")[0].kind == Kind.ERROR


@pytest.mark.parametrize("missing", ["token", "user_id"])
def test_token_and_own_account_are_both_needed(collect, world, missing):
    assert not Instagram(user_id="5").is_configured
    with pytest.raises(OurFault, match="not_configured"):
        collect("instagram", "@examplemin", **{missing: ""})
    assert world.log == []


def test_account_known_by_id_alone_cannot_be_read(collect):
    (outcome,) = collect("instagram", Target("instagram", platform_id="17841400000000001"))
    assert (outcome.kind, outcome.detail) == (Kind.ERROR, "bad_handle")
