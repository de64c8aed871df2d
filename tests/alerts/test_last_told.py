"""Silence delays, it never swallows: who reads only the messages knows the true state when the silence is over.

REPLAY_YEARS=5 replays so many years (long).
"""

import os
import random
from datetime import date, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.utils import translation

from apps.alerts import (
    channels,
    detection,
    detectors,
    last_told,
    matching,
    messages,
    outbox,
    services,
    words,
)
from apps.alerts.models import Delivery, LastTold, Occurrence, OccurrenceKind
from apps.collecting.models import PlatformState
from apps.registry.models import Actor
from apps.snapshots.models import State
from apps.standings.types import Scope
from tests.alerts.conftest import AT, make_destination, make_occurrence, make_rule
from tests.alerts.replaying import just_after
from tests.builders import make_account, make_actor, make_snapshot, make_source

pytestmark = pytest.mark.django_db

FIRST = date(2025, 6, 2)
DAYS = 365 * int(os.environ.get("REPLAY_YEARS", "0")) or 40


@pytest.fixture
def clock(monkeypatch):
    """Provide the outbox's clock, set by the test."""
    at = SimpleNamespace(now=AT)
    monkeypatch.setattr(outbox, "timezone", SimpleNamespace(now=lambda: at.now))
    return at


@pytest.fixture
def received(monkeypatch):
    """Provide what each destination was given, as occurrences in the order of arrival. `failing`: destinations that
    are down."""
    box = SimpleNamespace(failing=set(), by={})

    def send(delivery, message):
        if delivery.destination_id in box.failing:
            raise channels.Later("down")
        assert message.text
        box.by.setdefault(delivery.destination_id, []).append(delivery.occurrence)

    monkeypatch.setattr(channels, "send", send)
    return box


def turns_and_overtakes(look):
    occurrences = []
    for platform, first in look.platforms.items():
        scope = Scope(platform=platform)
        occurrences += detectors.find_overtakes(look, scope, first)
        occurrences += detectors.turns(look, scope, first)
    return occurrences


def true_state(one, day):
    """Return what the record says on a day about what a message was about; "" where it leaves that open."""
    if one.kind != OccurrenceKind.OVERTAKE:
        newest = one.account.snapshots.filter(day__lte=day).latest("day")
        return "gone" if newest.state == State.ABSENT else "back"
    mine, theirs = (
        actor.accounts.get().snapshots.filter(day__lte=day).latest("day").followers
        for actor in (one.actor, one.other)
    )
    if mine is None or theirs is None or mine == theirs:
        return ""
    return f"ahead:{one.actor_id if mine > theirs else one.other_id}"


def test_whoever_reads_only_the_messages_knows_the_state(officer, clock, received, monkeypatch):
    luck = random.Random(11)  # noqa: S311 no secret
    corrected = next(one for one in detection.DETECTORS if one.name == "corrected")
    monkeypatch.setattr(detection, "DETECTORS", (detection.Detector("days", turns_and_overtakes), corrected))
    actors = [make_actor(f"walker-{number}") for number in range(4)]
    accounts = {actor: make_account(actor, "telegram") for actor in actors}
    counts = dict.fromkeys(actors, 1000)
    gone = dict.fromkeys(actors, False)
    fields = [
        {
            "kinds": [OccurrenceKind.GONE],
            "cooldown_days": 7,
        },  # told of a page that went: told that it is back
        {"kinds": [OccurrenceKind.OVERTAKE], "cooldown_days": 14, "direction": "down", "actors": [actors[0]]},
        {"kinds": [OccurrenceKind.GONE, OccurrenceKind.BACK, OccurrenceKind.OVERTAKE], "cooldown_days": 0},
        {
            "kinds": [OccurrenceKind.OVERTAKE, OccurrenceKind.BACK],
            "cooldown_days": 3,
            "quiet_from": "22:00",
            "quiet_to": "08:00",
        },
    ]
    rules = []
    for number, given in enumerate(fields):
        to = make_destination(officer, address=f"reader-{number}@example.org")
        rules.append((make_rule(officer, [to], **given), to))
        type(rules[-1][0]).objects.update(made_at=just_after(FIRST - timedelta(days=9)))
    detection.look(just_after(FIRST))
    for age in range(DAYS):
        day = FIRST + timedelta(days=age)
        for actor in actors:
            counts[actor] = max(1, counts[actor] + luck.randrange(-25, 26))
            gone[actor] = gone[actor] != (luck.random() < 0.12)
            state = {"state": State.ABSENT} if gone[actor] else {}
            recorded_at = just_after(day) + timedelta(hours=20)
            make_snapshot(
                accounts[actor], day, None if gone[actor] else counts[actor], recorded_at=recorded_at, **state
            )
        received.failing = {rules[2][1].pk} if luck.random() < 0.1 else set()
        clock.now = just_after(day + timedelta(days=1))
        detection.look(clock.now)
        outbox.send_due()
        clock.now += timedelta(hours=9)  # quiet hours are over
        received.failing = set()
        outbox.send_due()
        for rule, to in rules:
            check(rule, to, received.by.get(to.pk, []), day)
        just_told = Occurrence.objects.filter(day=day).select_related("actor").first()
        if just_told and luck.random() < 0.5:  # an editor corrects a count that it was read off
            wrong = accounts[just_told.actor].snapshots.latest("day")
            is_there = just_told.kind != OccurrenceKind.BACK
            fields = {"state": State.COUNTED, "followers": luck.randrange(900, 1000)}
            correct(wrong, clock, **(fields if is_there else {"state": State.ABSENT, "followers": None}))
    assert Occurrence.objects.count() > DAYS / 4
    assert any(one.is_correction for one in Occurrence.objects.all())
    for _, to in rules:
        assert len(received.by[to.pk]) > 2


