"""Every page of the editor's desk that is a task, in one of the two languages that are longest (THOROUGH=1: in all)."""

import pytest

from tests.browser.desk_pages import PAGES, check_pages, desk, keys
from tests.browser.test_a11y import axe

__all__ = ["axe", "desk", "keys"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_every_task(desk, keys, axe):
    pages = {name: path.format(**keys) for name, path in PAGES.items()}
    check_pages(desk, axe, pages, lambda number: (("kk", "ru")[number % 2],))
