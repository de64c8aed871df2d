"""Search by name: three languages, two alphabets, typing mistakes."""

import re

import pytest

from apps.registry.models import OldSlug
from apps.registry.names import fold, in_cyrillic, in_latin
from apps.registry.search import actors_named
from tests.builders import make_account, make_actor

pytestmark = pytest.mark.django_db


@pytest.fixture
def actors():
    for slug, kk, ru, en in [
        ("president", "Президент Әкімшілігі", "Администрация Президента", "Administration of the President"),
        ("health", "Денсаулық сақтау министрлігі", "Министерство здравоохранения", "Ministry of Health"),
        ("labour", "Еңбек министрлігі", "Министерство труда", "Ministry of Labour"),
        ("abenov", "Мұрат Әбенов", "Мурат Абенов", "Murat Abenov"),
        ("tazabek", "Мақсат Тәжімұрат", "Максат Тажимурат", "Maksat Tazhimurat"),
        ("toqaev", "Қасым-Жомарт Тоқаев", "Касым-Жомарт Токаев", "Kassym-Jomart Tokayev"),
    ]:
        make_actor(slug, name_kk=kk, name_ru=ru, name_en=en)


def slugs(text, language="en"):
    return [actor.slug for actor in actors_named(text, language)]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("Әбенов", "abenov"),
        ("абенов", "abenov"),
        ("ABENOV", "abenov"),
        ("абинов", "abenov"),  # a wrong letter
        ("аебнов мурат", "abenov"),  # two changed places, words the other way round
        ("Äbenov", "abenov"),
        ("densaulyq", "health"),  # Kazakh in Latin letters
        ("здравохранение", "health"),
        ("ministry of helth", "health"),
        ("enbek", "labour"),
        ("еңбек", "labour"),
        ("тажимурат максат", "tazabek"),
        ("tazhymurat", "tazabek"),
        ("Toqayev", "toqaev"),
        ("Токаев", "toqaev"),
        ("қасым жомарт", "toqaev"),
        ("prezidenta", "president"),
        ("лабор", "labour"),  # English in Cyrillic letters
        ("през", "president"),  # the beginning of a word
    ],
)
def test_finds_who_is_meant_first(actors, typed, first):
    assert slugs(typed)[0] == first


def test_likest_first_and_no_noise(actors):
    assert slugs("абенов") == ["abenov"]
    assert slugs("министерство")[:2] in (["health", "labour"], ["labour", "health"])
    assert slugs("министерство труда")[0] == "labour"


@pytest.mark.parametrize("typed", ["", "   ", "!?", "щщщщщщ", "zzzzzz", "%", "_", "'; --", "\\"])
def test_finds_nobody(actors, typed):
    assert slugs(typed) == []


def test_hidden_actors_are_not_found():
    make_actor("secret", name_en="Secret Body", hidden=True)
    assert slugs("Secret") == []


def test_old_slugs_are_found(actors):
    health = actors_named("health", "en")[0]
    OldSlug.objects.create(slug="mzrk", actor=health)
    assert slugs("mzrk") == ["health"]
    assert slugs("мзрк") == ["health"]


def test_account_counts_are_not_multiplied(actors):
    health = actors_named("health", "en")[0]
    for old in ("health-a", "health-b"):
        OldSlug.objects.create(slug=old, actor=health)
    make_account(health)
    make_account(health, platform="x")
    assert actors_named("health", "en")[0].account_count == 2


@pytest.mark.parametrize(
    ("latin", "cyrillic"),
    [("densaulyq", "денсаулык"), ("shymkent", "шымкент"), ("tokayev", "токаев"), ("şamşı", "шамшы")],
)
def test_latin_as_cyrillic(latin, cyrillic):
    assert in_cyrillic(fold(latin)) == cyrillic


def test_cyrillic_as_latin():
    assert in_latin(fold("Жеңіс")) == "zhenis"


def page_of(client, query, language="en"):
    response = client.get(f"/{language}/search/", query)
    assert response.status_code == 200
    return response.content.decode()


def test_page_names_the_actor_in_all_languages(client, actors):
    page = page_of(client, {"q": "абенов"}, "kk")
    assert 'href="/kk/actors/abenov/"' in page
    assert ">Мұрат Әбенов</a>" in page
    assert '<small lang="ru">Мурат Абенов</small>' in page
    assert 'role="status"' in page


def test_page_without_a_name_and_with_nobody(client, actors):
    assert "Typing mistakes are forgiven" in page_of(client, {})
    assert "No name like “щщщщ” is tracked here." in page_of(client, {"q": "щщщщ"})


def test_page_leaves_out_a_name_too_long_and_says_so(client):
    assert "has been ignored" in page_of(client, {"q": "a" * 101})


@pytest.mark.parametrize("q", ["\x00", "%00", "<b>", '"', "\ud7ff", "a b " * 20])
def test_page_takes_anything(client, actors, q):
    assert "<b>" not in page_of(client, {"q": q})


def test_header_leads_here(client):
    page = client.get("/ru/status/").content.decode()
    assert re.search(r'<form class="search" action="/ru/search/" method="get"', page)


def test_no_post(client):
    assert client.post("/en/search/").status_code == 405


def test_cost_does_not_grow(client, count_queries):
    make_actor("body-0")
    few = count_queries("/en/search/?q=body")
    for number in range(1, 20):
        make_account(f"body-{number}")
    assert count_queries("/en/search/?q=body") == few


def test_where_nobody_is_found_the_nearest_and_a_way_to_suggest_are_offered(client):
    make_actor("ministry-health", name_en="Ministry of Health")
    page = client.get("/en/search/?q=helthhh").content.decode()
    assert 'href="/en/actors/ministry-health/"' in page
    missing = client.get("/en/search/?q=zqzq").content.decode()
    assert 'href="/en/suggest/?q=zqzq"' in missing


@pytest.mark.parametrize(
    ("typed", "slug"),
    [("f,tyjd", "abenov"), ("F<TYJD", "abenov"), ("ьштшыекн", "health"), ("vbybcnthcndj", "health")],
)
def test_typed_in_the_other_keyboard_layout(client, typed, slug):
    make_actor("abenov", name_en="Murat Abenov", name_ru="Мурат Абенов")
    make_actor("health", name_en="Ministry of Health", name_ru="Министерство здравоохранения")
    page = client.get("/en/search/", {"q": typed}).content.decode()
    main = page[page.index("<main") :]
    assert [one for one in ("abenov", "health") if f'href="/en/actors/{one}/"' in main] == [slug]
