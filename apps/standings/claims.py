"""A published claim ("138 times more") beside what the recorded numbers give on its day."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from apps.common import reading
from apps.context.models import Claim
from apps.snapshots.models import Span
from apps.snapshots.rules import SPANS, last_day, last_day_sql
from apps.standings import scopes
from apps.standings.types import FRESH_DAYS, Scope


class UncheckedReason(StrEnum):
    """Why a claim cannot be checked."""

    NO_DAY = "no_day"  # the source does not say when it counted
    NOT_COUNTED = "not_counted"  # nothing recorded, or no number
    TOO_OLD = "too_old"  # what is recorded is older than FRESH_DAYS on the claim's day
    FROM_ZERO = "from_zero"  # nothing is times 0


@dataclass(frozen=True)
class Checked:
    """One claim. `times` and `agrees` are None where it cannot be checked, and `why_not` says why."""

    claim: Claim
    on: date | None  # the claim's day, the last of its span
    actor: int | None  # followers recorded
    comparator: int | None
    actor_day: date | None  # of the stalest account in the number
    comparator_day: date | None
    times: float | None = None  # actor over comparator, as recorded
    agrees: bool | None = None  # "more" and "fewer" only: two ratios are for the reader to judge
    why_not: UncheckedReason | None = None


def check_claims(*actors: str) -> list[Checked]:
    """Return all claims about public actors, or those that name one of the slugs, in two statements."""
    claims = Claim.objects.filter(actor__hidden=False, comparator__hidden=False).select_related(
        "actor", "comparator", "source"
    )
    if actors:
        claims = claims.filter(actor__slug__in=actors) | claims.filter(comparator__slug__in=actors)
    asked = list(claims)
    recorded = _sum_recorded([claim.pk for claim in asked])
    return [_check(claim, recorded) for claim in asked]


@dataclass(frozen=True)
class _Count:
    followers: int
    day: date
    stale: bool


def _sum_recorded(claims: list[int]) -> dict[tuple[int, int], _Count]:
    """Return, by claim and actor, the sum of its counted accounts on the claim's platform as of the claim's day."""
    last = last_day_sql("c.day", "coalesce(c.span, 3)")
    with reading.cursor() as cursor:
        cursor.execute(
            f"""SELECT c.id, a.actor_id, sum(n.followers)::bigint, min(n.day),
                bool_or({last} - ({last_day_sql("n.day", "n.span")}) > {FRESH_DAYS})
            FROM context_claim c JOIN tracking_account a
                ON a.actor_id IN (c.actor_id, c.comparator_id) AND a.platform = c.platform
            CROSS JOIN LATERAL (
                SELECT s.day, s.span, s.followers FROM tracking_snapshot s
                WHERE s.account_id = a.id AND s.day <= {last}{scopes.readable(Scope())} ORDER BY s.day DESC, s.span DESC LIMIT 1
            ) n WHERE c.id = ANY(%s) AND n.followers IS NOT NULL GROUP BY c.id, a.actor_id""",  # noqa: S608 our words
            [claims],
        )
        return {(claim, actor): _Count(*count) for claim, actor, *count in cursor.fetchall()}


def _check(claim: Claim, recorded: dict[tuple[int, int], _Count]) -> Checked:
    one = recorded.get((claim.pk, claim.actor_id))
    other = recorded.get((claim.pk, claim.comparator_id))
    times = one.followers / other.followers if one and other and other.followers else None
    why_not = None
    if claim.day is None:
        why_not = UncheckedReason.NO_DAY
    elif one is None or other is None:
        why_not = UncheckedReason.NOT_COUNTED
    elif one.stale or other.stale:
        why_not = UncheckedReason.TOO_OLD
    elif claim.relation == Claim.Relation.TIMES and times is None:
        why_not = UncheckedReason.FROM_ZERO
    agrees = None
    if why_not is None and one and other and claim.relation != Claim.Relation.TIMES:
        more = one.followers - other.followers
        agrees = more > 0 if claim.relation == Claim.Relation.MORE else more < 0
    return Checked(
        claim=claim,
        on=_last_day(claim),
        actor=one.followers if one else None,
        comparator=other.followers if other else None,
        actor_day=one.day if one else None,
        comparator_day=other.day if other else None,
        times=None if why_not else times,
        agrees=agrees,
        why_not=why_not,
    )


def _last_day(claim: Claim) -> date | None:
    return last_day(claim.day, SPANS[(claim.span or Span.DAY) - 1]) if claim.day else None