def check(rule, to, messages_read, day):
    """What a reader believes of each subject is what the record says, or the silence after the message is not over."""
    beliefs = {one.subject: one for one in messages_read}
    for subject, believed in beliefs.items():
        if (state := true_state(believed, day)) in ("", believed.state) or believed.state == "ahead:open":
            continue
        told_on = LastTold.objects.get(destination=to, subject=subject).day
        assert (day - told_on).days <= rule.cooldown_days, (day, believed, state)


def state_rule(officer, **fields):
    to = make_destination(officer)
    return make_rule(
        officer, [to], **{"kinds": [OccurrenceKind.GONE, OccurrenceKind.BACK], "cooldown_days": 7, **fields}
    ), to


def page_event(actor, kind, day, **fields):
    return make_occurrence(kind, actor, day=date(2026, 11, day), subject="page:1", **fields)


def told():
    return [delivery.occurrence.kind for delivery in Delivery.objects.order_by("pk")]


def at(day):
    return datetime.combine(date(2026, 11, day), AT.timetz()) - timedelta(hours=19)


def test_the_present_state_is_told_when_the_silence_ends(officer):
    state_rule(officer)
    actor = make_actor("m")
    matching.write([page_event(actor, OccurrenceKind.GONE, 1)], at(2))
    for kind, day in [(OccurrenceKind.BACK, 2), (OccurrenceKind.GONE, 3), (OccurrenceKind.BACK, 5)]:
        matching.write([page_event(actor, kind, day)], at(day + 1))
        matching.catch_up(at(day + 1))
    assert told() == ["gone"]
    matching.catch_up(at(9))  # the eighth, judged on the ninth, is the last day of the silence
    assert told() == ["gone"]
    Delivery.objects.update(state="sent", sent_at=AT)
    matching.catch_up(at(10))
    assert told() == ["gone", "back"]
    late = Delivery.objects.with_all().get(state="waiting")
    text = messages.compose(late).text.replace("\xa0", " ")
    assert "The page went or came back 3 times after 1 Nov 2026; it is there now." in text
    matching.catch_up(at(30))
    assert told() == ["gone", "back"]


def test_a_state_that_is_the_same_when_the_silence_ends_is_not_told_again(officer):
    state_rule(officer)
    actor = make_actor("m")
    for kind, day in [(OccurrenceKind.GONE, 1), (OccurrenceKind.BACK, 2), (OccurrenceKind.GONE, 3)]:
        matching.write([page_event(actor, kind, day)], at(day + 1))
    matching.catch_up(at(25))
    assert told() == ["gone"]


