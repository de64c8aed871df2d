import pytest

from apps.collectors import registry
from apps.collectors.types import NotAnAccount

ACCOUNTS = [
    ("https://x.com/examplemin", "examplemin", ""),
    ("http://twitter.com/ExampleMin/", "ExampleMin", ""),
    ("https://www.x.com/examplemin", "examplemin", ""),
    ("https://mobile.twitter.com/examplemin", "examplemin", ""),
    ("https://m.twitter.com/examplemin", "examplemin", ""),
    ("x.com/examplemin", "examplemin", ""),
    ("https://x.com/examplemin/with_replies", "examplemin", ""),
    ("https://x.com/examplemin/media", "examplemin", ""),
    ("https://x.com/examplemin/followers", "examplemin", ""),
    ("https://x.com/examplemin/status/123?s=20&t=abc", "examplemin", ""),
    ("https://x.com/@examplemin", "examplemin", ""),
    ("https://twitter.com/intent/user?screen_name=examplemin", "examplemin", ""),
    ("https://twitter.com/intent/follow?original_referer=x&screen_name=examplemin", "examplemin", ""),
    ("https://x.com/i/user/1000000001", "", "1000000001"),
    ("https://x.com/intent/user?user_id=1000000001", "", "1000000001"),
    ("X: @ortcomkzE", "ortcomkzE", ""),
]
NAMES = [
    ("@examplemin", "examplemin", ""),
    ("examplemin", "examplemin", ""),
]
OTHERS = [
    ("https://x.com/home", "reserved"),
    ("https://x.com/explore", "search"),
    ("https://x.com/search?q=x", "search"),
    ("https://x.com/hashtag/x", "search"),
    ("https://x.com/settings/account", "reserved"),
    ("https://x.com/share?url=x", "reserved"),
    ("https://x.com/intent/tweet?text=x", "reserved"),
    ("https://x.com/login", "reserved"),
    ("https://x.com/compose/post", "reserved"),
    ("https://x.com/messages", "reserved"),
    ("https://x.com/notifications", "reserved"),
    ("https://x.com/tos", "reserved"),
    ("https://x.com/privacy", "reserved"),
    ("https://x.com/i/status/1", "post"),
    ("https://x.com/i/web/status/1", "post"),
    ("https://x.com/i/communities/1", "group"),
    ("https://x.com/i/lists/1", "group"),
    ("https://x.com/i/events/1", "event"),
    ("https://x.com/i/spaces/1", "event"),
    ("https://x.com/i/flow/signup", "reserved"),
    ("https://t.co/abc", "short_link"),
    ("https://x.com/", "reserved"),
    ("https://x.com/i/user/abc", "bad_id"),
    ("https://x.com/intent/user", "bad_id"),
    ("https://x.com/exa-mple", "bad_handle"),
    ("@aaaaaaaaaaaaaaaa", "bad_handle"),
    ("https://netflix.com/examplemin", "unknown_host"),
    ("", "empty"),
]
ADDRESSES = [
    ("@examplemin", "https://x.com/examplemin"),
    ("https://x.com/i/user/5", "https://x.com/i/user/5"),
]


@pytest.mark.parametrize(("text", "handle", "platform_id"), ACCOUNTS)
def test_address_names_the_account(text, handle, platform_id):
    target = registry.parse(text)
    assert (target.platform, target.handle, target.platform_id) == ("x", handle, platform_id)
    assert registry.parse(text, "x") == target


@pytest.mark.parametrize(("text", "handle", "platform_id"), NAMES)
def test_name_with_the_platform_names_the_account(text, handle, platform_id):
    target = registry.parse(text, "x")
    assert (target.platform, target.handle, target.platform_id) == ("x", handle, platform_id)


@pytest.mark.parametrize(("text", "code"), OTHERS)
def test_what_is_no_account_is_refused_with_its_reason(text, code):
    with pytest.raises(NotAnAccount) as refused:
        registry.parse(text, "x")
    assert refused.value.code == code


@pytest.mark.parametrize(("text", "address"), ADDRESSES)
def test_public_address(text, address):
    assert registry.url(registry.parse(text, "x")) == address
