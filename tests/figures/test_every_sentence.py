"""Every sentence that is built of standings is held, clause by clause, against the snapshots of seeded random worlds.

SENTENCE_WORLDS=300 looks at more of them. A text that is new in one of the MODULES fails until it is listed here.
"""

import ast
import os
import random
import re
from datetime import date, timedelta

import pytest
from django.conf import settings
from django.utils import translation

from apps.figures import answers, comparing, formats, mine, moves, passes, sentences
from apps.registry.models import Actor
from apps.standings import overtakes, ranks
from apps.standings.comparison import View, common_base, view
from apps.standings.league import league
from apps.standings.shares import shares
from apps.standings.trends import trend
from apps.standings.types import Scope
from tests.figures.sentence_checks import CHECKS, ELSEWHERE, Record
from tests.standings import oracle
from tests.standings.test_oracle import stored

pytestmark = pytest.mark.django_db
# Of the first 300 worlds those that show nearly every text between them.
SEEDS = [96, 77, 245, 115, 73, 106, 284, 28, 11, 15, 120, 150, 154, 192, 216]
WORLDS = [*SEEDS, *range(int(os.environ.get("SENTENCE_WORLDS", "0")))]
MODULES = ("answers", "comparing", "mine", "moves", "passes", "sentences")
FIRST = date(2024, 1, 1)
LAST = date(2024, 12, 1)
GETTEXT = {"gettext": 0, "ngettext": 0, "pgettext": 1}


def texts_of(module):
    """Return the texts that a module hands to gettext; of plurals the first form."""
    tree = ast.parse((settings.BASE_DIR / "apps/figures" / f"{module}.py").read_text())
    calls = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in GETTEXT
    ]
    return {call.args[GETTEXT[call.func.id]].value for call in calls}


def plurals_of(module):
    tree = ast.parse((settings.BASE_DIR / "apps/figures" / f"{module}.py").read_text())
    return {
        node.args[0].value: node.args[1].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "ngettext"
    }


def test_every_text_is_checked_here_or_said_to_be_elsewhere():
    written = set().union(*(texts_of(module) for module in MODULES))
    assert written == set(CHECKS) | set(ELSEWHERE)
    assert not set(CHECKS) & set(ELSEWHERE)


NUMBERS = {"count", "of", "times", "places", "days"}


def pattern(text):
    written, names = "", set()
    for place, part in enumerate(re.split(r"%\((\w+)\)s", text)):
        shape = r"\d[\d,]*" if part in NUMBERS else ".+?"
        named = f"(?P={part})" if part in names else f"(?P<{part}>{shape})"
        written += named if place % 2 else re.escape(part)
        names |= {part} if place % 2 else set()
    return re.compile(written)


PLURALS = {text: more for module in MODULES for text, more in plurals_of(module).items()}
PATTERNS = [(pattern(form), text) for text in CHECKS for form in {text, PLURALS.get(text, text)}]


def clauses(sentence):
    """Split a text of several sentences, none of whose names or dates holds a full stop."""
    return [part + "." for part in re.split(r"\.(?: |$)", sentence) if part]


def make_world(chance):
    """A few actors whose counts are often close, some of them bounds, rounded, hidden, late, or of a whole year."""
    actors = []
    is_plain = chance.random() < 0.6  # exact counts alone
    for number in range(chance.randint(1, 4)):
        accounts = [
            oracle.Acc("facebook", make_snaps(chance, plain=is_plain))
            for _ in range(chance.choice([1, 1, 1, 2]))
        ]
        actors.append(
            oracle.Act(f"actor-{number}", chance.choice(["state_body", "blogger"]), False, accounts)
        )
    return oracle.World(actors)


def rare_worlds():
    """Two that pass each other again and again, two that rounding makes level, and a third that may be above both."""
    for counts, word in (({10: 9, 30: 12, 31: 9, 62: 12}, "exact"), ({310: 39_000}, "printed")):
        accounts = [
            [
                oracle.Snap(FIRST + timedelta(days=day), "day", "counted", count, "=", word, "", "one")
                for day, count in own.items()
            ]
            for own in (counts, dict.fromkeys(counts, 10 if word == "exact" else 39000))
        ]
        yield oracle.World(
            [
                oracle.Act(f"actor-{place}", "blogger", False, [oracle.Acc("facebook", snaps)])
                for place, snaps in enumerate(accounts)
            ]
        )
    yield oracle.World(
        [
            oracle.Act(
                f"actor-{place}",
                "blogger",
                False,
                [
                    oracle.Acc(
                        "facebook", [oracle.Snap(LAST, "day", "counted", count, bound, "exact", "", "one")]
                    )
                ],
            )
            for place, (count, bound) in enumerate([(300, "="), (200, "="), (100, ">")])
        ]
    )


