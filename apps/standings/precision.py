"""Rounding step and bound of a count, and how they propagate through sums and differences.

The same rules in Python and as SQL expressions; a test holds the two together.
"""

from collections.abc import Mapping
from functools import lru_cache

from apps.snapshots.models import Precision

# From the finest to the coarsest.
COARSENESS = (Precision.EXACT, Precision.THREE_FIGURES, Precision.ABBREVIATED, Precision.PRINTED)

# A bound as two bits, "may be more" and "may be less": of a sum, the bits of its parts together.
BITS: dict[str, int] = {"=": 0, ">": 1, "<": 2, "~": 3}
BOUNDS = tuple(BITS)


@lru_cache(maxsize=16_384)  # a page asks for thousands, most of them again for its next chart
def step(value: int, precision: str) -> int:
    """Return what one unit of the last figure is worth: the value may be off by less than this.

    exact: 1. 3sf: the third figure. abbrev: the last figure shown ("76K" 1,000; "1.2M" 100,000).
    printed: the last figure that is not 0. None of them is coarser than the second figure: 10,000 in print is
    taken as 10 thousand give or take 1,000.
    """
    if precision == "exact":  # asked for thousands of times; the rest need not be
        return 1
    figures = str(value)
    zeros = len(figures) - len(figures.rstrip("0"))
    match precision:
        case Precision.THREE_FIGURES:
            exponent = len(figures) - 3
        case Precision.ABBREVIATED:
            exponent = min(zeros, 3 if value < 1_000_000 else 6, len(figures) - 2)
        case Precision.PRINTED:
            exponent = min(zeros, len(figures) - 2)
        case _:
            raise ValueError(f"No such precision: {precision}")
    return int(10 ** max(exponent, 0))


def place(precision: str) -> int:
    """Return how coarse a precision is, from 0; that of a sum is its coarsest part's."""
    return [str(one) for one in COARSENESS].index(precision)


def tolerance(step_then: int, step_now: int, *, exact: bool) -> int:
    """Return the size below which a change is within rounding.

    The sum of the two steps; 0 where both counts are exact. Steps say what rounding may have hidden, and an exact
    count hides nothing: from 570 to 571 is one follower more, though each count's step, as a unit, is 1.
    """
    return 0 if exact else step_then + step_now


def of_sum(*bounds: str) -> str:
    """Return the bound of a sum: more than 5 plus 3 is more than 8; more than 5 plus less than 3 is about 8."""
    bits = 0
    for bound in bounds:
        bits |= BITS[bound]
    return BOUNDS[bits]


def of_change(then: str, now: str) -> str:
    """Return the bound of now minus then: from "more than" to a count the change is less; between two "more than",
    about."""
    if then == now == "=":  # asked for thousands of times
        return "="
    return of_sum(now, {">": "<", "<": ">"}.get(then, then))


def of_share(own: str, bounds: Mapping[str, int]) -> str:
    """Return the bound of one count's share in the sum of several.

    bounds: how many of the summed counts, this one too, have each bound. A count that is all of the sum is 100 % of it,
    whatever its bound; else a share is at least what it says where the count is and the others are no more.
    """
    if sum(bounds.values()) == 1:
        return "="
    return of_change(of_sum(*(bound for bound, often in bounds.items() if often > (bound == own))), own)


def step_sql(value: str, precision: str) -> str:
    """step() as an SQL expression over two column names."""
    zeros = f"(length({value}::text) - length(rtrim({value}::text, '0')))"
    second = f"length({value}::text) - 2"
    return f"""CASE {precision}
        WHEN 'exact' THEN 1
        WHEN '3sf' THEN (10::numeric ^ greatest(length({value}::text) - 3, 0))::bigint
        WHEN 'abbrev' THEN (10::numeric ^ greatest(least(
            {zeros}, CASE WHEN {value} < 1000000 THEN 3 ELSE 6 END, {second}), 0))::bigint
        ELSE (10::numeric ^ greatest(least({zeros}, {second}), 0))::bigint END"""


def bits_sql(bound: str) -> str:
    """Return a bound's two bits as an SQL expression."""
    return f"CASE {bound} WHEN '=' THEN 0 WHEN '>' THEN 1 WHEN '<' THEN 2 ELSE 3 END"


def bound_sql(bits: str) -> str:
    """Return the bound of two bits as an SQL expression."""
    words = ", ".join(f"'{bound}'" for bound in BOUNDS)
    return f"(ARRAY[{words}])[{bits} + 1]"


def of_change_sql(then: str, now: str) -> str:
    """of_change() as an SQL expression over two columns of bits: the result's bits."""
    return f"({now} | (({then} & 1) << 1) | ({then} >> 1))"


def of_share_sql(own: str, *, more: str, less: str, counted: str) -> str:
    """of_share() as an SQL expression: the result's bits.

    own: the count's bits. more, less: how many of the summed counts may be more and may be less. counted: how many
    are summed.
    """
    rest = f"(({more} > ({own} & 1))::int | (({less} > ({own} >> 1))::int << 1))"
    return f"CASE WHEN {counted} = 1 THEN 0 ELSE {of_change_sql(rest, own)} END"


def coarseness_sql(precision: str) -> str:
    """Return a precision's place in COARSENESS, from 0, as an SQL expression."""
    return f"CASE {precision} WHEN 'exact' THEN 0 WHEN '3sf' THEN 1 WHEN 'abbrev' THEN 2 ELSE 3 END"
