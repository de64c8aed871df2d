"""docs/editors.md names what the desk shows, in each of its languages."""

import re

import pytest
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext, pgettext

GUIDE = settings.BASE_DIR / "docs/editors.md"
HEADS = {"kk": "Қазақша", "ru": "Русский", "en": "English"}
TASKS = ("Add", "Read by hand", "Answer", "Merge", "Publish", "History")
BUTTONS = (
    "Look through",
    "Take the next ten",
    "Preview",
    "Publish what is ticked",
    "Accept: the count is right",
    "Reject: the count is wrong",
    "Correct this number",
    "Correct and answer",
    "Undo",
    "Editor's desk",
)


def part(language):
    """Return what the guide says in the language."""
    parts = re.split(r"^## ", GUIDE.read_text(), flags=re.MULTILINE)
    return next(text for text in parts if text.startswith(HEADS[language]))


@pytest.mark.parametrize("language", HEADS)
def test_names_of_tasks_and_buttons_are_those_of_the_desk(language):
    text = part(language)
    with translation.override(language):
        shown = [*(pgettext("task", task) for task in TASKS), *(gettext(button) for button in BUTTONS)]
    assert [name for name in shown if f"«{name}»" not in text and f'"{name}"' not in text] == []


@pytest.mark.parametrize("language", HEADS)
def test_its_pictures_are_there(language):
    pictures = re.findall(r"!\[[^\]]+\]\((\S+)\)", part(language))
    assert len(pictures) >= 4
    assert [name for name in pictures if not (GUIDE.parent / name).exists()] == []


def test_an_editor_reads_of_no_command():
    assert "manage.py" not in GUIDE.read_text()


def test_no_sentence_of_the_desk_has_a_command_a_path_or_a_setting():
    pages = [
        *(settings.BASE_DIR / "templates/backoffice").glob("*.html"),
        *(settings.BASE_DIR / "templates/admin").glob("*.html"),
        *(settings.BASE_DIR / "apps/backoffice").rglob("*.py"),
    ]
    sentence = re.compile(r"""(?:translate|gettext|_)\(?\s*["']([^"']+)["']""")
    code = re.compile(r"manage\.py|docs/|\b[A-Z]{3,}_[A-Z_]+\b|/var/")
    found = [
        f"{path.name}: {words}"
        for path in pages
        for words in sentence.findall(path.read_text())
        if code.search(words)
    ]
    assert found == []
