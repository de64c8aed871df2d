"""Pauses heal: a new key, a command, a button; and they say the same in plain words wherever they stand."""

import re
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone, translation

from apps.alerts import operation
from apps.alerts import words as alert_words
from apps.collecting import budget, leasing, services, tasks, unread, words
from apps.collecting.models import Collection, PlatformState, ServerState
from apps.collecting.reasons import BLAMES_KEY, Pause, Trouble, pause_of, trouble_of
from apps.collectors.types import Kind, OurFault, Unavailable
from apps.registry.models import AccountState, Stop
from apps.snapshots.models import Snapshot
from apps.users.models import User
from tests.builders import make_account
from tests.collecting.test_culprits import local, make_due, read_all
from tests.platforms.world import Reply

pytestmark = pytest.mark.django_db

__all__ = ["local"]  # the fixture, for every test here


@pytest.fixture(autouse=True)
def no_broker(monkeypatch):
    monkeypatch.setattr(tasks, "_wake", lambda: None)


@pytest.fixture
def editor():
    return User.objects.create_superuser("charlie")


def pause(platform, code="rate", detail="secret words", hours=2):
    until = timezone.now() + timedelta(hours=hours)
    return PlatformState.objects.create(
        platform=platform, paused_until=until, pause_code=code, pause_detail=detail, failures=2
    )


class TestKeys:
    def test_a_new_key_is_tried_at_once(self, world, settings):
        (account,) = make_due("x", 1)
        right = settings.COLLECTORS["x"]["token"]
        settings.COLLECTORS = settings.COLLECTORS | {"x": {**settings.COLLECTORS["x"], "token": "old"}}
        read_all("x")
        state = PlatformState.objects.get()
        assert (state.pause_code, state.paused_until > timezone.now()) == ("bad_token", True)
        asked = world.requests["x"]
        read_all("x")
        assert world.requests["x"] == asked  # the same key is not tried again
        settings.COLLECTORS = settings.COLLECTORS | {"x": {**settings.COLLECTORS["x"], "token": right}}
        read_all("x")
        assert Snapshot.objects.get().account == account
        state.refresh_from_db()
        assert (state.paused_until, state.pause_code, state.pause_key) == (None, "", "")

    def test_a_new_key_does_not_end_a_pause_that_blames_none(self, settings):
        budget.pause("x", Unavailable("server_error"))
        settings.COLLECTORS = settings.COLLECTORS | {"x": {**settings.COLLECTORS["x"], "token": "new"}}
        make_due("x", 1)
        assert leasing.dispatch(["x"]) == []

    def test_the_fingerprint_shows_no_key(self, settings):
        budget.pause("x", OurFault("bad_token", "said so"))
        key = PlatformState.objects.get().pause_key
        assert re.fullmatch("[0-9a-f]{16}", key)
        assert settings.COLLECTORS["x"]["token"] not in key


class TestResume:
    def test_the_command_ends_a_pause(self):
        pause("x")
        out = StringIO()
        call_command("resume", "X", stdout=out)
        state = PlatformState.objects.get()
        assert (state.paused_until, state.failures, state.pause_code) == (None, 0, "")
        assert "has ended" in out.getvalue()
        call_command("resume", "x", stdout=out)
        assert "was not paused" in out.getvalue()

    def test_the_command_knows_its_platforms(self):
        with pytest.raises(CommandError, match="tiktok is not one of"):
            call_command("resume", "tiktok")

    def test_the_button_of_the_status_page_ends_it(self, client, editor):
        make_account(platform="bluesky")
        pause("bluesky")
        client.force_login(editor)
        page = client.get("/en/status/").content.decode()
        form = page[page.index("<form", page.index("We try again")) :]
        names = dict(re.findall(r'name="(action|_selected_action)" value="(\w+)"', form))
        client.post("/admin/collecting/platformstate/", names)
        assert PlatformState.objects.get().paused_until is None

    def test_a_reader_has_no_button(self, client):
        make_account(platform="bluesky")
        pause("bluesky")
        assert "End the pause" not in client.get("/en/status/").content.decode()


class TestWords:
    def test_the_same_stands_everywhere(self, client, editor, capsys):
        make_due("x", 3)
        state = pause("x", "bad_token", hours=30)
        said = str(words.pause(state))
        for part in (
            "rejects our key",
            "give it a new key",
            "3 accounts",
            "End the pause",
        ):
            assert part in said
        assert "X_BEARER_TOKEN" not in said
        assert words.pause(state).for_operators == f"{said} Setting: X_BEARER_TOKEN."
        public = words.pause(state).public
        assert "resume" not in public
        assert public in client.get("/en/status/").content.decode().replace("&#x27;", "'")
        client.force_login(editor)
        desk = client.get("/admin/", headers={"accept-language": "en"}).content.decode()
        assert public in desk.replace("&#x27;", "'")
        assert "End the pause" in desk
        call_command("check_platforms")
        assert said in capsys.readouterr().out
        (told,) = operation.platforms(timezone.now())
        assert said in alert_words.pause(told)

    def test_none_of_the_platforms_own_words_are_for_everybody(self, client):
        make_account(platform="bluesky")
        pause("bluesky", "rate", "secret words")
        assert "secret words" not in client.get("/en/status/").content.decode()

    @pytest.mark.parametrize("language", ["en", "ru", "kk"])
    @pytest.mark.parametrize("code", Pause.values)
    def test_every_pause_has_its_sentences(self, language, code):
        with translation.override(language):
            text = words.pause_text("x", code, timezone.now(), 5)
            assert "%(" not in str(text)
            assert all((text.what, text.who, text.missing, text.press))

    @pytest.mark.parametrize("language", ["ru", "kk"])
    @pytest.mark.parametrize("code", [*Trouble, *Pause])
    def test_every_reason_is_translated(self, language, code):
        english = str(code.label)
        with translation.override(language):
            assert str(code.label) != english

    def test_whatever_a_collector_says_has_a_sentence(self):
        """Every code that stands in a collector is a reason, or one of those whose answers make no sense."""
        senseless = {"bad_shape", "not_json", "truncated", "too_large", "encoding", "redirect"}
        assert trouble_of(Kind.ERROR, "bad_shape: x") == (Trouble.ERROR, "bad_shape: x")
        for code in ("person", "bot", "not_a_group", "server_error", "guests_refused", "broken", "no_answer"):
            assert trouble_of(Kind.ERROR, f"{code}: x") == (Trouble(code), "x")
        for code in senseless:
            assert pause_of(code, "x")[0] == Pause.UNREADABLE
        assert Pause.SERVER_ERROR not in BLAMES_KEY


