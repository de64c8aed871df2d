"""Rule 9: what a platform's terms allow is obeyed by configuration, and what is removed is announced."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.db.models import QuerySet, Sum
from django.utils import timezone

from apps.collecting import adapters, budget, leasing, services
from apps.collecting.models import Attempt, Collection, PlatformState, Run
from apps.registry.models import Account, HandleChange
from apps.snapshots import terms
from apps.snapshots.models import Doubt, Removal, Snapshot
from apps.snapshots.recording import day_of
from apps.users.models import User
from tests.builders import make_account, make_snapshot, make_source
from tests.platforms import x

pytestmark = pytest.mark.django_db


def one_request(accounts):
    return 1


def ago(days):
    return day_of(timezone.now()) - timedelta(days=days)


class TestStorage:
    @pytest.fixture
    def account(self):
        return make_account(platform="youtube")

    @pytest.fixture
    def api(self):
        return make_source("api-youtube")

    def test_thirty_days_end_api_counts_alone(self, settings, account, api):
        settings.YOUTUBE_TERMS = "30d"
        book, by_hand = make_source("book", "publication"), make_source("manual", "manual")
        make_snapshot(account, ago(31), 1, source=api)
        kept = [
            make_snapshot(account, ago(30), 2, source=api),
            make_snapshot(account, ago(400), 3, source=book),
            make_snapshot(account, ago(500), 4, source=by_hand),
            make_snapshot(make_account(platform="bluesky"), ago(600), 5, source=make_source("api-bluesky")),
        ]
        Doubt.objects.create(
            account=account,
            day=ago(31),
            followers=9,
            why="rise",
            against=1,
            source=api,
            seen_at=timezone.now(),
        )
        (removal,) = terms.expire()
        assert set(Snapshot.objects.all()) == set(kept)
        assert not Doubt.objects.exists()
        assert (removal.platform, removal.snapshots, removal.doubts, removal.before) == (
            "youtube",
            1,
            1,
            ago(30),
        )

    def test_a_second_run_the_same_day_removes_and_announces_nothing(self, settings, account, api):
        settings.YOUTUBE_TERMS = "30d"
        make_snapshot(account, ago(31), 1, source=api)
        terms.expire()
        assert terms.expire() == []
        assert Removal.objects.count() == 1

    def test_what_an_editor_corrected_stays(self, settings, account, api):
        settings.YOUTUBE_TERMS = "30d"
        make_snapshot(account, ago(31), 1, source=api, edited_by=User.objects.create_user("editor"))
        assert terms.expire() == []
        assert Snapshot.objects.count() == 1

    def test_what_was_removed_before_a_crash_is_announced(self, settings, account, api, monkeypatch):
        """The removal of a batch and its announcement stand or fall together."""
        settings.YOUTUBE_TERMS = "30d"
        monkeypatch.setattr(terms, "BATCH", 2)
        for days in range(31, 36):
            make_snapshot(account, ago(days), days, source=api)
        delete, calls = QuerySet.delete, []

        def third_time_killed(rows):
            calls.append(1)
            if len(calls) == 3:
                raise KeyboardInterrupt
            return delete(rows)

        monkeypatch.setattr(QuerySet, "delete", third_time_killed)
        with pytest.raises(KeyboardInterrupt):
            terms.expire()
        monkeypatch.undo()
        removed = 5 - Snapshot.objects.count()
        assert removed == 4
        assert Removal.objects.aggregate(removed=Sum("snapshots"))["removed"] == removed

    @pytest.mark.parametrize("chosen", ["", "approved", "nonsense"])
    def test_only_the_choice_of_thirty_days_removes_after_thirty_days(self, settings, account, api, chosen):
        settings.YOUTUBE_TERMS = chosen
        make_snapshot(account, ago(31), 1, source=api)
        assert terms.expire() == []
        assert Snapshot.objects.count() == 1


class TestWhatIsAllowed:
    def test_thirty_days_allow_no_ranking_sum_or_file(self, settings):
        settings.YOUTUBE_TERMS = "30d"
        assert "api-youtube" in terms.underivable()
        assert "api-youtube" in terms.uncombinable()
        assert "api-youtube" in terms.unpublishable()

    def test_approved_allows_all_three(self, settings):
        settings.YOUTUBE_TERMS = "approved"
        assert terms.underivable() == terms.uncombinable() == []
        assert "api-youtube" not in terms.unpublishable()

    def test_counts_of_x_are_shown_but_not_given_out(self, settings):
        settings.YOUTUBE_TERMS, settings.X_TERMS = "approved", "enterprise"
        assert terms.underivable() == []
        assert terms.unpublishable() == ["api-x"]

    def test_without_a_choice_the_strictest_holds(self, settings):
        settings.YOUTUBE_TERMS = ""
        assert terms.of("youtube").derive is False


class TestMoney:
    @pytest.fixture(autouse=True)
    def x(self, settings):
        settings.COLLECTORS = {**settings.COLLECTORS, "x": {"api_url": "http://127.0.0.1", "token": "t"}}
        settings.X_TERMS = "standard"
        settings.X_DAILY_USD = Decimal("1.00")

    def test_x_does_not_run_without_a_cap(self, settings):
        assert "x" in adapters.ready()
        settings.X_DAILY_USD = None
        assert "x" not in adapters.ready()
        assert terms.find_missing_setting("x") == "X_DAILY_USD"

    def test_the_cap_holds_before_the_call(self):
        assert budget.reserve("x", 100, one_request) == budget.Share(100)
        assert PlatformState.objects.get().money_spent == Decimal("1.000")
        with pytest.raises(budget.Paused, match="money_cap"):
            budget.reserve("x", 1, one_request)
        assert PlatformState.objects.get().money_spent == Decimal("1.000")

    def test_no_cap_no_money(self, settings):
        settings.X_DAILY_USD = None
        with pytest.raises(budget.Paused, match="money_cap"):
            budget.reserve("x", 1, one_request)

    def test_a_cap_smaller_than_a_batch_pays_for_a_part_of_it(self, settings, server, world):
        settings.COLLECTORS = {**settings.COLLECTORS, "x": {"api_url": server.at("x"), "token": x.TOKEN}}
        settings.COLLECT_WINDOWS = False
        settings.X_DAILY_USD = Decimal("0.25")
        world.invents = True
        accounts = [
            make_account(platform="x", handle="", platform_id=f"{number}") for number in range(1000, 1040)
        ]
        services.ensure_collection(accounts)
        (summary,) = [leasing.collect(*pair) for pair in leasing.dispatch(["x"])]
        assert summary.outcomes == {"counted": 25}
        assert summary.stopped.startswith("money_cap until ")
        assert Snapshot.objects.count() == 25
        state = PlatformState.objects.get()
        assert (state.money_spent, state.pause_code) == (Decimal("0.250"), "money_cap")
        assert leasing.dispatch(["x"]) == []  # the others wait for the next day, still due
        assert Collection.objects.filter(lease=None, due_at__lte=timezone.now()).count() == 15


def test_the_log_is_pruned_after_its_days(settings):
    settings.ATTEMPT_DAYS = 90
    account, now = make_account(), timezone.now()
    for days in (89, 91):
        at = now - timedelta(days=days)
        Attempt.objects.create(account=account, at=at, outcome="counted")
        Run.objects.create(
            id=f"00000000-0000-0000-0000-0000000000{days}", platform="x", began_at=at, ended_at=at
        )
    assert services.prune_log() == 2
    assert (Attempt.objects.count(), Run.objects.count()) == (1, 1)


class TestFollow:
    def stopped(self, code, detail, platform="facebook", **fields):
        return make_account(
            platform=platform, state="paused", stopped_code=code, stopped_detail=detail, **fields
        )

    @pytest.mark.parametrize("code", ["moved", "other_id"])
    def test_the_editors_yes_goes_on_under_the_new_id(self, code):
        account = self.stopped(code, "222", platform_id="111")
        make_snapshot(account, "2022", 5)
        assert services.follow(account)
        account.refresh_from_db()
        assert (account.platform_id, account.state, account.stopped_code) == ("222", "active", "")
        change = HandleChange.objects.get()
        assert (change.old, change.new) == ("111", "222")
        assert account.snapshots.count() == 1

    def test_not_onto_an_account_that_is_tracked(self):
        make_account(platform="facebook", platform_id="222")
        account = self.stopped("moved", "222", platform_id="111")
        assert not services.follow(account)
        assert Account.objects.get(pk=account.pk).platform_id == "111"

    def test_nothing_to_follow(self):
        assert not services.follow(self.stopped("same_as", "5"))
        assert not services.follow(make_account())


def test_check_platforms_says_what_stands_in_the_way(settings, capsys, server):
    settings.COLLECTORS = {
        **settings.COLLECTORS,
        "bluesky": {"api_url": server.at("bluesky")},
        "telegram": {"page_url": "http://127.0.0.1:9", "api_url": "http://127.0.0.1:9", "token": ""},
        "youtube": {"api_url": server.at("youtube"), "key": "k"},
    }
    settings.YOUTUBE_TERMS = ""
    call_command("check_platforms")
    lines = dict(line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines())
    assert lines["Bluesky"].startswith("configured; reachable, asked for bsky.app: Nothing is found")
    assert lines["Bluesky"].endswith("no daily limit")
    assert "NOT reachable (connection, " in lines["Telegram"]
    assert lines["YouTube"] == "not started: YOUTUBE_TERMS is not set"
    assert lines["TikTok"] == "read by hand"
    assert lines["VK"].startswith("not configured")


def test_check_platforms_knows_yesterdays_spending_from_todays(settings, capsys, server):
    settings.COLLECTORS = {
        **settings.COLLECTORS,
        "bluesky": {"api_url": server.at("bluesky")},
        "telegram": {"page_url": server.at("telegram"), "token": ""},
        "youtube": {"api_url": server.at("youtube"), "key": "k"},
        "x": {"api_url": server.at("x"), "token": "t"},
    }
    settings.YOUTUBE_TERMS, settings.X_TERMS, settings.X_DAILY_USD = "approved", "standard", Decimal("2.00")
    budget.reserve("youtube", 9_990, lambda accounts: accounts)
    budget.reserve("x", 100, one_request)
    call_command("check_platforms")
    said = capsys.readouterr().out
    assert "9 requests left today" in said  # one was asked now, in vain
    assert "The platform rejects our key." in said
    assert "1.000 of 2.00 US dollars spent today" in said
    PlatformState.objects.update(day=ago(3))
    call_command("check_platforms")
    said = capsys.readouterr().out
    assert "9999 requests left today" in said
    assert " 0.000 of 2.00 US dollars spent today" in said


class TestCollectCommand:
    @pytest.fixture(autouse=True)
    def bluesky(self, settings, server):
        settings.COLLECTORS = {"bluesky": {"api_url": server.at("bluesky")}}

    def test_a_paused_platform_is_said_to_be_paused(self, capsys):
        account = make_account(platform="bluesky")
        later = timezone.now() + timedelta(hours=1)
        PlatformState.objects.create(platform="bluesky", paused_until=later, pause_code="rate")
        call_command("collect", account=account.pk)
        said = capsys.readouterr().out
        assert "Bluesky is paused until" in said
        assert "nothing was due" not in said

    @pytest.mark.parametrize("wrong", [0, -1, 10**30])
    def test_an_id_that_is_nobodys_is_refused(self, wrong):
        with pytest.raises(CommandError, match="no account with this id"):
            call_command("collect", account=wrong)
