import pytest

from apps.collectors import registry
from apps.collectors.types import NotAnAccount

ACCOUNTS = [
    ("https://www.threads.com/@examplemin", "examplemin", ""),
    ("https://threads.net/@ExampleMin", "examplemin", ""),
    ("threads.com/@examplemin/", "examplemin", ""),
    ("https://www.threads.net/@examplemin/post/AbC?hl=ru&xmt=1", "examplemin", ""),
    ("Threads: @examplemin", "examplemin", ""),
]
NAMES = [
    ("@examplemin", "examplemin", ""),
]
OTHERS = [
    ("https://www.threads.com/t/AbC", "post"),
    ("https://www.threads.com/search?q=x", "search"),
    ("https://www.threads.com/login", "reserved"),
    ("https://www.threads.com/", "reserved"),
    ("https://www.threads.com/examplemin", "bad_handle"),
    ("@a..b", "bad_handle"),
    ("https://x.com/examplemin", "unknown_host"),
    ("", "empty"),
]
ADDRESSES = [
    ("@examplemin", "https://www.threads.com/@examplemin"),
]


@pytest.mark.parametrize(("text", "handle", "platform_id"), ACCOUNTS)
def test_address_names_the_account(text, handle, platform_id):
    target = registry.parse(text)
    assert (target.platform, target.handle, target.platform_id) == ("threads", handle, platform_id)
    assert registry.parse(text, "threads") == target


@pytest.mark.parametrize(("text", "handle", "platform_id"), NAMES)
def test_name_with_the_platform_names_the_account(text, handle, platform_id):
    target = registry.parse(text, "threads")
    assert (target.platform, target.handle, target.platform_id) == ("threads", handle, platform_id)


@pytest.mark.parametrize(("text", "code"), OTHERS)
def test_what_is_no_account_is_refused_with_its_reason(text, code):
    with pytest.raises(NotAnAccount) as refused:
        registry.parse(text, "threads")
    assert refused.value.code == code


@pytest.mark.parametrize(("text", "address"), ADDRESSES)
def test_public_address(text, address):
    assert registry.url(registry.parse(text, "threads")) == address
