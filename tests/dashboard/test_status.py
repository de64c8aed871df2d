"""Status: everybody sees how platforms are read and what was removed, an editor sees which accounts need a hand."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from apps.collecting.models import Collection, PlatformState, Run
from apps.snapshots.models import Removal
from apps.users.models import User
from tests.builders import make_account
from tests.queries import count_queries

pytestmark = pytest.mark.django_db
PAGE = "/en/status/"


@pytest.fixture
def failing():
    account = make_account("ministry", platform="bluesky", handle="gone.bsky.social")
    now = timezone.now()
    Collection.objects.create(
        account=account,
        due_at=now,
        error_code="not_found",
        error_detail="no such profile",
        last_success_at=now - timedelta(days=9),
    )
    return account


def text(client):
    return client.get(PAGE).content.decode()


def test_a_stranger_sees_counts_but_no_reasons(client, failing):
    page = text(client)
    assert "Bluesky" in page
    assert "gone.bsky.social" not in page
    assert "Nothing is found" not in page


def test_a_press_officer_sees_no_more(client, failing):
    client.force_login(User.objects.create_user("bob"))
    assert "gone.bsky.social" not in text(client)


def test_an_editor_sees_why_and_since_when(client, failing):
    client.force_login(User.objects.create_superuser("charlie"))
    page = text(client)
    assert "Nothing is found under this address" in page
    assert f"/admin/registry/account/{failing.pk}/change/" in page


def test_a_pause_is_told_without_the_platforms_own_words(client):
    make_account(platform="bluesky")
    later = timezone.now() + timedelta(hours=2)
    PlatformState.objects.create(
        platform="bluesky", paused_until=later, pause_code="rate", pause_detail="secret words"
    )
    page = text(client)
    assert "The platform asks us to wait" in page
    assert "We try again at" in page
    assert "secret words" not in page


def test_platforms_that_are_not_configured_are_read_by_hand(client):
    make_account(platform="vk")
    make_account(platform="tiktok")
    page = text(client)
    assert "not configured: read by hand" in page
    assert "entered by hand: automatic collection is not allowed" in page


def test_the_last_run_and_what_was_removed_are_told(client, settings):
    settings.YOUTUBE_TERMS = "30d"
    make_account(platform="youtube")
    now = timezone.now()
    Run.objects.create(id=uuid.uuid4(), platform="youtube", began_at=now, ended_at=now)
    Removal.objects.create(platform="youtube", at=now, before=now.date(), snapshots=12)
    page = text(client)
    assert "Last run" in page
    assert "12 counts from before" in page
    assert "kept for 30 days" in page


def test_its_cost_does_not_grow(client, failing):
    client.force_login(User.objects.create_superuser("charlie"))
    few = count_queries(client, PAGE)
    for number in range(10):
        account = make_account(f"a{number}", platform=["bluesky", "vk", "youtube"][number % 3])
        Collection.objects.create(account=account, due_at=timezone.now(), error_code="error")
    assert count_queries(client, PAGE) == few
