"""An account that cannot be read is asked again after minutes, after hours, daily, then weekly; never not at all."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from apps.collecting import adapters, leasing, results, services
from apps.collecting.models import Collection
from apps.collecting.schedule import retry_at
from apps.collectors.types import Kind, Outcome, Target
from tests.builders import make_account

pytestmark = pytest.mark.django_db


def fail(account, detail):
    """Have the account's reading end in this error; returns how long it is left alone."""
    Collection.objects.update(due_at=timezone.now())
    ((platform, lease),) = leasing.dispatch(["bluesky"])
    run = uuid.uuid4()
    (asked,) = leasing._claim(lease, run)
    wrong = Outcome(Target(platform, asked.handle), Kind.ERROR, detail=detail)
    assert results.store(lease, run, adapters.make(platform), [(asked, wrong)]) == {"error": 1}
    return Collection.objects.get().due_at - timezone.now()


def test_the_wait_grows_from_minutes_to_a_day():
    account = make_account(platform="bluesky")
    services.ensure_collection([account])
    waits = [fail(account, "not_a_count: 'many'") for _ in range(10)]
    assert timedelta(minutes=4) < waits[0] < timedelta(minutes=6)
    assert timedelta(minutes=9) < waits[1] < timedelta(minutes=11)
    assert waits[:9] == sorted(waits[:9])
    assert timedelta(hours=12) < waits[9] < timedelta(hours=37)
    state = Collection.objects.get()
    assert (state.errors, state.error_code, state.error_detail) == (10, "not_a_count", "'many'")


def test_an_address_that_is_a_bot_is_not_asked_every_few_minutes():
    account = make_account(platform="bluesky")
    services.ensure_collection([account])
    assert fail(account, "bot: users of a bot are not followers") > timedelta(hours=11)
    assert Collection.objects.get().error_code == "bot"


@pytest.mark.parametrize(("errors", "days"), [(10, 1.6), (23, 1.6), (24, 8), (1000, 8)])
def test_daily_then_weekly_and_never_forgotten(errors, days):
    now = datetime(2026, 11, 20, 15, tzinfo=UTC)
    wait = retry_at(7, now, errors) - now
    assert timedelta(days=days) / 8 < wait <= timedelta(days=days)
    assert (wait > timedelta(days=5)) is (errors >= 24)
