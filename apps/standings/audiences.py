"""How many people use a platform in Kazakhstan: what reach is measured by."""

from collections.abc import Collection

from apps.common import reading
from apps.snapshots.rules import SPANS
from apps.standings.types import Reach

REACH_INDICATOR = "platform_audience"
REACH_SEGMENT = "advertising reach"


def audiences(keys: Collection[int]) -> dict[int, Reach]:
    """Return the indicators' values that rows are measured by, by id, as the reach of one follower."""
    if not keys:
        return {}
    with reading.cursor() as cursor:
        cursor.execute(
            """SELECT v.id, v.value::float8, v.value::bigint, v.segment, v.day, v.span, s.key, v.locator, v.bound
            FROM context_indicatorvalue v JOIN tracking_source s ON s.id = v.source_id WHERE v.id = ANY(%s)""",
            [list(keys)],
        )
        return {
            number: Reach(100 / people, audience, segment, day, SPANS[span - 1], source, locator, bound)
            for number, people, audience, segment, day, span, source, locator, bound in cursor.fetchall()
        }
