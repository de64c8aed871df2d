"""One account whose request always fails stands first: the others are read, it is named, the platform goes on."""

import random
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from apps.collecting import adapters, leasing, services
from apps.collecting.models import Attempt, Collection, PlatformState
from apps.collectors import registry
from apps.common import http
from apps.snapshots.models import Snapshot
from apps.snapshots.recording import ALMATY
from tests.builders import make_account
from tests.collecting.evening import name_of
from tests.platforms import graph
from tests.platforms.world import FAULTS, Reply, as_json

pytestmark = pytest.mark.django_db

FAILURES = ("500", "429", "timeout", "html", "truncated", "junk", "403", "404")
REASONS = {
    "500": {"server_error"},
    "429": {"rate"},
    "timeout": {"timeout"},
    "html": {"error"},
    "truncated": {"error"},
    "junk": {"error"},
    "403": {"no_permission", "refused", "bad_token", "guests_refused", "error"},
    "404": {"refused", "not_found", "error"},
}


def wait_for_nothing(monkeypatch):
    """Let an answer that is marked so be one that did not come in time, without the time."""

    def send(client, *whose, **how):
        response = sent(client, *whose, **how)
        if "x-too-late" in response.headers:
            raise http.Failed("timeout")
        return response

    sent = http.Client.send
    monkeypatch.setattr(http.Client, "send", send)
    monkeypatch.setitem(FAULTS, "timeout", Reply(b"{}", headers={"X-Too-Late": "1"}))


@pytest.fixture(autouse=True)
def local(server, settings, monkeypatch):
    wait_for_nothing(monkeypatch)
    settings.COLLECTORS = server.settings | {
        "telegram": {"page_url": server.at("telegram"), "api_url": server.at("telegram-api"), "token": ""}
    }
    settings.YOUTUBE_TERMS, settings.X_TERMS, settings.X_DAILY_USD = "approved", "standard", 100
    settings.COLLECT_WINDOWS = False
    server.world.invents = True
    return server


def make_due(platform, count):
    """Return accounts that are due, the first of them first."""
    accounts = [make_account(platform=platform, **name_of(platform, number)[0]) for number in range(count)]
    services.ensure_collection(accounts)
    for number, account in enumerate(accounts):
        Collection.objects.filter(account=account).update(
            due_at=timezone.now() - timedelta(minutes=count - number)
        )
    return accounts


def run(platform):
    return [leasing.collect(*pair) for pair in leasing.dispatch([platform])]


def read_all(platform, rounds=8):
    for _ in range(rounds):
        if not run(platform):
            return


def has_paused(platform):
    return PlatformState.objects.filter(platform=platform, paused_until__gt=timezone.now()).exists()


