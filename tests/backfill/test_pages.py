"""Archived pages in the shapes of each time, written for these tests: the number of followers, or why there is none."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from apps.collectors.archived import sites
from apps.collectors.archived.pages import MOST, NoNumber, NoNumberReason, Shown
from apps.collectors.numbers import read_printed
from apps.collectors.types import Target
from apps.collectors.wayback import Capture, Kept

PAGES = Path(__file__).parent / "pages"
CHANNEL = "UCaaaaaaaaaaaaaaaaaaaaaa"
NUMBERS = {
    "x-2009": (1204, "exact"),
    "x-2011": (4780, "exact"),
    "x-2013": (10418, "exact"),
    "x-2016": (39412, "exact"),
    "x-2018-ru": (52007, "exact"),
    "youtube-2014": (2415, "exact"),
    "youtube-2018-ru": (8904, "exact"),
    "youtube-2020": (12300, "3sf"),
    "youtube-2022-kk": (14100, "3sf"),
    "youtube-2024": (15200, "3sf"),
    "instagram-2014": (3105, "exact"),
    "instagram-2017": (21489, "exact"),
    "instagram-2019": (76012, "exact"),
    "instagram-2022": (101_000, "abbrev"),
    "instagram-2023-ru": (105_000, "abbrev"),
    "facebook-2017": (13456, "exact"),
    "facebook-2019-ru": (15208, "exact"),
    "facebook-2020-kk": (17311, "exact"),
    "facebook-2023": (78_000, "abbrev"),
    "telegram-page": (23108, "exact"),
    "telegram-preview": (23_100, "abbrev"),
    "vk-2018-ru": (5812, "exact"),
    "vk-person": (61207, "exact"),
    "tiktok-2024": (23200, "exact"),
}
NONE = {
    "x-2021": NoNumberReason.SCRIPT_ONLY,
    "instagram-login": NoNumberReason.LOGIN,
    "facebook-2013": NoNumberReason.LIKES_ONLY,
    "facebook-login": NoNumberReason.LOGIN,
    "facebook-gone": NoNumberReason.GONE,
    "telegram-contact": NoNumberReason.GONE,
    "tiktok-gone": NoNumberReason.GONE,
}


def read(name, body=None, target=None, content_type="text/html"):
    platform, _, year = name.partition("-")
    captured = datetime(int(year[:4]) if year[:4].isdecimal() else 2020, 6, 1, tzinfo=UTC)
    body = (PAGES / f"{name}.html").read_bytes() if body is None else body
    capture = Capture(captured, "https://example.com/examplemin")
    return sites.read(target or Target(platform, "examplemin"), Kept(capture, body, content_type))


def test_every_page_is_tested():
    assert {path.stem for path in PAGES.glob("*.html")} == {*NUMBERS, *NONE}
    assert {name.partition("-")[0] for name in NUMBERS} == set(sites.SITES)


@pytest.mark.parametrize("name", sorted(NUMBERS))
def test_the_number_of_followers_is_read(name):
    shown = read(name)
    assert (shown.followers, shown.precision) == NUMBERS[name]


@pytest.mark.parametrize("name", sorted(NONE))
def test_a_page_without_one_gives_none(name):
    with pytest.raises(NoNumber) as refused:
        read(name)
    assert refused.value.code == NONE[name]


@pytest.mark.parametrize(
    ("name", "id"),
    [
        ("x-2016", "1000000001"),
        ("youtube-2014", CHANNEL),
        ("youtube-2024", CHANNEL),
        ("facebook-2017", "100000000000001"),
        ("vk-2018-ru", "-53000001"),
        ("tiktok-2024", "7000000000000000001"),
    ],
)
def test_a_page_of_another_id_is_another_accounts(name, id):
    platform = name.partition("-")[0]
    assert read(name, target=Target(platform, "examplemin", id)).platform_id == id
    with pytest.raises(NoNumber) as refused:
        read(name, target=Target(platform, "examplemin", f"{id[:-1]}7"))
    assert refused.value.code == NoNumberReason.OTHER_ACCOUNT


@pytest.mark.parametrize("name", ["instagram-2017", "instagram-2022", "tiktok-2024"])
def test_a_page_of_another_handle_is_another_accounts(name):
    with pytest.raises(NoNumber) as refused:
        read(name, target=Target(name.partition("-")[0], "other"))
    assert refused.value.code == NoNumberReason.OTHER_ACCOUNT


FOLLOWED = '<a href="/examplemin/followers">{}</a>'


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("<div>12,345 people like this</div>", NoNumberReason.LIKES_ONLY),
        ("<div>Нравится 12 345 людям</div>", NoNumberReason.LIKES_ONLY),
        ("<p>99K followers</p>", NoNumberReason.NO_COUNT),  # anybody may write that
        ("<p>We thank our 20,000 followers</p>", NoNumberReason.NO_COUNT),
        (FOLLOWED.format("78K followers") + FOLLOWED.format("79K followers"), NoNumberReason.SEVERAL),
        (FOLLOWED.format("1,234K followers"), NoNumberReason.NO_COUNT),
        (FOLLOWED.format("99999999999999999 followers"), NoNumberReason.NO_COUNT),
        (FOLLOWED.format("-5 followers"), NoNumberReason.NO_COUNT),
        (FOLLOWED.format("1.5 followers"), NoNumberReason.NO_COUNT),
        ("", NoNumberReason.NO_COUNT),
    ],
)
def test_what_is_not_the_accounts_count_is_not_taken(body, why):
    with pytest.raises(NoNumber) as refused:
        read("facebook-2023", body.encode())
    assert refused.value.code == why


@pytest.mark.parametrize(
    ("text", "followers", "precision"),
    [
        ("76\u00a0012 followers", 76012, "exact"),
        ("76\u202f012 подписчиков", 76012, "exact"),
        ("76.012 followers", 76012, "exact"),
        ("76,0 тыс. подписчиков", 76000, "abbrev"),
        ("1,2 млн подписчиков", 1_200_000, "abbrev"),
        ("76 мың жазылушы", 76000, "abbrev"),
        ("1.2M followers", 1_200_000, "abbrev"),
        ("1 follower", 1, "exact"),
    ],
)
def test_numbers_of_three_languages(text, followers, precision):
    shown = read("facebook-2023", FOLLOWED.format(text).encode())
    assert (shown.followers, shown.precision) == (followers, precision)


def test_a_foreign_word_is_no_unit():
    tab = '<li class="ProfileNav-item ProfileNav-item--followers"><a title="12 követő"></a></li>'
    assert read("x-2016", tab.encode()).followers == 12


def test_what_is_no_page_is_not_read():
    with pytest.raises(NoNumber) as refused:
        read("facebook-2017", content_type="image/png")
    assert refused.value.code == NoNumberReason.NOT_A_PAGE
    with pytest.raises(NoNumber) as refused:
        read("facebook-2017", target=Target("mastodon", "a@b.kz"))
    assert refused.value.code == NoNumberReason.NO_READER


@given(st.integers(0, 10**19), st.sampled_from([" ", ",", "\u00a0", "\u202f", "."]))
def test_a_printed_number_is_that_number_or_none(value, mark):
    found = read_printed(f"{value:,}".replace(",", mark))
    assert found in ((value, "exact"), None)
    assert found or value > MOST


PARTS = st.sampled_from(
    [
        *(
            '"',
            "<",
            ">",
            "<a ",
            "</a>",
            "{",
            "[",
            "\\",
            "\\u12",
            "\x00",
            "\ud800",
            "&#x;",
            "&nbsp;",
            "9" * 50,
        ),
        *("followers", " people follow this", "подписчиков", "/followers", "12,345 ", "76K ", "{}", "null"),
        *('"c4TabbedHeaderRenderer":{', '"subscriberCountText":', "window._sharedData = {", "about-stat"),
        *(
            "ProfileNav-item--followers",
            'data-count="',
            "tgme_page_extra",
            'class="counter_value">',
            "header_label",
        ),
    ]
) | st.text(max_size=20)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(sites.SITES)), st.lists(PARTS, max_size=40).map("".join))
@example("instagram", 'window._sharedData = {"entry_data":{"ProfilePage":[{"user":' + '{"a":' * 100_000)
def test_no_page_breaks_a_reader(platform, text):
    """Whatever the page, a reader gives a number that is possible or says why not; it raises nothing else."""
    try:
        shown = read(f"{platform}-2020", text.encode("utf-8", "surrogatepass"))
    except NoNumber:
        return
    assert isinstance(shown, Shown)
    assert 0 <= shown.followers <= MOST


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(NUMBERS)), st.data())
def test_damage_never_makes_another_number(name, data):
    """A page cut off anywhere gives its number, exact or abbreviated as it stands there, or none."""
    body = (PAGES / f"{name}.html").read_bytes()
    cut = data.draw(st.integers(0, len(body)))
    try:
        shown = read(name, body[:cut])
    except NoNumber:
        return
    described = (21_500, "abbrev") if name == "instagram-2017" else None
    assert (shown.followers, shown.precision) in (NUMBERS[name], described)
