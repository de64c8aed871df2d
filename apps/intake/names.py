"""Match names with actors: compared in composed form, without what no reader sees; what is only like a name is offered, never taken."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

PEOPLE: Final = ("official", "blogger")  # kinds whose names may stand in either order
LONGEST_NAME: Final = 200  # characters
ENOUGH: Final = 0.55  # likeness from which a name is offered
MOST_CANDIDATES: Final = 400
_INVISIBLE: Final = re.compile(
    "[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff]"
)
_LOOK_ALIKES: Final = str.maketrans("әғқңөұүһіё", "агкноуухие")
_APOSTROPHES: Final = re.compile("['’‘ʼʻ`´ʹ′]")
_REPUBLIC: Final = re.compile(
    r"\b(?:республики казахстан|казакстан республикасы(?:нын)?|of the republic of kazakhstan|кр|рк|rk)\b"
)
_EMPTY_WORDS: Final = frozenset(["рк", "и", "по", "при", "для", "of", "the", "and", "for", "жане", "of"])


@dataclass(frozen=True)
class Named:
    """An actor as tables may name it."""

    pk: int
    slug: str
    kind: str
    names: Sequence[str]  # in every language, short forms and aliases too


def name_key(text: str) -> str:
    """Return a name as names are compared: composed, small letters, Kazakh letters as their Russian look-alikes, words alone."""
    composed = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).casefold()
    bare = "".join(_fold(sign) for sign in _APOSTROPHES.sub("", composed)).translate(_LOOK_ALIKES)
    return _REPUBLIC.sub("рк", " ".join(bare.split()))


def _fold(sign: str) -> str:
    """Return the sign where it is a letter, a digit or a picture, "" for a combining mark, else a space."""
    if sign.isalnum():
        return sign
    category = unicodedata.category(sign)
    return sign if category == "So" else "" if category == "Mn" else " "


_LATIN_LETTER, _CYRILLIC_LETTER = re.compile("[a-z]"), re.compile("[а-я]")
_CYRILLIC_TWINS: Final = str.maketrans("aceopxykmthbi", "асеорхукмтнви")
_LATIN_TWINS: Final = str.maketrans("асеорхукмтнви", "aceopxykmthbi")


def of_one_script(word: str) -> str:
    """Return a word in small letters without look-alikes of the other script, of which it has fewer letters."""
    latin, cyrillic = len(_LATIN_LETTER.findall(word)), len(_CYRILLIC_LETTER.findall(word))
    if not latin or not cyrillic:
        return word
    return word.translate(_LATIN_TWINS if latin > cyrillic else _CYRILLIC_TWINS)


class ActorIndex:
    """Finds actors by what a table calls them."""

    def __init__(self, actors: Iterable[Named]) -> None:
        self._exact: dict[str, set[int]] = defaultdict(set)
        self._slugs: dict[str, int] = {}
        self._words: dict[tuple[str, ...], set[int]] = defaultdict(set)
        self._people: set[int] = set()
        self._keys: dict[int, list[list[str]]] = defaultdict(list)
        self._beginnings: dict[str, set[int]] = defaultdict(set)
        for actor in actors:
            self._add(actor)

    def _add(self, actor: Named) -> None:
        self._slugs[actor.slug] = actor.pk
        if actor.kind in PEOPLE:
            self._people.add(actor.pk)
        for key in {name_key(name) for name in actor.names if name}:
            words = key.split()
            self._exact[key].add(actor.pk)
            self._words[tuple(sorted(words))].add(actor.pk)
            self._keys[actor.pk].append(words)
            for word in words:
                self._beginnings[word[:4]].add(actor.pk)

    def find(self, text: str) -> list[int]:
        """Return the actors that bear exactly this name or slug: none, one, or several of one name."""
        plain = _INVISIBLE.sub("", text).strip()
        if plain.casefold() in self._slugs:
            return [self._slugs[plain.casefold()]]
        key = name_key(text)
        if key in self._exact:
            return sorted(self._exact[key])
        words = key.split()
        turned = self._words.get(tuple(sorted(words)), set())
        if 2 <= len(words) <= 3 and len(turned) == 1 and turned <= self._people:
            return sorted(turned)
        slug = key.replace(" ", "-")
        return [self._slugs[slug]] if slug in self._slugs else []

    def likely(self, text: str, limit: int = 3) -> list[int]:
        """Return the actors whose names are like this one, the likeliest first."""
        words = [of_one_script(word) for word in name_key(text).split() if word not in _EMPTY_WORDS][:12]
        if not words:
            return []
        near: dict[int, int] = defaultdict(int)
        for word in words:
            for beginning in {word[:4], *(word[cut : cut + 4] for cut in range(3, min(len(word) - 3, 8)))}:
                for pk in self._beginnings.get(beginning, ()):
                    near[pk] += 1
        pool = sorted(near, key=lambda pk: -near[pk])[:MOST_CANDIDATES]
        scored = [(max(_likeness(words, key) for key in self._keys[pk]), -pk) for pk in pool]
        return [-pk for score, pk in sorted(scored, reverse=True)[:limit] if score >= ENOUGH]


def _likeness(words: Sequence[str], name: Sequence[str]) -> float:
    """Return how much of the words a name covers, from 0 to 1; a little less where it says much more."""
    name = [word for word in name if word not in _EMPTY_WORDS] or list(name)
    covered = sum(_word_likeness(word, name) for word in words) / len(words)
    return covered - 0.02 * max(len(name) - len(words), 0)


def _word_likeness(word: str, name: Sequence[str]) -> float:
    if word in name:
        return 1.0
    if len(word) == 1:
        return 0.6 if any(other.startswith(word) for other in name) else 0.0
    best = max((_common(word, other) / max(len(word), len(other)) for other in name), default=0.0)
    best = best if best >= 0.6 else 0.0
    # «Минтруда» is «министерство труда», «Генпрокуратура» is «Генеральная прокуратура».
    for cut in range(3, len(word) - 3):
        left, right = word[:cut], word[cut:]
        if any(other.startswith(left) for other in name) and any(
            _common(right, other) >= min(4, len(right)) for other in name
        ):
            return max(best, 0.9)
    return best


def _common(one: str, other: str) -> int:
    """Return the length of the common beginning."""
    length = 0
    for first, second in zip(one, other, strict=False):
        if first != second:
            break
        length += 1
    return length
