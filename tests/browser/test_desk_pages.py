"""Every page of the editor's desk that is a task, in both of the languages that are longest."""

import pytest

from tests.browser.desk_pages import PAGES, check_pages, desk, keys
from tests.browser.test_a11y import axe

__all__ = ["axe", "desk", "keys"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_every_task(desk, keys, axe):
    pages = {name: path.format(**keys) for name, path in PAGES.items()}
    check_pages(desk, axe, pages, lambda number: (("kk", "ru"), ("ru", "kk"), ("en", "kk"))[number % 3])
