import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.collectors import registry
from apps.collectors.platforms import PLATFORMS, SOURCES
from apps.collectors.types import NotAnAccount, Refusal, Target


@pytest.mark.parametrize("text", ["@examplemin", "examplemin", "two words", "мин"])
def test_bare_name_needs_its_platform(text):
    with pytest.raises(NotAnAccount) as refused:
        registry.parse(text)
    assert refused.value.code == "needs_platform"


@pytest.mark.parametrize(
    "text", ["https://example.com/page", "example.com/page", "akorda.kz", "http://", "ftp://x.y/@a"]
)
def test_other_addresses_are_refused(text):
    with pytest.raises(NotAnAccount) as refused:
        registry.parse(text)
    assert refused.value.code == "unknown_host"


def test_every_platform_knows_its_addresses():
    assert set(registry.ADDRESSES) == set(PLATFORMS)


def test_every_collector_names_a_source():
    for code, make in registry.COLLECTORS.items():
        collector = make(contact="press@example.kz")
        assert collector.platform == code
        assert collector.source in SOURCES
        assert 1 <= collector.batch_size <= 500


texts = st.text(max_size=60) | st.builds(
    "{}{}{}".format,
    st.sampled_from(["", "https://", "@", "tg://", "at://", "did:plc:", "x: "]),
    st.sampled_from(
        ["t.me", "www.youtube.com", "vk.com", "facebook.com", "mastodon.example", "ok.ru", "bsky.app", ""]
    ),
    st.text("/@?&=#%.:-_[]aA1ә\x00\ud800", max_size=25),
)


@settings(max_examples=300, deadline=None)
@given(texts)
def test_any_text_is_an_account_or_refused_with_a_known_reason(text):
    for platform in ("", *PLATFORMS):
        found = outcome_of(text, platform)
        if isinstance(found, NotAnAccount):
            assert found.code in Refusal
            assert len(found.seen) <= 100
            continue
        assert found.platform == platform or (not platform and found.platform in PLATFORMS)
        assert bool(found.handle) != bool(found.platform_id)
        # What was recognised is recognised again in its own public address.
        assert isinstance(outcome_of(registry.url(found), found.platform), Target)


def outcome_of(text, platform):
    try:
        return registry.parse(text, platform)
    except NotAnAccount as refused:
        return refused