@pytest.mark.parametrize("platform", sorted(registry.COLLECTORS))
@pytest.mark.parametrize("failure", FAILURES)
def test_one_bad_account_stands_first_and_fifty_good_ones_are_read(world, platform, failure):
    bad, *good = make_due(platform, 51)
    world.spoil(platform, name_of(platform, 0)[1], failure)
    read_all(platform)
    assert not has_paused(platform)
    assert Snapshot.objects.filter(account__in=good, state="counted").count() == 50
    assert not Snapshot.objects.filter(account=bad).exists()
    trouble = Collection.objects.get(account=bad)
    assert trouble.error_code in REASONS[failure], f"{trouble.error_code}: {trouble.error_detail}"
    assert trouble.due_at > timezone.now()
    pages = -(-51 // adapters.make(platform).lane(leasing.Target(platform, "a", "1")).most)
    # A Mastodon server that refuses to answer for several is asked for one after the other.
    assert world.requests[platform] <= (51 if platform == "mastodon" else 3 * pages) + 20


@pytest.mark.parametrize("platform", ["x", "telegram", "mastodon", "facebook"])
def test_ten_bad_ones_among_two_hundred(world, platform):
    accounts = make_due(platform, 200)
    for number in range(0, 200, 20):
        world.spoil(platform, name_of(platform, number)[1], "500")
    read_all(platform, rounds=20)
    assert not has_paused(platform)
    good = [account for number, account in enumerate(accounts) if number % 20]
    assert Snapshot.objects.filter(account__in=good, state="counted").count() == 190
    assert Collection.objects.filter(error_code="server_error").count() == 10


@pytest.mark.parametrize("seed", range(8))
def test_no_order_of_due_accounts_starves_another(world, seed):
    """Whatever is due before whatever, and however the bad ones fail: all good ones are read, all bad ones named."""
    chance = random.Random(seed)  # noqa: S311 (no secret)
    platform = chance.choice(["x", "telegram", "youtube", "instagram", "vk"])
    accounts = make_due(platform, 60)
    bad = chance.sample(range(60), chance.randint(1, 9))
    for number in bad:
        failure = chance.choice([kind for kind in FAILURES if kind != "timeout"])
        world.spoil(platform, name_of(platform, number)[1], failure)
    chance.shuffle(accounts)
    for minutes, account in enumerate(accounts):
        due_at = timezone.now() - timedelta(minutes=minutes)
        Collection.objects.filter(account=account).update(due_at=due_at)
    read_all(platform, rounds=30)
    assert not has_paused(platform)
    assert Snapshot.objects.filter(state="counted").count() == 60 - len(bad)
    assert Collection.objects.exclude(error_code="").count() == len(bad)


def test_the_failing_account_changes_from_run_to_run(world):
    accounts = make_due("x", 40)
    for number in range(12):
        world.recover("x")
        world.spoil("x", name_of("x", number)[1], "500")
        Collection.objects.update(due_at=timezone.now(), error_code="", errors=0)
        read_all("x")
        assert not has_paused("x")
        assert Collection.objects.exclude(error_code="").get().account_id == accounts[number].pk


@pytest.mark.parametrize("platform", sorted(set(registry.COLLECTORS) - {"mastodon"}))
def test_a_platform_that_is_down_blames_nobody_is_asked_little_and_recovers(world, platform):
    make_due(platform, 60)
    world.fail(platform, "500", always=True)
    read_all(platform)
    assert has_paused(platform)
    assert not Collection.objects.exclude(error_code="").exists()
    assert world.requests[platform] == 2
    asked = world.requests[platform]
    PlatformState.objects.update(paused_until=timezone.now())
    read_all(platform)
    assert has_paused(platform)
    assert world.requests[platform] == asked + 1
    world.recover(platform)
    PlatformState.objects.update(paused_until=timezone.now())
    read_all(platform, rounds=20)
    assert not Collection.objects.filter(last_success_at=None).exists()
    assert PlatformState.objects.get().failures == 0


def test_a_mastodon_server_that_is_down_costs_the_others_nothing(world):
    here = [make_account(platform="mastodon", platform_id=f"{number}@one.example") for number in range(1, 6)]
    there = [make_account(platform="mastodon", platform_id=f"{number}@two.example") for number in range(1, 6)]
    services.ensure_collection([*here, *there])
    world.spoil("mastodon", "one.example", "timeout")
    read_all("mastodon")
    assert not has_paused("mastodon")
    assert Snapshot.objects.filter(account__in=there).count() == 5
    assert not Snapshot.objects.filter(account__in=here).exists()


@pytest.mark.parametrize("platform", ["facebook", "instagram"])
@pytest.mark.parametrize("state", ["forbidden", "transient"])
def test_meta_refuses_one_account_that_is_asked_for_alone(world, platform, state):
    (other,) = make_due(platform, 1)
    read_all(platform)
    Collection.objects.update(due_at=timezone.now() + timedelta(hours=20))
    bad = make_account(platform=platform, handle="refusedmin")
    services.ensure_collection([bad])
    world.set(platform, "refusedmin", 5, state=state)
    read_all(platform)
    assert not has_paused(platform)
    assert Collection.objects.get(account=bad).errors == 1
    assert Snapshot.objects.filter(account=other).count() == 1


def test_meta_gives_no_answer_to_one_operation(world):
    bad, *_ = make_due("facebook", 6)
    body = {"id": "100000000000000", "username": "x", "followers_count": 5}
    part = {"code": 200, "body": as_json(body).body.decode()}
    world.fail("facebook", as_json([None, *[part] * 5]))
    read_all("facebook")
    assert not has_paused("facebook")
    assert Collection.objects.get(account=bad).error_code == "server_error"


def test_a_token_that_is_refused_pauses_the_platform(world, settings):
    make_due("facebook", 5)
    settings.COLLECTORS["facebook"]["token"] = "another"  # noqa: S105
    read_all("facebook")
    state = PlatformState.objects.get()
    assert state.pause_code == "bad_token"
    assert graph.TOKEN not in state.pause_detail


class TestMoney:
    def test_what_is_billed_is_booked_from_the_answer(self, world):
        make_due("x", 10)
        world.invents = False
        for number in range(4):
            world.set("x", f"a{number}", 5, id=name_of("x", number)[1])
        read_all("x")
        assert PlatformState.objects.get().money_spent * 100 == 4  # six are not found and cost nothing

    def test_what_was_read_today_is_not_billed_again(self, world):
        make_due("x", 10)
        read_all("x")
        Collection.objects.update(due_at=timezone.now())
        read_all("x")
        assert PlatformState.objects.get().money_spent * 100 == 10

    def test_what_is_paid_for_today_is_read_again_though_the_money_is_spent(self, world, settings):
        settings.X_DAILY_USD = Decimal("0.05")
        make_due("x", 5)
        read_all("x")
        Collection.objects.update(due_at=timezone.now())
        read_all("x")
        assert Attempt.objects.filter(outcome="counted").count() == 10
        assert PlatformState.objects.get().money_spent == Decimal("0.05")

    def test_a_request_that_failed_gives_back_what_was_set_aside(self, world):
        make_due("x", 10)
        world.fail("x", "500", always=True)
        read_all("x")
        state = PlatformState.objects.get()
        assert (state.money_spent, state.requests_spent) == (0, world.requests["x"])

    def test_an_account_that_is_read_as_a_witness_is_billed_too(self, world):
        witness, bad = make_due("x", 2)
        Collection.objects.filter(account=witness).update(
            last_success_at=timezone.now() - timedelta(hours=30), due_at=timezone.now() + timedelta(days=3)
        )
        world.spoil("x", bad.platform_id, "500")
        run("x")
        assert Collection.objects.get(account=bad).error_code
        assert PlatformState.objects.get().money_spent * 100 == 1

    def test_a_cap_smaller_than_a_batch_reads_what_fits(self, world, settings):
        settings.X_DAILY_USD = Decimal("0.07")
        make_due("x", 10)
        read_all("x")
        assert Snapshot.objects.count() == 7
        assert PlatformState.objects.get().pause_code == "money_cap"


def test_units_of_a_day_are_settled_by_what_was_asked(world):
    make_due("youtube", 51)
    world.spoil("youtube", name_of("youtube", 0)[1], "500")
    read_all("youtube")
    assert PlatformState.objects.get().requests_spent == world.requests["youtube"]


def test_looking_for_a_culprit_stops_with_the_days_budget(world, monkeypatch):
    from dataclasses import replace

    from apps.registry.platforms import ALL, Budget

    monkeypatch.setitem(ALL, "youtube", replace(ALL["youtube"], budget=Budget("10/second", per_day=4)))
    make_due("youtube", 50)
    world.spoil("youtube", name_of("youtube", 0)[1], "500")
    read_all("youtube")
    assert world.requests["youtube"] == 4
    assert PlatformState.objects.get().pause_code == "day_budget"


def test_a_failing_account_is_not_asked_along_before_its_own_time(world, monkeypatch):
    """Good accounts of the evening fill a request early; one that failed would spoil it each time."""
    evening = datetime(2026, 11, 20, 20, 0, tzinfo=ALMATY)
    due, good, bad = (make_account(platform="x", **name_of("x", number)[0]) for number in range(3))
    services.ensure_collection([due, good, bad])
    Collection.objects.filter(account=due).update(due_at=evening)
    later = evening + timedelta(minutes=30)
    Collection.objects.filter(account=good).update(due_at=later)
    Collection.objects.filter(account=bad).update(due_at=later, errors=3)
    monkeypatch.setattr(leasing.timezone, "now", lambda: evening)
    leasing.dispatch(["x"])
    leased = Collection.objects.exclude(lease=None).values_list("account_id", flat=True)
    assert set(leased) == {due.pk, good.pk}


@pytest.mark.parametrize(("minutes", "may_witness"), [(-1, True), (1, False)])
def test_who_answered_within_a_day_and_a_half_shows_that_the_platform_answers(minutes, may_witness):
    account = make_account(platform="x", **name_of("x", 1)[0])
    services.ensure_collection([account])
    answered = timezone.now() - timedelta(hours=36, minutes=minutes)
    Collection.objects.filter(account=account).update(last_success_at=answered)
    witnesses = leasing._witnesses(adapters.make("x"), "", [])
    assert bool(witnesses.sure) is may_witness
