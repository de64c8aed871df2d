"""From due to recorded, over real HTTP: every failure ends as the rules say, nothing is read twice or lost."""

import threading
import time
import uuid
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from apps.collecting import budget, leasing, results, services
from apps.collecting.models import Attempt, Collection, PlatformState, Run
from apps.collectors.types import Limited
from apps.registry.models import Account, AccountState, HandleChange
from apps.registry.platforms import ALL, Budget
from apps.snapshots.models import Doubt, Snapshot
from apps.snapshots.recording import day_of
from tests.builders import make_account, make_snapshot, make_source
from tests.platforms import telegram, youtube
from tests.platforms.world import Reply, Request
from tests.runtime.processes import wait_for

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def local(server, settings, monkeypatch):
    """Let adapters look at the local platforms; waits for a window do not sleep."""
    settings.COLLECTORS = {
        "bluesky": {"api_url": server.at("bluesky")},
        "telegram": {
            "page_url": server.at("telegram"),
            "api_url": server.at("telegram-api"),
            "token": "",
        },
        "youtube": {"api_url": server.at("youtube"), "key": youtube.KEY},
    }
    settings.YOUTUBE_TERMS = "approved"
    monkeypatch.setattr(budget, "wait_for_window", lambda *args, **kwargs: None)
    return server


def tracked(*handles, platform="bluesky"):
    """Return accounts that are due now."""
    accounts = [make_account(platform=platform, handle=handle) for handle in handles]
    services.ensure_collection(accounts)
    return accounts


def run(platform="bluesky"):
    """Return everything that is due on the platform, once."""
    return [leasing.collect(*pair) for pair in leasing.dispatch([platform])]


def value(account):
    return account.snapshots.values_list("state", "followers", "precision").get()


def one_each(accounts):
    return accounts


def today():
    return day_of(timezone.now())


def test_a_number_is_recorded_with_its_source_and_instant(world):
    world.set("bluesky", "akorda.bsky.social", 5400, id="did:plc:aaaaaaaaaaaaaaaaaaaaaaaa")
    (account,) = tracked("akorda.bsky.social")
    (summary,) = run()
    made = Snapshot.objects.get()
    assert (made.day, made.followers, made.precision) == (today(), 5400, "exact")
    assert made.source.key == "api-bluesky"
    assert made.locator.startswith("https://bsky.app/profile/")
    assert abs(made.observed_at - timezone.now()) < timedelta(minutes=1)
    account.refresh_from_db()
    assert account.platform_id == "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa"
    assert summary.outcomes == {"counted": 1}
    assert account.collection.due_at > timezone.now() + timedelta(hours=11)
    assert (account.collection.lease, account.collection.error_code) == (None, "")


def test_youtube_says_that_it_rounds(world):
    world.set("youtube", "examplemin", 12_400, id="UCaaaaaaaaaaaaaaaaaaaaaa")
    (account,) = tracked("examplemin", platform="youtube")
    run("youtube")
    assert value(account) == ("counted", 12_400, "3sf")


def test_a_hidden_count_is_a_state_without_a_number(world):
    world.set("youtube", "examplemin", None, id="UCaaaaaaaaaaaaaaaaaaaaaa", state="hidden")
    (account,) = tracked("examplemin", platform="youtube")
    run("youtube")
    assert value(account) == ("hidden", None, "exact")


@pytest.mark.parametrize(
    "fault", ["500", "503", "429", "html", "truncated", "hang_up", "empty", "not_utf8", "deep"]
)
def test_a_platform_that_fails_costs_no_account_anything(world, fault):
    world.set("bluesky", "a.bsky.social", 7)
    (account,) = tracked("a.bsky.social")
    world.fail("bluesky", fault, always=True)
    (summary,) = run()
    assert summary.stopped
    assert not Snapshot.objects.exists()
    assert not Attempt.objects.exists()
    state = PlatformState.objects.get()
    assert state.paused_until > timezone.now()
    assert run() == []  # everyone waits
    assert world.requests["bluesky"] == 2  # the batch, and a witness that fails too
    world.recover("bluesky")
    budget.lift("bluesky")
    run()
    assert value(account) == ("counted", 7, "exact")


