"""Rules: whom they are about, floors, directions, silence, quiet hours, and one message for an occurrence."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from apps.alerts import matching
from apps.alerts.matching import Wanted, after_quiet
from apps.alerts.models import Delivery, Destination, OccurrenceKind
from tests.alerts.conftest import AT, make_destination, make_occurrence, make_rule
from tests.builders import make_actor, make_group

pytestmark = pytest.mark.django_db


def write(*found):
    return [(one.occurrence, one.destination) for one in matching.write(found, AT)]


def test_about_actors_groups_or_everybody(officer):
    a, b, c = make_actor("a"), make_actor("b"), make_actor("c")
    to = [make_destination(officer)]
    passed = make_occurrence(OccurrenceKind.OVERTAKE, a, other=b)
    make_rule(officer, to, actors=[b])
    assert len(write(passed)) == 1
    for fields, count in [
        ({"actors": [c]}, 0),
        ({"groups": [make_group("ab", [a, b])]}, 1),
        ({"groups": [make_group("ac", [a, c])]}, 0),
        ({"groups": [make_group("on-x", [a, b], platform="x")]}, 0),
        ({}, 1),
        ({"platforms": ["vk"]}, 0),
        ({"kinds": [OccurrenceKind.GONE]}, 0),
    ]:
        Delivery.objects.all().delete()
        officer.rules.all().delete()
        make_rule(officer, to, **fields)
        assert len(write(passed)) == count, fields


@pytest.mark.parametrize(
    ("percent", "absolute", "told"), [(5, 500, True), (5.1, 0, False), (0, 501, False), (5, 501, False)]
)
def test_percent_and_absolute_both(percent, absolute, told):
    wanted = Wanted(kinds=frozenset({"unusual"}), floor_percent=percent, floor_absolute=absolute)
    assert wanted.takes(make_occurrence(OccurrenceKind.UNUSUAL)) is told


def test_directions():
    a, b = make_actor("a"), make_actor("b")
    passed = make_occurrence(OccurrenceKind.OVERTAKE, a, other=b)
    fall = make_occurrence(OccurrenceKind.UNUSUAL)
    every = frozenset(OccurrenceKind.values)

    def takes(one, direction, *actors):
        return Wanted(every, frozenset(actors), direction=direction).takes(one)

    assert takes(passed, "up", a.pk)
    assert not takes(passed, "down", a.pk)
    assert takes(passed, "down", b.pk)
    assert not takes(passed, "up", b.pk)
    assert takes(passed, "up")
    assert takes(fall, "down")
    assert not takes(fall, "up")
    assert not takes(make_occurrence(OccurrenceKind.GONE), "up")
    assert not takes(make_occurrence(OccurrenceKind.MILESTONE), "down")
    assert not takes(make_occurrence(OccurrenceKind.WIDE), "up")
    assert takes(make_occurrence(OccurrenceKind.RENAMED), "up")


def test_silence_after_a_message_about_the_same(officer):
    a, b = make_actor("a"), make_actor("b")
    make_rule(officer, [make_destination(officer)], cooldown_days=7)
    dances = [
        make_occurrence(OccurrenceKind.OVERTAKE, *pair, day=date(2026, 11, day), subject="overtake:a:b")
        for day, pair in [(1, (a,)), (3, (b,)), (8, (a,)), (9, (b,))]
    ]
    assert [one.day.day for one, _ in write(*dances[:2])] == [1]
    assert [one.day.day for one, _ in write(*dances[2:])] == [9]
    assert len(Wanted(frozenset({"overtake"}), cooldown_days=7).fires(dances)) == 2


def test_one_message_for_an_occurrence_and_a_destination(officer):
    to = make_destination(officer)
    make_rule(officer, [to])
    make_rule(officer, [to, make_destination(officer, "webhook", "https://example.org/")])
    one = make_occurrence()
    write(one)
    write(one)
    assert sorted(Delivery.objects.values_list("destination__way", flat=True)) == ["email", "webhook"]


@pytest.mark.parametrize(
    "without",
    [{"confirmed_at": None}, {"removed_at": AT}],
)
def test_nothing_goes_to_what_is_not_confirmed_or_removed(officer, without):
    make_rule(officer, [make_destination(officer, **without)])
    assert write(make_occurrence()) == []


@pytest.mark.parametrize("field", ["paused", "removed_at", "is_active", "made_at"])
def test_rules_that_rest(officer, field):
    rule = make_rule(officer, [make_destination(officer)])
    match field:
        case "paused":
            rule.paused = True
        case "removed_at":
            rule.removed_at = AT
        case "made_at":
            rule.made_at = AT + timedelta(seconds=1)
        case "is_active":
            officer.is_active = False
            officer.save()
    rule.save()
    assert write(make_occurrence()) == []


def test_the_desk_is_for_staff(officer):
    make_rule(officer, [make_destination(officer)], kinds=list(OccurrenceKind))
    held = make_occurrence(OccurrenceKind.HELD)
    assert write(held) == []
    officer.is_staff = True
    officer.save()
    assert len(write(held)) == 1


def test_operators_are_told_by_no_rule(settings):
    settings.ALERT_EMAILS = ["ops@example.org"]
    write(make_occurrence(OccurrenceKind.TOKEN), make_occurrence())
    assert [one.occurrence.kind for one in Delivery.objects.all()] == ["token"]
    settings.ALERT_EMAILS = []
    write(make_occurrence(OccurrenceKind.SILENT))
    assert Delivery.objects.count() == 1
    assert Destination.objects.get().removed_at


@pytest.mark.parametrize(
    ("utc", "quiet", "due"),
    [
        ("2026-11-20 19:10", ("22:00", "08:00"), "2026-11-21 03:00"),  # ten past midnight: until eight
        ("2026-11-20 18:00", ("22:00", "08:00"), "2026-11-21 03:00"),  # 23:00
        ("2026-11-20 03:00", ("22:00", "08:00"), "2026-11-20 03:00"),  # eight sharp
        ("2026-11-20 08:30", ("13:00", "14:00"), "2026-11-20 09:00"),
        ("2026-11-20 10:00", ("13:00", "14:00"), "2026-11-20 10:00"),
        ("2024-02-29 17:00", ("22:00", "08:00"), "2024-03-01 03:00"),  # the zone moved in that night
        ("2026-11-20 19:10", (None, None), "2026-11-20 19:10"),
        ("2026-11-20 19:10", ("08:00", "08:00"), "2026-11-20 19:10"),
    ],
)
def test_quiet_hours_are_almatys(utc, quiet, due):
    def instant(text):
        return datetime.fromisoformat(text).replace(tzinfo=UTC)

    begins, ends = (time.fromisoformat(one) if one else None for one in quiet)
    assert after_quiet(instant(utc), begins, ends) == instant(due)
