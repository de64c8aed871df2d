"""An account whose answers make no sense is asked again soon, but not for ever every half hour."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from apps.collecting import adapters, leasing, results, services
from apps.collecting.models import Collection
from apps.collectors.types import Kind, Outcome, Target
from apps.registry.models import Account
from tests.builders import make_account

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("good_hours_ago", "added_hours_ago", "soon"),
    [(24, 9999, True), (48, 9999, False), (None, 1, True), (None, 48, False)],
)
def test_it_is_asked_every_half_hour_for_a_night_then_once_a_day(good_hours_ago, added_hours_ago, soon):
    account = make_account(platform="bluesky")
    now = timezone.now()
    services.ensure_collection([account])
    Account.objects.update(added_at=now - timedelta(hours=added_hours_ago))
    if good_hours_ago:
        Collection.objects.update(last_success_at=now - timedelta(hours=good_hours_ago))
    ((platform, lease),) = leasing.dispatch(["bluesky"])
    run = uuid.uuid4()
    (asked,) = leasing._claim(lease, run)
    wrong = Outcome(Target(platform, asked.handle), Kind.ERROR, detail="not_a_count: 'many'")
    assert results.store(lease, run, adapters.make(platform), [(asked, wrong)]) == {"error": 1}
    wait = Collection.objects.get().due_at - now
    assert (wait < timedelta(hours=1)) is soon
    assert (wait > timedelta(hours=11)) is not soon