def test_retry_after_is_obeyed_by_all_workers(world):
    tracked("a.bsky.social")
    world.fail("bluesky", Reply(b'{"error":"RateLimitExceeded"}', 429, {"Retry-After": "900"}), always=True)
    run()
    wait = PlatformState.objects.get().paused_until - timezone.now()
    assert timedelta(minutes=14) < wait <= timedelta(minutes=15)


def test_the_back_off_grows_and_success_ends_it(world):
    world.set("bluesky", "a.bsky.social", 7)
    tracked("a.bsky.social")
    waits = []
    world.fail("bluesky", "500", always=True)
    for _ in range(3):
        run()
        state = PlatformState.objects.get()
        waits.append(state.paused_until - timezone.now())
        PlatformState.objects.update(paused_until=None)
    assert waits[0] < waits[1] < waits[2]
    world.recover("bluesky")
    run()
    assert PlatformState.objects.get().failures == 0


def test_a_bad_key_stops_the_platform_and_blames_no_account(world):
    tracked("examplemin", platform="youtube")
    body = b'{"error":{"code":400,"message":"API key not valid.","status":"INVALID_ARGUMENT","details":[{"reason":"API_KEY_INVALID"}]}}'
    world.fail("youtube", Reply(body, 400), always=True)
    run("youtube")
    state = PlatformState.objects.get()
    assert state.paused_until > timezone.now() + timedelta(hours=23)
    assert youtube.KEY not in state.pause_detail
    assert not Attempt.objects.exists()


def page_request(path):
    return Request("GET", path, {}, {}, {}, "")


def test_what_came_before_the_failure_is_kept(world):
    """One by one: the platform fails at the third page, the first two are read, the rest stay due."""
    names = [f"channel{number}" for number in range(5)]
    for name in names:
        world.set("telegram", name, 100)
    accounts = tracked(*names, platform="telegram")
    pages = [telegram.answer_page(world, page_request(f"/{name}")) for name in names[:2]]
    world.fail("telegram", *pages)
    world.fail("telegram", "500", always=True)
    (summary,) = run("telegram")
    assert summary.outcomes == {"counted": 2}
    world.recover("telegram")
    budget.lift("telegram")
    run("telegram")
    assert [account.snapshots.count() for account in accounts] == [1] * 5


class TestNotFound:
    def test_is_not_yet_absent(self, world):
        (account,) = tracked("gone.bsky.social")
        make_snapshot(account, "2026-01-01", 100)
        run()
        assert account.snapshots.count() == 1
        assert account.collection.not_found_days == 1
        assert account.collection.error_code == "not_found"

    def test_twice_on_one_day_is_one_day(self, world):
        (account,) = tracked("gone.bsky.social")
        for _ in range(3):
            services.collect_now([account])
            run()
        account.collection.refresh_from_db()
        assert account.collection.not_found_days == 1

    def test_on_two_days_it_is_not_yet_absent(self, world):
        (account,) = tracked("gone.bsky.social")
        make_snapshot(account, "2026-01-01", 100)
        run()
        Collection.objects.update(due_at=timezone.now(), not_found_on=today() - timedelta(days=1))
        run()
        account.collection.refresh_from_db()
        assert account.collection.not_found_days == 2
        assert not account.snapshots.filter(state="absent").exists()
        assert account.collection.due_at < timezone.now() + timedelta(days=2)  # asked again tomorrow

    @pytest.mark.parametrize(
        ("platform", "handle", "read_before", "recorded"),
        [
            ("bluesky", "gone.bsky.social", "api", True),
            ("bluesky", "gone.bsky.social", "", False),
            ("bluesky", "gone.bsky.social", "manual", True),
            ("bluesky", "gone.bsky.social", "publication", False),  # nobody has seen this address work
            ("bluesky", "gone.bsky.social", "import", False),
            ("telegram", "gone_channel", "page", True),
        ],
    )
    def test_on_three_days_it_is_absent_if_it_was_read_before(
        self, world, platform, handle, read_before, recorded
    ):
        (account,) = tracked(handle, platform=platform)
        if read_before:
            make_snapshot(account, "2026-01-01", 100, source=make_source("before", kind=read_before))
        for days_ago in (2, 1, 0):
            # Two earlier days are counted as the worker counts them: one not_found_on further back each time.
            Collection.objects.filter(account=account).update(due_at=timezone.now())
            run(platform)
            Collection.objects.filter(account=account).update(
                not_found_on=today() - timedelta(days=days_ago + 1)
            )
        assert account.snapshots.filter(state="absent").exists() is recorded
        account.collection.refresh_from_db()
        assert account.collection.due_at > timezone.now() + timedelta(days=6)  # weekly from now on

    def test_found_again_the_days_start_anew(self, world):
        (account,) = tracked("back.bsky.social")
        run()
        world.set("bluesky", "back.bsky.social", 5)
        services.collect_now([account])
        run()
        account.collection.refresh_from_db()
        assert (account.collection.not_found_days, account.collection.error_code) == (0, "")


