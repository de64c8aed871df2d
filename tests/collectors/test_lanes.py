"""Requests are filled, nobody is passed over, and suspects are kept from the others."""

from hypothesis import given
from hypothesis import strategies as st

from apps.collectors.lanes import Waiting, fill
from apps.collectors.types import Lane

IDS, NAMES = Lane("id", 50), Lane("name", 1)


def test_one_that_is_due_takes_along_who_is_due_later():
    waiting = [Waiting(1, IDS, is_due=True)] + [Waiting(key, IDS, is_due=False) for key in range(2, 100)]
    assert fill(waiting, 200) == [list(range(1, 51))]


def test_nothing_due_is_nothing_asked():
    assert fill([Waiting(1, IDS, is_due=False)], 200) == []


def test_one_by_one_nobody_is_taken_along():
    waiting = [Waiting(1, NAMES, is_due=True), Waiting(2, NAMES, is_due=False)]
    assert fill(waiting, 20) == [[1]]


def test_lanes_do_not_mix_in_a_request_but_share_a_batch():
    waiting = [Waiting(key, IDS if key % 2 else NAMES, is_due=True) for key in range(1, 9)]
    (batch,) = fill(waiting, 20)
    assert batch == [1, 3, 5, 7, 2, 4, 6, 8]


def test_suspects_are_asked_apart():
    waiting = [Waiting(key, IDS, is_due=True, is_suspect=key == 1) for key in range(1, 51)]
    assert fill(waiting, 49) == [[1], list(range(2, 51))]


lanes = st.sampled_from([IDS, NAMES, Lane("id", 3), Lane("x id", 40, "x"), Lane("y id", 40, "y")])
accounts = st.lists(st.tuples(lanes, st.booleans(), st.booleans()), max_size=300)


@given(accounts, st.sampled_from([1, 20, 50, 200]))
def test_everyone_due_is_in_one_batch_and_requests_are_as_few_as_may_be(drawn, size):
    drawn = sorted(drawn, key=lambda one: not one[1])  # what is due comes first
    waiting = [Waiting(key, *one) for key, one in enumerate(drawn)]
    batches = fill(waiting, size)
    given_out = [key for batch in batches for key in batch]
    assert len(given_out) == len(set(given_out))
    assert {one.key for one in waiting if one.is_due} <= set(given_out)
    by_key = {one.key: one for one in waiting}
    asked = sum(
        -(-sum(1 for key in batch if (by_key[key].lane, by_key[key].is_suspect) == lane) // lane[0].most)
        for batch in batches
        for lane in {(by_key[key].lane, by_key[key].is_suspect) for key in batch}
    )
    due = {}
    for one in waiting:
        if one.is_due:
            due[one.lane, one.is_suspect] = due.get((one.lane, one.is_suspect), 0) + 1
    assert asked == sum(-(-count // lane.most) for (lane, _), count in due.items())


def test_the_longest_due_goes_first():
    waiting = [Waiting(key, Lane(f"l{key % 3}", 2), is_due=True) for key in range(9)]
    assert fill(waiting, 2)[0] == [0, 3]
