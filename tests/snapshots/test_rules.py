"""Rules that stand in Python and in the database: the same cases for both."""

from itertools import product

import pytest
from django.db import IntegrityError, transaction

from apps.snapshots.models import State
from apps.snapshots.rules import value_problems
from tests.builders import make_account, make_snapshot


@pytest.mark.django_db
def test_a_number_goes_with_counted_alone_in_python_and_in_the_database():
    snapshot = make_snapshot(make_account(), "2022", 5)
    refused = []
    for state, followers in product(State, (None, 0, 7)):
        is_wrong = any(value_problems(state, followers))
        try:
            with transaction.atomic():
                type(snapshot).objects.filter(pk=snapshot.pk).update(state=state, followers=followers)
        except IntegrityError:
            refused.append((state, followers))
            assert is_wrong, (state, followers)
        else:
            assert not is_wrong, (state, followers)
    assert len(refused) == 1 + 2 * (len(State) - 1)


def test_what_does_not_go_together_is_named():
    assert list(value_problems("counted", None)) == [("followers", "number_missing")]
    assert list(value_problems("counted", -1)) == [("followers", "number_negative")]
    assert list(value_problems("counted", 0, ">")) == []
    assert list(value_problems("absent", 0, ">")) == [
        ("followers", "number_of_a_state"),
        ("bound", "bound_of_a_state"),
    ]