def test_one_missing_in_a_batch_costs_its_mates_nothing(world):
    world.set("bluesky", "a.bsky.social", 1)
    world.set("bluesky", "c.bsky.social", 3)
    first, missing, third = tracked("a.bsky.social", "missing.bsky.social", "c.bsky.social")
    (summary,) = run()
    assert summary.outcomes == {"counted": 2, "not_found": 1}
    assert (value(first)[1], value(third)[1], missing.snapshots.count()) == (1, 3, 0)


def test_zero_after_a_million_is_held(world):
    world.set("bluesky", "a.bsky.social", 0)
    (account,) = tracked("a.bsky.social")
    make_snapshot(account, today() - timedelta(days=1), 1_000_000)
    (summary,) = run()
    assert summary.outcomes == {"held": 1}
    assert Doubt.objects.get().followers == 0
    assert not account.snapshots.filter(day=today()).exists()


class TestIdentity:
    def test_a_handle_that_is_somebody_elses_now_stops_the_account(self, world, settings):
        account = make_account(platform="telegram", handle="a_channel", platform_id="-1001")
        world.set("telegram", "a_channel", 9, id="-1002")
        services.ensure_collection([account])
        settings.COLLECTORS["telegram"]["token"] = telegram.TOKEN  # the Bot API is what gives an id
        (summary,) = run("telegram")
        account.refresh_from_db()
        assert summary.outcomes == {"stopped": 1}
        assert (account.state, account.stopped_code, account.stopped_detail) == (
            AccountState.PAUSED,
            "other_id",
            "-1002",
        )
        assert not Snapshot.objects.exists()

    def test_a_new_handle_is_written_down(self, world):
        did = "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa"
        world.set("bluesky", "new.bsky.social", 9, id=did)
        account = make_account(platform="bluesky", handle="old.bsky.social", platform_id=did)
        services.ensure_collection([account])
        run()
        account.refresh_from_db()
        assert account.handle == "new.bsky.social"
        change = HandleChange.objects.get()
        assert (change.old, change.new) == ("old.bsky.social", "new.bsky.social")

    def test_two_accounts_that_are_one_stop_the_second(self, world):
        did = "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa"
        world.set("bluesky", "a.bsky.social", 9, id=did)
        first = make_account(platform="bluesky", handle="", platform_id=did)
        (second,) = tracked("a.bsky.social")
        run()
        second.refresh_from_db()
        assert (second.stopped_code, second.stopped_detail) == ("same_as", str(first.pk))

    def test_a_new_title_where_no_id_shows_a_takeover_is_shown_to_the_editor(self, world):
        world.set("telegram", "a_channel", 9, title="Press service")
        (account,) = tracked("a_channel", platform="telegram")
        run("telegram")
        world.set("telegram", "a_channel", 9, title="Casino")
        services.collect_now([account])
        run("telegram")
        account.refresh_from_db()
        assert (account.title_before, account.title) == ("Press service", "Casino")

    def test_a_new_title_of_an_account_known_by_its_id_is_no_question(self, world):
        did = "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa"
        world.set("bluesky", "a.bsky.social", 9, id=did, title="New")
        account = make_account(platform="bluesky", handle="a.bsky.social", platform_id=did, title="Old")
        services.ensure_collection([account])
        run()
        account.refresh_from_db()
        assert (account.title_before, account.title) == ("", "New")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("field", ["platform_id", "handle"])
