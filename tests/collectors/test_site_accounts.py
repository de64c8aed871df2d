"""Accounts that a body's own pages name: told from share buttons, widgets and other people's."""

import csv
import time
from pathlib import Path

import pytest

from apps.collectors.platforms import PLATFORMS
from apps.collectors.sites.judging import Evidence, Ownership, judge
from apps.collectors.sites.pages import read_page

SKELETONS = Path(__file__).parent / "sites"
CODES = {"twitter": "x"}
WORDS = {Ownership.OWN: "yes", Ownership.UNCLEAR: "unclear", Ownership.OTHER: "no"}
PAGE = "https://body.gov.kz/"
ROW = '<footer><div class="social">{}</div></footer>'
FACEBOOK = '<a href="https://www.facebook.com/bodygovkz"><i class="fa"></i></a>'
INSTAGRAM = '<a href="https://www.instagram.com/bodygovkz/"></a>'


def expected():
    with (SKELETONS / "expected.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def judged(html, *others, contacts=()):
    pages = [(PAGE, read_page(html, PAGE))] + [
        (address, read_page(text, address)) for address, text in others
    ]
    return {name_of(account.target): account for account in judge(pages, contacts)}


def name_of(target):
    return target.platform, (target.handle or target.platform_id).lower().rpartition("/")[2]


def verdicts(html, **more):
    return {name[1]: WORDS[account.verdict] for name, account in judged(html, **more).items()}


@pytest.mark.parametrize("site", sorted({row["site"] for row in expected()}))
def test_a_home_page_gives_what_a_person_reads_there(site):
    address = f"http://{site}/"
    page = read_page((SKELETONS / f"{site}.html").read_text(encoding="utf-8"), address)
    accounts = {name_of(account.target): account for account in judge([(address, page)])}
    vouched = {account.same_page_id for account in accounts.values()} - {""}
    wanted = {}
    for row in expected():
        platform = CODES.get(row["platform"], row["platform"])
        if row["site"] == site and platform in PLATFORMS:
            wanted.setdefault((platform, row["handle_or_id"].lower()), row["is_own"])
    read = {name: WORDS[account.verdict] for name, account in accounts.items()}
    read |= dict.fromkeys((("facebook", number) for number in vouched), "yes")
    named = {name: verdict for name, verdict in wanted.items() if verdict != "no"}
    assert {name: verdict for name, verdict in read.items() if verdict != "no"} == named


def test_share_buttons_are_no_accounts():
    page = read_page(
        """<div class="share">
        <a href="https://www.facebook.com/sharer/sharer.php?u=https%3A%2F%2Fbody.gov.kz%2F"></a>
        <a href="https://www.facebook.com/share.php?u=https://body.gov.kz/"></a>
        <a href="https://twitter.com/intent/tweet?url=x&via=bodygovkz"></a>
        <a href="https://vk.com/share.php?url=https://body.gov.kz/"></a>
        <a href="https://t.me/share/url?url=https://body.gov.kz/"></a>
        <a href="https://connect.ok.ru/offer?url=https://body.gov.kz/"></a>
        <a href="https://api.whatsapp.com/send?text=x"></a>
        <a href="whatsapp://send?text=x"></a>
        <a href="https://www.youtube.com/watch?v=aaaaaaaaaaa"></a>
        <a href="https://www.instagram.com/p/abc/"></a></div>""",
        PAGE,
    )
    assert page.mentions == []
    assert len(page.refused) >= 8
    assert {refused.code for refused in page.refused} >= {"share", "video", "post"}


def test_a_follow_button_names_the_account():
    assert verdicts(
        '<header><a href="https://twitter.com/intent/follow?screen_name=bodygovkz"></a></header>'
    ) == {"bodygovkz": "yes"}


def test_a_link_in_a_text_is_somebody_elses():
    html = ROW.format(FACEBOOK + INSTAGRAM) + (
        '<main><p>Министр <a href="https://www.facebook.com/minister.name">написал</a> в '
        '<a href="https://t.me/othernews/412">канале</a></p></main>'
    )
    assert verdicts(html) == {"bodygovkz": "yes", "minister.name": "no", "othernews": "no"}
    assert judged(html)["telegram", "othernews"].why == Evidence.MENTION


def test_a_list_of_other_bodies_is_not_the_bodys_own():
    cards = "".join(
        f'<li><a href="https://www.facebook.com/akimat{number}">f</a><a href="https://www.instagram.com/akimat{number}">i</a></li>'
        for number in range(5)
    )
    found = verdicts(ROW.format(FACEBOOK + INSTAGRAM) + f"<main><ul>{cards}</ul></main>")
    assert found == {"bodygovkz": "yes"} | {f"akimat{number}": "no" for number in range(5)}
    alone = verdicts(f"<main><ul>{cards}</ul></main>")
    assert set(alone.values()) == {"no"}


def test_whoever_built_the_site_is_not_the_body():
    maker = '<footer><p>Разработка сайта: <a href="https://t.me/webstudio">Студия</a></p></footer>'
    found = judged(ROW.format(FACEBOOK + INSTAGRAM) + maker)
    assert (found["telegram", "webstudio"].verdict, found["telegram", "webstudio"].why) == (
        Ownership.OTHER,
        Evidence.MAKER,
    )


def test_editions_of_one_body_stand_in_one_row():
    html = ROW.format(
        '<a href="https://twitter.com/bodykz"></a><a href="https://twitter.com/bodykz_en"></a>' + FACEBOOK
    )
    assert set(verdicts(html).values()) == {"yes"}


def test_two_rows_that_disagree_are_left_to_a_person():
    first = '<div class="social"><a href="https://twitter.com/firstkz"></a></div>'
    second = '<div class="social"><a href="https://twitter.com/secondkz"></a></div>'
    assert verdicts(first + second) == {"firstkz": "unclear", "secondkz": "unclear"}


def test_a_widget_of_another_body_does_not_stand_against_the_row():
    widget = '<div class="fb-page" data-href="https://www.facebook.com/governmentkz"></div>'
    assert verdicts(ROW.format(FACEBOOK + INSTAGRAM) + widget)["governmentkz"] == "no"
    alone = judged(widget)["facebook", "governmentkz"]
    assert (alone.verdict, alone.why) == (Ownership.OWN, Evidence.WIDGET)


def test_what_the_site_vouches_for():
    structured = """<script type="application/ld+json">{"@graph": [
        {"@type": "GovernmentOrganization", "url": "https://body.gov.kz", "sameAs": ["https://t.me/bodygovkz"]},
        {"@type": "Person", "sameAs": "https://www.facebook.com/author.name"},
        {"@type": "Organization", "url": "https://elsewhere.kz/", "sameAs": "https://vk.com/elsewhere"}]}</script>"""
    html = (
        structured
        + '<link rel="me" href="https://mastodon.social/@body"><a rel="me noopener" href="https://x.com/bodykz">x</a>'
    )
    found = judged(html)
    assert {name for name, account in found.items() if account.why == Evidence.VOUCHED} == {
        ("telegram", "bodygovkz"),
        ("mastodon", "body@mastodon.social"),
        ("x", "bodykz"),
    }
    assert len(found) == 3


def test_a_channels_feed_and_a_page_plugin_name_accounts():
    html = (
        '<link rel="alternate" type="application/rss+xml" '
        'href="https://www.youtube.com/feeds/videos.xml?channel_id=UCj50gtGjP2EEsM_EJIqu7cA">'
        '<iframe src="https://www.facebook.com/plugins/page.php?href=https%3A%2F%2Fwww.facebook.com%2Fbodygovkz&tabs"></iframe>'
        '<iframe src="https://www.youtube.com/embed/aaaaaaaaaaa"></iframe>'
    )
    assert verdicts(html) == {"ucj50gtgjp2eesm_ejiqu7ca": "yes", "bodygovkz": "yes"}


def test_another_sites_pages_under_an_at_sign_are_no_mastodon_accounts():
    assert verdicts('<main><p><a href="https://medium.example/@author">text</a></p></main>') == {
        "author@medium.example": "no"
    }


def test_on_a_page_of_contacts_a_bare_address_counts():
    contacts = f"{PAGE}contacts"
    text = '<main><p>Facebook: <a href="https://www.facebook.com/bodygovkz">facebook.com/bodygovkz</a></p></main>'
    assert (
        judged("<main></main>", (contacts, text), contacts=[contacts])["facebook", "bodygovkz"].verdict
        == Ownership.OWN
    )
    assert judged("<main></main>", (contacts, text))["facebook", "bodygovkz"].verdict != Ownership.OWN


def test_an_articles_header_is_not_the_pages():
    html = '<article><header><a href="https://t.me/somebody">somebody</a></header></article>'
    assert verdicts(html) == {"somebody": "no"}


@pytest.mark.parametrize(
    "html",
    [
        "<!--" * 50_000,
        "<" * 200_000,
        "<div>" * 60_000,
        '<a href="' + "x" * 200_000,
        '<script type="application/ld+json">' + "[" * 200_000 + "</script>",
        '<a href="https://t.me/a b\x00">x</a><a href="http://[::1">y</a><meta content="@">',
        f'<p class="{"a" * 900_000}">'
        + "".join(f'<a href="https://t.me/abcde{n}">x</a>' for n in range(200)),
        '<base href="a/">' * 60_000 + '<a href="x">x</a>',
        '<script type="application/ld+json">,' + " " * 900_000 + "</script>",
        "".join(f'<p class="social"><a href="https://t.me/abcde{n}">x</a></p>' for n in range(3_000)),
    ],
)
def test_hostile_pages_end_soon(html):
    begun = time.process_time()
    judge([(PAGE, read_page(html, PAGE))])
    assert time.process_time() - begun < 20  # each took minutes before it was bounded
