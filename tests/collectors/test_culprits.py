"""One bad account costs nobody else, whatever the order, the sort of failure and the size of a request."""

import itertools
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.collectors import culprits
from apps.collectors.culprits import Witnesses, read
from apps.collectors.outcomes import gather, other_outcome
from apps.collectors.types import Kind, Limited, OurFault, Outcome, Target, Unavailable

FAILURES = (
    lambda: Unavailable("server_error", "HTTP 500"),
    lambda: Unavailable("timeout"),
    lambda: Unavailable("not_json"),
    lambda: Unavailable("truncated"),
    lambda: Limited("rate", "HTTP 429"),
    lambda: OurFault("no_permission", "HTTP 403"),
    lambda: OurFault("bad_token", "HTTP 401"),
    lambda: Unavailable("refused", "HTTP 404"),
)


def target(number):
    return Target("x", f"a{number}")


class Platform:
    """Fails for every request that holds a bad account; `most` are asked for at once."""

    def __init__(self, bad=(), most=100, failure=FAILURES[0], is_down=False):
        self.bad, self.most, self.failure, self.is_down = set(bad), most, failure, is_down
        self.requests = []

    def fetch(self, targets):
        return gather(targets, [(targets, self.most, self._answer)])

    def _answer(self, targets):
        self.requests.append(list(targets))
        if self.is_down or self.bad & set(targets):
            raise self.failure()
        return [Outcome(each, Kind.COUNTED, 5, observed_at=datetime.now(UTC)) for each in targets]


def kinds(harvest):
    return {each: outcome.kind for each, outcome in harvest.outcomes.items()}


