"""Keys that sort and find names in Kazakh, Russian and English, computed by the database.

PostgreSQL without ICU sorts Cyrillic by code point, which puts every Kazakh letter after Я. The keys map the
letters onto a run of code points in the order of the Kazakh alphabet, of which the Russian one is a part.
"""

from django.db.models import F, Func, Value
from django.db.models.functions import Lower

ALPHABET = "аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя"
FIRST = 0x0430
IGNORED = "«»\"“”„'’‘()[]-–—.,:;!?/"
LOOK_ALIKES = {
    "ә": "а",
    "ғ": "г",
    "қ": "к",
    "ң": "н",
    "ө": "о",
    "ұ": "у",
    "ү": "у",
    "һ": "х",
    "і": "и",
    "ё": "е",
}

_ORDERED = "".join(chr(FIRST + place) for place in range(len(ALPHABET)))


def _translate(column: str, letters: str, becomes: str) -> Func:
    # Both cases are listed: lower() of a database with the C locale knows no Cyrillic.
    return Func(
        Lower(F(column)),
        Value(letters + letters.upper() + IGNORED),
        Value(becomes + becomes),
        function="translate",
    )


def sort_key(column: str) -> Func:
    """The column's text as a key that the C collation orders as the Kazakh alphabet does."""
    return _translate(column, ALPHABET, _ORDERED)


def fold_key(*columns: str) -> Func:
    """The columns' text in small letters, Kazakh letters as their Russian look-alikes, without punctuation."""
    folded = "".join(LOOK_ALIKES.get(letter, letter) for letter in ALPHABET)
    parts = [_translate(column, ALPHABET, folded) for column in columns]
    joined: Func = parts[0]
    for part in parts[1:]:
        joined = Func(joined, part, template="(%(expressions)s)", arg_joiner=" || ' ' || ")
    return joined


def fold(text: str) -> str:
    """The same folding for a text that is searched for."""
    kept = "".join(letter for letter in text.lower() if letter not in IGNORED)
    return "".join(LOOK_ALIKES.get(letter, letter) for letter in kept)
