"""Sentences about overtakes."""

from collections.abc import Sequence
from typing import Final

from django.utils.translation import ngettext

from apps.figures import formats
from apps.figures.sentences import overtake
from apps.standings.types import Overtake

AGAIN_AND_AGAIN: Final = 3  # times that two pass each other, from which on they are told together


def overtakes(items: Sequence[Overtake], names: dict[str, str]) -> list[str]:
    """Say who passed whom, in the order given; two that passed each other again and again are told as one line."""
    pairs: dict[tuple[str, frozenset[str]], list[Overtake]] = {}
    for item in items:
        pairs.setdefault((item.platform, frozenset((item.winner, item.loser))), []).append(item)
    return [
        sentence
        for passes in pairs.values()
        for sentence in (
            [passed_each_other(passes, names)]
            if len(passes) >= AGAIN_AND_AGAIN
            else [overtake(item, names) for item in passes]
        )
    ]


def passed_each_other(passes: Sequence[Overtake], names: dict[str, str]) -> str:
    """Say how often two passed each other, between which days, and who was ahead after the last time."""
    first = min(passes, key=lambda item: (item.by, item.after))
    last = max(passes, key=lambda item: (item.by, item.after))
    one, other = sorted((last.winner, last.loser))
    return ngettext(
        "On %(platform)s, %(one)s and %(other)s passed each other %(times)s time between %(after)s and %(by)s; ahead after the last: %(winner)s.",
        "On %(platform)s, %(one)s and %(other)s passed each other %(times)s times between %(after)s and %(by)s; ahead after the last: %(winner)s.",
        len(passes),
    ) % {
        "platform": formats.platform_name(last.platform),
        "one": names.get(one, one),
        "other": names.get(other, other),
        "times": formats.number(len(passes)),
        "after": formats.passed_after(first),
        "by": formats.passed_by(last),
        "winner": names.get(last.winner, last.winner),
    }
