"""Forms in which sites name accounts, theirs and others': half-written links, counters, maps, structured data, makers."""

import pytest

from apps.collectors.sites.leftovers import is_leftover
from apps.collectors.sites.pages import read_page
from apps.collectors.types import Target
from tests.collectors.test_site_accounts import FACEBOOK, INSTAGRAM, PAGE, ROW, judged, verdicts

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


@pytest.mark.parametrize(
    "address",
    [
        "https://x.com/minister/status/1",
        "https://mobile.twitter.com/minister/status/1/photo/1?s=20",
        "https://twitter.com/minister/lists/press",
        "https://vk.com/wall-123_45",
        "https://vk.com/minister?w=wall-123_45%2Fall",
        "https://m.vk.com/minister?z=photo-1_2%2Falbum-1_0",
        "https://vk.com/club123?w=product-123_4",
        "https://vk.com/event123",
        "https://vk.com/@minister-o-reforme",
        "https://www.facebook.com/minister/posts/pfbid02abc",
        "https://www.facebook.com/minister/photos/a.1/2/?type=3",
        "https://m.facebook.com/minister/videos/ya/2",
        "https://www.facebook.com/100064000000000/posts/1",
        "https://www.facebook.com/pages/Ministry/123456789/photos/1",
        "https://www.facebook.com/people/Ministry/100064000000000/posts/1",
        "https://www.facebook.com/minister?story_fbid=1",
        "https://www.facebook.com/profile.php?id=100064000000000&comment_id=1",
        "https://www.facebook.com/v3.0/plugins/post.php?href=https%3A%2F%2Fwww.facebook.com%2Fminister%2Fposts%2F1",
        "https://www.facebook.com/plugins/video.php?href=https%3A%2F%2Fwww.facebook.com%2Fminister%2Fvideos%2F1%2F",
        "https://www.instagram.com/minister/p/abc/",
        "https://www.instagram.com/minister/reel/abc/",
        "https://www.instagram.com/stories/minister/123/",
        "https://www.tiktok.com/@minister/video/1?lang=kk",
        "https://www.tiktok.com/@minister/photo/1",
        "https://www.threads.net/@minister/post/abc",
        "https://bsky.app/profile/minister.bsky.social/post/3k",
        "at://minister.bsky.social/app.bsky.feed.post/3k",
        "https://ok.ru/minister/topic/2",
        "https://ok.ru/group/54321/album/2",
        "https://ok.ru/profile/54321/statuses/2",
        "https://www.youtube.com/@minister/community?lb=Ugk",
        "https://www.youtube.com/channel/UCj50gtGjP2EEsM_EJIqu7cA?v=aaaaaaaaaaa",
        "https://t.me/minister/12",
        "https://t.me/s/minister/12",
        "https://t.me/minister/12/34?single",
        "https://minister.t.me/12",
        "tg://resolve?domain=minister&post=12",
        "https://mastodon.social/@minister/123456",
        "https://mastodon.social/users/minister/statuses/123456",
        "https://www.whatsapp.com/channel/0029VaAbCdEfGhIjKlMnOp/123",
    ],
)
def test_a_post_alone_proposes_nobody(address):
    row = f'<footer><div class="social">{FACEBOOK}{INSTAGRAM}<a href="{address}"></a></div></footer>'
    assert {name: verdict for name, verdict in verdicts(row).items() if verdict != "no"} == OWN
    alone = verdicts(f'<header><a rel="me" href="{address}"></a></header>')
    assert list(alone.values()) == ["no"]


@pytest.mark.parametrize(
    "address",
    [
        "https://x.com/minister/media",
        "https://www.facebook.com/minister/videos/",
        "https://www.facebook.com/pages/Ministry/123456789",
        "https://www.facebook.com/minister/?v=info&ref=page_internal",
        "https://www.facebook.com/people/Ministry/100064000000000/",
        "https://vk.com/video/@minister",
        "https://vk.com/wall-123",
        "https://www.instagram.com/minister/reels/",
        "https://www.tiktok.com/@minister/live",
        "https://www.threads.com/@minister/replies",
        "https://bsky.app/profile/post.bsky.social",
        "https://ok.ru/group/54321/topics",
        "https://www.youtube.com/@minister/videos",
        "https://www.youtube.com/c/Videos/playlists",
        "https://t.me/s/minister?before=12",
        "https://mastodon.social/@minister/media",
        "https://mastodon.social/web/accounts/123456",
    ],
)
def test_a_part_of_an_account_is_the_account(address):
    assert list(verdicts(f'<footer><a href="{address}"></a></footer>').values()) == ["yes"]


@pytest.mark.parametrize(
    "embedded",
    [
        '<blockquote class="twitter-tweet"><p>Text <a href="https://x.com/minister">@minister</a></p></blockquote>',
        '<blockquote class="instagram-media"><div><div><div><p><a href="https://www.instagram.com/minister/">a</a></p></div></div></div></blockquote>',
        '<blockquote class="text-post-media"><a href="https://www.threads.net/@minister">a</a></blockquote>',
        '<div class="fb-post" data-href="https://www.facebook.com/minister/posts/1"></div>',
        '<blockquote class="tiktok-embed" cite="https://www.tiktok.com/@minister/video/1"></blockquote>',
        '<blockquote cite="https://t.me/minister"><p>Text</p></blockquote>',
    ],
)
def test_an_embedded_post_or_a_quotation_proposes_nobody(embedded):
    assert set(verdicts(f"<main>{embedded}</main>").values()) == {"no"}