def make_snaps(chance, *, plain):
    times = {("day", day) for day in (FIRST, LAST) if chance.random() < 0.8}
    times |= {
        ("day", FIRST + timedelta(days=chance.choice([10, 30, 31, 62, 100, 200, 300, 310, 330])))
        for _ in range(chance.randint(0, 4))
    }
    if not plain and chance.random() < 0.3:
        times.add(("year", date(2023, 1, 1)))
    base = chance.choice([10, 1000, 50_000])
    return [
        make_snap(chance, day, span, base, plain=plain) for span, day in sorted(times, key=lambda one: one[1])
    ]


def make_snap(chance, day, span, base, *, plain):
    state = (
        "counted" if chance.random() < 0.9 else chance.choice(["hidden", "absent", "suspended", "private"])
    )
    if state != "counted":
        return oracle.Snap(day, span, state, None, "=", "exact", "", "one")
    followers = base + chance.choice([0, 0, 1, 1, 2, 3, 5, 9]) * base // 10
    bound = "=" if plain else chance.choice("=======><~")
    word = "exact" if plain else chance.choice(["exact", "exact", "printed", "3sf"])
    return oracle.Snap(day, span, state, followers, bound, word, "", "one")


def written_of(world, on, since, *, is_period):
    """Return what every builder says of a world."""
    scope = Scope(platform="facebook")
    reference = "actor-0"
    standing = league(scope, on, since, is_period=is_period)
    measured = league(scope, on, since, reference, is_period=is_period)
    for found in (standing, measured):
        yield from sentences.summary(found, "facebook")
        yield from (sentences.sample(item) for item in found.samples[:1])
        yield from (sentences.sample(item, "Kind") for item in found.samples[1:])
        if not is_period:
            yield sentences.say_left_out(found)
        yield from sentences.sum_line(found).split(" · ")
        yield sentences.last_known(found)
        yield sentences.open_ranks(found)
    lines = trend(scope, since, on, reference)
    yield from sentences.trend(lines)
    for name in View:
        base = common_base(lines)
        yield from comparing.summary(lines, view(lines, name, base), name, base, shares(lines))
    passed = overtakes.within(scope, since, on)
    yield from passes.overtakes(passed, {})
    if (actor := Actor.objects.filter(slug=reference).first()) and is_period:
        mine_now = mine.standing(actor, "facebook", on, since)
        yield from answers.answer(mine_now).sentences
        yield from mine_now.says
    days = ranks.reading_days(scope, since, on)
    if days and (ranked := ranks.ranks(scope, days, constant=True)):
        yield from moves.summary(ranked, days)
        yield from moves.own(ranks.ranks(scope, days, only=reference, constant=True))
        yield moves.constancy(days)


def questions():
    """Yield worlds, each with a question that is asked of it."""
    for seed in WORLDS:
        chance = random.Random(seed)  # noqa: S311 examples, not secrets
        world = make_world(chance)
        on = chance.choice([LAST, LAST + timedelta(days=20), LAST + timedelta(days=60)])
        since = chance.choice([FIRST, FIRST + timedelta(days=40), FIRST + timedelta(days=305)])
        yield seed, world, on, since, chance.random() < 0.6
    for world in rare_worlds():
        yield "rare", world, LAST, FIRST, False


def test_every_clause_is_what_the_record_says():
    hits, wrong = set(), {}
    for seed, world, on, since, is_period in questions():
        with stored(world), translation.override("en"):
            said = list(written_of(world, on, since, is_period=is_period))
            days = ranks.reading_days(Scope(platform="facebook"), since, on)
            record = Record(world, on, since, is_period, days)
        for text in said:
            for clause in clauses(text.replace(formats.NO_BREAK, " ")) if text else []:
                text, holds = check(clause, record)
                hits.add(text)
                if not holds:
                    wrong.setdefault(text, f"world {seed}: {clause}")
    assert wrong == {}
    assert set(CHECKS) - hits == set(), "no world shows these"


def check(clause, record):
    """Return the text that a clause is, and whether the record says so."""
    found = [
        (match, text)
        for shape, text in PATTERNS
        if (match := shape.fullmatch(clause) or shape.fullmatch(clause.removesuffix(".")))
    ]
    assert found, f"{clause} is none of the texts"
    # Of two texts that fit the longer one is meant: fewer of its letters are a name.
    match, text = max(found, key=lambda one: len(re.sub(r"%\(\w+\)s", "", one[1])))
    return text, CHECKS[text](record, **match.groupdict())
