"""Garbage collection in processes that serve others."""

import gc
from itertools import count
from typing import Final

YOUNG: Final = (
    10_000  # objects; a page makes some tens of thousands, that nearly all live no longer than it does
)
MOST: Final = 200_000  # objects of a single answer; then the collector comes in between
SELDOM: Final = 20  # times that the young ones are looked through until all are

_turns = count(1)


def keep_loaded() -> None:
    """Freeze what is loaded by now: gc.freeze() before a fork keeps its pages shared."""
    gc.collect()
    gc.freeze()
    gc.enable()


def between_answers() -> None:
    """Collect garbage when an answer has been sent from now on: while it was made, that took a tenth of its time."""
    gc.set_threshold(MOST, 10, 10)


def collect() -> None:
    """Collect, as an answer has been sent."""
    if gc.get_count()[0] > YOUNG:
        gc.collect(2 if next(_turns) % SELDOM == 0 else 0)