@settings(max_examples=150, deadline=None)
@given(
    st.integers(1, 60),
    st.sets(st.integers(0, 59), max_size=6),
    st.sampled_from([1, 3, 25, 50, 100]),
    st.sampled_from(FAILURES),
    st.randoms(use_true_random=False),
    st.sampled_from(["other", "mates"]),
)
def test_all_good_ones_are_answered_and_all_bad_ones_blamed(count, bad, most, failure, chance, witness):
    targets = [target(number) for number in range(count)]
    chance.shuffle(targets)
    bad = {target(number) for number in bad if number < count}
    platform = Platform(bad, most, failure)
    mates = [each for each in targets if each not in bad][:1] + targets
    known = Witnesses(sure=(target(1000),)) if witness == "other" else Witnesses(mates=tuple(mates))
    if witness == "mates" and len(bad) == count:
        return  # nobody could show that the platform answers
    harvest = read(platform.fetch, targets, lambda: known)
    expected = {each: Kind.ERROR if each in bad else Kind.COUNTED for each in targets}
    assert harvest.failure is None
    assert kinds(harvest) == expected
    for each in bad:
        assert harvest.outcomes[each].detail == str(failure())
    pages = -(-count // most)
    assert len(platform.requests) <= pages + len(bad) * (2 * min(most, count).bit_length() + 3) + 3


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("most", [1, 100])
def test_platform_that_is_down_is_asked_twice_and_nobody_is_blamed(failure, most):
    platform = Platform(most=most, failure=failure, is_down=True)
    targets = [target(number) for number in range(50)]
    harvest = read(
        platform.fetch, targets, lambda: Witnesses(sure=(target(1000), target(1001)), mates=tuple(targets))
    )
    assert str(harvest.failure) == str(failure())
    assert harvest.outcomes == {}
    assert len(platform.requests) == 2


def test_platform_that_was_down_is_tried_with_one_request():
    platform = Platform(is_down=True)
    known = Witnesses(sure=(target(1000), target(1001)))
    harvest = read(platform.fetch, [target(1), target(2)], lambda: known, is_on_trial=True)
    assert harvest.failure is not None
    assert platform.requests == [[target(1000)]]


def test_platform_that_fails_in_the_middle_blames_nobody_and_keeps_what_came():
    platform = Platform(most=1)
    targets = [target(number) for number in range(6)]

    def fetch(group):
        platform.is_down = len(platform.requests) >= 3
        return gather(group, [(group, 1, dies)])

    def dies(group):
        platform.is_down = platform.is_down or len(platform.requests) >= 3
        return platform._answer(group)

    harvest = read(fetch, targets, lambda: Witnesses(sure=(target(1000),)))
    assert set(kinds(harvest)) == set(targets[:3])
    assert harvest.failure is not None


def test_one_witness_that_fails_is_not_yet_a_platform_that_answered_a_moment_ago():
    platform = Platform([target(4), target(5), target(1000)], most=1)
    known = Witnesses(sure=(target(1000), target(1001)))
    harvest = read(platform.fetch, [target(number) for number in range(8)], lambda: known)
    assert harvest.failure is None
    assert [each for each, kind in kinds(harvest).items() if kind == Kind.ERROR] == [target(4), target(5)]


def test_the_probe_is_asked_first_and_another_one_when_it_is_tried_again():
    platform = Platform([target(0), target(7)])
    known = Witnesses(sure=(target(1000), target(1001)), probe=target(7))
    assert read(platform.fetch, [target(0)], lambda: known).failure is not None
    assert platform.requests == [[target(0)], [target(7)]]
    harvest = read(platform.fetch, [target(0)], lambda: known, is_on_trial=True)
    assert platform.requests[2:4] == [[target(1000)], [target(0)]]
    assert kinds(harvest) == {target(0): Kind.ERROR}


def test_probe_that_is_not_permitted_shows_that_the_platform_answers():
    def fetch(group):
        failure = OurFault("no_permission") if group == [target(7)] else Unavailable("server_error")
        failure.asked = tuple(group)
        raise failure

    harvest = read(fetch, [target(0)], lambda: Witnesses(probe=target(7)))
    assert harvest.failure is None
    assert harvest.outcomes[target(0)].detail == "server_error"


@pytest.mark.parametrize("failure", FAILURES)
def test_lone_account_for_whom_nobody_can_bear_witness_is_blamed_unless_the_key_is(failure):
    platform = Platform([target(0)], failure=failure)
    harvest = read(platform.fetch, [target(0)], lambda: Witnesses(mates=(target(0),)))
    is_key = failure().code == "bad_token"
    assert (harvest.failure is not None) == is_key
    assert (target(0) in harvest.outcomes) == (not is_key)
    assert len(platform.requests) == 1


def test_what_a_failure_says_of_each_is_taken_without_halving():
    each = (other_outcome(target(0), Kind.ERROR, detail="no_permission: (10/0)"),)

    def fetch(group):
        if target(0) in group:
            failure = OurFault("no_permission")
            failure.asked, failure.each = (target(0),), each
            raise failure
        return [Outcome(one, Kind.COUNTED, 5, observed_at=datetime.now(UTC)) for one in group]

    harvest = read(fetch, [target(0)], lambda: Witnesses(sure=(target(9),)))
    assert harvest.outcomes == {target(0): each[0]}


@pytest.mark.parametrize("code", ["not_configured", "window", "day_budget"])
def test_where_nothing_was_asked_no_witness_is_asked_either(code):
    calls = itertools.count()

    def fetch(group):
        next(calls)
        raise Limited(code)

    harvest = read(fetch, [target(0), target(1)], lambda: Witnesses(sure=(target(9),)))
    assert harvest.failure.code == code
    assert next(calls) == 1


def test_a_hunt_ends_within_its_calls_and_leaves_the_rest(monkeypatch):
    monkeypatch.setattr(culprits, "MOST_CALLS", 20)
    targets = [target(number) for number in range(100)]
    platform = Platform(targets, most=100)
    harvest = read(platform.fetch, targets, lambda: Witnesses(sure=(Target("x", "good"),)))
    assert harvest.failure is None
    assert len(platform.requests) <= 22
    assert len(harvest.outcomes) < 100


def test_error_of_our_own_finds_its_culprit_too():
    logged = []

    def fetch(group):
        if target(3) in group:
            raise ZeroDivisionError
        return [Outcome(one, Kind.COUNTED, 5, observed_at=datetime.now(UTC)) for one in group]

    targets = [target(number) for number in range(8)]
    guarded = culprits.guard(fetch, logged.append)
    harvest = read(guarded, targets, lambda: Witnesses(sure=(target(9),)))
    assert harvest.outcomes[target(3)].detail == "broken: ZeroDivisionError"
    assert sum(kind == Kind.COUNTED for kind in kinds(harvest).values()) == 7
    assert logged


def test_error_that_is_nobodys_of_the_batch_is_raised():
    def fetch(group):
        raise ConnectionError

    guarded = culprits.guard(fetch, lambda error: None, passing=(OSError,))
    with pytest.raises(ConnectionError):
        read(guarded, [target(1), target(2)], Witnesses)
