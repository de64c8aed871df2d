"""What the detectors find beside overtakes and milestones, and what they leave alone."""

import os
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import DatabaseError

from apps.alerts import detection, detectors, scan_window
from apps.alerts.models import Occurrence, Watermark
from apps.alerts.scan_window import Look
from apps.collecting.models import Collection, PlatformState
from apps.registry.models import Account, Actor, HandleChange
from apps.snapshots.models import Doubt, Snapshot, State
from apps.snapshots.recording import day_of
from tests.alerts.replaying import just_after
from tests.builders import RECORDED, make_account, make_actor, make_snapshot, make_snapshots, make_source

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 19, 5, tzinfo=UTC)  # five past midnight of the 21st in Almaty
LATER = NOW + timedelta(days=1)


@pytest.fixture(autouse=True)
def _no_silence(settings):
    """These days lie far from those that were recorded."""
    settings.SILENT_HOURS = 0


def begin(at=NOW):
    """The first look only sets the watermarks."""
    assert detection.look(at) == []


def keys(found):
    return [(one.kind, one.facts) for one in found]


def days(last, counts):
    first = last - timedelta(days=len(counts) - 1)
    return {str(first + timedelta(days=n)): count for n, count in enumerate(counts) if count is not None}


def test_the_past_is_no_news():
    make_snapshots(make_account("a", "telegram"), days(date(2026, 11, 19), [90, 110]))
    begin()
    assert Watermark.objects.count() == len(detection.DETECTORS)
    assert detection.look(NOW + timedelta(minutes=5)) == []


def test_a_day_is_judged_when_it_is_over():
    begin()
    account = make_account("a", "telegram")
    make_snapshots(account, days(date(2026, 11, 21), [90, 110]), recorded_at=NOW + timedelta(hours=18))
    assert detection.look(NOW + timedelta(hours=19)) == []
    Snapshot.objects.filter(followers=110).update(followers=99)  # the last reading of the day is its value
    assert detection.look(LATER) == []
    make_snapshot(account, "2026-11-22", 101, recorded_at=LATER + timedelta(hours=18))
    (found,) = detection.look(LATER + timedelta(days=1))
    assert (found.kind, found.day, found.facts) == ("milestone", date(2026, 11, 22), {"number": 100})


def test_what_is_recorded_late_is_found_late():
    account = make_account("a", "telegram")
    make_snapshots(account, days(date(2026, 11, 10), [90]))
    begin()
    make_snapshot(account, "2026-11-15", 110, recorded_at=NOW + timedelta(hours=1))
    (found,) = detection.look(NOW + timedelta(hours=2))
    assert (found.day, found.since) == (date(2026, 11, 15), date(2026, 11, 10))


def test_what_came_late_only_tells_more_exactly_when():
    a, b = make_account("a", "telegram"), make_account("b", "telegram")
    make_snapshots(a, days(date(2026, 11, 20), [90, None, None, 110]))
    make_snapshots(b, days(date(2026, 11, 20), [99, 99, 99, 99]))
    begin(NOW - timedelta(days=1))
    assert [one.kind for one in detection.look(NOW)] == ["milestone", "overtake"]
    make_snapshot(a, "2026-11-18", 105, recorded_at=NOW + timedelta(hours=1))
    assert detection.look(NOW + timedelta(hours=2)) == []


@pytest.fixture
def race():
    """Twenty-five accounts that pass each other daily, read until the 21st; the first one's counts of two old days come
    late, among them one that shows it ahead of others."""
    begin()
    last = date(2026, 11, 21)
    for number in range(25):
        account = make_account(f"runner-{number}", "telegram")
        counts = [1000 + (number * 7 + day * 11) % 90 for day in range(30)]
        make_snapshots(account, days(last, counts), recorded_at=NOW - timedelta(days=1))
        if not number:
            account.snapshots.filter(day__in=["2026-11-03", "2026-11-04"]).delete()
            make_snapshots(
                account, {"2026-11-03": 2500, "2026-11-04": 900}, recorded_at=NOW + timedelta(hours=1)
            )


def test_a_late_reading_has_nobody_else_looked_at_again(race, monkeypatch):
    look = Look(since=NOW, now=LATER)
    assert [(one.first, one.actors) for one in look.stretches] == [
        (date(2026, 11, 21), ()),
        (date(2026, 11, 3), ("runner-0",)),
    ]
    found = {one.key: one for one in detectors.days(look)}
    monkeypatch.setattr(scan_window, "PER_STRAGGLER", 1000)  # everybody from the first day on
    again = Look(since=NOW, now=LATER)
    assert [one.first for one in again.stretches] == [date(2026, 11, 3)]
    everything = detectors.days(again)
    late = Actor.objects.get(slug="runner-0").pk
    expected = {
        one.key: one
        for one in everything
        if one.day == date(2026, 11, 21) or late in (one.actor_id, one.other_id)
    }
    assert found.keys() == expected.keys()
    assert {key: one.since for key, one in found.items()} == {key: one.since for key, one in expected.items()}
    assert len(found) < len(everything)
    assert any(one.kind == "milestone" and one.day == date(2026, 11, 3) for one in found.values())


