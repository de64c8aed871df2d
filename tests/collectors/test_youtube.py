from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from apps.collectors.types import Kind, Limited, OurFault, Target, Unavailable
from apps.collectors.youtube import YouTube, midnight_pacific
from tests.platforms import youtube
from tests.platforms.world import as_json
from tests.platforms.youtube import channel_id

ID = channel_id("examplemin")


def test_handle_is_resolved_to_the_id(collect, world):
    world.set("youtube", "examplemin", 12412, id=ID)
    (outcome,) = collect("youtube", "youtube.com/@ExampleMin")
    assert (outcome.kind, outcome.followers, outcome.precision) == (Kind.COUNTED, 12400, "3sf")
    assert (outcome.platform_id, outcome.handle, outcome.title) == (ID, "examplemin", "Example Ministry")
    assert outcome.verified is None
    assert world.log[0][1].one("forHandle") == "@ExampleMin"


def test_known_id_is_asked_for_instead_of_the_handle(collect, world):
    world.set("youtube", "newname", 100, id=ID)
    (outcome,) = collect("youtube", Target("youtube", "oldname", ID))
    assert (outcome.followers, outcome.handle) == (100, "newname")


@pytest.mark.parametrize(
    ("given", "followers", "precision"),
    [
        ("0", 0, "exact"),
        ("999", 999, "exact"),
        ("1000", 1000, "3sf"),
        ("1240", 1240, "3sf"),
        ("1243", 1243, "exact"),
        ("536000", 536000, "3sf"),
        ("1780000", 1780000, "3sf"),
        (12400, 12400, "3sf"),
    ],
)
def test_precision_is_three_figures_from_a_thousand(collect, world, given, followers, precision):
    world.set("youtube", "examplemin", id=ID, more={"statistics": {"subscriberCount": given}})
    (outcome,) = collect("youtube", ID)
    assert (outcome.kind, outcome.followers, outcome.precision) == (Kind.COUNTED, followers, precision)


@pytest.mark.parametrize(
    "given", ["-1", "", "1e5", "12,400", "9" * 19 + "9", -5, 1.5, True, None, "١٢", 2**63]
)
def test_count_that_is_none_is_an_error(collect, world, given):
    world.set("youtube", "examplemin", id=ID, more={"statistics": {"subscriberCount": given}})
    (outcome,) = collect("youtube", ID)
    assert (outcome.kind, outcome.followers) == (Kind.ERROR, None)


@pytest.mark.parametrize("more", [{}, {"statistics": {"subscriberCount": "0"}}])
def test_hidden_count_is_no_zero(collect, world, more):
    world.set("youtube", "examplemin", id=ID, state="hidden", more=more)
    for text in (ID, "@examplemin"):
        (outcome,) = collect("youtube", text)
        assert (outcome.kind, outcome.followers, outcome.platform_id) == (Kind.HIDDEN, None, ID)


def test_fifty_ids_are_one_request(collect, world):
    ids = [channel_id(f"min{number}") for number in range(120)]
    for number, one in enumerate(ids):
        world.set("youtube", f"min{number}", number, id=one)
    outcomes = collect("youtube", *ids)
    assert [outcome.followers for outcome in outcomes] == list(range(120))
    assert [len(request.one("id").split(",")) for _, request in world.log] == [50, 50, 20]
    assert {request.one("maxResults") for _, request in world.log} == {"50"}


def test_missing_in_a_batch_is_not_found_and_costs_nobody_else(collect, world):
    world.set("youtube", "examplemin", 100, id=ID)
    first, second = collect("youtube", channel_id("gone"), ID)
    assert (first.kind, second.followers) == (Kind.NOT_FOUND, 100)


def test_ids_differ_by_case(collect, world):
    world.set("youtube", "examplemin", 100, id=ID)
    (outcome,) = collect("youtube", ID[:2] + ID[2:].upper())
    assert outcome.kind == Kind.NOT_FOUND


@pytest.mark.parametrize("empty", [{}, {"items": []}])
def test_no_items_is_not_found(collect, world, empty):
    world.fail("youtube", as_json({"kind": "youtube#channelListResponse", "etag": "x", **empty}), always=True)
    for text in ("@nobody", "youtube.com/user/nobody", ID):
        assert collect("youtube", text)[0].kind == Kind.NOT_FOUND


def test_old_addresses(collect, world):
    world.set("youtube", "user/oldname", 100, id=ID, more={"custom": "newname"})
    world.set("youtube", "customname", 200, id=channel_id("c"))
    user, custom = collect("youtube", "youtube.com/user/oldname", "youtube.com/c/customname")
    assert (user.followers, user.handle, user.platform_id) == (100, "newname", ID)
    assert custom.followers == 200
    assert [list(request.query)[1:] for _, request in world.log] == [["forUsername"], ["forHandle"]]