@pytest.mark.parametrize("fields", [{"kinds": [OccurrenceKind.GONE]}, {"direction": "down"}])
def test_who_was_told_that_a_page_is_gone_is_told_that_it_is_back(officer, fields):
    state_rule(officer, **fields)
    actor = make_actor("m")
    matching.write([page_event(actor, OccurrenceKind.BACK, 1)], at(2))
    assert told() == []
    for kind, day in [(OccurrenceKind.GONE, 2), (OccurrenceKind.BACK, 20)]:
        matching.write([page_event(actor, kind, day)], at(day + 1))
    assert told() == ["gone", "back"]


def test_a_rule_that_was_paused_tells_the_present_state_when_it_goes_on(officer):
    rule, _ = state_rule(officer, cooldown_days=0)
    actor = make_actor("m")
    matching.write([page_event(actor, OccurrenceKind.GONE, 1)], at(2))
    services.pause(rule, True)
    matching.write([page_event(actor, OccurrenceKind.BACK, 3)], at(4))
    matching.catch_up(at(5))
    assert told() == ["gone"]
    services.pause(rule, False)
    matching.catch_up(at(6))
    assert told() == ["gone", "back"]


def test_what_was_dropped_in_a_pause_is_told_after_it(officer, clock, received):
    rule, to = state_rule(officer, cooldown_days=0)
    matching.write([page_event(make_actor("m"), OccurrenceKind.GONE, 1)], at(2))
    outbox.send_due()
    matching.write([page_event(Actor.objects.get(), OccurrenceKind.BACK, 3)], at(4))
    services.pause(rule, True)
    outbox.send_due()
    assert [one.kind for one in received.by[to.pk]] == ["gone"]
    services.pause(rule, False)
    matching.catch_up(at(5))
    outbox.send_due()
    assert [one.kind for one in received.by[to.pk]] == ["gone", "back"]


def test_an_older_state_does_not_arrive_after_a_newer_one(officer, clock, received):
    """The first try of "gone" fails and waits; "back" goes out meanwhile."""
    _, to = state_rule(officer, cooldown_days=0)
    actor = make_actor("m")
    matching.write([page_event(actor, OccurrenceKind.GONE, 1)], at(2))
    received.failing = {to.pk}
    outbox.send_due()
    received.failing = set()
    matching.write([page_event(actor, OccurrenceKind.BACK, 2)], at(3))
    outbox.send_due()
    clock.now += timedelta(days=1)
    outbox.send_due()
    assert [one.kind for one in received.by[to.pk]] == ["back"]
    assert Delivery.objects.get(occurrence__kind="gone").state == "dropped"


def test_the_last_word_that_was_given_up_goes_out_when_the_destination_works_again(officer, clock, received):
    _, to = state_rule(officer, cooldown_days=0)
    matching.write([page_event(make_actor("m"), OccurrenceKind.GONE, 1)], at(2))
    Delivery.objects.update(state="dead")
    services.send_sample(to)
    Delivery.objects.filter(is_sample=True).update(due_at=AT)
    outbox.send_due()
    assert [one and one.kind for one in received.by[to.pk]] == [None, "gone"]


def test_events_in_a_silence_are_not_swallowed(officer):
    """Of unusual days in the silence the latest that the rule takes is told when it is over."""
    state_rule(officer, kinds=[OccurrenceKind.UNUSUAL], floor_absolute=400)
    actor = make_actor("m")
    account = make_account(actor, "telegram")
    for day, change in [(1, -500), (3, -600), (5, -450), (6, -100)]:
        one = Occurrence.objects.create(
            kind=OccurrenceKind.UNUSUAL,
            key=f"unusual:{day}",
            subject="unusual:1:fall",
            actor=actor,
            account=account,
            platform="telegram",
            day=date(2026, 11, day),
            facts={"change": change, "percent": -5.0},
            found_at=at(day + 1),
        )
        matching.write([one], at(day + 1))
    Delivery.objects.update(state="sent", sent_at=AT)
    matching.catch_up(at(10))
    assert [one.occurrence.day.day for one in Delivery.objects.order_by("pk")] == [1, 5]


def test_names_and_badges_are_states(officer):
    state_rule(officer, kinds=[OccurrenceKind.RENAMED, OccurrenceKind.VERIFIED])
    account = make_account("m", "telegram")
    for day, name in [(1, "b"), (3, "c")]:
        one = make_occurrence(
            OccurrenceKind.RENAMED,
            account.actor,
            day=date(2026, 11, day),
            subject="renamed:1",
            facts={"old": "a", "new": name},
        )
        matching.write([one], at(day))
    matching.catch_up(at(12))
    assert [one.occurrence.facts["new"] for one in Delivery.objects.order_by("pk")] == ["b", "c"]


