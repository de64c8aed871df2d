"""The local platforms answer, and the collectors ask, as the platforms' own descriptions say, where one can be had.

YouTube: the discovery document of google-api-python-client. Bluesky: its lexicon, as the models of atproto. VK: its JSON
schema, as the models of vkbottle-types. docs/platforms.md says which platforms have none.

The two models are named by their modules and read in the tests: each takes two seconds, also of the processes that run none
of these.
"""

import json
from importlib import import_module, resources

import pytest
from jsonschema import Draft202012Validator

from tests.platforms.server import PLATFORMS

DISCOVERY = json.loads(
    (resources.files("googleapiclient") / "discovery_cache/documents/youtube.v3.json").read_text()
)
CHANNEL = "UC" + "a" * 22
DID = "did:plc:" + "a" * 24


def asked_and_answered(world, platform):
    """Return every request that was made, with the answer of the local platform to it."""
    assert world.log
    return [(request, json.loads(PLATFORMS[platform][1](world, request).body)) for _, request in world.log]


# YouTube


def as_json_schema(name):
    """Return one of the discovery document's schemas as JSON schema: nothing that it does not name is allowed."""

    def strict(part):
        part = dict(part)
        if "$ref" in part:
            return {"$ref": f"#/$defs/{part['$ref']}"}
        if part.get("format") in ("uint64", "int64") and part["type"] == "string":
            part["pattern"] = r"^[0-9]+\Z"
        if "properties" in part:
            part["properties"] = {key: strict(inner) for key, inner in part["properties"].items()}
            part["additionalProperties"] = False
        if "items" in part:
            part["items"] = strict(part["items"])
        part.pop("id", None)
        return part

    defs = {key: strict(schema) for key, schema in DISCOVERY["schemas"].items()}
    return Draft202012Validator({"$ref": f"#/$defs/{name}", "$defs": defs})


CHANNELS = as_json_schema("ChannelListResponse")


@pytest.mark.parametrize("state", ["counted", "hidden"])
def test_youtube_answers_as_its_discovery_document_says(collect, world, state):
    world.set("youtube", "examplemin", 12_400, id=CHANNEL, state=state)
    collect("youtube", "@examplemin", CHANNEL, "@nosuchmin", "youtube.com/user/nosuchmin")
    for _, answer in asked_and_answered(world, "youtube"):
        CHANNELS.validate(answer)


def test_youtube_is_asked_with_the_parameters_that_it_has(collect, world):
    collect("youtube", "@examplemin", CHANNEL, "youtube.com/user/nosuchmin")
    method = DISCOVERY["resources"]["channels"]["methods"]["list"]
    for request, _ in asked_and_answered(world, "youtube"):
        assert request.path == f"/{method['path']}"
        assert set(request.query) <= set(method["parameters"])
        assert set(request.one("part").split(",")) <= {"id", *DISCOVERY["schemas"]["Channel"]["properties"]}
        assert int(request.one("maxResults") or 5) <= int(method["parameters"]["maxResults"]["maximum"])


@pytest.mark.parametrize(
    "statistics", [{"subscriberCount": 12_400}, {"subscriberCount": "-1"}, {"subscribers": "12400"}]
)
def test_youtube_answer_of_another_shape_would_be_seen(collect, world, statistics):
    world.set("youtube", "examplemin", 12_400, id=CHANNEL, more={"statistics": statistics})
    collect("youtube", CHANNEL)
    ((_, answer),) = asked_and_answered(world, "youtube")
    assert not CHANNELS.is_valid(answer)


# Bluesky


@pytest.fixture(scope="module")
def lexicon():
    return import_module("atproto_client.models")


@pytest.fixture
def by_lexicon(monkeypatch):
    """Check an answer against a model; what the lexicon does not name is a warning, and so an error here."""
    monkeypatch.setenv("ATPROTO_LEXICON_WARN", "1")

    def validate(model, answer):
        return model.model_validate(answer, context={"strict_string_format": True})

    return validate


