import pytest

from apps.collectors import registry
from apps.collectors.types import NotAnAccount

ACCOUNTS = [
    ("https://mastodon.social/@examplemin", "examplemin@mastodon.social", ""),
    ("https://mastodon.example/@ExampleMin/", "ExampleMin@mastodon.example", ""),
    ("mastodon.example/@examplemin", "examplemin@mastodon.example", ""),
    ("https://mastodon.example/@examplemin@other.host", "examplemin@other.host", ""),
    ("https://mastodon.example/users/examplemin", "examplemin@mastodon.example", ""),
    ("https://mastodon.example/web/@examplemin", "examplemin@mastodon.example", ""),
    ("https://mastodon.example/web/@examplemin@other.host", "examplemin@other.host", ""),
    ("https://mastodon.example/web/accounts/14715", "", "14715@mastodon.example"),
    ("https://mastodon.example/@examplemin/123456", "examplemin@mastodon.example", ""),
    ("https://mastodon.example/deck/@examplemin", "examplemin@mastodon.example", ""),
    ("@examplemin@Mastodon.Example", "examplemin@mastodon.example", ""),
    ("examplemin@mastodon.example", "examplemin@mastodon.example", ""),
    ("https://mastodon.example/@ex.am-ple_1", "ex.am-ple_1@mastodon.example", ""),
    ("Mastodon: @examplemin@mastodon.example", "examplemin@mastodon.example", ""),
]
NAMES = [
    ("name@b.kz", "name@b.kz", ""),
]
OTHERS = [
    ("https://mastodon.social/explore", "reserved"),
    ("https://mastodon.social/", "reserved"),
    ("https://mastodon.social/tags/x", "search"),
    ("https://mastodon.social/@", "bad_handle"),
    ("@examplemin", "bad_handle"),
    ("@a@b", "bad_handle"),
    ("https://medium.com/@examplemin", "unknown_host"),
    ("https://127.0.0.1/@examplemin", "unknown_host"),
    ("https://localhost/@examplemin", "unknown_host"),
    ("https://[::1]/@examplemin", "unknown_host"),
    ("https://mastodon.example/@aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "bad_handle"),
    ("", "empty"),
]
ADDRESSES = [
    ("@a@b.kz", "https://b.kz/@a"),
    ("https://b.kz/web/accounts/5", "https://b.kz/web/accounts/5"),
]


@pytest.mark.parametrize(("text", "handle", "platform_id"), ACCOUNTS)
def test_address_names_the_account(text, handle, platform_id):
    target = registry.parse(text)
    assert (target.platform, target.handle, target.platform_id) == ("mastodon", handle, platform_id)
    assert registry.parse(text, "mastodon") == target


@pytest.mark.parametrize(("text", "handle", "platform_id"), NAMES)
def test_name_with_the_platform_names_the_account(text, handle, platform_id):
    target = registry.parse(text, "mastodon")
    assert (target.platform, target.handle, target.platform_id) == ("mastodon", handle, platform_id)


@pytest.mark.parametrize(("text", "code"), OTHERS)
def test_what_is_no_account_is_refused_with_its_reason(text, code):
    with pytest.raises(NotAnAccount) as refused:
        registry.parse(text, "mastodon")
    assert refused.value.code == code


@pytest.mark.parametrize(("text", "address"), ADDRESSES)
def test_public_address(text, address):
    assert registry.url(registry.parse(text, "mastodon")) == address
