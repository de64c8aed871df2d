"""One definition makes an API row and its schema: a field says what it is, how it is described, and how it is read.

None is a value that there is not; it is never 0. Days are calendar days in Asia/Almaty, instants are UTC.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from functools import cache
from inspect import signature
from operator import attrgetter
from typing import Any, NamedTuple

from rest_framework import serializers

from apps.collectors.platforms import PLATFORMS
from apps.snapshots.models import Bound, Precision, Span, State

Shape = dict[str, Any]
Getter = Callable[..., Any]  # of the row, or of the row and the language
_WORDS: dict[int, str] = {span.value: span.word for span in Span}
SPANS = list(_WORDS.values())
NULL: dict[str, Any] = {"allow_null": True}


# Comments here, and no docstrings: the document of the interface would quote those with every row.
class RowSerializer(serializers.Serializer[Any]):
    # A row of an answer. A field without a getter is read from the attribute of its name.

    @classmethod
    def shape(cls, row: Any, language: str = "en") -> Shape:
        """Return the row as JSON holds it, in the order of the fields."""
        reader = _reader_of(cls)
        shaped = dict(zip(reader.names, reader.attributes(row), strict=True))
        for name, convert in reader.converted:
            shaped[name] = convert(shaped[name])
        for name, read in reader.computed:
            shaped[name] = read(row, language)
        return shaped

    @classmethod
    def shape_or_none(cls, row: Any, language: str = "en") -> Shape | None:
        """Return the row as JSON holds it, None where there is none."""
        return None if row is None else cls.shape(row, language)


class _Reader(NamedTuple):
    """How a row is read: its attributes at one go, as a page holds a thousand rows, then what is made of them."""

    names: tuple[str, ...]
    attributes: Callable[[Any], Sequence[Any]]  # a value for each name; any where it is computed
    converted: list[tuple[str, Callable[[Any], Any]]]
    computed: list[tuple[str, Callable[[Any, str], Any]]]


@cache
def _reader_of(row: type[RowSerializer]) -> _Reader:
    fields = {
        name: field
        for name, field in row._declared_fields.items()
        if getattr(field, "get", None) is not False
    }
    computed = [(name, _read_by(field)) for name, field in fields.items() if getattr(field, "get", None)]
    places = dict(computed)
    # The class stands for what is computed; a second one makes attrgetter answer with a tuple for a single field too.
    get = attrgetter(*("__class__" if name in places else name for name in fields), "__class__")
    return _Reader(
        tuple(fields),
        lambda of: get(of)[:-1],
        [
            (name, convert)
            for name, field in fields.items()
            if name not in places and (convert := getattr(field, "convert", None))
        ],
        computed,
    )


def _read_by(field: Any) -> Callable[[Any, str], Any]:
    get: Getter = field.get
    convert: Callable[[Any], Any] | None = field.convert
    if len(signature(get).parameters) == 2:
        return get
    if convert is None:
        return lambda row, _language: get(row)
    return lambda row, _language: convert(get(row))


def _field(kind: Any, text: str, get: Getter | None, convert: Any = None, **more: Any) -> Any:
    field = kind(help_text=text, **more)
    field.get, field.convert = get, convert
    return field


def instant_text(at: datetime | None) -> str | None:
    """Return 2026-11-22T13:05:09Z; whole seconds, as in the files."""
    return f"{at.astimezone(UTC).isoformat()[:19]}Z" if at else None


def day_text(on: date | None) -> str | None:
    return on.isoformat() if on else None


def span_word(span: int | str | None) -> str | None:
    """Return year, month or day, of the number that the database holds or of the word itself."""
    return span if isinstance(span, str) else _WORDS[span] if span else None


def round_number(value: float | None) -> float | None:
    """Round as the files do, so that the answer is the same on every machine."""
    return None if value is None else round(float(value), 4)


def text(words: str, get: Getter | None = None, **more: Any) -> Any:
    return _field(serializers.CharField, words, get, **more)


def whole(words: str, get: Getter | None = None, **more: Any) -> Any:
    return _field(serializers.IntegerField, words, get, **more)


def number(words: str, get: Getter | None = None, **more: Any) -> Any:
    return _field(serializers.FloatField, words, get, round_number, **more)


def raw_number(words: str, get: Getter | None = None, **more: Any) -> Any:
    """Describe a number that is given as it is recorded."""
    return _field(serializers.FloatField, words, get, _float, **more)


def _float(value: Any) -> float | None:
    return None if value is None else float(value)


def yes(words: str, get: Getter | None = None, **more: Any) -> Any:
    return _field(serializers.BooleanField, words, get, **more)


def day(words: str, get: Getter | None = None, **more: Any) -> Any:
    return _field(serializers.DateField, words, get, day_text, **more)


def instant(words: str, get: Getter | None = None, **more: Any) -> Any:
    return _field(serializers.DateTimeField, words, get, instant_text, **more)


def some(values: Iterable[Any], words: str, get: Getter | None = None, **more: Any) -> Any:
    """Describe one of some words."""
    return _field(serializers.ChoiceField, words, get, choices=list(values), **more)


def many(child: Any, words: str, get: Getter | None = None) -> Any:
    """Describe a list of words or numbers."""
    return _field(serializers.ListField, words, get, child=child)


def counts(words: str, get: Getter | None = None) -> Any:
    """Describe a dictionary of whole numbers."""
    return _field(serializers.DictField, words, get, child=serializers.IntegerField())


def row_field(row: type[RowSerializer], words: str, get: Getter, **more: Any) -> Any:
    """Describe a row within the row; read by its own definition."""

    def read(of: Any, language: str) -> Shape | None:
        return row.shape_or_none(get(of), language)

    return _field(row, words, read, **more)


def rows_within(row: type[RowSerializer], words: str, get: Getter) -> Any:
    """Describe a list of rows within the row."""

    def read(of: Any, language: str) -> list[Shape]:
        return [row.shape(each, language) for each in get(of)]

    return _field(row, words, read, many=True)


def platform(words: str = "The platform.", get: Getter | None = None, **more: Any) -> Any:
    return some(PLATFORMS, words, get, **more)


def span(words: str = "What the value speaks for.", get: Getter | None = None, **more: Any) -> Any:
    return _field(serializers.ChoiceField, words, get, span_word, choices=SPANS, **more)


def date_fields() -> tuple[Any, Any]:
    """Describe day and span."""
    return day("The calendar day in Almaty; of a month or a year its first day."), span()


def count_fields() -> tuple[Any, Any, Any, Any]:
    """Describe state, followers, bound and precision: what a snapshot says."""
    return (
        some(State.values, "counted, or why there is no number."),
        whole("Only where the state is counted; null is never 0.", **NULL),
        some(
            Bound.values,
            "= as counted, > more than, < less than, ~ about; null where nothing is counted.",
            lambda one: one.bound if one.followers is not None else None,
            **NULL,
        ),
        some(
            Precision.values,
            "exact; 3sf: rounded down to three figures; abbrev: as 76K; printed in a publication.",
        ),
    )


class PageSerializer(RowSerializer):
    # What every page of rows holds beside them; filled by base.page.

    next = text("The address of the next page; null on the last one.", **NULL)
    left_out = many(
        platform(),
        "Platforms whose terms do not let counts from their own interface be given out: they are not here.",
    )
    next.get = left_out.get = False


def of_page(row: type[RowSerializer]) -> Any:
    """Describe the rows of a page."""
    field = row(many=True)
    field.get = False  # type: ignore[attr-defined]
    return field


def page_of(row: type[RowSerializer]) -> type[PageSerializer]:
    """Describe a page of such rows."""
    return type(
        f"{row.__name__.removesuffix('Serializer')}Page",
        (PageSerializer,),
        {"__doc__": None, "results": of_page(row)},
    )