@pytest.mark.parametrize("state", ["counted", "hidden", "broken"])
def test_bluesky_answers_as_its_lexicon_says(collect, world, lexicon, by_lexicon, state):
    world.set("bluesky", "examplemin.bsky.social", 5400, id=DID, state=state, verified=True)
    collect("bluesky", DID, "nosuchmin.bsky.social")
    batch, single = asked_and_answered(world, "bluesky")
    by_lexicon(lexicon.AppBskyActorGetProfiles.Params, batch[0].query)
    assert len(by_lexicon(lexicon.AppBskyActorGetProfiles.Response, batch[1]).profiles) == 1
    asked = {"actor": single[0].one("actor")}
    by_lexicon(lexicon.AppBskyActorGetProfile.Params, asked)


def test_bluesky_profile_by_itself_answers_as_the_lexicon_says(collect, world, lexicon, by_lexicon):
    collect("bluesky", "examplemin.bsky.social")  # missing from the batch, then asked for by itself
    world.set("bluesky", "examplemin.bsky.social", 5400)
    _, (request, answer) = asked_and_answered(world, "bluesky")
    assert request.path.endswith("app.bsky.actor.getProfile")
    by_lexicon(lexicon.AppBskyActorDefs.ProfileViewDetailed, answer)


@pytest.mark.parametrize("more", [{"followersCount": "5400"}, {"did": "me"}, {"followers": 5400}])
def test_bluesky_answer_of_another_shape_would_be_seen(collect, world, lexicon, by_lexicon, more):
    world.set("bluesky", "examplemin.bsky.social", 5400, more=more)
    collect("bluesky", "examplemin.bsky.social")
    answer = asked_and_answered(world, "bluesky")[0][1]
    with pytest.raises((ValueError, UserWarning)):
        by_lexicon(lexicon.AppBskyActorGetProfiles.Response, answer)


# VK


GROUPS = "responses.groups.GroupsGetByIdObjectResponse"
USERS = "responses.users.UsersGetResponse"
ERROR = "codegen.objects.BaseError"


def check_vk(name, answer):
    """The models take words for numbers and pass over what they do not know: the way there and back shows it."""
    module, _, model = f"vkbottle_types.{name}".rpartition(".")
    model = getattr(import_module(module), model)
    assert model.model_validate(answer).model_dump(mode="json", exclude_unset=True) == answer


@pytest.mark.parametrize("state", ["counted", "closed", "private", "banned", "deleted"])
def test_vk_communities_answer_as_its_schema_says(collect, world, state):
    world.set("vk", "examplemin", 76_012, id="-1001", state=state)
    collect("vk", "vk.com/club1001", "vk.com/club1002")
    for _, answer in asked_and_answered(world, "vk"):
        check_vk(GROUPS, answer)


@pytest.mark.parametrize("state", ["person", "closed", "banned", "deleted"])
def test_vk_persons_answer_as_its_schema_says(collect, world, state):
    world.set("vk", "abenov", 64_000, id="1001", state=state)
    collect("vk", "vk.com/id1001")
    for _, answer in asked_and_answered(world, "vk"):
        check_vk(USERS, answer)


def test_vk_errors_answer_as_its_schema_says(collect, world):
    collect("vk", "vk.com/nosuchmin")
    errors = [answer["error"] for _, answer in asked_and_answered(world, "vk") if "error" in answer]
    assert errors
    for error in errors:
        check_vk(ERROR, {**error, "inner_type": "base_error"})  # which answers over HTTP leave out


@pytest.mark.parametrize("more", [{"members_count": "76012"}, {"members": 1}, {"type": "club"}])
def test_vk_answer_of_another_shape_would_be_seen(collect, world, more):
    world.set("vk", "examplemin", 76_012, id="-1001", more=more)
    collect("vk", "vk.com/club1001")
    ((_, answer),) = asked_and_answered(world, "vk")
    with pytest.raises((ValueError, AssertionError)):
        check_vk(GROUPS, answer)
