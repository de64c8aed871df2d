"""Frames, oEmbed and link previews: what other sites are given, without a cookie."""

import json
import re
from html import unescape
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import pytest
from django.utils import timezone

from apps.dashboard import charts, embedding
from apps.exports.models import Edition
from apps.registry.models import Actor, Membership, OldSlug
from apps.snapshots.models import Merger
from tests.browser.addresses import PUBLIC
from tests.builders import make_account, make_actor, make_snapshot

pytestmark = pytest.mark.django_db

PATHS = [
    "overview",
    "overview?view=line",
    "standings?platform=facebook",
    "standings?view=bump&platform=facebook",
    "compare",
    "compare?view=share",
    "compare?view=index&scale=log",
    "compare?view=gap&events=0",
    "groups/abenov-vs-agencies",
    "groups/abenov-vs-agencies?view=line",
    "actors/abenov",
    "actors/abenov/ranks",
]


def framed(client, path, status=200, **more):
    response = client.get(f"/embed/{path}", more)
    assert response.status_code == status
    return response


def figure(response):
    found = re.search(
        r'<script id="chart-data" type="application/json">(.*?)</script>', response.content.decode()
    )
    return json.loads(found[1])


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("language", ["kk", "en"])
def test_every_chart_has_a_frame_with_figure_table_date_and_link(client, table2, path, language):
    path, _, query = path.partition("?")
    response = client.get(f"/embed/{path}?{query}&lang={language}")
    assert response.status_code == 200
    page = response.content.decode()
    assert figure(response)["data"]
    assert f'<html lang="{language}"' in page
    assert page.count("<tr>") > 1
    assert (
        "2022" in page.partition("<footer")[2]
        or str(timezone.localdate().year) in page.partition("<footer")[2]
    )
    assert f'href="http://testserver/{language}/' in page.partition("<footer")[2]
    assert response["Content-Language"] == language


@pytest.mark.parametrize("path", [*PATHS[:3], "nowhere"])
def test_a_frame_has_no_cookie_and_may_be_framed(client, table2, admin_client, path):
    status = 404 if path == "nowhere" else 200
    for one in (client, admin_client):
        response = one.get(f"/embed/{path}")
        assert response.status_code == status
        assert not response.cookies
        assert "Cookie" not in response.get("Vary", "")
        assert "X-Frame-Options" not in response
        policy = response["Content-Security-Policy"]
        assert "frame-ancestors *" in policy
        assert "default-src 'none'" in policy
        assert "form-action 'none'" in policy
        assert "csrf" not in response.content.decode()