@pytest.mark.parametrize(
    "name",
    [
        "yourusername",
        "your_page",
        "your-channel-name",
        "username",
        "user_name",
        "USERNAME",
        "userid",
        "example",
        "example.com",
        "examplepage",
        "my_channel",
        "mypage",
        "page",
        "company",
        "company_name",
        "brandname",
        "account",
        "nickname",
        "test",
        "test123",
        "demo",
        "sample",
        "placeholder",
        "loremipsum",
        "xxxxx",
        "insert-your-link-here",
        "wordpress",
        "WordPressdotcom",
        "wix",
        "elementor",
        "envato",
        "themeforest",
        "tildacc",
        "1cbitrix",
        "facebook",
        "telegram",
        "instagram",
        "youtube",
        "00000",
        "UCxxxxxxxxxxxxxxxxxxxxxx",
    ],
)
def test_a_leftover_of_a_theme_is_no_account(name):
    assert is_leftover(Target("facebook", name), "body.gov.kz")
    html = (
        f'<footer><div class="social">{FACEBOOK}<a href="https://www.facebook.com/{name}"></a></div></footer>'
    )
    assert verdicts(html) == OWN


@pytest.mark.parametrize(
    "name",
    [
        "bodygovkz",
        "akorda_press",
        "Moldabayev",
        "channel31kz",
        "31channel",
        "qazaqstan.tv",
        "userkz",
        "mediakz",
        "egov.kz",
        "bts_education",
        "companykz",
        "testcentre_kz",
        "abai",
        "profilekz",
        "linkedinkz",
        "tengrinews",
        "24kz",
        "kznews",
        "my.gov.kz",
        "wallstreet",
        "123456789012",
    ],
)
def test_a_name_that_only_looks_like_one_is_kept(name):
    assert not is_leftover(Target("instagram", name), "body.gov.kz")


def test_whose_theme_it_is_has_its_own_accounts():
    assert not is_leftover(Target("x", "elementor"), "elementor.com")
    assert is_leftover(Target("x", "elementor"), "body.gov.kz")
    assert is_leftover(Target("mastodon", "username@mastodon.social"), "body.gov.kz")
    assert is_leftover(Target("youtube", "user/yourchannel"), "body.gov.kz")


@pytest.mark.parametrize(
    "hidden",
    [
        '<template><div class="social">{}</div></template>',
        "<template><template></template>{}</template>",
        "<textarea>{}</textarea>",
        '<template id="t">{}',
    ],
)
def test_what_is_shown_to_nobody_names_nobody(hidden):
    others = '<a href="https://t.me/otherbody"></a><a href="https://vk.com/otherbody"></a>'
    assert verdicts(SITES_ROW + hidden.format(others)) == OWN
    assert (
        verdicts(
            hidden.format(others).replace("<template", '<template shadowrootmode="open"', 1) + "</template>"
        )
        != OWN
    )


@pytest.mark.parametrize(
    "address",
    [
        "https://help.x.com/en",
        "https://about.instagram.com/blog",
        "https://developers.facebook.com/docs",
        "https://dev.vk.com/ru",
        "https://business.facebook.com/latest",
        "https://api.ok.ru/widget",
        "https://blog.youtube.com/news",
        "https://twitter.com/en/privacy",
        "https://vk.com/rtrg?p=VK-RTRG-1",
        "https://vk.com/widget_contacts.php",
        "https://www.facebook.com/tr?id=1&noscript=1",
        "https://www.facebook.com/impression.php/f",
        "https://www.instagram.com/embed.js",
        "https://www.youtube.com/iframe_api",
        "https://connect.ok.ru/connect.js",
        "https://ads.tiktok.com/i18n",
    ],
)
def test_pixels_and_the_platforms_own_services_are_no_accounts(address):
    for html in (
        '<noscript><iframe src="{}"></iframe><a href="{}"></a></noscript>',
        '<footer><a href="{}"></a></footer>',
    ):
        page = read_page(html.replace("{}", address), PAGE)
        assert page.mentions == []


def test_a_name_below_telegrams_host_is_a_channels():
    assert verdicts('<footer><a href="https://press.t.me/"></a></footer>') == {"press": "yes"}


def test_a_link_behind_a_redirection_of_a_network_is_no_share_button():
    for wrapper in (
        "https://l.instagram.com/?u={}",
        "https://www.google.com/url?q={}",
        "https://vk.com/away.php?to={}",
    ):
        address = wrapper.format("https%3A%2F%2Ft.me%2Fbodygovkz")
        assert verdicts(f'<footer><a href="{address}">Telegram</a></footer>') == OWN


@pytest.mark.parametrize(
    "address",
    [
        "https://www.youtube.com/feeds/videos.xml?channel_id=UCj50gtGjP2EEsM_EJIqu7cA&amp;"
        + "a=1&amp;" * 150,
        "at://did:plc:ewvi7nxzyoun6zhxrhs64oiz/app.bsky.feed.post/3k" + "?a=1&amp;" * 120,
        "tg://resolve?domain=minister&amp;" + "a&amp;" * 150,
        "https://www.facebook.com/plugins/page.php?href=http%3A%2F%2F%5B%3A%3A1",
        "https://www.facebook.com/plugins/page.php",
        "https://vk.com/%00%ff@-?w=%",
    ],
)
def test_an_address_made_to_break_the_reading_does_not(address):
    html = f'<link rel="alternate" type="application/rss+xml" href="{address}"><footer><a href="{address}"></a>{FACEBOOK}</footer>'
    assert verdicts(html)["bodygovkz"] == "yes"
