"""Strange readings of one account that say the same are one case with its days."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from apps.alerts import account_detectors
from apps.alerts.scan_window import Look
from apps.collecting import services
from apps.collecting.models import Collection
from apps.common.dates import write_day
from apps.snapshots.models import Doubt, Snapshot
from apps.snapshots.recording import reopen
from apps.users.models import User
from tests.builders import make_account, make_source

pytestmark = pytest.mark.django_db


def hold(account, day, followers, why="fall", seen=None):
    return Doubt.objects.create(
        account=account,
        day=datetime(2026, 11, day, tzinfo=UTC).date(),
        followers=followers,
        why=why,
        against=76_000,
        source=make_source("api-bluesky", kind="api"),
        seen_at=seen or datetime(2026, 11, day, 15, tzinfo=UTC),
    )


@pytest.fixture
def account():
    return make_account(platform="bluesky")


@pytest.fixture
def editor():
    return User.objects.create_superuser("charlie")


def test_a_week_of_the_same_is_one_case_with_its_days(account):
    first, *_ = [hold(account, day, 760 + day) for day in range(1, 8)]
    other = hold(account, 8, 0, why="zero")
    hold(make_account("b", platform="bluesky"), 3, 760)
    cases = {case.pk: case for case in Doubt.objects.waiting().cases().with_days()}
    assert len(cases) == 3
    assert (cases[first.pk].case_days, cases[first.pk].case_last.day) == (7, 7)
    assert cases[other.pk].case_days == 1


def test_what_says_something_else_is_a_case_of_its_own(account):
    hold(account, 1, 760)
    hold(account, 2, 5_000)
    assert Doubt.objects.waiting().cases().count() == 2


@pytest.mark.parametrize("followers", [760, 0, -1])
def test_accepting_records_each_for_its_day(account, editor, followers):
    Collection.objects.create(account=account, due_at=timezone.now(), error_code="held")
    doubts = [hold(account, day, followers) for day in range(1, 4)]
    recorded = services.decide(doubts[1], Doubt.Decision.ACCEPTED, editor)
    assert recorded.reading.day == doubts[1].day
    assert list(Snapshot.objects.order_by("day").values_list("day__day", "followers")) == [
        (day, max(followers, 0)) for day in range(1, 4)
    ]
    assert not Doubt.objects.waiting().exists()
    assert Collection.objects.get().error_code == ""


def test_rejecting_decides_all_that_say_the_same_and_is_taken_back_as_one(account, editor):
    doubts = [hold(account, day, 760) for day in range(1, 4)]
    hold(account, 4, 5_000)
    services.decide(doubts[0], Doubt.Decision.REJECTED, editor)
    assert [doubt.followers for doubt in Doubt.objects.waiting()] == [5_000]
    assert services.decide(doubts[2], Doubt.Decision.ACCEPTED, editor) is None  # somebody was quicker
    assert not Snapshot.objects.exists()
    doubts[1].refresh_from_db()
    assert reopen(doubts[1])
    assert Doubt.objects.waiting().count() == 4


def test_the_desk_lists_a_case_once_with_its_days(client, account, editor):
    for day in range(1, 6):
        hold(account, day, 760)
    client.force_login(editor)
    page = client.get("/admin/snapshots/doubt/").content.decode()
    assert f"{write_day(date(2026, 11, 1))} to {write_day(date(2026, 11, 5))}, 5 days" in page
    assert write_day(date(2026, 11, 3)) not in page


def test_a_case_is_told_when_it_begins_and_once_more_after_a_week(account):
    now = timezone.now()
    hold(account, 1, 760, seen=now - timedelta(days=7, minutes=5))
    hold(account, 2, 760, seen=now - timedelta(minutes=5))
    found = account_detectors.held_counts(Look(now - timedelta(minutes=15), now))
    assert [one.facts.get("waited") for one in found] == [7]
    assert found[0].key.endswith(":week")
