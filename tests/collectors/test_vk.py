import pytest

from apps.collectors.types import Kind, Limited, OurFault, Target, Unavailable
from apps.collectors.vk import VK
from tests.platforms import vk
from tests.platforms.world import as_json


def test_community_is_counted(collect, world):
    world.set("vk", "examplemin", 76012, id="-1001", verified=True)
    for text in ("vk.com/ExampleMin", "vk.com/club1001", "vk.com/wall-1001_5"):
        (outcome,) = collect("vk", text)
        assert (outcome.kind, outcome.followers, outcome.precision) == (Kind.COUNTED, 76012, "exact")
        assert (outcome.platform_id, outcome.handle, outcome.verified) == ("-1001", "examplemin", True)


def test_person_is_counted_by_name_and_by_id(collect, world):
    world.set("vk", "abenov", 5, id="1001", state="person", title="Murat")
    for text in ("vk.com/abenov", "vk.com/id1001"):
        (outcome,) = collect("vk", text)
        assert (outcome.followers, outcome.platform_id, outcome.title) == (5, "1001", "Murat Abenov")


def test_person_and_community_of_the_same_number_are_two(collect, world):
    world.set("vk", "examplemin", 7, id="-1001")
    world.set("vk", "abenov", 5, id="1001", state="person")
    community, person = collect("vk", "vk.com/club1001", "vk.com/id1001")
    assert (community.followers, person.followers) == (7, 5)


def test_five_hundred_are_one_request_by_post(collect, world):
    targets = [Target("vk", platform_id=f"-{number}") for number in range(1, 601)]
    for number in range(1, 601):
        world.set("vk", f"min{number}", number, id=f"-{number}")
    outcomes = collect("vk", *targets)
    assert [outcome.followers for outcome in outcomes] == list(range(1, 601))
    assert [len(request.one("group_ids").split(",")) for _, request in world.log] == [500, 100]
    assert all(request.method == "POST" and not request.query for _, request in world.log)


def test_names_are_asked_as_communities_first_then_as_persons(collect, world):
    world.set("vk", "examplemin", 7)
    world.set("vk", "abenov", 5, id="9", state="person")
    outcomes = collect("vk", "@examplemin", "@abenov", "@nobody")
    assert [outcome.followers for outcome in outcomes] == [7, 5, None]
    assert outcomes[2].kind == Kind.NOT_FOUND
    assert [request.path for _, request in world.log] == ["/method/groups.getById", "/method/users.get"]


def test_unknown_community_alone_is_error_100(collect, world):
    (outcome,) = collect("vk", "vk.com/club404")
    assert (outcome.kind, outcome.detail.partition(":")[0]) == (Kind.NOT_FOUND, "error_100")


def test_unknown_in_a_batch_is_dropped(collect, world):
    world.set("vk", "examplemin", 7, id="-1001")
    first, second = collect("vk", "vk.com/club404", "vk.com/club1001")
    assert (first.kind, second.followers) == (Kind.NOT_FOUND, 7)


@pytest.mark.parametrize("unknown", [{"response": []}, vk.error(113, "Invalid user id")])
def test_unknown_person(collect, world, unknown):
    world.fail("vk", as_json(unknown) if isinstance(unknown, dict) else unknown)
    (outcome,) = collect("vk", "vk.com/id404")
    assert outcome.kind == Kind.NOT_FOUND


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        ("banned", Kind.SUSPENDED),
        ("deleted", Kind.NOT_FOUND),
        ("closed", Kind.PRIVATE),
        ("private", Kind.PRIVATE),
        ("uncounted", Kind.HIDDEN),
    ],
)
def test_states_of_a_community(collect, world, state, kind):
    world.set("vk", "examplemin", 7, id="-1001", state=state)
    (outcome,) = collect("vk", "vk.com/club1001")
    assert (outcome.kind, outcome.followers, outcome.platform_id) == (kind, None, "-1001")
    assert "DELETED" not in outcome.title


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        ("banned", Kind.SUSPENDED),
        ("deleted", Kind.NOT_FOUND),
        ("closed", Kind.PRIVATE),
        ("uncounted", Kind.HIDDEN),
    ],
)
def test_states_of_a_person(collect, world, state, kind):
    world.set("vk", "abenov", 7, id="1001", state=state)
    (outcome,) = collect("vk", "vk.com/id1001")
    assert (outcome.kind, outcome.followers) == (kind, None)
    assert "DELETED" not in outcome.title


def test_deleted_community_is_not_asked_for_as_a_person(collect, world):
    world.set("vk", "examplemin", 7, id="-1001", state="deleted")
    (outcome,) = collect("vk", "@examplemin")
    assert outcome.kind == Kind.NOT_FOUND
    assert len(world.log) == 1


@pytest.mark.parametrize(
    ("code", "failure", "name"),
    [
        (5, OurFault, "bad_token"),
        (27, OurFault, "bad_token"),
        (28, OurFault, "bad_token"),
        (2, OurFault, "not_enabled"),
        (29, OurFault, "quota"),
        (7, OurFault, "no_permission"),
        (8, OurFault, "bad_request"),
        (6, Limited, "rate"),
        (9, Limited, "rate"),
        (14, Limited, "rate"),
        (1, Unavailable, "server_error"),
        (10, Unavailable, "server_error"),
    ],
)
def test_errors_that_are_not_about_an_account(collect, world, code, failure, name):
    world.fail("vk", vk.error(code, f"said so {vk.TOKEN}"))
    with pytest.raises(failure) as error:
        collect("vk", "vk.com/club1001")
    assert error.value.code == name
    assert vk.TOKEN not in str(error.value)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (15, Kind.PRIVATE),
        (30, Kind.PRIVATE),
        (203, Kind.PRIVATE),
        (18, Kind.SUSPENDED),
        (100, Kind.NOT_FOUND),
    ],
)
def test_errors_about_one_cost_nobody_else(collect, world, code, kind):
    world.set("vk", "examplemin", 7, id="-1001")
    world.set("vk", "closed", 5, id="-1002", more={"error": code})
    first, second = collect("vk", "vk.com/club1002", "vk.com/club1001")
    assert (first.kind, first.followers, second.followers) == (kind, None, 7)


def test_failure_between_communities_and_persons_keeps_the_communities(collect, world):
    world.set("vk", "examplemin", 7)
    group = {"id": 1001, "screen_name": "examplemin", "members_count": 7}
    world.fail("vk", as_json({"response": {"groups": [group]}}), vk.error(6, "Too many requests per second"))
    with pytest.raises(Limited) as error:
        collect("vk", "@examplemin", "@abenov")
    assert [outcome.followers for outcome in error.value.outcomes] == [7]


@pytest.mark.parametrize("count", [-1, "5", None, True, 1.0])
def test_count_that_is_none_is_an_error(collect, world, count):
    world.set("vk", "examplemin", 5, id="-1001", more={"members_count": count})
    assert collect("vk", "vk.com/club1001")[0].kind == Kind.ERROR


@pytest.mark.parametrize("body", [{}, [], {"response": []}, {"response": {"groups": {}}}, {"error": {}}])
def test_answer_of_no_shape(collect, world, body):
    world.fail("vk", as_json(body))
    with pytest.raises(Unavailable, match="bad_shape"):
        collect("vk", "vk.com/club1001")


def test_without_a_token_nothing_is_asked(collect, world):
    assert not VK().is_configured
    with pytest.raises(OurFault, match="not_configured"):
        collect("vk", "vk.com/club1001", token="")
    assert world.log == []