def test_two_rules_of_one_reader_share_what_was_told(officer):
    """The rule without a silence tells; the other has nothing to add."""
    _, to = state_rule(officer, cooldown_days=0)
    make_rule(officer, [to], kinds=[OccurrenceKind.GONE, OccurrenceKind.BACK], cooldown_days=7)
    actor = make_actor("m")
    for kind, day in [(OccurrenceKind.GONE, 1), (OccurrenceKind.BACK, 3)]:
        matching.write([page_event(actor, kind, day)], at(day + 1))
    matching.catch_up(at(20))
    assert told() == ["gone", "back"]


def test_a_hidden_actor_is_told_of_to_nobody(officer):
    state_rule(officer, cooldown_days=0)
    actor = make_actor("m")
    matching.write([page_event(actor, OccurrenceKind.GONE, 1)], at(2))
    page_event(actor, OccurrenceKind.BACK, 3)
    Actor.objects.update(hidden=True)
    matching.catch_up(at(20))
    assert told() == ["gone"]


def test_a_count_that_an_editor_has_decided_is_not_told(officer, clock, received):
    officer.is_staff = True
    officer.save()
    _, to = state_rule(officer, kinds=[OccurrenceKind.HELD])
    account = make_account("m", "telegram")
    doubt = account.doubts.create(
        source=make_source(), day=FIRST, followers=0, against=5000, why="zero", seen_at=AT, decision=""
    )
    one = make_occurrence(OccurrenceKind.HELD, account.actor, key=f"held:{doubt.pk}")
    matching.write([one], AT)
    account.doubts.update(decision="refused")
    outbox.send_due()
    assert to.pk not in received.by


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_the_end_of_what_lasts_is_told_to_whoever_heard_of_its_beginning(officer, settings, language):
    settings.ALERT_EMAILS = ["ops@example.org"]
    settings.SILENT_HOURS = 0
    officer.is_staff = True
    officer.save()
    _, to = state_rule(officer, kinds=[OccurrenceKind.PAUSED], cooldown_days=0)
    detection.look(at(1))
    PlatformState.objects.create(platform="vk", pause_code="quota", paused_until=at(2))
    detection.look(at(2))
    PlatformState.objects.update(pause_code="")
    (over,) = detection.look(at(3))
    assert told() == ["paused"] * 4
    with_language = Delivery.objects.with_all().filter(destination=to).order_by("-pk")[0]
    with_language.destination.language = language
    text = messages.compose(with_language).text
    assert "2026" in text
    assert over.state != Occurrence.objects.earliest("pk").state


def test_an_end_is_no_news_to_who_heard_of_no_beginning(officer):
    officer.is_staff = True
    officer.save()
    state_rule(officer, kinds=[OccurrenceKind.PAUSED], cooldown_days=0)
    matching.write(
        [make_occurrence(OccurrenceKind.PAUSED, facts={"over": True, "began": AT.isoformat()})], AT
    )
    assert told() == []


def test_a_delivery_that_went_nowhere_is_taken_back(officer):
    _, to = state_rule(officer)
    matching.write([page_event(make_actor("m"), OccurrenceKind.GONE, 1)], at(2))
    last_told.take_back(Delivery.objects.get())
    assert not LastTold.objects.filter(destination=to).exists()


def correct(snapshot, clock, **fields):
    """Correct a count as the desk does, an hour after the last look."""
    recorded_at = clock.now + timedelta(hours=1)
    type(snapshot).objects.filter(pk=snapshot.pk).update(recorded_at=recorded_at, **fields)


