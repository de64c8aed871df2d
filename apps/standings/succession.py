"""Actors that follow one another keep one line: whose counts are on it, and since when.

A platform's line changes hands on the first day on which the successor is counted there. Until then it holds the
counts of the one before, from then on the successor's own: never both, whatever is still read of the old pages. An
actor that several follow is continued by none of them: nobody knows who went where. A line goes as far as the scope
does: who is asked for without its successor stands for itself. Hidden actors neither follow nor are followed.
"""

from typing import Any

from apps.standings import scopes
from apps.standings.types import Scope

LONGEST = 20  # actors in a row


def tables(scope: Scope, as_of: str, reference: str = "") -> tuple[str, list[Any]]:
    """Write the tables for a WITH: `over`, whose line an actor's counts are on as of a day, and where its own ended.

    Rows of actor_id, platform, heir_id and day, the first on which the actor's own counts are over; nearly always
    none.
    as_of: SQL of the day; its parameters, if it has any, come after those that are given here.
    """
    handed, parameters = _select_handovers(scope, reference)
    return (
        f"""handed AS MATERIALIZED ({handed}),
        over AS MATERIALIZED (
            SELECT actor_id, platform, min(day) AS day,
                (array_agg(heir_id ORDER BY place DESC) FILTER (WHERE inside))[1] AS heir_id
            FROM handed WHERE day <= {as_of} GROUP BY actor_id, platform HAVING bool_or(inside)
        )""",  # noqa: S608 our words
        parameters,
    )


def _select_handovers(scope: Scope, reference: str) -> tuple[str, list[Any]]:
    """Write a SELECT of actor_id, platform, heir_id, place, day, inside; return it with its parameters.

    heir_id: an actor that comes after, `place` steps later. day: the first on which it is counted on the platform.
    inside: whether it is in the scope, or the reference.
    """
    wanted, parameters = scopes.filters(scope)
    platform, platform_parameters = scopes.platform(scope)
    return (
        f"""WITH RECURSIVE follower AS (
            SELECT succeeds_id AS actor_id, min(id) AS heir_id FROM tracking_actor
            WHERE succeeds_id IS NOT NULL AND NOT hidden GROUP BY succeeds_id HAVING count(*) = 1
        ),
        chain AS (
            SELECT f.actor_id, f.heir_id, 1 AS place FROM follower f
            JOIN tracking_actor b ON b.id = f.actor_id AND NOT b.hidden
            UNION ALL
            SELECT c.actor_id, f.heir_id, c.place + 1 FROM chain c JOIN follower f ON f.actor_id = c.heir_id
            WHERE c.place < {LONGEST}
        )
        SELECT chain.actor_id, a.platform, ac.id AS heir_id, chain.place, min(one.day) AS day,
            bool_or(({wanted}) OR ac.slug = %s) AS inside
        FROM chain JOIN tracking_actor ac ON ac.id = chain.heir_id JOIN tracking_account a ON a.actor_id = ac.id
        CROSS JOIN LATERAL (
            SELECT s.day FROM tracking_snapshot s
            WHERE s.account_id = a.id AND s.state = 'counted'{scopes.readable(scope)} ORDER BY s.day LIMIT 1
        ) one
        WHERE {platform} GROUP BY 1, 2, 3, 4""",  # noqa: S608 our words
        [*parameters, reference, *platform_parameters],
    )
