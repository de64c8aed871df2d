"""The lines of the ledger as the database has them now, each kind by a statement. docs/ledger.md says what they hold.

PostgreSQL writes them: its COPY in text format is the canonical form.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from django.db import connection

from apps.snapshots import terms

INSTANT: Final = 'YYYY-MM-DD"T"HH24:MI:SS"Z"'
SPAN: Final = "CASE s.span WHEN 1 THEN 'year' WHEN 2 THEN 'month' ELSE 'day' END"
COPY: Final = "COPY ({select}) TO STDOUT WITH (FORMAT text, NULL '', ENCODING 'UTF8')"
# A row that is public, its account, its actor and its source, by the name in the ledger.
OF_PUBLIC: Final = """
JOIN tracking_account a ON a.id = s.account_id JOIN tracking_actor ac ON ac.id = a.actor_id AND NOT ac.hidden
JOIN tracking_source src ON src.id = s.source_id AND src.key <> ALL(%(closed)s)"""
PUBLIC: Final = f"tracking_snapshot s JOIN ledger_accountkey k ON k.account_id = s.account_id {OF_PUBLIC}"
VALUES: Final = f"""s.day, {SPAN}, s.state, CASE WHEN s.followers IS NOT NULL THEN s.bound END,
    CASE WHEN s.followers IS NOT NULL AND src.key = ANY(%(withheld)s) THEN 'withheld' ELSE s.followers::text END,
    s.precision, to_char(s.observed_at AT TIME ZONE 'UTC', '{INSTANT}'), src.key, s.locator, s.note"""
ROWS: Final = f"SELECT 'row', k.key, {VALUES} FROM {PUBLIC} WHERE {{condition}}"  # noqa: S608 our own words


def value(json: str) -> str:
    """Write SQL of a value as the four fields that JSON keeps of it."""
    followers = f"CASE WHEN {json} ->> 'followers' IS NULL THEN '-' WHEN src.key = ANY(%(withheld)s) THEN 'withheld' ELSE {json} ->> 'followers' END"
    return f"concat_ws(' ', {json} ->> 'state', coalesce({json} ->> 'bound', '='), {followers}, {json} ->> 'precision')"


SMALL: Final = {
    "account": """
        SELECT 'account', k.key, a.platform, a.handle, a.platform_id, ac.slug, ac.kind,
            ac.name_en, ac.name_ru, ac.name_kk
        FROM ledger_accountkey k JOIN tracking_account a ON a.id = k.account_id
        JOIN tracking_actor ac ON ac.id = a.actor_id AND NOT ac.hidden""",
    "hidden": """
        SELECT 'hidden', k.key FROM ledger_accountkey k JOIN tracking_account a ON a.id = k.account_id
        JOIN tracking_actor ac ON ac.id = a.actor_id AND ac.hidden""",
    "closed": "SELECT 'closed', key FROM tracking_source WHERE key = ANY(%(closed)s)",
    "withheld": "SELECT 'withheld', key FROM tracking_source WHERE key = ANY(%(withheld)s)",
    "correction": f"""
        SELECT 'correction', k.key, s.day, {SPAN}, to_char(c.at AT TIME ZONE 'UTC', '{INSTANT}'),
            {value("c.old")}, {value("c.new")}, c.reason, src.key
        FROM tracking_correction c JOIN ({PUBLIC}) ON s.id = c.snapshot_id WHERE c.at < %(until)s""",  # noqa: S608 our own words
    "superseded": f"""
        SELECT 'superseded', k.key, s.day, {SPAN}, to_char(m.at AT TIME ZONE 'UTC', '{INSTANT}'), o.why,
            CASE WHEN o.is_of_gone THEN 'gone' ELSE 'kept' END, {value("o.row")}, src.key
        FROM tracking_setaside o JOIN tracking_merger m ON m.id = o.merger_id
        JOIN tracking_snapshot s ON s.id = o.snapshot_id JOIN ledger_accountkey k ON k.account_id = s.account_id
        JOIN tracking_account a ON a.id = s.account_id JOIN tracking_actor ac ON ac.id = a.actor_id AND NOT ac.hidden
        JOIN tracking_source src ON src.id = (o.row ->> 'source')::bigint AND src.key <> ALL(%(closed)s)
        WHERE m.at < %(until)s""",  # noqa: S608 our own words
    "merger": f"""
        SELECT 'merger', g.key, k.key, to_char(m.at AT TIME ZONE 'UTC', '{INSTANT}'), m.moved, m.same, m.reason
        FROM tracking_merger m JOIN ledger_accountkey g ON g.account_id = m.gone
        JOIN ledger_accountkey k ON k.account_id = m.account_id
        JOIN tracking_actor ac ON ac.id = m.actor_id AND NOT ac.hidden WHERE m.at < %(until)s""",  # noqa: S608 our own words
    "removal": f"""
        SELECT 'removal', platform, to_char(at AT TIME ZONE 'UTC', '{INSTANT}'), before, snapshots
        FROM tracking_removal WHERE at < %(until)s AND snapshots > 0""",  # noqa: S608 our own words
}  # fmt: skip


def parameters(until: Any = "infinity") -> dict[str, Any]:
    """Return what the statements take: the sources that the terms leave out, and the instant before which things count."""
    closed = terms.unpublishable()
    withheld = [key for key in terms.unfreezable() if key not in closed]
    return {"closed": closed, "withheld": withheld, "until": until}


def copied(select: str, given: dict[str, Any]) -> Iterator[bytes]:
    """Yield each line of a statement as COPY writes it, without its line break."""
    with connection.cursor() as cursor, cursor.copy(COPY.format(select=select), given) as copy:
        rest = b""
        for block in copy:
            # psycopg hands over whole rows, one or more of them.
            lines = (rest + bytes(block)).split(b"\n")
            rest = lines.pop()
            yield from lines


def rows(condition: str, given: dict[str, Any]) -> Iterator[bytes]:
    """Yield the lines of the public rows for which the condition on the snapshot `s` holds."""
    return copied(ROWS.format(condition=condition), given)


def small(given: dict[str, Any], kinds: Sequence[str] = tuple(SMALL)) -> Iterator[bytes]:
    """Yield the lines of everything else."""
    for kind in kinds:
        yield from copied(SMALL[kind], given)
