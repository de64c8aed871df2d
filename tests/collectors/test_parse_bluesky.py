import pytest

from apps.collectors import registry
from apps.collectors.types import NotAnAccount

ACCOUNTS = [
    ("https://bsky.app/profile/examplemin.bsky.social", "examplemin.bsky.social", ""),
    ("bsky.app/profile/ExampleMin.Bsky.Social/", "examplemin.bsky.social", ""),
    ("https://bsky.app/profile/name.gov.kz?ref=1", "name.gov.kz", ""),
    ("https://bsky.app/profile/name.gov.kz/post/3kabc", "name.gov.kz", ""),
    ("https://bsky.app/profile/did:plc:a2b3a2b3a2b3a2b3a2b3a2b3", "", "did:plc:a2b3a2b3a2b3a2b3a2b3a2b3"),
    (
        "https://bsky.app/profile/did:plc:a2b3a2b3a2b3a2b3a2b3a2b3/post/3k",
        "",
        "did:plc:a2b3a2b3a2b3a2b3a2b3a2b3",
    ),
    ("https://bsky.app/profile/did%3Aplc%3Aa2b3a2b3a2b3a2b3a2b3a2b3", "", "did:plc:a2b3a2b3a2b3a2b3a2b3a2b3"),
    ("at://did:plc:a2b3a2b3a2b3a2b3a2b3a2b3", "", "did:plc:a2b3a2b3a2b3a2b3a2b3a2b3"),
    ("at://did:plc:a2b3a2b3a2b3a2b3a2b3a2b3/app.bsky.feed.post/3k", "", "did:plc:a2b3a2b3a2b3a2b3a2b3a2b3"),
    ("at://name.gov.kz", "name.gov.kz", ""),
    ("did:plc:a2b3a2b3a2b3a2b3a2b3a2b3", "", "did:plc:a2b3a2b3a2b3a2b3a2b3a2b3"),
    ("did:web:name.gov.kz", "", "did:web:name.gov.kz"),
    ("examplemin.bsky.social", "examplemin.bsky.social", ""),
    ("@examplemin.bsky.social", "examplemin.bsky.social", ""),
    ("https://examplemin.bsky.social/", "examplemin.bsky.social", ""),
    ("bluesky: @name.gov.kz", "name.gov.kz", ""),
]
NAMES = [
    ("@name.gov.kz", "name.gov.kz", ""),
    ("name.gov.kz", "name.gov.kz", ""),
]
OTHERS = [
    ("https://bsky.app/", "reserved"),
    ("https://bsky.app/profile/", "reserved"),
    ("https://bsky.app/settings", "reserved"),
    ("https://bsky.app/search?q=x", "search"),
    ("https://bsky.app/hashtag/x", "search"),
    ("https://go.bsky.app/AbC", "short_link"),
    ("https://bsky.app/starter-pack/a.b/c", "group"),
    ("https://bsky.app/elsewhere", "reserved"),
    ("did:plc:short", "bad_id"),
    ("@examplemin", "bad_handle"),
    ("https://bsky.app/profile/exa_mple.kz", "bad_handle"),
    ("https://bsky.app/profile/-a.kz", "bad_handle"),
    ("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.kz", "bad_handle"),
    ("https://t.me/examplemin", "unknown_host"),
    ("", "empty"),
]
ADDRESSES = [
    ("@name.gov.kz", "https://bsky.app/profile/name.gov.kz"),
    ("did:plc:a2b3a2b3a2b3a2b3a2b3a2b3", "https://bsky.app/profile/did:plc:a2b3a2b3a2b3a2b3a2b3a2b3"),
]


@pytest.mark.parametrize(("text", "handle", "platform_id"), ACCOUNTS)
def test_address_names_the_account(text, handle, platform_id):
    target = registry.parse(text)
    assert (target.platform, target.handle, target.platform_id) == ("bluesky", handle, platform_id)
    assert registry.parse(text, "bluesky") == target


@pytest.mark.parametrize(("text", "handle", "platform_id"), NAMES)
def test_name_with_the_platform_names_the_account(text, handle, platform_id):
    target = registry.parse(text, "bluesky")
    assert (target.platform, target.handle, target.platform_id) == ("bluesky", handle, platform_id)


@pytest.mark.parametrize(("text", "code"), OTHERS)
def test_what_is_no_account_is_refused_with_its_reason(text, code):
    with pytest.raises(NotAnAccount) as refused:
        registry.parse(text, "bluesky")
    assert refused.value.code == code


@pytest.mark.parametrize(("text", "address"), ADDRESSES)
def test_public_address(text, address):
    assert registry.url(registry.parse(text, "bluesky")) == address
