"""Every page of the editor's desk in Russian. A file for each language, so that processes share them."""

import pytest

from tests.browser.desk_pages import check_every_page, desk, keys
from tests.browser.test_a11y import axe

__all__ = ["axe", "desk", "keys"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_every_page(desk, keys, axe):
    check_every_page(desk, keys, axe, "ru")