def test_an_overtake_that_a_correction_takes_back_is_told(officer, clock, received, count_words):
    rule, to = state_rule(officer, kinds=[OccurrenceKind.OVERTAKE], cooldown_days=3)
    type(rule).objects.update(made_at=just_after(FIRST))
    fast, slow = (make_account(name, "telegram") for name in ("fast", "slow"))
    detection.look(just_after(FIRST))
    for age, (mine, theirs) in enumerate([(90, 100), (190, 101)]):
        day = FIRST + timedelta(days=age)
        wrong = make_snapshot(fast, day, mine, recorded_at=just_after(day))
        make_snapshot(slow, day, theirs, recorded_at=just_after(day))
    for age in range(2, 8):
        clock.now = just_after(FIRST + timedelta(days=age))
        detection.look(clock.now)
        outbox.send_due()
        if age == 2:
            correct(wrong, clock, followers=91)
            told_on = clock.now
        if len(received.by[to.pk]) == 2:
            break
    first, last = received.by[to.pk]
    assert (first.actor.slug, last.actor.slug) == ("fast", "slow")
    assert last.is_correction
    assert clock.now - told_on == timedelta(days=4)  # the silence came before
    text = messages.compose(Delivery.objects.with_all().get(occurrence=last)).text.replace("\xa0", " ")
    assert "slow en is ahead of fast en" in text.casefold()
    assert "An earlier message said otherwise" in text
    assert count_words(last) == 3


@pytest.fixture
def count_words():
    """Return in how many languages the correction is a sentence of its own."""

    def count(one):
        texts = set()
        for language in ("kk", "ru", "en"):
            with translation.override(language):
                texts.add(words.sentence(one))
        return len(texts)

    return count


def test_a_page_that_was_never_gone_is_told_to_be_there(officer, clock, received):
    rule, to = state_rule(officer, kinds=[OccurrenceKind.GONE], cooldown_days=0)
    other = make_destination(officer, address="later@example.org")
    late = make_rule(officer, [other], kinds=[OccurrenceKind.GONE, OccurrenceKind.BACK], cooldown_days=0)
    late.paused = True
    late.save()
    type(rule).objects.update(made_at=just_after(FIRST))
    account = make_account("m", "telegram")
    make_snapshot(account, FIRST, 100, recorded_at=just_after(FIRST))
    detection.look(just_after(FIRST + timedelta(days=1)))
    day = FIRST + timedelta(days=1)
    gone = make_snapshot(account, day, None, state=State.ABSENT, recorded_at=just_after(day))
    for age in (2, 3, 4):
        clock.now = just_after(FIRST + timedelta(days=age))
        detection.look(clock.now)
        outbox.send_due()
        if age == 2:
            type(late).objects.update(paused=False)
            correct(gone, clock, state=State.COUNTED, followers=101)
    assert [(one.kind, one.is_correction) for one in received.by[to.pk]] == [("gone", False), ("back", True)]
    assert other.pk not in received.by  # who was told nothing has nothing to take back


def test_a_correction_that_leaves_the_order_open_says_so(officer, clock, received):
    rule, to = state_rule(officer, kinds=[OccurrenceKind.OVERTAKE], cooldown_days=0)
    type(rule).objects.update(made_at=just_after(FIRST))
    fast, slow = (make_account(name, "telegram") for name in ("fast", "slow"))
    detection.look(just_after(FIRST))
    for age, (mine, theirs) in enumerate([(90, 100), (190, 101)]):
        day = FIRST + timedelta(days=age)
        newest = make_snapshot(fast, day, mine, recorded_at=just_after(day))
        make_snapshot(slow, day, theirs, recorded_at=just_after(day))
    for age in (2, 3, 4, 5):
        clock.now = just_after(FIRST + timedelta(days=age))
        detection.look(clock.now)
        outbox.send_due()
        if age == 2:
            correct(newest, clock, followers=101)
    first, last = received.by[to.pk]
    assert first.state != last.state == "ahead:open"
    assert "do not say whether" in words.sentence(last)


def test_a_correction_of_what_did_not_go_out_is_dropped(officer, clock, received):
    """The wrong message waits for the end of the quiet hours; by then there is nothing to tell."""
    _, to = state_rule(officer, cooldown_days=0, quiet_from="22:00", quiet_to="08:00")
    actor = make_actor("m")
    night = just_after(date(2026, 11, 3))
    matching.write([page_event(actor, OccurrenceKind.GONE, 2)], night)
    matching.write(
        [page_event(actor, OccurrenceKind.BACK, 2, facts={"corrected": True})], night + timedelta(hours=1)
    )
    clock.now = night + timedelta(hours=10)
    outbox.send_due()
    assert to.pk not in received.by
