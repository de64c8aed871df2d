import pytest

from apps.collectors import registry
from apps.collectors.types import NotAnAccount

ACCOUNTS = [
    ("https://vk.com/examplemin", "examplemin", ""),
    ("http://vk.ru/ExampleMin/", "ExampleMin", ""),
    ("https://m.vk.com/examplemin", "examplemin", ""),
    ("https://new.vk.com/examplemin", "examplemin", ""),
    ("vkontakte.ru/examplemin", "examplemin", ""),
    ("https://vk.me/examplemin", "examplemin", ""),
    ("https://vk.link/examplemin", "examplemin", ""),
    ("https://vk.com/club1001", "", "-1001"),
    ("https://vk.com/public1001", "", "-1001"),
    ("https://vk.com/event1001", "", "-1001"),
    ("https://vk.com/id1001", "", "1001"),
    ("https://vk.com/wall-1001_25", "", "-1001"),
    ("https://vk.com/wall1001_25", "", "1001"),
    ("https://vk.com/feed?w=wall-1001_2", "", "-1001"),
    ("https://vk.com/?w=wall-1001_2", "", "-1001"),
    ("https://vk.com/examplemin?w=wall-5_2", "examplemin", ""),
    ("https://vk.com/@examplemin-title-of-it", "examplemin", ""),
    ("https://vkvideo.ru/@examplemin", "examplemin", ""),
    ("https://vk.com/video/@examplemin", "examplemin", ""),
    ("https://vk.com/examplemin?from=search", "examplemin", ""),
    ("VK: examplemin", "examplemin", ""),
]
NAMES = [
    ("@examplemin", "examplemin", ""),
    ("club7", "", "-7"),
    ("id7", "", "7"),
]
OTHERS = [
    ("https://vk.com/feed", "reserved"),
    ("https://vk.com/im?sel=1", "reserved"),
    ("https://vk.com/", "reserved"),
    ("https://vk.com/video-1_2", "video"),
    ("https://vk.com/clip-1_2", "video"),
    ("https://vk.com/photo-1_2", "post"),
    ("https://vk.com/album-1_2", "post"),
    ("https://vk.com/topic-1_2", "post"),
    ("https://vk.com/clips/examplemin", "video"),
    ("https://vk.cc/abc", "short_link"),
    ("https://vk.com/away.php?to=x", "short_link"),
    ("https://vk.me/join/abc", "private_invite"),
    ("https://vk.com/search?q=x", "search"),
    ("https://vk.com/id0", "bad_id"),
    ("https://vk.com/министр", "bad_handle"),
    ("@a", "bad_handle"),
    ("@exa-mple", "bad_handle"),
    ("https://ok.ru/x12", "unknown_host"),
    ("", "empty"),
]
ADDRESSES = [
    ("@examplemin", "https://vk.com/examplemin"),
    ("club5", "https://vk.com/club5"),
    ("id5", "https://vk.com/id5"),
]


@pytest.mark.parametrize(("text", "handle", "platform_id"), ACCOUNTS)
def test_address_names_the_account(text, handle, platform_id):
    target = registry.parse(text)
    assert (target.platform, target.handle, target.platform_id) == ("vk", handle, platform_id)
    assert registry.parse(text, "vk") == target


@pytest.mark.parametrize(("text", "handle", "platform_id"), NAMES)
def test_name_with_the_platform_names_the_account(text, handle, platform_id):
    target = registry.parse(text, "vk")
    assert (target.platform, target.handle, target.platform_id) == ("vk", handle, platform_id)


@pytest.mark.parametrize(("text", "code"), OTHERS)
def test_what_is_no_account_is_refused_with_its_reason(text, code):
    with pytest.raises(NotAnAccount) as refused:
        registry.parse(text, "vk")
    assert refused.value.code == code


@pytest.mark.parametrize(("text", "address"), ADDRESSES)
def test_public_address(text, address):
    assert registry.url(registry.parse(text, "vk")) == address