@pytest.mark.parametrize("age", [31, 400])
def test_what_is_older_than_thirty_days_has_no_part(age):
    begin()
    a, b = make_account("a", "telegram"), make_account("b", "telegram")
    make_snapshots(a, {str(date(2026, 11, 20) - timedelta(days=age)): 90, "2026-11-21": 110})
    make_snapshots(b, {str(date(2026, 11, 20) - timedelta(days=age)): 100, "2026-11-21": 100})
    assert detection.look(LATER) == []


def test_an_old_day_recorded_now_is_no_news():
    begin()
    account = make_account("a", "telegram")
    make_snapshots(account, {"2024-01-01": 90, "2024-01-02": 110}, recorded_at=NOW + timedelta(minutes=1))
    assert detection.look(LATER) == []


def steady(account, last, jump):
    """Sixty quiet days and a jump on the last."""
    counts = [10_000 + 3 * n + n % 2 for n in range(60)]
    make_snapshots(account, days(last, [*counts, counts[-1] + jump]))


def test_unusual_days_of_one_and_of_a_platform():
    begin()
    steady(make_account("lonely", "telegram"), date(2026, 11, 21), -700)
    for number in range(4):
        steady(make_account(f"purged-{number}", "vk"), date(2026, 11, 21), -900)
    found = detection.look(LATER)
    assert sorted((one.kind, one.platform) for one in found) == [("unusual", "telegram"), ("wide", "vk")]
    single = next(one for one in found if one.kind == "unusual")
    assert single.facts["change"] == -700
    assert single.facts["percent"] == pytest.approx(-6.88, abs=0.01)
    assert next(one for one in found if one.kind == "wide").facts == {"falls": True, "accounts": 4, "of": 4}
    assert detection.look(LATER + timedelta(minutes=5)) == []


def test_a_jump_below_the_floors_is_noise():
    begin()
    steady(make_account("few", "telegram"), date(2026, 11, 21), 40)
    assert detection.look(LATER) == []


def test_terms_that_forbid_deriving_leave_a_platform_out(settings):
    settings.YOUTUBE_TERMS = "30d"
    begin()
    source = make_source("api-youtube")
    for slug, counts in (("a", [90, 150]), ("b", [100, 99])):
        make_snapshots(make_account(slug, "youtube"), days(date(2026, 11, 21), counts), source=source)
    steady(make_account("c", "youtube"), date(2026, 11, 21), -700)
    Snapshot.objects.update(source=source)
    assert detection.look(LATER) == []


def test_a_page_goes_and_comes_back_once_each():
    begin()
    account = make_account("a", "telegram")
    make_snapshots(account, {"2026-11-20": 500, "2026-11-21": None})
    (gone,) = detection.look(LATER)
    assert (gone.kind, gone.facts["state"], gone.since) == ("gone", "absent", date(2026, 11, 20))
    make_snapshot(account, "2026-11-22", None, state=State.ABSENT)
    assert detection.look(LATER + timedelta(days=1)) == []
    make_snapshot(account, "2026-11-23", 510)
    (back,) = detection.look(LATER + timedelta(days=2))
    assert (back.kind, back.day) == ("back", date(2026, 11, 23))


def test_a_hidden_count_is_no_page_that_went():
    begin()
    account = make_account("a", "telegram")
    make_snapshot(account, "2026-11-20", 500)
    make_snapshot(account, "2026-11-21", None, state=State.HIDDEN)
    assert detection.look(LATER) == []


def test_names_badges_and_held_counts():
    account = make_account("a", "telegram", verified=False)
    unknown = make_account("b", "telegram")
    begin()
    assert detection.look(NOW + timedelta(minutes=1)) == []  # badges are learnt
    at = NOW + timedelta(minutes=2)
    HandleChange.objects.create(account=account, old="old", new="new", noticed_at=at)
    Account.objects.update(verified=True)
    Doubt.objects.create(
        account=account,
        day=day_of(at),
        followers=0,
        why="zero",
        against=900,
        source=make_source(),
        seen_at=at,
    )
    found = detection.look(NOW + timedelta(minutes=5))
    assert [one.kind for one in found] == ["renamed", "verified", "held"]
    assert found[1].account_id == account.pk != unknown.pk
    assert detection.look(NOW + timedelta(minutes=10)) == []


def test_hidden_actors_make_no_news():
    begin()
    actor = make_actor("a", hidden=True)
    account = make_account(actor, "telegram", verified=False)
    make_snapshots(account, {"2026-11-20": 90, "2026-11-21": 110})
    HandleChange.objects.create(account=account, old="old", new="new", noticed_at=NOW + timedelta(minutes=1))
    assert detection.look(LATER) == []


