"""robots.txt after RFC 9309: the longest rule that fits wins."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote

OUR_NAME: Final = "kzmedia"
LONGEST: Final = 500_000  # letters of a file that are read, as the RFC asks
MOST_RULES: Final = 2_000
MOST_STARS: Final = 10
LONGEST_DELAY: Final = 10.0  # seconds between two requests that we still wait


@dataclass(frozen=True)
class Rule:
    path: str  # with * for anything and $ for the end
    allows: bool


@dataclass(frozen=True)
class Robots:
    """The rules that are meant for us, and the seconds that a site asks to let pass between requests."""

    rules: tuple[Rule, ...] = ()
    delay: float = 0.0

    def allows(self, path: str) -> bool:
        """Tell whether a path, with its query, may be read. Of equally long rules the one that allows wins."""
        path = normalise(path)
        fitting = [rule for rule in self.rules if rule.path and fits(rule.path, path)]
        if not fitting:
            return True
        return max(fitting, key=lambda rule: (len(rule.path), rule.allows)).allows


ALLOWS_ALL: Final = Robots()
ALLOWS_NOTHING: Final = Robots((Rule("/", allows=False),))


def parse(text: str) -> Robots:
    """Read a robots.txt: the group that names us, else the one for everybody."""
    own: list[Rule] = []
    everybody: list[Rule] = []
    delays: dict[str, float] = {}
    is_named = False
    names: list[str] = []
    in_rules = False
    for line in text[:LONGEST].splitlines():
        field, colon, value = line.partition("#")[0].partition(":")
        field, value = field.strip().lower(), value.strip()
        if not colon:
            continue
        if field == "user-agent":
            names = [] if in_rules else names
            in_rules = False
            names.append(value.lower().partition("/")[0].strip())
            is_named = is_named or OUR_NAME in names
        elif field in ("allow", "disallow", "crawl-delay"):
            in_rules = True
            for name, rules in ((OUR_NAME, own), ("*", everybody)):
                if name not in names:
                    continue
                if field == "crawl-delay":
                    delays[name] = _seconds(value)
                elif len(rules) < MOST_RULES:
                    rules.append(Rule(normalise(value), field == "allow"))
    name = OUR_NAME if is_named else "*"
    return Robots(tuple(own if is_named else everybody), delays.get(name, 0.0))


def _seconds(value: str) -> float:
    try:
        return min(max(float(value), 0.0), 86_400.0)
    except ValueError:
        return 0.0


def normalise(path: str) -> str:
    """Write a path in one way, so that an encoded letter equals a plain one."""
    return quote(unquote(path, errors="replace"), safe="/*$?=&%:;,+!'()@~-._[]")


def fits(pattern: str, path: str) -> bool:
    """Tell whether a rule's path fits; in time that grows with their lengths only."""
    is_whole = pattern.endswith("$")
    first, *others = pattern.removesuffix("$").split("*", MOST_STARS)
    if not path.startswith(first):
        return False
    place = len(first)
    if not others:
        return not is_whole or place == len(path)
    *middle, last = others
    for part in middle:
        found = path.find(part, place)
        if found < 0:
            return False
        place = found + len(part)
    if is_whole:
        return len(path) - place >= len(last) and path.endswith(last)
    return path.find(last, place) >= 0
