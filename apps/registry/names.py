"""Keys that sort and find names in Kazakh, Russian and English, computed by the database.

PostgreSQL without ICU sorts Cyrillic by code point, which puts every Kazakh letter after Я. The keys map the
letters onto a run of code points in the order of the Kazakh alphabet, of which the Russian one is a part.
"""

import unicodedata

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
    """Return the column's text as a key that the C collation orders as the Kazakh alphabet does."""
    return _translate(column, ALPHABET, _ORDERED)


def fold_key(*columns: str) -> Func:
    """Return the columns' text in small letters, Kazakh letters as their Russian look-alikes, without punctuation."""
    folded = "".join(LOOK_ALIKES.get(letter, letter) for letter in ALPHABET)
    parts = [_translate(column, ALPHABET, folded) for column in columns]
    joined: Func = parts[0]
    for part in parts[1:]:
        joined = Func(joined, part, template="(%(expressions)s)", arg_joiner=" || ' ' || ")
    return joined


def fold(text: str) -> str:
    """Return the same folding for a text that is searched for."""
    kept = "".join(letter for letter in text.lower() if letter not in IGNORED)
    return "".join(LOOK_ALIKES.get(letter, letter) for letter in kept)


# Longest first: "shch" is one letter, not "s" and "hch".
_CYRILLIC = {
    "shch": "щ", "sh": "ш", "ch": "ч", "zh": "ж", "kh": "х", "gh": "г", "ts": "ц", "tz": "ц", "ph": "ф",
    "ya": "я", "ia": "ия", "yu": "ю", "yo": "е", "ye": "е", "iy": "ий",
    "a": "а", "b": "б", "c": "к", "d": "д", "e": "е", "f": "ф", "g": "г", "h": "х", "i": "и", "ı": "ы",
    "j": "ж", "k": "к", "l": "л", "m": "м", "n": "н", "o": "о", "p": "п", "q": "к", "r": "р", "s": "с",
    "ş": "ш", "t": "т", "u": "у", "v": "в", "w": "у", "x": "кс", "y": "ы", "z": "з",
}  # fmt: skip
_LATIN = dict(
    zip(
        "абвгдежзийклмнопрстуфхцчшщъыьэюя",
        "a b v g d e zh z i y k l m n o p r s t u f kh ts ch sh shch - y - e yu ya".replace("-", "").split(
            " "
        ),
        strict=True,
    )
)
_LONGEST = max(len(letters) for letters in _CYRILLIC)
_VOWELS = "аеиоуыэюя"


# The keys of a keyboard in two layouts. Kazakh has its own letters on the row of digits, the others as in Russian.
_LATIN_KEYS = "`qwertyuiop[]asdfghjkl;'zxcvbnm,." + '~QWERTYUIOP{}ASDFGHJKL:"ZXCVBNM<>'
_CYRILLIC_KEYS = "ёйцукенгшщзхъфывапролджэячсмитьбю" + "ЁЙЦУКЕНГШЩЗХЪФЫВАПРОЛДЖЭЯЧСМИТЬБЮ"
_OTHER_KEYS = str.maketrans(_LATIN_KEYS + _CYRILLIC_KEYS, _CYRILLIC_KEYS + _LATIN_KEYS)


def in_other_layout(text: str) -> str:
    """Return what the same keys write in the other keyboard layout: vbyplhfd is минздрав."""
    return text.translate(_OTHER_KEYS)


def spellings(word: str) -> tuple[str, ...]:
    """Return a folded word as it may stand in a name: as it is, and in the other alphabet."""
    return tuple(dict.fromkeys(one for one in (word, in_cyrillic(word), in_latin(word)) if one))


def in_cyrillic(word: str) -> str:
    """Write Latin letters as the folded Cyrillic ones they are commonly written for: densaulyq is денсаулык."""
    # ä, ñ, ū and their like lose their marks; ş keeps its own sound.
    bare = "".join(letter if letter == "ş" else unicodedata.normalize("NFKD", letter)[0] for letter in word)
    written, place = "", 0
    while place < len(bare):
        for length in range(_LONGEST, 0, -1):
            letters = bare[place : place + length]
            if len(letters) == length and letters in _CYRILLIC:
                break
        after_vowel = letters == "y" and written[-1:] in tuple(_VOWELS)
        written += "й" if after_vowel else _CYRILLIC.get(letters, letters)
        place += len(letters)
    return written


def in_latin(word: str) -> str:
    """Write folded Cyrillic letters as English texts do."""
    return "".join(_LATIN.get(letter, letter) for letter in word)