def test_what_lasts_is_told_once_and_again_when_it_begins_anew():
    begin()
    state = PlatformState.objects.create(platform="vk", pause_code="bad_token", paused_until=LATER)
    (found,) = detection.look(NOW + timedelta(minutes=5))
    assert (found.kind, found.platform) == ("token", "vk")
    state.paused_until = None  # between the tries it is still rejected
    state.save()
    assert detection.look(NOW + timedelta(minutes=10)) == []
    PlatformState.objects.update(pause_code="")
    (over,) = detection.look(NOW + timedelta(minutes=15))
    assert (over.kind, over.is_over, over.subject) == ("token", True, found.subject)
    assert {one.ended_at for one in Occurrence.objects.all()} == {NOW + timedelta(minutes=15)}
    assert detection.look(NOW + timedelta(minutes=16)) == []
    PlatformState.objects.update(pause_code="token_expired")
    assert [one.kind for one in detection.look(NOW + timedelta(minutes=20))] == ["token"]


def test_a_platform_that_fails_for_long_and_one_that_is_spent():
    begin()
    PlatformState.objects.create(platform="vk", pause_code="timeout", failures=4, paused_until=LATER)
    PlatformState.objects.create(platform="x", pause_code="money_cap", paused_until=LATER)
    assert detection.look(NOW + timedelta(minutes=5)) == []
    PlatformState.objects.filter(platform="vk").update(failures=5)
    assert [one.kind for one in detection.look(NOW + timedelta(minutes=10))] == ["paused"]


def test_nothing_read_for_long(settings):
    settings.SILENT_HOURS = 30
    account = make_account("a", "bluesky")
    Account.objects.update(added_at=NOW - timedelta(days=9))
    Collection.objects.create(account=account, due_at=NOW, last_success_at=NOW - timedelta(hours=37))
    begin()
    found = detection.look(NOW + timedelta(minutes=5))
    assert sorted(one.kind for one in found) == ["silent", "stale"]
    assert detection.look(NOW + timedelta(minutes=10)) == []


def test_a_token_is_warned_of_twice(settings):
    settings.TOKEN_EXPIRES = {"ok": "soon", "facebook": "2026-12-05"}  # a slip silences no other
    begin()
    found = [detection.look(NOW + timedelta(days=day, minutes=5)) for day in range(1, 16)]
    assert [(one.kind, one.day) for some in found for one in some] == [
        ("expiring", date(2026, 11, 22)),
        ("expiring", date(2026, 12, 2)),
    ]


def test_a_backup_that_is_missing(settings, tmp_path):
    settings.BACKUP_DIR = tmp_path / "backups"
    begin()
    assert detection.look(NOW) == []
    (tmp_path / "backups").mkdir()
    (tmp_path / "backups" / "two.draft").write_bytes(b"x")
    assert [one.kind for one in detection.look(NOW + timedelta(minutes=5))] == ["backup"]
    (tmp_path / "backups" / "one.dump").write_bytes(b"x")
    # The file is of today's real clock, which lies within the hours or in the future of NOW.
    settings.BACKUP_ALARM_HOURS = 24 * 365 * 100
    assert [one.is_over for one in detection.look(NOW + timedelta(minutes=10))] == [True]
    assert all(one.ended_at for one in Occurrence.objects.all())


@pytest.mark.parametrize(("minutes", "alarm"), [(0, False), (1, True)])
def test_a_backup_is_too_old_after_thirty_hours(settings, tmp_path, minutes, alarm):
    settings.BACKUP_DIR = tmp_path
    backup = tmp_path / "one.dump"
    backup.write_bytes(b"x")
    begin()
    written = (NOW - timedelta(hours=30, minutes=minutes)).timestamp()
    os.utime(backup, (written, written))
    assert [one.kind for one in detection.look(NOW)] == (["backup"] if alarm else [])


@pytest.mark.parametrize(("hours", "alarm"), [(0, False), (5, True), (7, False)])
def test_a_backups_hours_are_as_set(settings, tmp_path, hours, alarm):
    settings.BACKUP_DIR, settings.BACKUP_ALARM_HOURS = tmp_path, hours
    backup = tmp_path / "one.dump"
    backup.write_bytes(b"x")
    begin()
    written = (NOW - timedelta(hours=6)).timestamp()
    os.utime(backup, (written, written))
    assert [one.kind for one in detection.look(NOW)] == (["backup"] if alarm else [])


def test_one_detector_that_fails_keeps_no_other_from_looking(monkeypatch):
    account = make_account("a", "telegram", verified=False)
    begin()
    HandleChange.objects.create(account=account, old="old", new="new", noticed_at=NOW + timedelta(minutes=1))

    def broken(_look):
        raise DatabaseError("no")

    monkeypatch.setattr(
        detection, "DETECTORS", (detection.Detector("days", broken), *detection.DETECTORS[1:])
    )
    assert [one.kind for one in detection.look(NOW + timedelta(minutes=5))] == ["renamed"]
    assert Watermark.objects.get(detector="days").seen_to == NOW


def test_days_begin_at_midnight_in_almaty():
    assert day_of(just_after(date(2026, 11, 21))) == date(2026, 11, 21)
    assert RECORDED < NOW