def test_key_travels_in_a_header(collect, world):
    collect("youtube", "@nobody")
    request = world.log[0][1]
    assert request.headers["x-goog-api-key"] == youtube.KEY
    assert "key" not in request.query


def test_without_a_key_nothing_is_asked(collect, world):
    assert not YouTube().is_configured
    with pytest.raises(OurFault, match="not_configured"):
        collect("youtube", ID, key="")
    assert world.log == []


def test_spent_quota_ends_at_midnight_pacific(collect, world):
    world.fail("youtube", youtube.quota_gone())
    with pytest.raises(OurFault) as error:
        collect("youtube", ID)
    assert error.value.code == "quota"
    until = error.value.until
    assert (until.astimezone(ZoneInfo("America/Los_Angeles")).hour, until.utcoffset()) == (0, timedelta(0))
    assert timedelta(0) < until - datetime.now(UTC) <= timedelta(hours=25)


def test_midnight_pacific_knows_daylight_saving():
    assert midnight_pacific(datetime(2026, 7, 1, 12, tzinfo=UTC)) == datetime(2026, 7, 2, 7, tzinfo=UTC)
    assert midnight_pacific(datetime(2026, 12, 1, 7, 30, tzinfo=UTC)) == datetime(2026, 12, 1, 8, tzinfo=UTC)


@pytest.mark.parametrize("code", [403, 429])
def test_too_fast_is_a_pause(collect, world, code):
    world.fail("youtube", youtube.refusal(code, "rateLimitExceeded", "Slow down."))
    with pytest.raises(Limited):
        collect("youtube", ID)


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (youtube.bad_key(), "bad_token"),
        (youtube.refusal(403, "accessNotConfigured", "Not used before."), "not_enabled"),
        (youtube.details(403, "SERVICE_DISABLED", "Disabled.", "PERMISSION_DENIED"), "not_enabled"),
        (youtube.refusal(403, "forbidden", "Forbidden."), "no_permission"),
        (youtube.refusal(400, "incompatibleParameters", "Two filters."), "bad_request"),
        (youtube.refusal(400, "invalidFilters", "Two filters."), "bad_request"),
        (youtube.refusal(401, "authError", "Invalid Credentials"), "bad_token"),
    ],
)
def test_what_is_wrong_with_us_is_said_of_us(collect, world, reply, code):
    world.fail("youtube", reply)
    with pytest.raises(OurFault) as error:
        collect("youtube", ID)
    assert (error.value.code, error.value.until) == (code, None)


def test_key_in_the_platforms_words_is_struck_out(collect, world):
    world.fail("youtube", youtube.refusal(403, "forbidden", f"Key {youtube.KEY} is restricted"))
    with pytest.raises(OurFault) as error:
        collect("youtube", ID)
    assert youtube.KEY not in str(error.value)
    assert "***" in str(error.value)


@pytest.mark.parametrize(("state", "kind"), [("forbidden", Kind.PRIVATE), ("gone", Kind.NOT_FOUND)])
def test_refusal_of_one_channel_costs_nobody_else(collect, world, state, kind):
    closed = channel_id("closed")
    world.set("youtube", "examplemin", 100, id=ID)
    world.set("youtube", "closed", 5, id=closed, state=state)
    first, second, third = collect("youtube", ID, closed, "@closed")
    assert (first.followers, second.kind, third.kind) == (100, kind, kind)


def test_server_error_in_json_is_the_platforms(collect, world):
    world.fail("youtube", youtube.refusal(503, "backendError", "Backend"))
    with pytest.raises(Unavailable, match="server_error"):
        collect("youtube", ID)


@pytest.mark.parametrize(
    "body", [{}, [], {"kind": "other"}, {"kind": "youtube#channelListResponse", "items": {}}]
)
def test_list_of_no_shape_is_not_taken_for_absence(collect, world, body):
    world.fail("youtube", as_json(body))
    with pytest.raises(Unavailable, match="bad_shape"):
        collect("youtube", ID)


def test_handles_after_ids_and_a_failure_between_keeps_the_ids(collect, world):
    world.set("youtube", "examplemin", 100, id=ID)
    world.fail("youtube", as_json({"kind": "youtube#channelListResponse", "items": []}), "500")
    with pytest.raises(Unavailable) as error:
        collect("youtube", "@examplemin", ID)
    assert [outcome.target.platform_id for outcome in error.value.outcomes] == [ID]


def test_most_requests_are_foretold():
    targets = [Target("youtube", platform_id=channel_id(str(number))) for number in range(51)]
    assert YouTube().requests([*targets, Target("youtube", "a"), Target("youtube", "b")]) == 4
