"""The editor's way with a table: at most five actions for a good one, at most eight where a column and two names are not known."""

from itertools import product

import pytest
from django.conf import settings as project

from apps.registry.models import Alias
from apps.snapshots.models import Snapshot
from apps.users.models import User
from tests.builders import make_source

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SHOTS = project.BASE_DIR / "var" / "screenshots"
GOOD = "Участник;Соцсеть;2018;2019\nМурат Абенов;Фейсбук;39,6 тыс.;41 260\nГенеральная прокуратура РК;Facebook;12 010;12 094\n"
ASKING = (
    "№;Наименование;Соцсеть;2018;Ответственный\n1;Министерство труда (образец);Фейсбук;2 417;Асель\n2;Канцелярия Президента;Facebook;12 010;Асель\n"
    "3;Мурат Абенов;Facebook;41 260;Ерлан\n;Итого;;55 687;\n"
)


class Editor:
    """An editor in a browser, who counts what she does."""

    def __init__(self, opened, language):
        self.opened, self.page, self.language, self.actions = opened, opened.page, language, 0

    def start(self):
        self.opened.open("/admin/import/")

    def choose_file(self, text):
        self.actions += 1
        self.page.locator("input[type=file]").set_input_files(
            {"name": "таблица.csv", "mimeType": "text/csv", "buffer": text.encode()}
        )

    def choose_source(self, title):
        self.actions += 1
        self.page.locator("select[name=source]").select_option(label=title)

    def press(self, selector):
        self.actions += 1
        self.page.locator(selector).first.click()
        self.page.wait_for_load_state()

    def tick(self, selector):
        self.actions += 1
        self.page.locator(selector).first.check()


@pytest.fixture(autouse=True)
def world(monkeypatch, tmp_path, settings):
    monkeypatch.setattr("apps.collecting.tasks.wake", lambda: None)
    settings.VAR_DIR = tmp_path
    make_source("study", "publication", title="A study of pages")


@pytest.fixture(
    params=list(product((1280, 390), ("ru", "kk"))), ids=lambda chosen: f"{chosen[0]} {chosen[1]}"
)
def editor(request, visit, client):
    width, language = request.param
    user = User.objects.create_user("editor", is_staff=True)
    client.force_login(user)
    opened = visit(width, fresh=True, locale=language)
    names = {
        project.SESSION_COOKIE_NAME: client.cookies[project.SESSION_COOKIE_NAME].value,
        project.LANGUAGE_COOKIE_NAME: language,
    }
    opened.page.context.add_cookies(
        [{"name": name, "value": value, "url": opened.base} for name, value in names.items()]
    )
    return Editor(opened, language)


def recorded():
    return Snapshot.objects.filter(source__key="study").count()


def is_within(page):
    """Check that nothing of the page is wider than the screen but what scrolls by itself."""
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1")


def test_a_good_table_takes_at_most_five_actions(editor, request):
    editor.start()
    assert is_within(editor.page)
    editor.choose_file(GOOD)
    editor.choose_source("A study of pages")
    editor.press("input[type=submit].default")
    assert not recorded()
    assert is_within(editor.page)
    picture(editor, "good")
    editor.press("input[type=hidden][value=write] ~ .submit-row input[type=submit]")
    assert recorded() == 4
    assert editor.actions <= 5


def test_an_unknown_column_and_two_unknown_names_take_at_most_eight(editor):
    editor.start()
    editor.choose_file(ASKING)
    editor.choose_source("A study of pages")
    editor.press("input[type=submit].default")
    picture(editor, "asking")
    assert is_within(editor.page)
    legends = editor.page.locator(".question legend").all_inner_texts()
    assert (
        len([text for text in legends if "Министерство труда (образец)" in text or "Канцелярия" in text]) == 2
    )
    editor.tick("input[type=radio][value=ministry-labor]")
    editor.tick(".question:has(legend:has-text('Канцелярия')) input[type=radio][value='-']")
    editor.press(".questions input[type=submit]")
    assert not recorded()
    editor.press("input[type=hidden][value=write] ~ .submit-row input[type=submit]")
    picture(editor, "asked")
    assert recorded() == 2
    assert Alias.objects.filter(text="Министерство труда (образец)", actor__slug="ministry-labor").exists()
    assert editor.actions <= 8


def picture(editor, name):
    """Keep a screenshot, for people to look at."""
    width = editor.page.viewport_size["width"]
    SHOTS.mkdir(parents=True, exist_ok=True)
    editor.page.screenshot(path=SHOTS / f"intake-{name}-{width}-{editor.language}.png", full_page=True)
