import pytest

from apps.collectors import registry
from apps.collectors.types import NotAnAccount

ACCOUNTS = [
    ("https://whatsapp.com/channel/0029VaAbCdEfGhIjKlMnOpQr", "0029VaAbCdEfGhIjKlMnOpQr", ""),
    ("https://www.whatsapp.com/channel/0029VaAbCdEfGhIjKlMnOpQr/", "0029VaAbCdEfGhIjKlMnOpQr", ""),
    ("whatsapp.com/channel/0029VaAbCdEfGhIjKlMnOpQr?utm=1", "0029VaAbCdEfGhIjKlMnOpQr", ""),
    ("https://www.whatsapp.com/channel/0029VaAbCdEfGhIjKlMnOpQr/123", "0029VaAbCdEfGhIjKlMnOpQr", ""),
    ("WhatsApp: 0029VaAbCdEfGhIjKlMnOpQr", "0029VaAbCdEfGhIjKlMnOpQr", ""),
]
NAMES = [
    ("0029VaAbCdEfGhIjKlMnOpQr", "0029VaAbCdEfGhIjKlMnOpQr", ""),
]
OTHERS = [
    ("https://chat.whatsapp.com/AbCdEf", "private_invite"),
    ("https://wa.me/77001234567", "phone"),
    ("https://api.whatsapp.com/send?phone=7700", "phone"),
    ("https://whatsapp.com/", "reserved"),
    ("https://whatsapp.com/channel/", "reserved"),
    ("https://whatsapp.com/channel/short", "bad_handle"),
    ("https://whatsapp.com/elsewhere", "bad_handle"),
    ("https://t.me/examplemin", "unknown_host"),
    ("", "empty"),
]
ADDRESSES = [
    ("0029VaAbCdEfGhIjKlMnOpQr", "https://whatsapp.com/channel/0029VaAbCdEfGhIjKlMnOpQr"),
]


@pytest.mark.parametrize(("text", "handle", "platform_id"), ACCOUNTS)
def test_address_names_the_account(text, handle, platform_id):
    target = registry.parse(text)
    assert (target.platform, target.handle, target.platform_id) == ("whatsapp", handle, platform_id)
    assert registry.parse(text, "whatsapp") == target


@pytest.mark.parametrize(("text", "handle", "platform_id"), NAMES)
def test_name_with_the_platform_names_the_account(text, handle, platform_id):
    target = registry.parse(text, "whatsapp")
    assert (target.platform, target.handle, target.platform_id) == ("whatsapp", handle, platform_id)


@pytest.mark.parametrize(("text", "code"), OTHERS)
def test_what_is_no_account_is_refused_with_its_reason(text, code):
    with pytest.raises(NotAnAccount) as refused:
        registry.parse(text, "whatsapp")
    assert refused.value.code == code


@pytest.mark.parametrize(("text", "address"), ADDRESSES)
def test_public_address(text, address):
    assert registry.url(registry.parse(text, "whatsapp")) == address