def test_two_workers_learn_the_same_at_once_and_only_one_account_is_stopped(world, field):
    """The second waits for the first one's transaction and settles it for this account; its mates are recorded."""
    did, other = "did:plc:" + "a" * 24, "did:plc:" + "b" * 24
    world.set("bluesky", "a.bsky.social", 9, id=did)
    world.set("bluesky", "mate.bsky.social", 7)
    if field == "platform_id":
        account, mate = tracked("a.bsky.social", "mate.bsky.social")
        taken = {"platform_id": did}
    else:
        account = make_account(platform="bluesky", handle="old.bsky.social", platform_id=did)
        services.ensure_collection([account])
        (mate,) = tracked("mate.bsky.social")
        taken = {"handle": "a.bsky.social"}
    rival = make_account(platform="bluesky", handle="", platform_id=other)
    ((_, lease),) = leasing.dispatch(["bluesky"])
    with transaction.atomic():  # the other worker, in the middle of its batch
        Account.objects.filter(pk=rival.pk).update(**taken)
        found = []
        worker = threading.Thread(target=in_thread, args=(found, lease))
        worker.start()
        wait_for(is_waited_for, 10, "the second worker to wait")
    worker.join(20)
    (summary,) = found
    account.refresh_from_db()
    assert value(mate)[1] == 7
    if field == "platform_id":
        assert (account.stopped_code, account.stopped_detail) == ("same_as", str(rival.pk))
        assert summary.outcomes == {"counted": 1, "stopped": 1}
    else:
        assert account.handle == "old.bsky.social"  # until the other account shows why it has this handle
        assert summary.outcomes == {"counted": 2}
        assert not HandleChange.objects.exists()


def in_thread(found, lease):
    try:
        found.append(leasing.collect("bluesky", lease))
    finally:
        connection.close()


def is_waited_for():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'")
        return cursor.fetchone()[0]


