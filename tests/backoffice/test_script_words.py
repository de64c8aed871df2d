"""What the admin's scripts say in Kazakh: all that its Russian says, and nothing in English."""

import json
import re

import pytest

from apps.users.models import User

pytestmark = pytest.mark.django_db
OF_DOUBLE_LISTS = re.compile(r"Available|Chosen|Choose (?!a )|Remove|Type into|click to|option not visible")


@pytest.fixture
def catalogs(client):
    client.force_login(User.objects.create_user("aigul", is_staff=True))

    def read(language):
        client.cookies["django_language"] = language
        script = client.get("/admin/jsi18n/").content.decode()
        return json.loads(re.search(r"newcatalog = (\{.*?\});\n", script, re.DOTALL)[1])

    return {language: read(language) for language in ("kk", "ru")}


def test_all_that_is_said_in_russian_is_said_in_kazakh(catalogs):
    wanted = {words for words in catalogs["ru"] if not OF_DOUBLE_LISTS.search(words)}
    assert len(wanted) > 50
    assert wanted - set(catalogs["kk"]) == set()


def test_nothing_of_it_is_english(catalogs):
    said = {
        key: words
        for key, words in catalogs["kk"].items()
        if not OF_DOUBLE_LISTS.search(key) and isinstance(words, str) and not words[:1].isdecimal()
    }
    assert len(said) > 40
    assert not [words for words in said.values() if not re.search("[А-яӘәҒғҚқҢңӨөҰұҮүҺһІі]", words)]
    assert said["%(sel)s of %(cnt)s selected"] == "Таңдалғаны — %(sel)s, барлығы %(cnt)s"
