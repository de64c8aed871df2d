"""What an answer holds, row by row. serializers.py describes the same to those who read the document of the interface;
a test holds the two together.

None is a value that there is not; it is never 0. Days are calendar days in Asia/Almaty, instants are UTC.
"""

from datetime import UTC, date, datetime
from typing import Any

from apps.api.reads import SnapshotRow
from apps.context.models import Claim, Event, Indicator, IndicatorValue
from apps.registry.models import Account, Actor, Group, Source
from apps.snapshots.models import Correction, Span
from apps.standings.milestones import Milestone
from apps.standings.types import Change, League, Overtake, Point, Reach, Row, Series, Trend, Value

Shape = dict[str, Any]


def instant(at: datetime | None) -> str | None:
    """2026-11-22T13:05:09Z; whole seconds, as in the files."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at else None


def day(on: date | None) -> str | None:
    return on.isoformat() if on else None


def word(span: int | None) -> str | None:
    return Span(span).word if span else None


def number(value: float | None) -> float | None:
    """Rounded as in the files, so that the answer is the same on every machine."""
    return None if value is None else round(value, 4)


def actor(one: Actor, language: str) -> Shape:
    return {
        "slug": one.slug,
        "name": one.name(language),
        "names": {"kk": one.name_kk, "ru": one.name_ru, "en": one.name_en},
        "kind": one.kind,
        "region": one.region,
        "description": getattr(one, f"description_{language}") or one.description_en,
        "wikidata": one.wikidata_id,
        "succeeds": one.succeeds.slug if one.succeeds and not one.succeeds.hidden else None,
        "peers": [peer.slug for peer in one.peers.all()],
        "groups": [group.slug for group in one.groups.all()],
        "accounts": [account.pk for account in one.accounts.all()],
        "source": one.source.key if one.source else None,
    }


def account(one: Account) -> Shape:
    return {
        "id": one.pk,
        "actor": one.actor.slug,
        "platform": one.platform,
        "handle": one.handle,
        "platform_id": one.platform_id,
        "title": one.title,
        "verified": one.verified,
        "state": one.state,
        "known_by_id": one.is_known_by_id,
        "counts_friends_too": one.counts_friends_too,
        "handles_before": [
            {"handle": change.old, "until": instant(change.noticed_at)} for change in one.handle_changes.all()
        ],
        "source": one.source.key if one.source else None,
    }


def group(one: Group, language: str) -> Shape:
    return {
        "slug": one.slug,
        "title": one.title(language),
        "titles": {"kk": one.title_kk, "ru": one.title_ru, "en": one.title_en},
        "platform": one.platform or None,
        "reference": one.reference.slug if one.reference and not one.reference.hidden else None,
        "members": [member.slug for member in one.members.all()],
        "source": one.source.key if one.source else None,
        "locator": one.locator,
    }


def source(one: Source) -> Shape:
    return {
        "key": one.key,
        "kind": one.kind,
        "title": one.title,
        "citation": one.citation,
        "url": one.url,
        "licence": one.licence,
    }


def snapshot(one: SnapshotRow) -> Shape:
    return {
        "id": one.id,
        "account": one.account,
        "actor": one.actor,
        "platform": one.platform,
        "handle": one.handle,
        "day": day(one.day),
        "span": word(one.span),
        "state": one.state,
        "followers": one.followers,
        "bound": one.bound,
        "precision": one.precision,
        "observed_at": instant(one.observed_at),
        "source": one.source,
        "locator": one.locator,
        "note": one.note,
        "recorded_at": instant(one.recorded_at),
        "edited": one.edited,
    }


def value(one: Value | None) -> Shape | None:
    if one is None:
        return None
    return {
        "state": one.state,
        "followers": one.followers,
        "bound": one.bound,
        "precision": one.precision,
        "day": day(one.day),
        "span": one.span,
        "age_days": one.age_days,
        "fresh": one.is_fresh,
        "accounts": one.parts,
        "sources": one.source.split(),
        "note": one.note,
    }


def change(one: Change | None) -> Shape | None:
    if one is None:
        return None
    return {
        "absolute": one.absolute,
        "percent": number(one.percent),
        "yearly_percent_low": number(one.yearly_low),
        "yearly_percent_high": number(one.yearly_high),
        "within_rounding": one.within_rounding,
        "bound": one.bound,
        "nothing_new": one.nothing_new,
    }


def reach(one: Reach | None) -> Shape | None:
    if one is None:
        return None
    return {
        "percent": number(one.percent),
        "audience": one.audience,
        "segment": one.segment,
        "day": day(one.day),
        "span": one.span,
        "source": one.source,
        "locator": one.locator,
    }


def standing(one: Row, language: str) -> Shape:
    return {
        "rank": one.rank,
        "rank_then": one.rank_then,
        "rank_change": one.rank_change,
        "actor": one.actor_slug,
        "name": one.name(language),
        "kind": one.kind,
        "platform": one.platform or None,
        "account": one.account_id,
        "handle": one.handle or None,
        "accounts": one.accounts,
        "is_reference": one.is_reference,
        "now": value(one.now),
        "then": value(one.then),
        "change": change(one.change),
        "gap": one.gap,
        "times": number(one.times),
        "share_percent": number(one.share_percent),
        "reach": reach(one.reach),
    }


def league(one: League) -> Shape:
    """What is said of all rows together."""
    return {
        "on": day(one.on),
        "since": day(one.since),
        "counted": one.counted,
        "counted_then": one.counted_then if one.since else None,
        "uncounted": one.states,
        "last_known": one.last_known,
        "total": one.total,
        "reference": one.reference.actor_slug if one.reference else None,
    }


def line(one: Series, language: str) -> Shape:
    return {
        "actor": one.actor_slug,
        "name": one.name(language),
        "kind": one.kind,
        "platform": one.platform,
        "account": one.account_id,
        "handle": one.handle or None,
        "is_reference": one.is_reference,
        "handovers": [
            {
                "day": day(each.day),
                "actor": each.actor_slug,
                "name": each.name(language),
                "account": each.account_id,
                "handle": each.handle or None,
            }
            for each in one.handovers
        ],
        "points": [point(each) for each in one.points],
    }


def point(one: Point) -> Shape:
    return {
        "day": one.day.isoformat(),
        "span": one.span,
        "state": one.state,
        "followers": one.followers,
        "bound": one.bound,
        "precision": one.precision,
        "sources": one.source.split(),
        "locator": one.locator,
        "note": one.note,
        "provisional": one.observed_today,
    }


def trend(one: Trend) -> Shape:
    return {"from": day(one.first), "to": day(one.last), "resolution": str(one.resolution)}


def overtake(one: Overtake) -> Shape:
    return {
        "winner": one.winner,
        "loser": one.loser,
        "platform": one.platform,
        "after": day(one.after),
        "by": day(one.by),
        "spans": one.spans,
    }


def milestone(one: Milestone) -> Shape:
    return {
        "actor": one.actor_slug,
        "platform": one.platform,
        "account": one.account_id,
        "number": one.number,
        "after": day(one.after),
        "by": day(one.by),
        "spans": one.spans,
    }


def indicator(one: Indicator, language: str) -> Shape:
    return {
        "key": one.key,
        "label": one.label(language),
        "labels": {"kk": one.label_kk, "ru": one.label_ru, "en": one.label_en},
        "unit": one.unit,
    }


def indicator_value(one: IndicatorValue) -> Shape:
    return {
        "geo": one.geo,
        "platform": one.platform or None,
        "segment": one.segment,
        "day": day(one.day),
        "span": word(one.span),
        "bound": one.bound,
        "value": float(one.value),
        "source": one.source.key,
        "locator": one.locator,
        "note": one.note,
    }


def event(one: Event, language: str) -> Shape:
    return {
        "key": one.key,
        "title": one.title(language),
        "titles": {"kk": one.title_kk, "ru": one.title_ru, "en": one.title_en},
        "starts": day(one.starts),
        "starts_span": word(one.starts_span),
        "ends": day(one.ends),
        "ends_span": word(one.ends_span),
        "source": one.source.key if one.source else None,
        "locator": one.locator,
    }


def correction(one: Correction) -> Shape:
    held = one.snapshot
    return {
        "id": one.pk,
        "at": instant(one.at),
        "reason": one.reason,
        "snapshot": held.pk,
        "account": held.account_id,
        "actor": held.account.actor.slug,
        "platform": held.account.platform,
        "day": day(held.day),
        "span": word(held.span),
        "old": value_as_json(one.old),
        "new": value_as_json(one.new),
    }


def value_as_json(kept: Shape) -> Shape:
    """What a snapshot said, as a correction keeps it."""
    return {name: kept.get(name) for name in ("state", "followers", "bound", "precision")}


def claim(one: Claim) -> Shape:
    return {
        "id": one.pk,
        "actor": one.actor.slug,
        "comparator": one.comparator.slug,
        "platform": one.platform,
        "relation": one.relation,
        "times": None if one.times is None else float(one.times),
        "day": day(one.day),
        "span": word(one.span),
        "source": one.source.key,
        "locator": one.locator,
        "note": one.note,
    }