class TestUnread:
    def test_every_account_is_listed_with_why_and_what_comes_next(self, world, client, editor):
        accounts = make_due("x", 3)
        world.fail("x", Reply(b"{}", 401), always=True)
        read_all("x")
        lines = unread.describe(unread.unread())
        assert {line.account for line in lines} == set(accounts)
        assert {line.why for line in lines} == {str(Pause.BAD_TOKEN.label)}
        assert all("pause of the platform ends" in line.next for line in lines)
        client.force_login(editor)
        page = client.get("/en/status/").content.decode()
        assert all(str(account) in page for account in accounts)

    def test_a_failing_account_is_found_by_its_name(self, world, client, editor):
        make_due("x", 30)
        world.spoil("x", "1000000007", "500")
        read_all("x")
        client.force_login(editor)
        page = client.get("/en/status/", {"q": "1000000007"}).content.decode()
        assert "X: 1000000007" in page
        assert "error of its own when this account is requested" in page
        assert "We try again at" in page
        assert "1000000008" not in page
        listed = client.get("/admin/registry/account/", {"needs": "error"}).content.decode()
        assert "1000000007" in listed
        assert "1000000008" not in listed

    @pytest.mark.parametrize(("minutes", "is_listed"), [(-1, False), (1, True)])
    def test_who_was_collected_a_day_and_a_half_ago_is_not_listed_yet(self, world, minutes, is_listed):
        make_due("x", 1)
        read_all("x")
        Collection.objects.update(last_success_at=timezone.now() - timedelta(hours=36, minutes=minutes))
        assert unread.unread().exists() is is_listed

    def test_an_account_that_was_stopped_is_listed_until_somebody_decides(self, world):
        (account,) = make_due("x", 1)
        read_all("x")
        account.state, account.stopped_code = AccountState.PAUSED, Stop.MOVED
        account.save()
        (line,) = unread.describe(unread.unread())
        assert (line.account, bool(line.why)) == (account, True)

    def test_who_was_collected_is_not_listed(self, world):
        make_due("bluesky", 3)
        read_all("bluesky")
        assert not unread.unread().exists()


class TestServers:
    def due(self, server, count=3):
        accounts = [
            make_account(platform="mastodon", platform_id=f"{number}@{server}")
            for number in range(1, count + 1)
        ]
        services.ensure_collection(accounts)
        return accounts

    def test_a_server_that_is_down_rests_by_itself_and_recovers(self, world):
        here, there = self.due("one.example"), self.due("two.example")
        world.spoil("mastodon", "one.example", "500")
        read_all("mastodon")
        assert not PlatformState.objects.filter(paused_until__gt=timezone.now()).exists()
        assert Snapshot.objects.filter(account__in=there).count() == 3
        state = ServerState.objects.get()
        assert (state.server, state.pause_code, state.failures) == ("one.example", "server_error", 1)
        waiting = Collection.objects.filter(account__in=here)
        assert {one.error_code for one in waiting} == {"server_error"}
        assert {one.errors for one in waiting} == {0}  # of the server, not their own
        assert all(one.due_at == state.paused_until for one in waiting)
        asked = world.requests["mastodon"]
        services.collect_now(here)
        read_all("mastodon", rounds=1)
        assert world.requests["mastodon"] == asked  # it rests
        world.recover("mastodon")
        ServerState.objects.update(paused_until=timezone.now())
        services.collect_now(here)
        read_all("mastodon")
        assert Snapshot.objects.filter(account__in=here).count() == 3
        assert not ServerState.objects.exists()


def test_check_platforms_says_what_came(world, capsys):
    make_due("x", 1)
    read_all("x")
    call_command("check_platforms")
    lines = dict(line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines())
    assert re.match(r"configured; reachable, read \w+: [0-9]+ \(exact\)", lines["X"])


@pytest.mark.django_db(transaction=True)
def test_an_answer_that_cannot_be_recorded_costs_its_mates_nothing(world, monkeypatch):
    from apps.collecting import results

    bad, *good = make_due("bluesky", 5)
    record = results.collect

    def fails(readings):
        if any(reading.account_id == bad.pk for reading in readings):
            raise ZeroDivisionError
        return record(readings)

    monkeypatch.setattr(results, "collect", fails)
    read_all("bluesky")
    assert set(Snapshot.objects.values_list("account_id", flat=True)) == {account.pk for account in good}
    assert Collection.objects.get(account=bad).error_code == "broken"


@pytest.mark.parametrize(("microseconds", "is_paused"), [(-1, False), (0, False), (1, True)])
def test_pause_ends_at_its_instant_in_python_and_in_sql(microseconds, is_paused):
    at = timezone.now()
    state = PlatformState.objects.create(
        platform="vk", paused_until=at + timedelta(microseconds=microseconds)
    )
    assert (state.pause_end(at) is not None) == is_paused
    assert PlatformState.objects.paused(at).exists() == is_paused
