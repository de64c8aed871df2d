"""The same sentences in Kazakh and Russian: right words after numbers, names untouched, nothing untranslated."""

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.conf import settings
from django.utils import translation

from apps.figures import formats, sentences
from apps.figures.slope import slope
from tests.figures.made import table2, value

N = "\u00a0"
CATALOGUES = [
    Path(settings.BASE_DIR) / "locale" / language / "LC_MESSAGES" / "django.po" for language in ("kk", "ru")
]


@pytest.mark.parametrize(
    ("language", "amount", "platform", "said"),
    [
        ("ru", 1, "facebook", "1 подписчик"),
        ("ru", 2, "youtube", "2 подписчика"),
        ("ru", 12000, "telegram", f"12{N}000 подписчиков"),
        ("ru", 21, "x", "21 подписчик"),
        ("ru", 5, "ok", "5 участников"),
        ("ru", 3, "", "3 подписки"),
        ("kk", 1, "facebook", "1 жазылушы"),
        ("kk", 12000, "youtube", f"12{N}000 жазылушы"),
        ("kk", 5, "", "5 жазылым"),
    ],
)
def test_the_platforms_word_after_a_number(language, amount, platform, said):
    with translation.override(language):
        assert formats.followers(amount, platform) == said


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        (10, "10-нан"), (40, "40-тан"), (70, "70-тен"), (12_000, f"12{N}000-нан"), (500, "500-ден"),
        (80, "80-нен"), (1_006, f"1{N}006-дан"), (103, "103-тен"), (2_000_000_000, f"2{N}000{N}000{N}000-тан"),
    ],
)  # fmt: skip
def test_a_kazakh_number_takes_the_ending_of_its_last_word(amount, said):
    with translation.override("kk"):
        assert formats.count(amount, ">") == f"{said} астам"
        assert formats.count(amount, "<") == f"{said} аз"


@pytest.mark.parametrize(("language", "said"), [("ru", f"более 10{N}000"), ("kk", f"10{N}000-нан астам")])
def test_bounds(language, said):
    with translation.override(language):
        assert formats.value(value(10000, bound=">")) == said


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "ru",
            "В Facebook лидирует Press office of the President, Murat Abenov отстаёт: "
            f"разница 12{N}000 подписчиков (2022); в 2017 году было наоборот, разница 8{N}000.",
        ),
        (
            "kk",
            f"Facebook: алда{N}— Press office of the President, артта{N}— Murat Abenov, "
            f"айырма 12{N}000 жазылушы (2022); 2017 жылы керісінше болған, айырма 8{N}000.",
        ),
    ],
)
def test_the_leader_in_words(language, said):
    with translation.override(language):
        assert sentences.leads(table2(), "facebook") == said


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("ru", "Ministry of Defense: страница не существует в 2022 году"),
        ("kk", "Ministry of Defense: 2022 жылы парақша жоқ"),
    ],
)
def test_a_line_that_ends(language, said):
    with translation.override(language):
        texts = [label["text"] for label in slope(table2())["variants"]["wide"]["linear"]["annotations"]]
    assert said in [text.replace("<br>", " ") for text in texts]


def placeholders(text):
    return sorted(re.findall(r"%\(\w+\)s", text))


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-3])
def test_catalogue_is_whole(path):
    with path.open("rb") as file:
        catalogue = read_po(file)
    wrong = []
    for message in catalogue:
        if not message.id:
            continue
        ids = [message.id] if isinstance(message.id, str) else list(message.id)
        texts = [message.string] if isinstance(message.string, str) else list(message.string)
        plural = placeholders(ids[-1])
        if message.fuzzy or not all(texts) or any(set(placeholders(text)) - set(plural) for text in texts):
            wrong.append(message.id)
        if isinstance(message.id, str) and placeholders(texts[0]) != plural:
            allowed = set(placeholders(texts[0])) == set(plural)  # a language may say a date twice
            wrong += [] if allowed else [message.id]
    assert wrong == []
