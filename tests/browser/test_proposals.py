"""From a fresh start an editor confirms ten proposed addresses by keyboard, and their counts stand on the pages."""

import time

import pytest
from django.core.management import call_command

from apps.registry.models import Account, Proposal, Verification
from tests.browser.test_editor import editor
from tests.collectors.conftest import _local_platforms, server

__all__ = ["_local_platforms", "editor", "server"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TWO_MINUTES = 120


def test_ten_in_under_two_minutes(editor, reference):
    page = editor.open("/admin/")
    page.get_by_text("34 proposed addresses wait for an editor.").wait_for()
    page.get_by_role("link", name="Confirm", exact=True).first.click()
    page.locator("[aria-current=true][data-proposal]").wait_for()
    begun = time.monotonic()
    for number in range(10):
        page.keyboard.press("y")
        page.locator("#proposals-left", has_text=str(33 - number)).wait_for()
    assert time.monotonic() - begun < TWO_MINUTES
    assert Proposal.objects.filter(state="confirmed").count() == 10
    assert Verification.objects.count() == 10
    page.keyboard.press("n")
    page.keyboard.press("2")
    page.locator("#proposals-left", has_text="23").wait_for()
    assert Proposal.objects.get(state="refused").reason == "No longer kept up"
    assert Account.objects.filter(handle="AkimatAtyrau").count() == 1


def test_what_is_confirmed_is_read_and_shown(editor, reference, server, settings):
    server.world.set("telegram", "PrimeMinisterkaz", 54_321)
    pages = {"page_url": server.at("telegram"), "api_url": server.at("telegram-api"), "token": ""}
    settings.COLLECTORS = {"telegram": pages}
    proposal = Proposal.objects.get(platform="telegram", handle="PrimeMinisterkaz")
    page = editor.open("/admin/proposals/")
    line = page.locator(f"[data-proposal='{proposal.pk}']")
    line.focus()
    page.keyboard.press("y")
    line.wait_for(state="detached")
    call_command("collect", "--platform", "telegram", "--all", verbosity=0)
    page = editor.open("/en/actors/prime-minister-website/")
    page.get_by_text("54,321").first.wait_for()
    assert "primeminister.kaz" not in page.content().lower()  # that one still waits
