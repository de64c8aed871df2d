"""How far a standby is behind: slow, standing still, or not to be known."""

import math
import time

import pytest
from django.db import OperationalError

from apps.common import lag, reading
from apps.common.lag import LOOK_EVERY, Lag


class Servers:
    """A primary and a standby, in bytes written and taken in, and a clock."""

    def __init__(self, monkeypatch):
        self.now, self.written, self.replayed, self.quiet = 1000.0, 100, 100, None
        self.follows = True
        monkeypatch.setattr(time, "monotonic", lambda: self.now)
        monkeypatch.setattr(lag, "position_of_primary", lambda: self.written)
        monkeypatch.setattr(lag, "read_replay", lambda alias: (self.replayed, self.quiet))
        monkeypatch.setattr(time, "sleep", self.sleep)
        monkeypatch.setattr(lag, "is_standby", lambda alias: self.follows)

        self.slept = 0

    def sleep(self, seconds):
        self.slept += seconds

    def after(self, seconds, written=0):
        self.now += seconds
        if self.written is not None:
            self.written += written


@pytest.fixture
def servers(monkeypatch):
    return Servers(monkeypatch)


def test_one_that_keeps_up(servers):
    seen = Lag()
    for _ in range(20):
        assert seen.look("replica") == 0
        servers.after(LOOK_EVERY, written=10)
        servers.replayed = servers.written


def test_one_that_stands_still_is_behind_since_the_first_it_has_not(servers):
    seen = Lag()
    assert seen.look("replica") == 0
    servers.after(LOOK_EVERY, written=10)
    assert seen.look("replica") == 0  # it had no time yet
    for turn in range(1, 8):
        servers.after(LOOK_EVERY)
        assert seen.look("replica") == turn * LOOK_EVERY
    servers.replayed = servers.written
    servers.after(LOOK_EVERY)
    assert seen.look("replica") == 0


def test_the_first_change_after_a_quiet_night_is_no_lag(servers, monkeypatch):
    seen = Lag()
    assert seen.look("replica") == 0
    servers.quiet = 8 * 3600.0
    servers.after(3600, written=10)  # nobody looked meanwhile
    real = servers.sleep

    def arrives(seconds):
        real(seconds)
        servers.replayed = servers.written

    monkeypatch.setattr(time, "sleep", arrives)
    assert seen.look("replica") == 0
    assert servers.slept == lag.PAUSE


def test_one_that_stopped_in_a_quiet_night_lags_since_the_last_look_at_the_most(servers):
    seen = Lag()
    assert seen.look("replica") == 0
    servers.quiet = 8 * 3600.0
    servers.after(60, written=10)
    assert seen.look("replica") == 60
    assert servers.slept == pytest.approx(lag.LOOKS * lag.PAUSE)
    servers.after(LOOK_EVERY)
    assert seen.look("replica") == LOOK_EVERY


def test_one_that_follows_slowly(servers):
    seen = Lag()
    for _ in range(20):
        servers.after(LOOK_EVERY, written=10)
        servers.replayed = servers.written - 35  # four looks ago, at the most
        seen.look("replica")
    assert 15 <= seen.seconds <= 20


def test_a_process_that_has_just_begun_asks_how_old_the_rows_are(servers):
    servers.written, servers.quiet = 200, 3600.0
    assert Lag().look("replica") == 3600.0
    servers.replayed = 200
    assert Lag().look("replica") == 0  # a quiet primary is no lag


def test_it_is_looked_at_seldom_and_what_was_known_stands_without_the_primary(servers, monkeypatch):
    seen = Lag()
    seen.look("replica")
    servers.after(LOOK_EVERY, written=10)
    seen.look("replica")
    servers.after(40)
    assert seen.look("replica") == 40
    monkeypatch.setattr(lag, "position_of_primary", lambda: None)
    servers.after(LOOK_EVERY)
    assert seen.look("replica") == 40
    monkeypatch.setattr(lag, "read_replay", lambda alias: pytest.fail("asked at once again"))
    servers.after(1)
    assert seen.look("replica") == 40


def test_one_that_was_promoted_is_of_no_use(servers):
    seen = Lag()
    assert seen.look("replica") == 0
    servers.follows = False
    servers.after(LOOK_EVERY, written=10)
    assert seen.look("replica") == math.inf


def test_the_primary_itself_is_not_measured(servers):
    servers.replayed = None
    servers.after(LOOK_EVERY, written=10)
    assert Lag().look("replica") == 0


@pytest.mark.parametrize(("seconds", "answers"), [(30.0, True), (31.0, False), (math.inf, False)])
def test_beyond_the_largest_lag_the_primary_answers(monkeypatch, settings, caplog, seconds, answers):
    settings.REPLICA_LAG_SECONDS = 30

    class Open:
        def close_if_health_check_failed(self):
            pass

        ensure_connection = close_if_health_check_failed

    class Connections(dict):
        settings = {reading.REPLICA: {}}

    monkeypatch.setattr(reading, "connections", Connections({reading.REPLICA: Open()}))
    monkeypatch.setattr(reading, "replica_lag", Lag(seconds, time.monotonic() + 1000))
    assert reading.replica_answers() is answers
    assert (f"{seconds:.0f} s behind" in caplog.text) is not answers


@pytest.mark.django_db
def test_the_questions_are_postgresql_s():
    assert lag.position_of_primary() > 0
    assert lag.read_replay("default")[0] is None
    assert lag.is_standby("default")  # as good as one: it has all that it has


@pytest.mark.django_db
def test_a_primary_that_is_silent_is_nothing_known(monkeypatch):
    class Silent(dict):
        def __getitem__(self, alias):
            raise OperationalError

    monkeypatch.setattr(lag, "connections", Silent())
    assert lag.position_of_primary() is None
