"""Forms in which sites name accounts, theirs and others': half-written links, counters, maps, structured data, makers."""

import pytest

from tests.collectors.test_site_accounts import FACEBOOK, INSTAGRAM, ROW, judged, verdicts

OWN = {"bodygovkz": "yes"}
LD = '<script type="application/ld+json">{}</script>'
SAME = '"sameAs": ["https://t.me/bodygovkz"]'
SITES_ROW = ROW.format(FACEBOOK + INSTAGRAM)
STUDIO = '<a href="https://t.me/studio"></a><a href="https://vk.com/studio"></a>'


@pytest.mark.parametrize(
    "html",
    [
        '<footer><a href="www.instagram.com/bodygovkz">Instagram</a></footer>',
        '<footer><a href="http://https://www.instagram.com/bodygovkz">Instagram</a></footer>',
        '<footer><a href="tg://resolve?domain=bodygovkz">Telegram</a></footer>',
        '<footer><a href="/bitrix/redirect.php?goto=https%3A%2F%2Ft.me%2Fbodygovkz">Telegram</a></footer>',
        '<footer><a href="https://l.facebook.com/l.php?u=https%3A%2F%2Ft.me%2Fbodygovkz">Telegram</a></footer>',
        '<footer><a href="https://www.facebook.com/login/?next=https%3A%2F%2Fwww.facebook.com%2Fbodygovkz">FB</a></footer>',
        '<header><map name="m"><area href="https://www.facebook.com/bodygovkz"></map></header>',
        '<footer><svg><a xlink:href="https://t.me/bodygovkz"><path/></a></svg></footer>',
        '<div role="contentinfo"><a href="https://t.me/bodygovkz">Telegram</a></div>',
        '<div id="podval"><a href="https://t.me/bodygovkz">Telegram</a></div>',
        '<meta property="telegram:channel" content="@bodygovkz">',
        '<main><div><h3>Біз әлеуметтік желілерде</h3><a href="https://t.me/bodygovkz"><img></a></div></main>',
        '<main><div><b>Мы в соц. сетях</b><a href="https://t.me/bodygovkz"><img></a></div></main>',
        '<footer><a href="https://t.me/bodygovkz_bot">Telegram-бот</a><a href="https://t.me/bodygovkz">Telegram</a></footer>',
        '<div itemscope itemtype="https://schema.org/GovernmentOrganization"><link itemprop="sameAs" href="https://t.me/bodygovkz"></div>',
        LD.format('//<![CDATA[\n{"@type": "Organization", ' + SAME + ",}\n//]]>"),
        LD.format('<!-- {"@type": "Organization", "name": "a\nb", ' + SAME + "} -->"),
        LD.format('{"@type": "NewsArticle", "publisher": {"@type": "Organization", ' + SAME + "}}"),
        LD.format('{"@type": "Person", "url": "https://body.gov.kz/", ' + SAME + "}"),
        LD.format('{"@type": "GovernmentOffice", "sameAs": [{"@id": "https://t.me/bodygovkz"}]}'),
    ],
)
def test_a_form_that_names_the_bodys_own_account(html):
    assert verdicts(html) == OWN


@pytest.mark.parametrize(
    "html",
    [
        LD.format('{"@type": "NewsArticle", "author": {"@type": "Organization", ' + SAME + "}}"),
        LD.format('{"@type": "NewsArticle", "about": {"@type": "Organization", ' + SAME + "}}"),
        LD.format('{"@type": "Organization", "parentOrganization": {' + SAME + "}}"),
        LD.format('{"@type": "Person", "url": "https://body.gov.kz/author/x", ' + SAME + "}"),
        LD.format('{"@type": "Organization", "@id": "https://elsewhere.kz/#org", ' + SAME + "}"),
        LD.format("{" + SAME),
        '<div itemscope itemtype="https://schema.org/Person"><link itemprop="sameAs" href="https://t.me/bodygovkz"></div>',
    ],
)
def test_structured_data_of_somebody_else_vouches_for_nothing(html):
    assert verdicts(html) == {}


@pytest.mark.parametrize(
    ("address", "text"),
    [
        ("https://www.threads.net/intent/post?text=a", "Threads"),
        ("https://bsky.app/intent/compose?text=a", "Bluesky"),
        ("https://mastodon.social/share?text=a", "Mastodon"),
        ("https://www.odnoklassniki.ru/dk?st.cmd=addShare&st._surl=http://b", "Бөлісу"),
        ("https://vkontakte.ru/share.php?url=http://b", "Бөлісу"),
        ("https://www.facebook.com/dialog/share?app_id=1&href=http://b", "Поделиться"),
        ("https://twitter.com/home?status=http://b", "Поделиться"),
        ("https://share.yandex.net/go.xml?service=facebook", "Поделиться"),
        ("javascript:window.open('https://www.facebook.com/sharer/sharer.php?u=x')", "Бөлісу"),
        ("/share?url=https%3A%2F%2Fwww.facebook.com%2Fsharer.php%3Fu%3Dx", "Бөлісу"),
        ("https://apps.apple.com/kz/app/egov/id1", "App Store"),
        ("https://play.google.com/store/apps/details?id=kz.body", "Google Play"),
        ("https://wa.me/77010000000", "WhatsApp"),
        ("https://t.me/+AbCdEfGh", "Telegram"),
        ("viber://chat?number=7701", "Viber"),
    ],
)
def test_share_buttons_chats_and_shops_of_apps_are_no_accounts(address, text):
    assert (
        verdicts(SITES_ROW + f'<footer><div class="share"><a href="{address}">{text}</a></div></footer>')
        == OWN
    )


@pytest.mark.parametrize(
    "block",
    [
        f'<div class="dev">Сайтты әзірлеген: {STUDIO}</div>',
        f"<div><span>Разработка сайта</span>{STUDIO}</div>",
        f'<div class="developer"><span>Studio</span><div class="socials">{STUDIO}</div></div>',
    ],
)
def test_a_row_of_whoever_built_the_site_is_not_the_bodys(block):
    html = f'<footer><div class="social">{FACEBOOK}{INSTAGRAM}</div>{block}</footer>'
    assert verdicts(html) == OWN | {"studio": "no"}
    beside = f'<footer><div class="icons">{FACEBOOK}{INSTAGRAM}</div><p>Разработка сайта: Студия</p></footer>'
    assert verdicts(beside) == OWN


def test_beside_the_sites_own_row_another_row_is_a_question_at_most():
    card = (
        '<main><div class="card"><h4>Министр</h4><div class="social"><a href="https://www.facebook.com/minister.name"></a>'
        '<a href="https://twitter.com/minister"></a></div></div></main>'
    )
    assert verdicts(SITES_ROW + card) == OWN | {"minister.name": "no", "minister": "unclear"}
    government = (
        '<header><div class="soc"><a href="https://www.facebook.com/KZgovernment"></a></div></header>'
    )
    found = judged(SITES_ROW + government)
    assert [found["facebook", name].verdict for name in ("bodygovkz", "kzgovernment")] == ["own", "unclear"]
    news = '<main><article><p><a href="https://t.me/news1">Telegram</a> и <a href="https://vk.com/news1">VK</a></p></article></main>'
    assert verdicts(SITES_ROW + news) == OWN | {"news1": "no"}


def test_a_link_with_words_of_its_own_is_not_the_row():
    html = f'<header>{FACEBOOK}{INSTAGRAM}<a href="https://www.facebook.com/minister.name">Блог министра</a></header>'
    assert verdicts(html) == OWN | {"minister.name": "no"}
