import pytest

from apps.collectors import registry
from apps.collectors.types import NotAnAccount

ACCOUNTS = [
    ("https://www.youtube.com/@examplemin", "examplemin", ""),
    ("http://youtube.com/@examplemin/", "examplemin", ""),
    ("youtube.com/@ExampleMin", "ExampleMin", ""),
    ("m.youtube.com/@examplemin/videos", "examplemin", ""),
    ("https://music.youtube.com/@examplemin", "examplemin", ""),
    ("https://gaming.youtube.com/@examplemin/streams", "examplemin", ""),
    ("https://kz.youtube.com/@examplemin/featured", "examplemin", ""),
    ("https://www.youtubekids.com/@examplemin", "examplemin", ""),
    ("https://www.youtube.com/@examplemin/about", "examplemin", ""),
    ("https://www.youtube.com/@examplemin/shorts", "examplemin", ""),
    ("https://www.youtube.com/@examplemin?si=AbC123", "examplemin", ""),
    ("https://www.youtube.com/@examplemin?sub_confirmation=1", "examplemin", ""),
    (
        "https://www.youtube.com/@%D0%9C%D0%B8%D0%BD%D0%B8%D1%81%D1%82%D1%80%D0%BB%D1%96%D0%BA",
        "Министрлік",
        "",
    ),
    ("https://www.youtube.com/%40examplemin", "examplemin", ""),
    ("https://www.youtube.com/@Министрлік", "Министрлік", ""),
    ("https://www.youtube.com/@a.b-c_d·e", "a.b-c_d·e", ""),
    ("https://www.youtube.com/channel/UCa1_-a1_-a1_-a1_-a1_-aa", "", "UCa1_-a1_-a1_-a1_-a1_-aa"),
    ("https://m.youtube.com/channel/UCa1_-a1_-a1_-a1_-a1_-aa/videos?view=0", "", "UCa1_-a1_-a1_-a1_-a1_-aa"),
    ("https://studio.youtube.com/channel/UCa1_-a1_-a1_-a1_-a1_-aa", "", "UCa1_-a1_-a1_-a1_-a1_-aa"),
    ("UCa1_-a1_-a1_-a1_-a1_-aa", "", "UCa1_-a1_-a1_-a1_-a1_-aa"),
    ("https://www.youtube.com/c/ExampleMin", "c/ExampleMin", ""),
    ("https://www.youtube.com/c/%D0%9C%D0%B8%D0%BD%D0%B8%D1%81%D1%82%D1%80/videos", "c/Министр", ""),
    ("https://www.youtube.com/user/examplemin", "user/examplemin", ""),
    ("https://www.youtube.com/examplemin", "c/examplemin", ""),
    ("  <https://www.youtube.com/@examplemin>, ", "examplemin", ""),
    ("«https://www.youtube.com/@examplemin»", "examplemin", ""),
    ("\u200bhttps://www.youtube.com/@examplemin\ufeff", "examplemin", ""),
    ("HTTPS://WWW.YouTube.COM/@examplemin", "examplemin", ""),
    ("https://www.youtube.com:443/@examplemin#top", "examplemin", ""),
    ("YouTube: @examplemin", "examplemin", ""),
]
NAMES = [
    ("@examplemin", "examplemin", ""),
    ("examplemin", "examplemin", ""),
    ("@Ән", "Ән", ""),
    ("UCa1_-a1_-a1_-a1_-a1_-aa", "", "UCa1_-a1_-a1_-a1_-a1_-aa"),
]
OTHERS = [
    ("https://www.youtube.com/watch?v=abc&ab_channel=x", "video"),
    ("https://youtu.be/abc?si=1", "video"),
    ("https://www.youtube.com/shorts/abc", "video"),
    ("https://www.youtube.com/live/abc", "video"),
    ("https://www.youtube.com/embed/abc", "video"),
    ("https://www.youtube.com/clip/abc", "video"),
    ("https://www.youtube.com/playlist?list=PL1", "playlist"),
    ("https://www.youtube.com/feed/trending", "search"),
    ("https://www.youtube.com/results?search_query=x", "search"),
    ("https://www.youtube.com/hashtag/x", "search"),
    ("https://www.youtube.com/post/Ugk1", "post"),
    ("https://www.youtube.com/about/", "reserved"),
    ("https://www.youtube.com/account", "reserved"),
    ("https://www.youtube.com/", "reserved"),
    ("youtube.com", "reserved"),
    ("https://www.youtube.com/channel/UCshort", "bad_id"),
    ("https://www.youtube.com/channel/", "bad_id"),
    ("https://www.youtube.com/@", "bad_handle"),
    ("https://www.youtube.com/@a%FFb", "bad_handle"),
    ("@ab", "bad_handle"),
    ("@aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "bad_handle"),
    ("two words", "bad_handle"),
    ("https://vimeo.com/@examplemin", "unknown_host"),
    ("https://youtube.com@evil.example/@examplemin", "unknown_host"),
    ("https://notyoutube.com/@examplemin", "unknown_host"),
    ("https://[/", "unknown_host"),
    ("", "empty"),
    ("  <> ", "empty"),
    (
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "bad_handle",
    ),
]
ADDRESSES = [
    ("@examplemin", "https://www.youtube.com/@examplemin"),
    ("UCa1_-a1_-a1_-a1_-a1_-aa", "https://www.youtube.com/channel/UCa1_-a1_-a1_-a1_-a1_-aa"),
    ("youtube.com/user/examplemin", "https://www.youtube.com/user/examplemin"),
    ("@Министрлік", "https://www.youtube.com/@%D0%9C%D0%B8%D0%BD%D0%B8%D1%81%D1%82%D1%80%D0%BB%D1%96%D0%BA"),
]


@pytest.mark.parametrize(("text", "handle", "platform_id"), ACCOUNTS)
def test_address_names_the_account(text, handle, platform_id):
    target = registry.parse(text)
    assert (target.platform, target.handle, target.platform_id) == ("youtube", handle, platform_id)
    assert registry.parse(text, "youtube") == target


@pytest.mark.parametrize(("text", "handle", "platform_id"), NAMES)
def test_name_with_the_platform_names_the_account(text, handle, platform_id):
    target = registry.parse(text, "youtube")
    assert (target.platform, target.handle, target.platform_id) == ("youtube", handle, platform_id)


@pytest.mark.parametrize(("text", "code"), OTHERS)
def test_what_is_no_account_is_refused_with_its_reason(text, code):
    with pytest.raises(NotAnAccount) as refused:
        registry.parse(text, "youtube")
    assert refused.value.code == code


@pytest.mark.parametrize(("text", "address"), ADDRESSES)
def test_public_address(text, address):
    assert registry.url(registry.parse(text, "youtube")) == address
