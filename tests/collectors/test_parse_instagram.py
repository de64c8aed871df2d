import pytest

from apps.collectors import registry
from apps.collectors.types import NotAnAccount

ACCOUNTS = [
    ("https://www.instagram.com/examplemin/", "examplemin", ""),
    ("instagram.com/ExampleMin", "examplemin", ""),
    ("https://m.instagram.com/examplemin", "examplemin", ""),
    ("https://instagr.am/examplemin", "examplemin", ""),
    ("https://ig.me/m/examplemin", "examplemin", ""),
    ("https://www.instagram.com/examplemin?igsh=abc==&hl=ru&utm_source=qr", "examplemin", ""),
    ("https://www.instagram.com/examplemin/reels/", "examplemin", ""),
    ("https://www.instagram.com/examplemin/tagged/", "examplemin", ""),
    ("https://www.instagram.com/_u/examplemin", "examplemin", ""),
    ("https://www.instagram.com/stories/examplemin/123/", "examplemin", ""),
    ("https://www.instagram.com/examplemin/p/AbC/", "examplemin", ""),
    ("https://www.instagram.com/example.min_1", "example.min_1", ""),
    ("Instagram: @Qaznews24", "qaznews24", ""),
]
NAMES = [
    ("@ExampleMin", "examplemin", ""),
    ("a", "a", ""),
]
OTHERS = [
    ("https://www.instagram.com/p/AbC/", "post"),
    ("https://www.instagram.com/reel/AbC/", "video"),
    ("https://www.instagram.com/reels/AbC/", "video"),
    ("https://www.instagram.com/tv/AbC/", "video"),
    ("https://www.instagram.com/explore/tags/x/", "search"),
    ("https://www.instagram.com/accounts/login/", "reserved"),
    ("https://www.instagram.com/share/AbC", "short_link"),
    ("https://www.instagram.com/direct/inbox/", "reserved"),
    ("https://www.instagram.com/stories/highlights/1/", "post"),
    ("https://www.instagram.com/", "reserved"),
    ("https://ig.me/j/AbC", "group"),
    ("https://ig.me/", "reserved"),
    ("https://www.instagram.com/a..b", "bad_handle"),
    ("@.ab", "bad_handle"),
    ("@ab.", "bad_handle"),
    ("@aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "bad_handle"),
    ("@министр", "bad_handle"),
    ("https://t.me/examplemin", "unknown_host"),
    ("", "empty"),
]
ADDRESSES = [
    ("@examplemin", "https://www.instagram.com/examplemin/"),
]


@pytest.mark.parametrize(("text", "handle", "platform_id"), ACCOUNTS)
def test_address_names_the_account(text, handle, platform_id):
    target = registry.parse(text)
    assert (target.platform, target.handle, target.platform_id) == ("instagram", handle, platform_id)
    assert registry.parse(text, "instagram") == target


@pytest.mark.parametrize(("text", "handle", "platform_id"), NAMES)
def test_name_with_the_platform_names_the_account(text, handle, platform_id):
    target = registry.parse(text, "instagram")
    assert (target.platform, target.handle, target.platform_id) == ("instagram", handle, platform_id)


@pytest.mark.parametrize(("text", "code"), OTHERS)
def test_what_is_no_account_is_refused_with_its_reason(text, code):
    with pytest.raises(NotAnAccount) as refused:
        registry.parse(text, "instagram")
    assert refused.value.code == code


@pytest.mark.parametrize(("text", "address"), ADDRESSES)
def test_public_address(text, address):
    assert registry.url(registry.parse(text, "instagram")) == address
