"""One definition makes an API row and its schema: a field says what it is, how it is described, and how it is read.

None is a value that there is not; it is never 0. Days are calendar days in Asia/Almaty, instants are UTC.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from functools import cache
from inspect import signature
from operator import attrgetter
from typing import Any

from rest_framework import serializers

from apps.collectors.platforms import PLATFORMS
from apps.snapshots.models import Bound, Precision, Span, State

Shape = dict[str, Any]
Getter = Callable[..., Any]  # of the row, or of the row and the language
SPANS = [span.word for span in Span]
NULL: dict[str, Any] = {"allow_null": True}


# Comments here, and no docstrings: the document of the interface would quote those with every row.
class RowSerializer(serializers.Serializer[Any]):
    # A row of an answer. A field without a getter is read from the attribute of its name.

    @classmethod
    def shape(cls, row: Any, language: str = "en") -> Shape:
        """Return the row as JSON holds it, in the order of the fields."""
        return {name: read(row, language) for name, read in _readers(cls)}

    @classmethod
    def shape_or_none(cls, row: Any, language: str = "en") -> Shape | None:
        """Return the row as JSON holds it, None where there is none."""
        return None if row is None else cls.shape(row, language)


@cache
def _readers(row: type[RowSerializer]) -> tuple[tuple[str, Callable[[Any, str], Any]], ...]:
    """Pair each field's name with the function that reads it; compiled once, as a page holds a thousand rows."""
    return tuple(
        (name, _reader(field, name))
        for name, field in row._declared_fields.items()
        if getattr(field, "get", None) is not False
    )


def _reader(field: Any, name: str) -> Callable[[Any, str], Any]:
    get: Getter = getattr(field, "get", None) or attrgetter(name)
    convert: Callable[[Any], Any] | None = getattr(field, "convert", None)
    takes_language = get.__class__ is not attrgetter and len(signature(get).parameters) == 2
    if takes_language:
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
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at else None


def day_text(on: date | None) -> str | None:
    return on.isoformat() if on else None


def span_word(span: int | str | None) -> str | None:
    """Return year, month or day, of the number that the database holds or of the word itself."""
    return span if isinstance(span, str) else Span(span).word if span else None


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