def test_who_may_frame_is_a_setting_and_pages_never_are(client, table2, settings):
    settings.EMBED_ANCESTORS = ["https://news.kz", "https://*.example.kz"]
    policy = framed(client, "overview")["Content-Security-Policy"]
    assert policy.endswith("frame-ancestors https://news.kz https://*.example.kz")
    settings.EMBED_ANCESTORS = []
    assert framed(client, "overview")["Content-Security-Policy"].endswith("frame-ancestors 'none'")
    page = client.get("/en/")
    assert page["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in page["Content-Security-Policy"]


def test_a_frame_is_asked_again_by_its_etag(client, table2):
    etag = framed(client, "compare")["ETag"]
    assert client.get("/embed/compare", headers={"if-none-match": etag}).status_code == 304
    make_snapshot(make_account("new"), timezone.localdate(), 5)
    assert client.get("/embed/compare", headers={"if-none-match": etag}).status_code == 200


def test_parameters_that_say_nothing_make_no_other_frame(client, table2):
    assert (
        framed(client, "compare")["ETag"]
        == framed(client, "compare", utm_source="x", view="followers")["ETag"]
    )
    assert framed(client, "compare")["ETag"] != framed(client, "compare", theme="dark")["ETag"]


def test_theme_is_light_dark_or_the_reader_s_own(client, table2):
    assert '<html lang="en" data-theme="dark">' in framed(client, "overview", theme="dark").content.decode()
    assert '<html lang="en">' in framed(client, "overview").content.decode()
    wrong = framed(client, "overview", 400, theme='"><script>').content.decode()
    assert "is not a value of “theme”; these are: light, dark." in wrong
    assert "<script>" not in wrong


@pytest.mark.parametrize(
    "path",
    ["", "method", "actors/nobody", "actors/../x", "groups/none", "groups/abenov-vs-agencies/ranks", "editions/none", "compare?edition=none", "compare?actor=empty", "actors/empty", "actors/empty/ranks", "standings?q=zzzzzz", "compare?actor=", "compare?actor=nobody",
     "compare?actor=abenov&actor=nobody", "standings?group=none", "standings?platform=myspace", "actors/abenov?platform=myspace",
     "standings?on=2022-13-01", "standings?highlight=nobody", "compare?group="],
)  # fmt: skip
def test_what_is_no_chart_says_so(client, table2, path):
    make_account(make_actor("empty"))
    for kind in ("embed/", "picture/"):
        ending = ".png" if kind == "picture/" else ""
        where, mark, query = path.partition("?")
        refused = client.get(f"/{kind}{where}{ending}{mark}{query}")
        assert refused.status_code == 404
        for words in ("left out", "not shown"):
            assert words not in refused.content.decode(), "nothing is shown instead"


def answers(client, path):
    """Return what a frame, a picture and oEmbed answer to a chart's address."""
    where, mark, query = path.partition("?")
    page = f"http://testserver/embed/{path}"
    return [
        client.get(f"/embed/{path}"),
        client.get(f"/picture/{where}.png{mark}{query}"),
        client.get("/oembed", {"url": page}),
    ]


@pytest.mark.parametrize(
    "path", ["actors/hidden", "actors/hidden/ranks", "compare?actor=abenov&actor=hidden"]
)
@pytest.mark.parametrize("way", ["hidden", "renamed and hidden", "merged"])
def test_what_is_no_longer_shown_says_so_in_three_languages(client, table2, admin_user, path, way):
    """Never another chart in its place: nobody sees who reads a frame."""
    if way == "merged":
        survivor = Actor.objects.get(slug="abenov")
        OldSlug.objects.create(slug="hidden", actor=survivor)
        Merger.objects.create(
            actor=survivor,
            gone=1,
            row={"slug": "hidden"},
            moved=1,
            reason="one",
            by=admin_user,
            at=timezone.now(),
        )
    else:
        actor = make_actor("hidden" if way == "hidden" else "now-called", hidden=True)
        make_snapshot(make_account(actor), "2022", 5)
        if way != "hidden":
            OldSlug.objects.create(slug="hidden", actor=actor)
    for response in answers(client, path):
        assert response.status_code == 410
        page = response.content.decode()
        for text in (
            "This chart is no longer shown.",
            "Этот график больше не показывается.",
            "Бұл диаграмма енді көрсетілмейді.",
        ):
            assert text in page


@pytest.mark.parametrize("query", ["nonsense=1", "on=2022&since=2017&lang=de", "size=huge"])
def test_an_unknown_parameter_is_named(client, table2, query):
    name = "lang" if "lang" in query else query.partition("=")[0]
    for response in answers(client, f"standings?platform=facebook&{query}"):
        assert response.status_code == 400
        assert f"“{name}”" in unescape(response.content.decode())


def test_a_page_that_left_something_out_has_no_preview_of_other_rows(client, table2):
    assert "/picture/compare.png" in tags(client.get("/en/compare/").content.decode())["og:image"]
    page = client.get("/en/compare/?actor=nobody").content.decode()
    assert "/picture/overview.png" in tags(page)["og:image"]
    assert "/oembed?" not in page


def test_an_earlier_slug_leads_to_the_actor(client, table2):
    OldSlug.objects.create(slug="before", actor=Actor.objects.get(slug="abenov"))
    assert "Abenov" in framed(client, "actors/before").content.decode()


def test_names_are_text_in_a_frame(client, table2):
    Actor.objects.filter(slug="abenov").update(name_en="<script>alert(1)</script>")
    page = framed(client, "actors/abenov").content.decode()
    assert "<script>alert" not in page
    assert "<script>alert" not in client.get("/en/actors/abenov/").content.decode()


# oEmbed


def described(client, address, status=200, **more):
    response = client.get("/oembed", {"url": f"http://testserver{address}", **more})
    assert response.status_code == status, response.content
    return response


@pytest.mark.parametrize(
    ("page", "path"),
    [
        ("/en/", "overview"), ("/kk/compare/?view=index", "compare"), ("/ru/standings/?platform=facebook", "standings"),
        ("/en/groups/abenov-vs-agencies/", "groups/abenov-vs-agencies"), ("/kk/actors/abenov/", "actors/abenov"),
        ("/embed/compare?view=share&lang=ru", "compare"),
    ],
)  # fmt: skip
def test_a_pasted_link_becomes_a_frame(client, table2, page, path):
    said = described(client, page).json()
    assert (said["type"], said["version"]) == ("rich", "1.0")
    source = unescape(re.search(r'<iframe src="([^"]+)"', said["html"])[1])
    assert urlsplit(source).path == f"/embed/{path}"
    language = page[1:3] if page[1:3] in {"kk", "ru", "en"} else "ru"
    assert parse_qs(urlsplit(source).query)["lang"] == [language]
    assert client.get(source.removeprefix("http://testserver")).status_code == 200
    assert re.fullmatch(r"<iframe [^<>]+></iframe>", said["html"])
    assert said["title"]
    assert said["thumbnail_url"].startswith(f"http://testserver/picture/{path}.png")


def test_sizes_are_obeyed(client, table2):
    said = described(client, "/en/compare/", maxwidth="400", maxheight="300").json()
    assert (said["width"], said["height"]) == (400, 300)
    assert 'width="400" height="300"' in said["html"]
    assert "thumbnail_url" not in said
    assert described(client, "/en/compare/").json()["width"] == 800
    for wrong in ("0", "-1", "x", "1e3", "9" * 20, "٣"):
        described(client, "/en/compare/", 400, maxwidth=wrong)


@pytest.mark.parametrize(
    "address",
    ["http://elsewhere.kz/en/", "http://testserver.elsewhere.kz/en/", "//testserver/en/", "ftp://testserver/en/", "", "http://testserver/en/method/", "http://testserver/admin/", "http://testserver/en/actors/nobody/", "http://testserver/en/editions/none/", "http://testserver/xx/compare/", "http://[/"],
)  # fmt: skip
def test_unknown_addresses_are_not_found(client, table2, address):
    assert client.get("/oembed", {"url": address}).status_code == 404


def test_oembed_in_xml_and_nothing_else(client, table2):
    response = described(client, "/en/compare/", format="xml")
    root = ElementTree.fromstring(response.content)  # noqa: S314 our own answer
    assert root.tag == "oembed"
    assert root.findtext("html").startswith("<iframe ")
    described(client, "/en/compare/", 501, format="yaml")


def test_pages_name_their_oembed(client, table2):
    page = client.get("/kk/compare/?view=index").content.decode()
    link = unescape(re.search(r'type="application/json\+oembed" href="([^"]+)"', page)[1])
    said = client.get(link.removeprefix("http://testserver")).json()
    assert "view=index" in unescape(said["html"])
    assert "oembed" not in client.get("/en/method/").content.decode()


# Link previews


def tags(page):
    found = re.findall(
        r'<meta (?:property|name)="((?:og|twitter):[\w:]+|description)" content="([^"]*)">', page
    )
    return {name: unescape(content) for name, content in found}


@pytest.mark.parametrize("name", sorted(set(PUBLIC) - {"not-found"}))
def test_every_public_page_says_what_it_is(client, table2, name):
    make_snapshot(make_account(make_actor("tazabek", "blogger"), "youtube"), "2022", 7)
    path = PUBLIC[name].format("ru")
    response = client.get(path, follow=True)
    page = response.content.decode()
    said = tags(page)
    title = unescape(re.search(r"<title>(.*?) · KZMedia</title>", page, re.DOTALL)[1])
    assert said["og:title"] == said["twitter:title"] == " ".join(title.split())
    assert 20 < len(said["og:description"]) <= 300
    assert said["description"] == said["og:description"]
    assert said["og:locale"] == "ru_RU"
    assert set(re.findall(r'og:locale:alternate" content="(\w+)"', page)) == {"kk_KZ", "en_GB"}
    assert said["og:url"].startswith("http://testserver/ru/")
    image = urlsplit(said["og:image"])
    assert (image.scheme, image.netloc) == ("http", "testserver")
    assert parse_qs(image.query)["size"] == ["card"]
    assert parse_qs(image.query)["v"]
    made = embedding.picture(
        image.path.removeprefix("/picture/").removesuffix(".png"), "png", charts.same_query(image.query), "x"
    )
    assert made.dress.ratio == "card"
    assert made.drawing().options["format"] == "png"
    for code in ("kk", "ru", "en"):
        assert f'hreflang="{code}" href="http://testserver/{code}/' in page


def test_a_description_is_the_page_s_own_sentence(client, table2):
    said = tags(client.get("/en/compare/").content.decode())
    assert said["og:description"].startswith("On Facebook, President leads Abenov by 12,000 followers (2022)")


# The box on the pages


def test_the_code_under_a_chart_is_that_chart_s(client, table2):
    page = client.get("/kk/compare/?view=gap").content.decode()
    code = unescape(re.search(r"<textarea[^>]*>(.*?)</textarea>", page, re.DOTALL)[1])
    source = unescape(re.search(r'src="([^"]+)"', code)[1])
    assert source == "http://testserver/embed/compare?view=gap&lang=kk"
    assert "http://testserver/static/js/embed-host.js" in code
    assert "Freeze" not in page


def test_the_button_that_freezes_is_for_those_who_may(client, table2, django_user_model):
    reader = django_user_model.objects.create_user("reader")
    client.force_login(reader)
    assert 'name="path"' not in client.get("/en/compare/").content.decode()
    Membership.objects.create(user=reader, actor=table2.members.first())
    assert 'name="path" value="compare"' in client.get("/en/compare/").content.decode()
    assert not Edition.objects.exists()


def test_a_preview_has_another_address_when_its_data_change(client, table2):
    before = tags(client.get("/en/").content.decode())["og:image"]
    assert tags(client.get("/en/").content.decode())["og:image"] == before
    make_snapshot(make_account(make_actor("newcomer"), "facebook"), "2022", 500)
    assert tags(client.get("/en/").content.decode())["og:image"] != before
