"""A body's standing in one message: rank, change, who passed whom, the gap to the reference, what to look at."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.utils.translation import gettext

from apps.alerts import words
from apps.alerts.models import Delivery, Digest, Occurrence, OccurrenceKind
from apps.figures import answers, forecasts, formats, labels, mine, sentences
from apps.registry.models import Actor, Group
from apps.snapshots.recording import ALMATY
from apps.standings import projection, trends
from apps.standings.league import league
from apps.standings.types import Row, Scope

MOST_PLATFORMS = 3
MOST_SENTENCES = 4
MOST_LOOKED_AT = 50  # of what happened in the period
READ_AT = time(9)  # in Almaty, on the day after the period
TOO_LATE = timedelta(days=3)  # a digest that could not be written for so long is left out
YEAR = timedelta(days=365)

# A picture of the body's counts up to a day, as PNG; None where none can be drawn.
Draw = Callable[[Actor, str, date], bytes | None]


@dataclass(frozen=True)
class DigestPart:
    """One platform."""

    platform: str
    says: list[str]
    rows: list[Row]  # the body with the nearest above and below
    happened: list[str]


@dataclass(frozen=True)
class Content:
    title: str
    actor: Actor
    since: date
    until: date
    parts: list[DigestPart]
    happened: list[str]
    look_at: list[str] = field(default_factory=list)
    picture: bytes | None = None
    description: str = ""


def period(every: str, now: datetime) -> tuple[date, date]:
    """Return the newest whole week (to Sunday) or month before the instant: the last day before it, and its last day."""
    today = now.astimezone(ALMATY).date()
    if every == Digest.Every.WEEK:
        until = today - timedelta(days=today.isoweekday())
        return until - timedelta(days=7), until
    until = today.replace(day=1) - timedelta(days=1)
    return before_month(until), until


def before_month(until: date) -> date:
    return until.replace(day=1) - timedelta(days=1)


def write(now: datetime) -> int:
    """Write the digests whose period has ended into the outbox, each once; return how many are due now."""
    made = []
    digests = Digest.objects.filter(
        paused=False, destination__removed_at=None, destination__confirmed_at__isnull=False
    )
    for digest in digests.order_by("pk"):
        _, until = period(digest.every, now)
        reads_at = datetime.combine(until + timedelta(days=1), READ_AT, ALMATY)
        is_new = digest.made_at.astimezone(ALMATY).date() <= until
        if is_new and reads_at <= now < reads_at + TOO_LATE:
            made.append(
                Delivery(
                    digest=digest, until=until, destination_id=digest.destination_id, due_at=now, made_at=now
                )
            )
    Delivery.objects.bulk_create(made, ignore_conflicts=True)
    return len(made)


def content(digest: Digest, until: date, draw: Draw | None = None) -> Content:
    """Return the digest of the period that ends on the day, in the active language."""
    actor = digest.actor
    since = until - timedelta(days=7) if digest.every == Digest.Every.WEEK else before_month(until)
    platforms = largest(actor, since, until)
    parts = [part(actor, platform, since, until) for platform in platforms]
    happened = Occurrence.objects.of_actor(actor).public().told().filter(day__gt=since, day__lte=until)
    others = words.without_repeats(happened.exclude(kind=OccurrenceKind.UNUSUAL)[:MOST_LOOKED_AT])
    found = [words.sentence(one) for one in others[:MOST_SENTENCES]]
    # What happened before anybody looked is in the numbers all the same.
    told = list(dict.fromkeys([*found, *(sentence for one in parts for sentence in one.happened)]))
    odd = [words.sentence(one) for one in happened.filter(kind=OccurrenceKind.UNUSUAL)[:2]]
    title = gettext("%(name)s from %(first)s to %(last)s") % {
        "name": actor.name(formats.language()),
        "first": formats.day(since + timedelta(days=1)),
        "last": formats.day(until),
    }
    return Content(
        title=title,
        actor=actor,
        since=since,
        until=until,
        parts=parts,
        happened=told[:MOST_SENTENCES],
        look_at=[*odd, *ahead(actor, platforms, until)],
        picture=draw(actor, platforms[0], until) if draw and platforms else None,
        description=title,
    )


def largest(actor: Actor, since: date, until: date) -> list[str]:
    """Return the platforms where it has most, of those with a fresh count: nothing older is told unasked (rule 4)."""
    rows = league(Scope(actors=(actor.slug,), rows="accounts", fresh=True), until, since, is_period=True).rows
    counts: dict[str, int] = {}
    for row in rows:
        if row.now and row.now.followers is not None and row.now.is_fresh:
            counts[row.platform] = counts.get(row.platform, 0) + row.now.followers
    return sorted(counts, key=lambda platform: (-counts[platform], platform))[:MOST_PLATFORMS]


def part(actor: Actor, platform: str, since: date, until: date) -> DigestPart:
    found = mine.standing(actor, platform, until, since)
    ranked = [row.actor_slug for row in found.rows]
    place = ranked.index(actor.slug) if actor.slug in ranked else 0
    said = ranked[place - 1] if place else ""  # whom the sentences name as the next above
    says = [
        *answers.answer(found).sentences,  # as on the page "my standing"
        *filter(None, [sentences.last_known(found.league)]),
        *to_references(actor, platform, since, until, said),
    ]
    return DigestPart(platform, says, near(found, actor), found.happened)


def near(found: mine.Standing, actor: Actor) -> list[Row]:
    """Return the body with two above and two below it, of those that have a rank: the whole is one screen."""
    rows = [row for row in found.rows if row.rank is not None]
    place = next((place for place, row in enumerate(rows) if row.actor_slug == actor.slug), 0)
    return rows[max(place - 2, 0) : place + 3]


def to_references(actor: Actor, platform: str, since: date, until: date, but: str) -> list[str]:
    """Return a sentence for each of the body's groups on how far it is from the reference actor, that of the slug
    `but` aside."""
    groups = Group.objects.public().filter(members=actor, platform__in=("", platform)).exclude(reference=None)
    references = dict.fromkeys(
        group.reference for group in groups.select_related("reference").order_by("pk") if group.reference
    )
    return [
        sentence
        for reference in references
        if reference != actor
        and reference.slug != but
        and not reference.hidden
        and (sentence := to_reference(actor, reference, platform, since, until))
    ]


def to_reference(actor: Actor, reference: Actor, platform: str, since: date, until: date) -> str:
    scope = Scope(platform=platform, actors=(actor.slug, reference.slug), fresh=True)
    rows = {row.actor_slug: row for row in league(scope, until, since, reference.slug, is_period=True).rows}
    own, other = rows.get(actor.slug), rows.get(reference.slug)
    if own is None or other is None:
        return ""
    gap = sentences.gap_text(other.now, own.now, platform)
    said = {"name": labels.short(reference.name(formats.language())), "gap": gap}
    if not gap:
        return ""
    if (own.gap or 0) > 0:
        return gettext("Ahead of %(name)s by %(gap)s.") % said
    return gettext("Behind %(name)s by %(gap)s.") % said


def ahead(actor: Actor, platforms: list[str], until: date) -> list[str]:
    """Return the next round number, where the pace of the last year leads there."""
    found = []
    for platform in platforms[:1]:
        scope = Scope(platform=platform, actors=(actor.slug,))
        for line in trends.trend(scope, until - YEAR + timedelta(days=1), until).series:
            projected = projection.to_milestone(line, until)
            if projected.why_not is None:
                found.append(forecasts.to_milestone(projected, platform))
    return found