class TestLeases:
    def test_a_second_delivery_claims_nothing(self, world):
        world.set("bluesky", "a.bsky.social", 1)
        tracked("a.bsky.social")
        ((platform, lease),) = leasing.dispatch(["bluesky"])
        assert leasing.collect(platform, lease).outcomes == {"counted": 1}
        assert leasing.collect(platform, lease).outcomes == {}
        assert world.requests["bluesky"] == 1

    def test_a_second_delivery_of_a_lease_that_still_runs_claims_nothing(self, world):
        """The broker may deliver a message again while the first reading of it goes on."""
        world.set("bluesky", "a.bsky.social", 1)
        (account,) = tracked("a.bsky.social")
        ((platform, lease),) = leasing.dispatch(["bluesky"])
        first = uuid.uuid4()
        assert leasing._claim(lease, first) == [account]
        assert leasing._claim(lease, uuid.uuid4()) == []
        assert leasing.collect(platform, lease).outcomes == {}
        assert world.requests["bluesky"] == 0
        assert Collection.objects.get().run == first

    def test_what_is_leased_is_not_leased_again(self, world):
        tracked("a.bsky.social")
        assert len(leasing.dispatch(["bluesky"])) == 1
        assert leasing.dispatch(["bluesky"]) == []

    def test_an_expired_lease_is_given_out_again_and_the_slow_answer_is_dropped(self, world):
        world.set("bluesky", "a.bsky.social", 1)
        (account,) = tracked("a.bsky.social")
        ((_, slow),) = leasing.dispatch(["bluesky"])
        run_of_slow = uuid.uuid4()
        leasing._claim(slow, run_of_slow)
        Collection.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
        run()
        late, _silent = leasing._fetch(
            leasing.adapters.make("bluesky"), [account], leasing.Summary("bluesky")
        )
        collector = leasing.adapters.make("bluesky")
        assert results.store(slow, run_of_slow, collector, late) == {}
        assert (Snapshot.objects.count(), Attempt.objects.count()) == (1, 1)

    def test_an_error_of_our_own_frees_the_accounts(self, world, monkeypatch):
        tracked("a.bsky.social")
        monkeypatch.setattr(results, "store", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            run()
        collection = Collection.objects.get()
        assert (collection.lease, collection.run) == (None, None)
        assert collection.due_at > timezone.now()

    def test_paused_closed_and_nameless_accounts(self, world):
        paused, closed, _nameless = (
            make_account(platform="bluesky", handle="p.bsky.social", state="paused"),
            make_account(platform="bluesky", handle="c.bsky.social", state="closed"),
            make_account(platform="bluesky", handle=""),
        )
        world.set("bluesky", "c.bsky.social", 4)
        services.ensure_collection(Account.objects.all())
        run()
        assert (paused.snapshots.count(), closed.snapshots.count()) == (0, 1)
        assert closed.collection.due_at > timezone.now() + timedelta(days=6)

    def test_a_queue_that_would_outlive_its_leases_is_not_made(self, world, monkeypatch):
        monkeypatch.setattr(leasing, "BATCHES_OUT", 2)
        monkeypatch.setattr(leasing, "LARGEST_BATCH", 25)
        tracked(*[f"a{number}.bsky.social" for number in range(95)])
        ((platform, lease),) = leasing.dispatch(["bluesky"])
        leasing.collect(platform, lease)
        assert len(leasing.dispatch(["bluesky"])) == 2
        assert leasing.dispatch(["bluesky"]) == []

    def test_a_platform_not_asked_of_late_is_tried_with_one_batch(self, world, monkeypatch):
        monkeypatch.setattr(leasing, "LARGEST_BATCH", 25)
        tracked(*[f"a{number}.bsky.social" for number in range(70)])
        ((_, lease),) = leasing.dispatch(["bluesky"])
        assert leasing.dispatch(["bluesky"]) == []
        # A worker that was killed with it holds the others up for two minutes, not for the time of a lease.
        Collection.objects.filter(lease=lease).update(
            leased_until=timezone.now() + leasing.LEASE - leasing.TRIAL
        )
        assert len(leasing.dispatch(["bluesky"])) == 1


@pytest.mark.django_db(transaction=True)
def test_two_beats_lease_every_account_once(world):
    tracked(*[f"a{number}.bsky.social" for number in range(60)])
    leases, start = [], threading.Barrier(2)

    def beat():
        start.wait()
        leases.extend(leasing.dispatch(["bluesky"]))
        connection.close()

    threads = [threading.Thread(target=beat) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    given = [Collection.objects.filter(lease=lease).count() for _, lease in leases]
    assert sum(given) == 60


class TestBudget:
    def test_the_days_sum_is_kept_in_the_database(self, monkeypatch):
        assert budget.reserve("youtube", 9_990, one_each) == budget.Share(9_990)
        share = budget.reserve("youtube", 11, one_each)  # what is left is used
        assert (share.accounts, share.rest.code) == (10, "day_budget")
        assert PlatformState.objects.get().requests_spent == 10_000
        with pytest.raises(budget.Paused, match="day_budget"):
            budget.reserve("youtube", 1, one_each)
        assert PlatformState.objects.get().requests_spent == 10_000

    def test_a_new_day_starts_at_nothing(self):
        budget.reserve("youtube", 10_000, one_each)
        PlatformState.objects.update(day=today() - timedelta(days=3))
        budget.reserve("youtube", 10_000, one_each)
        assert PlatformState.objects.get().requests_spent == 10_000

    def test_what_was_set_aside_on_a_day_that_is_over_is_not_given_back_to_the_next(self):
        share = budget.reserve("youtube", 10, one_each)
        tomorrow = share.day + timedelta(days=1)
        PlatformState.objects.update(day=tomorrow, requests_spent=70)
        budget.settle("youtube", share, 0, 0)
        state = PlatformState.objects.get()
        assert (state.day, state.requests_spent) == (tomorrow, 70)

    def test_a_pause_forbids(self):
        PlatformState.objects.create(
            platform="bluesky", paused_until=timezone.now() + timedelta(hours=1), pause_code="rate"
        )
        with pytest.raises(budget.Paused, match="rate"):
            budget.reserve("bluesky", 1, one_each)

    def test_a_lost_redis_slows_down_but_does_not_stop(self, monkeypatch, settings):
        monkeypatch.undo()  # the real wait
        settings.REDIS_URL = "redis://127.0.0.1:9/0"
        budget._limiter.cache_clear()
        slept = []
        budget.wait_for_window("telegram", slept.append)
        budget._limiter.cache_clear()
        assert slept == [0.5]

    def test_a_full_window_is_waited_for(self, monkeypatch):
        monkeypatch.undo()
        budget._limiter.cache_clear()
        slept = []
        for _ in range(3):
            budget.wait_for_window("telegram", lambda seconds: slept.append(seconds) or time.sleep(seconds))
        assert slept  # two a second

    def test_youtube_does_not_start_until_its_terms_are_chosen(self, settings):
        assert "youtube" in leasing.adapters.ready()
        settings.YOUTUBE_TERMS = ""
        assert "youtube" not in leasing.adapters.ready()
        settings.YOUTUBE_TERMS = "approved"
        settings.COLLECTORS = {**settings.COLLECTORS, "youtube": {"api_url": "http://127.0.0.1", "key": ""}}
        assert "youtube" not in leasing.adapters.ready()


class TestPauses:
    def test_a_success_that_was_under_way_does_not_end_anothers_pause(self):
        """Two workers on one platform: one is told to wait an hour, the other's batch ends well a moment later."""
        budget.pause("bluesky", Limited("rate", retry_at=timezone.now() + timedelta(hours=1)))
        budget.note_success("bluesky")
        state = PlatformState.objects.get()
        assert state.paused_until > timezone.now() + timedelta(minutes=59)
        assert state.pause_code == "rate"

    def test_a_success_after_the_pause_clears_it_away(self):
        PlatformState.objects.create(
            platform="bluesky", failures=3, pause_code="rate", paused_until=timezone.now()
        )
        budget.note_success("bluesky")
        state = PlatformState.objects.get()
        assert (state.failures, state.pause_code, state.paused_until) == (0, "", None)

    def test_a_spent_day_is_a_pause_that_editors_see_and_nothing_is_leased_in_vain(self, world):
        tracked("examplemin", platform="youtube")
        budget.reserve("youtube", 10_000, one_each)
        (summary,) = run("youtube")
        assert summary.stopped.startswith("day_budget")
        state = PlatformState.objects.get()
        assert (state.pause_code, state.paused_until > timezone.now()) == ("day_budget", True)
        assert run("youtube") == []
        assert Run.objects.count() == 1

    def test_a_spent_day_does_not_shorten_a_longer_pause(self):
        later = timezone.now() + timedelta(days=3)
        PlatformState.objects.create(platform="youtube", paused_until=later, pause_code="bad_token")
        budget.keep("youtube", budget.Paused(timezone.now() + timedelta(hours=1), "day_budget"))
        state = PlatformState.objects.get()
        assert (state.paused_until, state.pause_code) == (later, "bad_token")

    def test_a_day_too_small_from_the_first_is_a_pause_too(self, world, monkeypatch):
        tracked("examplemin", platform="youtube")
        small = replace(ALL["youtube"], budget=Budget("10/second", per_day=0))
        monkeypatch.setitem(ALL, "youtube", small)
        run("youtube")
        assert PlatformState.objects.get().pause_code == "day_budget"


def test_account_that_was_read_since_it_was_chosen_is_not_leased_again(world, monkeypatch):
    read, waits = tracked("a.bsky.social", "b.bsky.social")
    filled = leasing.fill

    def fill_late(waiting, size):
        Collection.objects.filter(account=read).update(due_at=timezone.now() + timedelta(days=1))
        return filled(waiting, size)

    monkeypatch.setattr(leasing, "fill", fill_late)
    leasing.dispatch(["bluesky"])
    leased = Collection.objects.exclude(lease=None).values_list("account_id", flat=True)
    assert list(leased) == [waits.pk]
