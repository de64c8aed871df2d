import pytest

from apps.collectors import registry
from apps.collectors.types import NotAnAccount

ACCOUNTS = [
    ("https://www.facebook.com/examplemin", "examplemin", ""),
    ("http://facebook.com/examplemin/", "examplemin", ""),
    ("facebook.com/ExampleMin", "ExampleMin", ""),
    ("https://m.facebook.com/examplemin", "examplemin", ""),
    ("https://web.facebook.com/examplemin?_rdc=1&_rdr", "examplemin", ""),
    ("https://mbasic.facebook.com/examplemin", "examplemin", ""),
    ("https://touch.facebook.com/examplemin", "examplemin", ""),
    ("https://ru-ru.facebook.com/examplemin", "examplemin", ""),
    ("https://kk-kz.facebook.com/examplemin", "examplemin", ""),
    ("fb.com/examplemin", "examplemin", ""),
    ("https://fb.me/examplemin", "examplemin", ""),
    ("https://www.facebook.com/mukhtar.ablyazov", "mukhtar.ablyazov", ""),
    ("https://www.facebook.com/examplemin/about", "examplemin", ""),
    ("https://www.facebook.com/examplemin/posts/123", "examplemin", ""),
    ("https://www.facebook.com/examplemin/photos", "examplemin", ""),
    ("https://www.facebook.com/examplemin/followers", "examplemin", ""),
    ("https://www.facebook.com/examplemin?ref=page_internal&locale=ru_RU&mibextid=ZbWKwL", "examplemin", ""),
    ("https://www.facebook.com/profile.php?id=100000000000001", "", "100000000000001"),
    ("https://m.facebook.com/profile.php?ref=x&id=100000000000001&sk=about", "", "100000000000001"),
    ("https://www.facebook.com/pages/Example-Ministry/100000000000001", "", "100000000000001"),
    (
        "https://www.facebook.com/pages/category/Government-Organization/Example-Ministry-100000000000001/",
        "",
        "100000000000001",
    ),
    ("https://www.facebook.com/people/Example-Ministry/100000000000001/", "", "100000000000001"),
    (
        "https://www.facebook.com/people/%D0%9C%D0%B8%D0%BD%D0%B8%D1%81%D1%82%D1%80/100000000000001",
        "",
        "100000000000001",
    ),
    ("https://www.facebook.com/p/Example-Ministry-100000000000001/", "", "100000000000001"),
    ("https://www.facebook.com/100000000000001", "", "100000000000001"),
    ("https://www.facebook.com/Example-Ministry-100000000000001/", "", "100000000000001"),
    ("Facebook: examplemin", "examplemin", ""),
]
NAMES = [
    ("@examplemin", "examplemin", ""),
    ("ex.ample", "ex.ample", ""),
    ("100000000000001", "", "100000000000001"),
]
OTHERS = [
    ("https://www.facebook.com/groups/123", "group"),
    ("https://www.facebook.com/events/123", "event"),
    ("https://fb.me/e/abc", "event"),
    ("https://www.facebook.com/share/AbC123/", "short_link"),
    ("https://www.facebook.com/share/p/AbC123/", "short_link"),
    ("https://www.facebook.com/story.php?story_fbid=1&id=2", "post"),
    ("https://www.facebook.com/permalink.php?story_fbid=1&id=2", "post"),
    ("https://www.facebook.com/photo.php?fbid=1", "post"),
    ("https://www.facebook.com/photo/?fbid=1", "post"),
    ("https://www.facebook.com/watch/?v=1", "video"),
    ("https://www.facebook.com/reel/1", "video"),
    ("https://fb.watch/abc/", "video"),
    ("https://www.facebook.com/hashtag/x", "search"),
    ("https://www.facebook.com/search/top?q=x", "search"),
    ("https://www.facebook.com/login/?next=x", "reserved"),
    ("https://www.facebook.com/", "reserved"),
    ("https://www.facebook.com/profile.php", "reserved"),
    ("https://www.facebook.com/sharer/sharer.php?u=x", "reserved"),
    ("https://l.facebook.com/l.php?u=x", "reserved"),
    ("https://www.facebook.com/pages/", "reserved"),
    ("https://www.facebook.com/people/", "reserved"),
    ("https://www.facebook.com/profile.php?id=abc", "bad_id"),
    ("https://www.facebook.com/people/Name/abc", "bad_id"),
    ("https://www.facebook.com/ab", "bad_handle"),
    ("https://www.facebook.com/министр", "bad_handle"),
    ("@exa_mple", "bad_handle"),
    ("https://vk.com/examplemin", "unknown_host"),
    ("", "empty"),
]
ADDRESSES = [
    ("@examplemin", "https://www.facebook.com/examplemin"),
    ("100000000000001", "https://www.facebook.com/100000000000001"),
]


@pytest.mark.parametrize(("text", "handle", "platform_id"), ACCOUNTS)
def test_address_names_the_account(text, handle, platform_id):
    target = registry.parse(text)
    assert (target.platform, target.handle, target.platform_id) == ("facebook", handle, platform_id)
    assert registry.parse(text, "facebook") == target


@pytest.mark.parametrize(("text", "handle", "platform_id"), NAMES)
def test_name_with_the_platform_names_the_account(text, handle, platform_id):
    target = registry.parse(text, "facebook")
    assert (target.platform, target.handle, target.platform_id) == ("facebook", handle, platform_id)


@pytest.mark.parametrize(("text", "code"), OTHERS)
def test_what_is_no_account_is_refused_with_its_reason(text, code):
    with pytest.raises(NotAnAccount) as refused:
        registry.parse(text, "facebook")
    assert refused.value.code == code


@pytest.mark.parametrize(("text", "address"), ADDRESSES)
def test_public_address(text, address):
    assert registry.url(registry.parse(text, "facebook")) == address
