"""What an address leads to, without asking anybody."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.collectors import registry
from apps.collectors.types import NotAnAccount, Refusal, Target
from apps.collectors.unwrapping import unwrap


@pytest.mark.parametrize(
    ("text", "platform", "handle"),
    [
        (
            "https://web.archive.org/web/20180101000000/https://www.facebook.com/enbekgovkz",
            "facebook",
            "enbekgovkz",
        ),
        ("https://web.archive.org/web/2018*/http:/facebook.com/enbekgovkz", "facebook", "enbekgovkz"),
        ("https://www.google.com/url?q=https://t.me/akorda_official&sa=D", "telegram", "akorda_official"),
        (
            "https://l.facebook.com/l.php?u=https%3A%2F%2Fwww.instagram.com%2Fakorda%2F&h=A",
            "instagram",
            "akorda",
        ),
        ("https://vk.com/away.php?to=https%3A%2F%2Ft.me%2Fakorda_official", "telegram", "akorda_official"),
        ("https://www.youtube.com/redirect?event=x&q=https%3A%2F%2Fx.com%2FAkordaPress", "x", "AkordaPress"),
        ("[канал](https://t.me/akorda_official)", "telegram", "akorda_official"),
        ('<a href="https://vk.com/akorda">ВК</a>', "vk", "akorda"),
        ("https://t.me/akorda_official (official)", "telegram", "akorda_official"),
        ("https://www.facebook.com/enbekgovkz — официальная", "facebook", "enbekgovkz"),
        ("https://www.facebook.com/pg/enbekgovkz/about", "facebook", "enbekgovkz"),
        ("https://twitter.com/#!/AkordaPress", "x", "AkordaPress"),
        ("https://web.telegram.org/k/#@akorda_official", "telegram", "akorda_official"),
        ("https://www.facebook.com/kfc", "facebook", "kfc"),
    ],
)
def test_what_is_wrapped_is_unwrapped(text, platform, handle):
    assert registry.parse(text) == Target(platform, handle)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("https://www.google.com/url?q=https://example.kz/page", Refusal.UNKNOWN_HOST),
        ("https://www.facebook.com/sharer/sharer.php?u=https://t.me/akorda_official", Refusal.RESERVED),
        ("https://t.me/share/url?url=https://t.me/akorda_official", Refusal.RESERVED),
        ("https://t.me/joinchat/AAAA", Refusal.PRIVATE_INVITE),
    ],
)
def test_what_shares_or_invites_names_nobody(text, code):
    with pytest.raises(NotAnAccount) as refused:
        registry.parse(text)
    assert refused.value.code == code


@given(st.text(max_size=60) | st.text("htps:/.[]()<>#!@?=&%q", max_size=60))
def test_unwrapping_ends(text):
    assert unwrap(unwrap(text)) == unwrap(unwrap(unwrap(text)))
