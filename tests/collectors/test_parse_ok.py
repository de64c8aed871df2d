import pytest

from apps.collectors import registry
from apps.collectors.types import NotAnAccount

ACCOUNTS = [
    ("https://ok.ru/group/53000000000001", "", "53000000000001"),
    ("https://ok.ru/group53000000000001", "", "53000000000001"),
    ("https://www.ok.ru/group/53000000000001/", "", "53000000000001"),
    ("https://m.ok.ru/group/53000000000001/topic/155", "", "53000000000001"),
    ("odnoklassniki.ru/group/53000000000001", "", "53000000000001"),
    ("https://ok.ru/profile/570000000001", "profile/570000000001", ""),
    ("https://ok.ru/examplemin", "examplemin", ""),
    ("https://ok.ru/group/examplemin", "examplemin", ""),
    ("https://ok.ru/examplemin?st._aid=1", "examplemin", ""),
    ("OK.ru: examplemin", "examplemin", ""),
]
NAMES = [
    ("@examplemin", "examplemin", ""),
    ("53000000000001", "", "53000000000001"),
]
OTHERS = [
    ("https://ok.ru/", "reserved"),
    ("https://ok.ru/feed", "reserved"),
    ("https://ok.ru/dk?st.cmd=x", "reserved"),
    ("https://ok.ru/video/123", "video"),
    ("https://ok.ru/live/123", "video"),
    ("https://ok.ru/search?q=x", "search"),
    ("https://ok.ru/group/12", "bad_id"),
    ("https://ok.ru/profile/abc", "bad_id"),
    ("https://ok.ru/министр", "bad_handle"),
    ("https://vk.com/examplemin", "unknown_host"),
    ("", "empty"),
]
ADDRESSES = [
    ("examplemin", "https://ok.ru/examplemin"),
    ("group53000000000001", "https://ok.ru/group/53000000000001"),
    ("ok.ru/profile/570000000001", "https://ok.ru/profile/570000000001"),
]


@pytest.mark.parametrize(("text", "handle", "platform_id"), ACCOUNTS)
def test_address_names_the_account(text, handle, platform_id):
    target = registry.parse(text)
    assert (target.platform, target.handle, target.platform_id) == ("ok", handle, platform_id)
    assert registry.parse(text, "ok") == target


@pytest.mark.parametrize(("text", "handle", "platform_id"), NAMES)
def test_name_with_the_platform_names_the_account(text, handle, platform_id):
    target = registry.parse(text, "ok")
    assert (target.platform, target.handle, target.platform_id) == ("ok", handle, platform_id)


@pytest.mark.parametrize(("text", "code"), OTHERS)
def test_what_is_no_account_is_refused_with_its_reason(text, code):
    with pytest.raises(NotAnAccount) as refused:
        registry.parse(text, "ok")
    assert refused.value.code == code


@pytest.mark.parametrize(("text", "address"), ADDRESSES)
def test_public_address(text, address):
    assert registry.url(registry.parse(text, "ok")) == address
