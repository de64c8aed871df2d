"""A body's standing among its peers, or its neighbours in rank, and its change since a day."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext, ngettext

from apps.figures import formats, labels, sentences
from apps.figures.passes import overtakes as overtakes_in_words
from apps.registry.models import Actor
from apps.standings import overtakes
from apps.standings.league import league
from apps.standings.league_totals import Window
from apps.standings.types import League, Overtake, Row, Scope

NEIGHBOURS = 5  # above, and as many below


@dataclass(frozen=True)
class Standing:
    """A body on one platform today, compared with `since`."""

    actor: Actor
    platform: str
    since: date
    rows: list[Row]  # the body among its peers or neighbours, in order of rank
    own: Row | None
    league: League  # ranks are among these
    has_peers: bool
    says: list[str]
    happened: list[str]
    overtakes: list[Overtake]  # in which the body has a part, newest first


def accounts(actor: Actor, today: date, since: date) -> list[Row]:
    """Return the body's accounts, the largest first; those whose count is old come after all others."""
    rows = league(Scope(actors=(actor.slug,), rows="accounts"), today, since, is_period=True).rows
    return sorted(rows, key=size, reverse=True)


def size(row: Row) -> tuple[bool, int]:
    """Return what orders accounts: whether their count is of the last days, then how large it is."""
    return bool(row.now and row.now.is_fresh), (row.now.followers if row.now else None) or 0


def standing(actor: Actor, platform: str, today: date, since: date) -> Standing:
    """Return its standing among its public peers where it has pinned some, else beside those next to it in rank.

    Counts that are only last known are in it, as on every page: everywhere a rank is among the same actors.
    """
    peers = tuple(Actor.objects.peers_of(actor).values_list("slug", flat=True))
    among = Scope(platform=platform, actors=(actor.slug, *peers) if peers else ())
    window = Window(stop=NEIGHBOURS + 1, around=actor.slug, beside=NEIGHBOURS)
    found = league(among, today, since, actor.slug, is_period=True, window=window)
    place = found.place_of(actor.slug)
    first, last = (
        (0, len(found.rows)) if peers else (max((place or 0) - NEIGHBOURS, 0), (place or 0) + NEIGHBOURS + 1)
    )
    rows = list(found.rows[first:last])
    own = None if place is None else found.rows[place]
    above = found.rows[place - 1] if place else None
    names = {row.actor_slug: labels.short(row.name(formats.language())) for row in rows}
    passes = find_overtakes(actor, platform, sorted(names), since, today)
    return Standing(
        actor=actor,
        platform=platform,
        since=since,
        rows=rows,
        own=own,
        league=found,
        has_peers=bool(peers),
        says=[
            said for said in (rank(own, found, platform), say_move(own), behind(own, above, platform)) if said
        ],
        happened=overtakes_in_words(passes, names),
        overtakes=passes,
    )


def rank(own: Row | None, among: League, platform: str) -> str:
    if own is None or own.rank is None or own.now is None or own.now.followers is None:
        return gettext("On %(platform)s, this organisation has no count that can be ranked today.") % {
            "platform": formats.platform_name(platform)
        }
    template = gettext("On %(platform)s: rank %(rank)s of %(of)s, with %(followers)s (%(when)s).")
    if own.rank_is_open:
        template = gettext(
            "On %(platform)s: about rank %(rank)s of %(of)s, with %(followers)s (%(when)s); a bound, rounding or a missing account leaves the rank open."
        )
    return template % {
        "platform": formats.platform_name(platform),
        "rank": formats.number(own.rank),
        "of": formats.number(among.counted),
        "followers": formats.followers(own.now.followers, platform, formats.bound_of(own.now)),
        "when": formats.when(own.now),
    }


def say_move(own: Row | None) -> str:
    """Say by how many places the body has risen or fallen since then; empty where that is not known."""
    if own and own.nothing_new and not own.left_out:
        return gettext("No newer count has been recorded in this period.")
    places = own.rank_change if own else None
    # Of a rank that the record leaves open nobody knows whether it rose or fell.
    if own is None or places is None or own.rank_is_open or own.rank_then_is_open:
        return ""
    if own.rank is None or own.rank_then is None or own.rank_then - own.rank != places:
        return say_move_among_both(places)
    if places == 0:
        return gettext("The rank is the same as at the start of this period.")
    shown = {"places": formats.number(abs(places))}
    if places > 0:
        return (
            ngettext("Up %(places)s place in this period.", "Up %(places)s places in this period.", places)
            % shown
        )
    return (
        ngettext(
            "It is down %(places)s place since then.", "It is down %(places)s places since then.", -places
        )
        % shown
    )


def say_move_among_both(places: int) -> str:
    """Say the same where others came or went meanwhile, so that the two ranks differ by another number."""
    if places == 0:
        return gettext("Among those counted then and now the rank is the same.")
    shown = {"places": formats.number(abs(places))}
    if places > 0:
        text = ngettext(
            "Among those counted then and now it is up %(places)s place.",
            "Among those counted then and now it is up %(places)s places.",
            places,
        )
    else:
        text = ngettext(
            "Among those counted then and now it is down %(places)s place.",
            "Among those counted then and now it is down %(places)s places.",
            -places,
        )
    return text % shown


def behind(own: Row | None, above: Row | None, platform: str) -> str:
    """Return how far the next above is ahead, and how far it was then: whether the gap is closing."""
    if own is None or above is None or own.rank is None:
        return ""
    gap = sentences.gap_text(above.now, own.now, platform)
    if not gap:
        return ""
    said = {"name": labels.short(above.name(formats.language())), "gap": gap}
    was = (above.then.followers if above.then else None) or 0
    mine = (own.then.followers if own.then else None) or 0
    before = sentences.gap_text(above.then, own.then, "") if was > mine and is_comparable(own, above) else ""
    if not before or sentences.dates(above.then, own.then) == sentences.dates(above.now, own.now):
        return gettext("Next above: %(name)s, %(gap)s ahead.") % said
    return gettext("Next above: %(name)s, %(gap)s ahead (at the start of the period: %(gap_then)s).") % {
        **said,
        "gap_then": before,
    }


def is_comparable(*rows: Row) -> bool:
    """Say whether the earlier counts are of the same accounts, and near the beginning of the period."""
    return all(row.change is not None and not row.left_out for row in rows)


def find_overtakes(actor: Actor, platform: str, slugs: list[str], since: date, today: date) -> list[Overtake]:
    """Return whom the body overtook and who overtook it among these, newest first."""
    if len(slugs) < 2:
        return []
    return overtakes.within(Scope(platform=platform, actors=tuple(slugs)), since, today, of=(actor.slug,))
