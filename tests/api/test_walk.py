"""Snapshots read along the accounts' key, a stretch at a time, are those that one statement sorts."""

import pytest

from apps.api import reads
from apps.standings.types import Scope
from tests.builders import make_account, make_snapshot

pytestmark = pytest.mark.django_db


def pages(chosen, count):
    position, found = None, []
    while rows := reads.snapshots(chosen, "", position, count):
        found.append(rows)
        position = (rows[-1].account, rows[-1].day, rows[-1].span)
    return found


@pytest.mark.parametrize("count", [1, 2, 3, 50])
@pytest.mark.parametrize("first", [None, "2022-03-03"])
def test_every_page_is_the_same(monkeypatch, count, first):
    for number in range(7):
        account = make_account(f"a{number}")
        for day in range(1, 5) if number % 3 else ():  # some have nothing, and stretches end among them
            make_snapshot(account, f"2022-03-0{day}", 100 * number + day)
    chosen = reads.Chosen(Scope(), first=first)
    at_once = pages(chosen, count)
    monkeypatch.setattr(reads, "MANY", 0)
    assert pages(chosen, count) == at_once
    assert sum(map(len, at_once)) == (16 if first is None else 8)
