"""What is the same for every platform: it fails, and says so, and loses nothing."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.collectors import registry
from apps.collectors.outcomes import MOST
from apps.collectors.types import Kind, Limited, Outcome, PlatformFailure, Unavailable
from tests.platforms.server import PLATFORMS
from tests.platforms.world import Reply

TEXTS = {
    "telegram": "t.me/examplemin",
    "youtube": "youtube.com/@examplemin",
    "bluesky": "bsky.app/profile/examplemin.bsky.social",
    "facebook": "facebook.com/examplemin",
    "instagram": "instagram.com/examplemin",
    "threads": "threads.com/@examplemin",
    "x": "x.com/examplemin",
    "vk": "vk.com/examplemin",
    "mastodon": "mastodon.example/@examplemin",
    "ok": "ok.ru/group/53000000000001",
}


def test_every_collector_is_tested():
    assert set(TEXTS) == set(registry.COLLECTORS)


@pytest.mark.parametrize("platform", sorted(TEXTS))
@pytest.mark.parametrize(
    ("fault", "codes"),
    [
        ("500", {"server_error"}),
        ("503", {"server_error"}),
        ("html", {"not_json", "bad_shape"}),
        ("truncated", {"truncated"}),
        ("hang_up", {"truncated"}),
        ("timeout", {"timeout"}),
        ("empty", {"not_json", "bad_shape"}),
        ("not_utf8", {"not_json", "bad_shape"}),
        ("deep", {"not_json", "bad_shape"}),
        ("huge_number", {"not_json", "bad_shape"}),
        ("nan", {"not_json", "bad_shape"}),
    ],
)
def test_no_usable_answer_is_unavailable(collect, world, impatient, platform, fault, codes):
    world.fail(platform, fault, always=True)
    with pytest.raises(Unavailable) as error:
        collect(platform, TEXTS[platform])
    assert error.value.code in codes
    assert error.value.outcomes == ()
    assert error.value.asked == (registry.parse(TEXTS[platform]),)


@pytest.mark.parametrize("platform", sorted(set(TEXTS) - {"mastodon"}))
def test_too_many_requests_is_a_pause_until_the_time_that_is_said(collect, world, platform):
    world.fail(platform, "429", always=True)
    with pytest.raises(Limited) as error:
        collect(platform, TEXTS[platform])
    assert error.value.retry_at is not None


@pytest.mark.parametrize("platform", sorted(TEXTS))
def test_same_target_twice_gets_two_outcomes(collect, platform):
    outcomes = collect(platform, TEXTS[platform], TEXTS[platform])
    assert len(outcomes) == 2
    assert outcomes[0] == outcomes[1]


scraps = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from([-1, 2**63, 10**400, "12400", "-5", "1e9", "١٢", "\x00", "\ud800", {}, []]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def check(platform, collect):
    """Check whatever came: an outcome that makes sense, or the collector's own failure (None)."""
    try:
        (outcome,) = collect(platform, TEXTS[platform])
    except PlatformFailure:
        return None
    assert isinstance(outcome, Outcome)
    assert (outcome.followers is not None) == (outcome.kind == Kind.COUNTED)
    if outcome.followers is not None:
        assert type(outcome.followers) is int
        assert 0 <= outcome.followers <= MOST
    for text in (outcome.title, outcome.handle, outcome.platform_id, outcome.detail):
        assert "\x00" not in text
        text.encode()
    return outcome


FEW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.mark.parametrize("platform", sorted(TEXTS))
@FEW
@given(st.binary(max_size=300) | scraps.map(lambda value: json.dumps(value).encode()))
def test_no_bytes_break_a_collector_or_make_a_number(collect, world, platform, body):
    world.fail(platform, Reply(body), always=True)
    outcome = check(platform, collect)
    world.recover(platform)
    assert outcome is None or outcome.kind != Kind.COUNTED


@pytest.mark.parametrize("platform", sorted(set(TEXTS) - {"telegram"}))
@FEW
@given(st.data())
def test_right_answer_with_one_wrong_part_makes_no_wrong_number(collect, server, platform, data):
    """Any part of an answer may be anything: the number, if one comes out, is one that stood there."""
    world = server.world
    world.recover(platform)
    target = registry.parse(TEXTS[platform])
    world.set(platform, target.handle or target.platform_id, 5400)
    assert check(platform, collect).followers == 5400
    _, request = world.log[-1]
    answer = json.loads(PLATFORMS[platform][1](world, request).body)
    place = data.draw(st.sampled_from(list(places(answer))))
    scrap = data.draw(scraps)
    world.fail(platform, Reply(json.dumps(put(answer, place, scrap)).encode()), always=True)
    outcome = check(platform, collect)
    assert outcome is None or outcome.followers in (None, 5400) or str(outcome.followers) in json.dumps(scrap)
    world.recover(platform)


def places(value, here=()):
    """Yield the way to every part of a JSON value, itself included."""
    yield here
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in parts:
        yield from places(part, (*here, key))


def put(value, place, scrap):
    if not place:
        return scrap
    changed = dict(value) if isinstance(value, dict) else list(value)
    changed[place[0]] = put(value[place[0]], place[1:], scrap)
    return changed
