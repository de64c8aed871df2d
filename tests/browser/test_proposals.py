"""From a fresh start an editor confirms ten proposed addresses by keyboard, and their counts stand on the pages."""

import time

import pytest
from django.core.management import call_command

from apps.collecting import adapters
from apps.registry.models import Account, Proposal, Verification
from apps.snapshots.models import Snapshot
from tests.browser.test_editor import editor
from tests.collectors.conftest import _local_platforms, server

__all__ = ["_local_platforms", "editor", "server"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TWO_MINUTES = 120


def test_ten_in_under_two_minutes_and_their_counts_stand_on_the_pages(editor, reference, server, settings):
    page = editor.open("/admin/")
    page.get_by_text("34 proposed addresses wait for an editor.").wait_for()
    page.get_by_role("link", name="Confirm", exact=True).first.click()
    page.locator("[aria-current=true][data-proposal]").wait_for()
    begun = time.monotonic()
    for number in range(10):
        page.keyboard.press("y")
        page.locator("#proposals-left", has_text=str(33 - number)).wait_for()
    assert time.monotonic() - begun < TWO_MINUTES
    assert Verification.objects.count() == 10
    page.keyboard.press("n")
    page.keyboard.press("2")
    page.locator("#proposals-left", has_text="23").wait_for()
    assert Proposal.objects.get(state="refused").reason == "No longer kept up"
    assert Account.objects.filter(handle="AkimatAtyrau").count() == 1

    settings.COLLECTORS = server.settings
    server.world.invents = True
    confirmed = [proposal.account for proposal in Proposal.objects.filter(state="confirmed")]
    call_command("collect", "--all", verbosity=0)
    read = Snapshot.objects.filter(account__in=confirmed, state="counted").exclude(observed_at=None)
    counts = {row.account.actor.slug: row.followers for row in read.select_related("account__actor")}
    assert read.count() == sum(account.platform in adapters.ready() for account in confirmed) >= 5
    for slug, followers in counts.items():
        assert f"{followers:,}" in editor.open(f"/en/actors/{slug}/").locator("main").inner_text()
    page = editor.open("/en/actors/prime-minister-website/")
    waiting = Proposal.objects.waiting().filter(actor__slug="prime-minister-website")
    assert not [one.handle for one in waiting if one.handle.lower() in page.content().lower()]
