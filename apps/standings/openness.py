"""SQL conditions for ranks that rounding, bounds or missing parts leave open."""

NO_LESS, NO_MORE = -(10**18), 10**18  # where a bound leaves an end open


def width_sql(side: str, *, count: str, step: str, bits: str, exact: str) -> str:
    """Write the columns that is_open_sql() compares: a row's least and greatest count, and what rounding adds.

    All four are SQL expressions: the count (NULL where the row has none), its step, its bound's bits and whether it is
    exact.
    """
    return f"""{exact} AS {side}_exact, CASE WHEN {count} IS NOT NULL THEN {step} END AS {side}_wide,
            CASE WHEN {count} IS NULL THEN NULL WHEN {bits} & 2 > 0 THEN {NO_LESS} ELSE {count} END AS {side}_least,
            CASE WHEN {count} IS NULL THEN NULL WHEN {bits} & 1 > 0 THEN {NO_MORE} ELSE {count} END AS {side}_most,
            {bits} AS {side}_ends"""


def is_open_sql(side: str, *, count: str, key: str, within: str = "") -> str:
    """Write the condition that another row may be on the other side of this one.

    The same as whether two counts are in a strict order beyond doubt (overtakes.py): their distance is no smaller than
    both steps, unless both are exact, and no bound points at the other. Both windows go through rows one after
    another. key: breaks ties. within: columns whose rows alone are compared, "" for all.
    """
    least, most = f"{side}_least", f"{side}_most"
    wide, exact = f"{side}_wide", f"{side}_exact"
    # Two exact counts that are equal are in no order; where one of them is a bound, even that is open.
    least_exact = f"{least} - ({side}_ends & 1)"
    most_exact = f"{most} + ({side}_ends & 2) / 2"
    among = f"PARTITION BY {within} " if within else ""
    before = "ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING"
    above = f"OVER ({among}ORDER BY {count} DESC NULLS LAST, {key} DESC {before})"
    below = f"OVER ({among}ORDER BY {count} NULLS LAST, {key} {before})"
    return f"""coalesce(CASE WHEN {exact}
                THEN min({least} - {wide}) FILTER (WHERE NOT {exact}) {above} < {most} + {wide}
                    OR min({least_exact}) FILTER (WHERE {exact}) {above} < {most_exact}
                    OR max({most} + {wide}) FILTER (WHERE NOT {exact}) {below} > {least} - {wide}
                    OR max({most_exact}) FILTER (WHERE {exact}) {below} > {least_exact}
                ELSE min({least} - {wide}) {above} < {most} + {wide}
                    OR max({most} + {wide}) {below} > {least} - {wide} END, false)"""
