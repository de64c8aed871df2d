import pytest

from apps.collectors import registry
from apps.collectors.types import NotAnAccount

ACCOUNTS = [
    ("https://www.tiktok.com/@examplemin", "examplemin", ""),
    ("tiktok.com/@ExampleMin/", "ExampleMin", ""),
    ("https://m.tiktok.com/@examplemin", "examplemin", ""),
    ("https://www.tiktok.com/@examplemin?lang=ru-RU&is_from_webapp=1", "examplemin", ""),
    ("https://www.tiktok.com/@examplemin/video/123", "examplemin", ""),
    ("https://www.tiktok.com/@examplemin/live", "examplemin", ""),
    ("https://www.tiktok.com/@a.b_1", "a.b_1", ""),
    ("https://www.tiktok.com/%40examplemin", "examplemin", ""),
    ("TikTok: @examplemin", "examplemin", ""),
]
NAMES = [
    ("@examplemin", "examplemin", ""),
    ("examplemin", "examplemin", ""),
]
OTHERS = [
    ("https://vm.tiktok.com/ZM123/", "short_link"),
    ("https://vt.tiktok.com/ZS123/", "short_link"),
    ("https://www.tiktok.com/t/ZT123/", "short_link"),
    ("https://www.tiktok.com/tag/x", "search"),
    ("https://www.tiktok.com/discover/x", "search"),
    ("https://m.tiktok.com/v/123.html", "video"),
    ("https://www.tiktok.com/embed/123", "video"),
    ("https://www.tiktok.com/foryou", "reserved"),
    ("https://www.tiktok.com/", "reserved"),
    ("https://www.tiktok.com/examplemin", "bad_handle"),
    ("@a.", "bad_handle"),
    ("@a", "bad_handle"),
    ("@aaaaaaaaaaaaaaaaaaaaaaaaa", "bad_handle"),
    ("@министр", "bad_handle"),
    ("https://tiktok.example/@examplemin", "unknown_host"),
    ("", "empty"),
]
ADDRESSES = [
    ("@examplemin", "https://www.tiktok.com/@examplemin"),
]


@pytest.mark.parametrize(("text", "handle", "platform_id"), ACCOUNTS)
def test_address_names_the_account(text, handle, platform_id):
    target = registry.parse(text)
    assert (target.platform, target.handle, target.platform_id) == ("tiktok", handle, platform_id)
    assert registry.parse(text, "tiktok") == target


@pytest.mark.parametrize(("text", "handle", "platform_id"), NAMES)
def test_name_with_the_platform_names_the_account(text, handle, platform_id):
    target = registry.parse(text, "tiktok")
    assert (target.platform, target.handle, target.platform_id) == ("tiktok", handle, platform_id)


@pytest.mark.parametrize(("text", "code"), OTHERS)
def test_what_is_no_account_is_refused_with_its_reason(text, code):
    with pytest.raises(NotAnAccount) as refused:
        registry.parse(text, "tiktok")
    assert refused.value.code == code


@pytest.mark.parametrize(("text", "address"), ADDRESSES)
def test_public_address(text, address):
    assert registry.url(registry.parse(text, "tiktok")) == address
