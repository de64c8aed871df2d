"""Rules 1, 2, 4, 6 and 7: what may be written over what."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from apps.snapshots.models import Bound, Correction, Doubt, Precision, Snapshot, Span, State
from apps.snapshots.recording import (
    Reading,
    Verdict,
    WrongCorrection,
    collect,
    correct,
    day_of,
    decide,
    publish,
)
from apps.users.models import User
from tests.builders import make_account, make_snapshot, make_source

pytestmark = pytest.mark.django_db

DAY = date(2026, 11, 20)
NOON = datetime(2026, 11, 20, 7, tzinfo=UTC)


def reading(account, followers=100, *, at=NOON, state=State.COUNTED, **fields):
    return Reading(
        account_id=account.pk,
        day=day_of(at),
        state=state,
        followers=followers if state == State.COUNTED else None,
        source_id=make_source().pk,
        observed_at=at,
        **fields,
    )


def verdicts(readings):
    return [recorded.verdict for recorded in readings]


def stored(account):
    return list(Snapshot.objects.filter(account=account).values_list("day", "state", "followers"))


@pytest.fixture
def account():
    return make_account(platform="bluesky")


@pytest.fixture
def editor():
    return User.objects.create_user("editor")


class TestTheDay:
    def test_is_the_calendar_day_in_almaty(self):
        assert day_of(datetime(2026, 11, 20, 18, 59, tzinfo=UTC)) == date(2026, 11, 20)
        assert day_of(datetime(2026, 11, 20, 19, 0, tzinfo=UTC)) == date(2026, 11, 21)

    def test_began_an_hour_earlier_before_march_2024(self):
        assert day_of(datetime(2024, 2, 28, 18, 0, tzinfo=UTC)) == date(2024, 2, 29)
        assert day_of(datetime(2024, 3, 2, 18, 0, tzinfo=UTC)) == date(2024, 3, 2)


class TestOneRowByLaw:
    def test_a_later_reading_of_the_day_wins(self, account):
        collect([reading(account, 100)])
        assert verdicts(collect([reading(account, 101, at=NOON + timedelta(hours=1))])) == [Verdict.CHANGED]
        assert stored(account) == [(DAY, "counted", 101)]

    def test_an_older_answer_that_arrives_late_changes_nothing(self, account):
        collect([reading(account, 101)])
        assert verdicts(collect([reading(account, 100, at=NOON - timedelta(hours=1))])) == [Verdict.LATE]
        assert stored(account) == [(DAY, "counted", 101)]

    def test_the_same_twice_changes_nothing_at_all(self, account):
        collect([reading(account)])
        before = Snapshot.objects.values().get()
        assert verdicts(collect([reading(account)])) == [Verdict.SAME]
        assert Snapshot.objects.values().get() == before

    def test_two_readings_of_a_day_in_one_batch_leave_the_later(self, account):
        collect([reading(account, 102, at=NOON + timedelta(hours=1)), reading(account, 101)])
        assert stored(account) == [(DAY, "counted", 102)]

    def test_a_state_does_not_take_the_days_number_away(self, account):
        collect([reading(account, 100)])
        late = reading(account, state=State.HIDDEN, at=NOON + timedelta(hours=1))
        assert verdicts(collect([late])) == [Verdict.LATE]
        assert stored(account) == [(DAY, "counted", 100)]

    def test_a_number_replaces_the_days_state(self, account):
        collect([reading(account, state=State.HIDDEN)])
        collect([reading(account, 100, at=NOON + timedelta(hours=1))])
        assert stored(account) == [(DAY, "counted", 100)]

    def test_the_database_refuses_a_second_row(self, account):
        make_snapshot(account, "2026-11-20", 1)
        with pytest.raises(IntegrityError), transaction.atomic():
            make_snapshot(account, "2026-11-20", 2)

    @pytest.mark.parametrize(
        "fields",
        [
            {"state": State.HIDDEN, "followers": 5},
            {"state": State.COUNTED, "followers": None},
            {"state": "gone", "followers": None},
            {"state": State.COUNTED, "followers": 5, "bound": "!"},
            {"state": State.COUNTED, "followers": 5, "precision": "rough"},
            {"state": State.COUNTED, "followers": 5, "span": Span.YEAR},
            {"state": State.COUNTED, "followers": -1},
        ],
    )
    def test_the_database_refuses_nonsense(self, account, fields):
        with pytest.raises(IntegrityError), transaction.atomic():
            make_snapshot(account, "2026-11-20", **fields)


class TestEditorsAndPublications:
    def test_collecting_leaves_an_editors_row_alone(self, account, editor):
        collect([reading(account, 100)])
        correct(
            Snapshot.objects.get(),
            state=State.COUNTED,
            followers=90,
            bound=Bound.EXACTLY,
            precision=Precision.EXACT,
            reason="Misread",
            by=editor,
        )
        assert verdicts(collect([reading(account, 101, at=NOON + timedelta(hours=2))])) == [Verdict.KEPT]
        assert stored(account) == [(DAY, "counted", 90)]

    def test_a_publication_never_overwrites(self, account):
        collect([reading(account, 100)])
        assert verdicts(publish([reading(account, 40, at=NOON + timedelta(days=0, hours=3))])) == [
            Verdict.CONFLICT
        ]
        assert stored(account) == [(DAY, "counted", 100)]

    def test_a_second_line_for_a_day_is_compared_with_the_first(self, account):
        lines = [reading(account, 1), reading(account, 1), reading(account, 2)]
        assert verdicts(publish(lines)) == [Verdict.NEW, Verdict.SAME, Verdict.CONFLICT]
        assert stored(account) == [(DAY, "counted", 1)]

    def test_a_year_and_a_day_stand_side_by_side(self, account):
        source = make_source().pk
        year = Reading(account.pk, date(2026, 1, 1), State.COUNTED, 50, source, span=Span.YEAR)
        day = Reading(account.pk, date(2026, 1, 1), State.COUNTED, 51, source)
        assert verdicts(publish([year, day])) == [Verdict.NEW, Verdict.NEW]
        assert Snapshot.objects.as_of(date(2026, 1, 1)).first().followers == 51  # the narrower span

    def test_a_correction_keeps_the_old_value_the_reason_and_the_name(self, account, editor):
        make_snapshot(account, "2026-11-20", 100)
        correct(
            Snapshot.objects.get(),
            state=State.ABSENT,
            followers=None,
            bound=Bound.EXACTLY,
            precision=Precision.EXACT,
            reason=" The page was gone ",
            by=editor,
        )
        made = Correction.objects.get()
        assert (made.old["followers"], made.old["state"]) == (100, "counted")
        assert (made.new["followers"], made.new["state"]) == (None, "absent")
        assert (made.reason, made.by) == ("The page was gone", editor)

    @pytest.mark.parametrize(
        ("fields", "code"),
        [
            ({"reason": " "}, "reason"),
            ({"followers": None}, "number"),
            ({"followers": -1}, "number"),
            ({"state": State.HIDDEN}, "number"),
            ({"followers": 100}, "same"),
        ],
    )
    def test_a_correction_without_sense_is_refused(self, account, editor, fields, code):
        snapshot = make_snapshot(account, "2026-11-20", 100)
        values = {
            "state": State.COUNTED,
            "followers": 5,
            "bound": Bound.EXACTLY,
            "precision": Precision.EXACT,
            "reason": "A reason",
            "by": editor,
        }
        with pytest.raises(WrongCorrection, match=code):
            correct(snapshot, **{**values, **fields})
        assert not Correction.objects.exists()


class TestDoubt:
    @pytest.mark.parametrize(
        ("before", "now", "why"),
        [
            (1_000_000, 0, "zero"),
            (50, 0, "zero"),
            (1_000_000, 100_000, "fall"),
            (1_000_000, 99_999, "fall"),
            (1_000, 10_000, "rise"),
            (1_000_000, 100_001, None),
            (1_000, 9_999, None),
            (5, 60, None),  # tenfold, but no more than a hundred away
            (10, 110, None),  # elevenfold, and exactly a hundred away
            (10, 111, "rise"),
            (101, 1, None),
            (102, 1, "fall"),
            (0, 5_000, None),
        ],
    )
    def test_strange_readings_are_held(self, account, before, now, why):
        make_snapshot(account, "2026-11-10", before)
        answer = collect([reading(account, now)])
        assert verdicts(answer) == [Verdict.HELD if why else Verdict.NEW]
        assert list(Doubt.objects.values_list("why", "followers", "against")) == (
            [(why, now, before)] if why else []
        )
        assert Snapshot.objects.filter(day=DAY).exists() is (why is None)

    def test_a_fall_against_an_old_value_is_not_held(self, account):
        make_snapshot(account, "2026-10-01", 1_000_000)
        assert verdicts(collect([reading(account, 10)])) == [Verdict.NEW]

    def test_a_zero_is_held_however_old_the_last_count_is(self, account):
        make_snapshot(account, "2017", 39_000)
        assert verdicts(collect([reading(account, 0)])) == [Verdict.HELD]

    def test_one_doubt_does_not_hold_its_batch_mates(self, account):
        make_snapshot(account, "2026-11-10", 1_000_000)
        other = make_account(platform="bluesky")
        assert verdicts(collect([reading(account, 0), reading(other, 7)])) == [Verdict.HELD, Verdict.NEW]
        assert stored(other) == [(DAY, "counted", 7)]

    def test_the_same_strange_number_is_asked_once(self, account):
        make_snapshot(account, "2026-11-10", 1_000_000)
        for hour in range(3):
            collect([reading(account, 0, at=NOON + timedelta(hours=hour))])
        assert Doubt.objects.count() == 1

    def test_publications_are_never_held(self, account):
        make_snapshot(account, "2026-11-10", 1_000_000)
        assert verdicts(publish([reading(account, 0)])) == [Verdict.NEW]

    def test_accepting_records_it_for_its_day(self, account, editor):
        make_snapshot(account, "2026-11-10", 1_000_000)
        collect([reading(account, 7)])
        assert decide(Doubt.objects.get(), Doubt.Decision.ACCEPTED, editor).verdict == Verdict.NEW
        snapshot = Snapshot.objects.get(day=DAY)
        assert (snapshot.followers, snapshot.observed_at) == (7, NOON)
        assert Doubt.objects.get().decided_by == editor

    def test_rejecting_records_nothing(self, account, editor):
        make_snapshot(account, "2026-11-10", 1_000_000)
        collect([reading(account, 7)])
        assert decide(Doubt.objects.get(), Doubt.Decision.REJECTED, editor) is None
        assert not Snapshot.objects.filter(day=DAY).exists()

    def test_a_doubt_is_decided_once(self, account, editor):
        make_snapshot(account, "2026-11-10", 1_000_000)
        collect([reading(account, 7)])
        decide(Doubt.objects.get(), Doubt.Decision.REJECTED, editor)
        assert decide(Doubt.objects.get(), Doubt.Decision.ACCEPTED, editor) is None
        assert not Snapshot.objects.filter(day=DAY).exists()


def test_history_outlives_whoever_would_delete_the_account(account):
    make_snapshot(account, "2026-11-20", 1)
    with pytest.raises(IntegrityError), transaction.atomic():
        account.delete()
