from datetime import UTC, datetime

import pytest

from apps.collectors.bluesky import Bluesky
from apps.collectors.types import Kind, Limited, Target, Unavailable
from tests.platforms import bluesky
from tests.platforms.bluesky import did
from tests.platforms.world import as_json

NAME = "examplemin.bsky.social"
DID = did(NAME)


def test_profile_is_counted(collect, world):
    world.set("bluesky", NAME, 5400, id=DID, verified=True, title="Кеңсе")
    (outcome,) = collect("bluesky", "https://bsky.app/profile/ExampleMin.bsky.social")
    assert (outcome.kind, outcome.followers, outcome.precision) == (Kind.COUNTED, 5400, "exact")
    assert (outcome.platform_id, outcome.handle, outcome.title, outcome.verified) == (
        DID,
        NAME,
        "Кеңсе",
        True,
    )


def test_trusted_verifier_is_verified_too(collect, world):
    badge = {"verifiedStatus": "none", "trustedVerifierStatus": "valid"}
    world.set("bluesky", NAME, 1, more={"verification": badge})
    assert collect("bluesky", NAME)[0].verified is True
    world.set("bluesky", NAME, 1)
    assert collect("bluesky", NAME)[0].verified is False


def test_twenty_five_are_one_request_names_and_ids_mixed(collect, world):
    targets = []
    for number in range(60):
        name = f"min{number}.kz"
        world.set("bluesky", name, number, id=did(name))
        targets.append(Target("bluesky", platform_id=did(name)) if number % 2 else Target("bluesky", name))
    outcomes = collect("bluesky", *targets)
    assert [outcome.followers for outcome in outcomes] == list(range(60))
    assert [len(request.query["actors"]) for _, request in world.log] == [25, 25, 10]


def test_id_goes_before_the_handle(collect, world):
    world.set("bluesky", "new.kz", 10, id=DID)
    world.set("bluesky", "old.kz", 99, id=did("somebody else"))
    (outcome,) = collect("bluesky", Target("bluesky", "old.kz", DID))
    assert (outcome.followers, outcome.handle) == (10, "new.kz")


@pytest.mark.parametrize(
    ("state", "kind", "code"),
    [("takedown", Kind.SUSPENDED, "takedown"), ("deactivated", Kind.PRIVATE, "deactivated")],
)
def test_silently_missing_is_asked_for_the_reason(collect, world, state, kind, code):
    world.set("bluesky", "gone.kz", 5, state=state)
    world.set("bluesky", NAME, 7)
    first, second = collect("bluesky", "@gone.kz", NAME)
    assert (first.kind, first.followers, second.followers) == (kind, None, 7)
    assert first.detail.startswith(f"{code}: ")
    assert [request.path.rpartition(".")[2] for _, request in world.log] == ["getProfiles", "getProfile"]


def test_unknown_is_not_found(collect):
    (outcome,) = collect("bluesky", "@nobody.kz")
    assert (outcome.kind, outcome.detail) == (Kind.NOT_FOUND, "not_found: Profile not found")


def test_missing_count_is_hidden(collect, world):
    world.set("bluesky", NAME, 5, id=DID, state="hidden")
    (outcome,) = collect("bluesky", NAME)
    assert (outcome.kind, outcome.followers, outcome.platform_id) == (Kind.HIDDEN, None, DID)


@pytest.mark.parametrize("count", [-1, 1.5, "5400", None, True, 2**63, [], 10**400])
def test_count_that_is_none_is_an_error(collect, world, count):
    world.set("bluesky", NAME, more={"followersCount": count})
    (outcome,) = collect("bluesky", NAME)
    assert (outcome.kind, outcome.followers) == (Kind.ERROR, None)
    assert outcome.detail.startswith("not_a_count")


def test_zero_is_a_count(collect, world):
    world.set("bluesky", NAME, 0)
    assert collect("bluesky", NAME)[0].followers == 0


def test_broken_handle_keeps_the_old_one(collect, world):
    world.set("bluesky", "old.kz", 5, id=DID, state="broken")
    (outcome,) = collect("bluesky", Target("bluesky", "old.kz", DID))
    assert (outcome.kind, outcome.handle) == (Kind.COUNTED, "old.kz")


def test_profile_without_an_id_is_an_error(collect, world):
    world.set("bluesky", NAME, 5, more={"did": 7})
    assert collect("bluesky", NAME)[0].kind == Kind.ERROR


def test_refused_batch_is_asked_one_by_one(collect, world):
    world.set("bluesky", NAME, 7)
    world.fail("bluesky", bluesky.refusal("InvalidRequest", "Error: actors must be valid"))
    first, second = collect("bluesky", NAME, "@nobody.kz")
    assert (first.followers, second.kind) == (7, Kind.NOT_FOUND)


def test_other_refusal_of_one_is_an_error_of_that_one(collect, world):
    world.fail("bluesky", as_json({"profiles": []}), bluesky.refusal("InvalidRequest", "Error: odd"))
    (outcome,) = collect("bluesky", NAME)
    assert outcome.kind == Kind.ERROR
    assert outcome.detail.startswith("refused")


def test_rate_limit_by_its_header(collect, world):
    reset = int(datetime.now(UTC).timestamp()) + 90
    limited = as_json(
        {"error": "RateLimitExceeded", "message": "Rate Limit Exceeded"}, 429, RateLimit_Reset=str(reset)
    )
    world.fail("bluesky", limited)
    with pytest.raises(Limited) as error:
        collect("bluesky", NAME)
    assert error.value.retry_at == datetime.fromtimestamp(reset, UTC)


def test_rate_limit_in_the_middle_keeps_what_was_answered(collect, world):
    world.set("bluesky", NAME, 7)
    world.fail("bluesky", as_json({"profiles": [bluesky.profile(world.find("bluesky", NAME))]}), "429")
    with pytest.raises(Limited) as error:
        collect("bluesky", NAME, "@nobody.kz")
    assert [outcome.followers for outcome in error.value.outcomes] == [7]


@pytest.mark.parametrize("status", [401, 403, 404])
def test_other_statuses_are_the_platforms(collect, world, status):
    world.fail("bluesky", bluesky.refusal("Forbidden", "no", status))
    with pytest.raises(Unavailable, match="refused"):
        collect("bluesky", NAME)


@pytest.mark.parametrize("body", [{}, [], {"profiles": {}}, None])
def test_answer_of_no_shape_is_not_taken_for_absence(collect, world, body):
    world.fail("bluesky", as_json(body))
    with pytest.raises(Unavailable, match="bad_shape"):
        collect("bluesky", NAME)


def test_name_the_platform_would_refuse_is_not_asked_for(collect, world):
    world.set("bluesky", NAME, 7)
    first, second = collect("bluesky", Target("bluesky", "exa mple"), NAME)
    assert (first.kind, first.detail, second.followers) == (Kind.ERROR, "bad_handle", 7)
    assert world.log[0][1].query["actors"] == [NAME]


def test_names_it_needs_and_source():
    assert Bluesky().is_configured
    assert Bluesky().requests([Target("bluesky", "a.kz")] * 26) == 28
    assert Bluesky().source == "api-bluesky"
