"""Every table that the desk shows, its list and a row, in languages that take turns."""

import pytest

from tests.browser.desk_pages import LANGUAGES, PAGES, check_pages, desk, keys, model_pages
from tests.browser.test_a11y import axe

__all__ = ["axe", "desk", "keys"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_every_table(desk, keys, axe):
    tasks = {path.format(**keys) for path in PAGES.values()}
    pages = {name: path for name, path in model_pages().items() if path not in tasks}
    assert len(pages) > 30
    check_pages(desk, axe, pages, lambda number: (LANGUAGES[number % 3],), every=3)
