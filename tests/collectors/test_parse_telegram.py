import pytest

from apps.collectors import registry
from apps.collectors.types import NotAnAccount

ACCOUNTS = [
    ("https://t.me/examplemin", "examplemin", ""),
    ("http://t.me/examplemin/", "examplemin", ""),
    ("t.me/ExampleMin", "ExampleMin", ""),
    ("https://telegram.me/examplemin", "examplemin", ""),
    ("https://telegram.dog/examplemin", "examplemin", ""),
    ("https://www.t.me/examplemin", "examplemin", ""),
    ("https://examplemin.t.me", "examplemin", ""),
    ("examplemin.t.me", "examplemin", ""),
    ("https://examplemin.t.me/123", "examplemin", ""),
    ("tg://resolve?domain=examplemin", "examplemin", ""),
    ("tg:resolve?domain=examplemin&post=5", "examplemin", ""),
    ("https://t.me/s/examplemin", "examplemin", ""),
    ("https://t.me/s/examplemin?before=100", "examplemin", ""),
    ("https://t.me/examplemin/123", "examplemin", ""),
    ("https://t.me/examplemin?start=abc", "examplemin", ""),
    ("https://t.me/examplemin?boost", "examplemin", ""),
    ("https://t.me/example_min_kz", "example_min_kz", ""),
    ("(https://t.me/examplemin)", "examplemin", ""),
    ('"t.me/examplemin"', "examplemin", ""),
    ("telegram: @examplemin", "examplemin", ""),
    ("https://t.me/abcd", "abcd", ""),
]
NAMES = [
    ("@examplemin", "examplemin", ""),
    ("examplemin", "examplemin", ""),
    (" @examplemin, ", "examplemin", ""),
]
OTHERS = [
    ("https://t.me/+AbCdEf12345", "private_invite"),
    ("https://t.me/joinchat/AAAA", "private_invite"),
    ("https://t.me/c/1234567/89", "private_invite"),
    ("tg://join?invite=AAAA", "private_invite"),
    ("https://t.me/addlist/AAA", "private_invite"),
    ("https://t.me/+77001234567", "phone"),
    ("https://t.me/contact/AAA", "phone"),
    ("tg://msg_url?url=x", "reserved"),
    ("https://t.me/share/url?url=x", "reserved"),
    ("https://t.me/proxy?server=x", "reserved"),
    ("https://t.me/addstickers/x", "reserved"),
    ("https://t.me/boost/examplemin", "reserved"),
    ("https://t.me/", "reserved"),
    ("https://t.me/login/123", "reserved"),
    ("https://web.t.me/", "reserved"),
    ("https://a.t.me/", "reserved"),
    ("https://t.me/abc", "bad_handle"),
    ("https://t.me/1abcde", "bad_handle"),
    ("https://t.me/ab__cd", "bad_handle"),
    ("https://t.me/abcde_", "bad_handle"),
    ("https://t.me/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "bad_handle"),
    ("@министр", "bad_handle"),
    ("https://example.com/examplemin", "unknown_host"),
    ("https://bit.ly/x1", "unknown_host"),
    ("", "empty"),
]
ADDRESSES = [
    ("@examplemin", "https://t.me/examplemin"),
]


@pytest.mark.parametrize(("text", "handle", "platform_id"), ACCOUNTS)
def test_address_names_the_account(text, handle, platform_id):
    target = registry.parse(text)
    assert (target.platform, target.handle, target.platform_id) == ("telegram", handle, platform_id)
    assert registry.parse(text, "telegram") == target


@pytest.mark.parametrize(("text", "handle", "platform_id"), NAMES)
def test_name_with_the_platform_names_the_account(text, handle, platform_id):
    target = registry.parse(text, "telegram")
    assert (target.platform, target.handle, target.platform_id) == ("telegram", handle, platform_id)


@pytest.mark.parametrize(("text", "code"), OTHERS)
def test_what_is_no_account_is_refused_with_its_reason(text, code):
    with pytest.raises(NotAnAccount) as refused:
        registry.parse(text, "telegram")
    assert refused.value.code == code


@pytest.mark.parametrize(("text", "address"), ADDRESSES)
def test_public_address(text, address):
    assert registry.url(registry.parse(text, "telegram")) == address
