"""What is the same on many pages: the links to the main ones, and what a language's pages share."""

import pytest

from tests.builders import make_actor, make_group

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("path", "here"),
    [
        ("/en/", "/en/"),
        ("/en/standings/?platform=facebook", "/en/standings/"),
        ("/en/compare/", "/en/compare/"),
        ("/en/groups/", "/en/groups/"),
        ("/en/groups/peers/", "/en/groups/"),
        ("/en/context/", "/en/context/"),
        ("/en/data/", "/en/data/"),
        ("/en/method/", "/en/method/"),
        ("/en/status/", None),
        ("/en/actors/abenov/", None),
    ],
)
def test_the_main_page_that_the_reader_is_on_is_marked(client, path, here):
    make_group("peers", [make_actor("abenov")])
    content = client.get(path).content.decode()
    links = content.split('<nav class="pages"')[1].split("</nav>")[0]
    assert links.count("<li>") == 7
    marked = [part.split('"')[1] for part in links.split("<a ")[1:] if "aria-current" in part]
    assert marked == ([here] if here else [])


def test_the_main_pages_are_called_by_the_language_of_the_page(client):
    for language, name in (("kk", "Салыстыру"), ("ru", "Сравнение"), ("en", "Compare"), ("kk", "Салыстыру")):
        content = client.get(f"/{language}/method/").content.decode()
        assert f'<a href="/{language}/compare/">{name}</a>' in content
