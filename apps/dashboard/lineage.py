"""An actor's past and future: names, successions with their days, confirmed accounts."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext

from apps.figures import formats
from apps.registry.models import Account, Actor, Alias, Succession, Verification
from apps.registry.texts import in_language
from apps.snapshots.models import Span

SPANS = {Span.YEAR: "year", Span.MONTH: "month", Span.DAY: "day"}


@dataclass(frozen=True)
class Side:
    """A body before or after, how and when the change came, and by which source."""

    label: str  # "Formerly:" or "Then:"
    name: str
    address: str  # of its page; "" where it is not tracked, or hidden
    how: str
    when: str
    source: str
    source_url: str
    note: str
    has_line: bool = False  # the actor's charts go on with this one's line


def write_day(day: object, span: int | None) -> str:
    return formats.span(day, SPANS[Span(span or Span.DAY)]) if day else ""  # type: ignore[arg-type]  # span words are literals


def find_sides(actor: Actor) -> list[Side]:
    """Return who came before the actor and who after, oldest first; the chosen predecessor without a succession too."""
    rows = list(
        Succession.objects.filter(Q(before=actor) | Q(after=actor)).select_related(
            "before", "after", "source"
        )
    )
    sides = [side for row in rows if (side := _side(row, actor)).name]  # a hidden body is not named
    known = {row.before_id for row in rows} | {row.after_id for row in rows}
    if actor.succeeds and not actor.succeeds.hidden and actor.succeeds_id not in known:
        sides.insert(0, _bare(gettext("Formerly:"), actor.succeeds, has_line=True))
    heirs = (
        Actor.objects.public()
        .filter(succeeds=actor)
        .exclude(pk__in=[pk for pk in known if pk and pk != actor.pk])
    )
    return [*sides, *(_bare(gettext("Now:"), heir) for heir in heirs)]


def _side(row: Succession, actor: Actor) -> Side:
    is_before = row.after_id == actor.pk
    other, name = (row.before, row.before_name) if is_before else (row.after, row.after_name)
    code = formats.language()
    is_shown = other is not None and not other.hidden
    return Side(
        label=gettext("Formerly:") if is_before else gettext("Then:"),
        name=other.name(code) if other and is_shown else in_language(name, code),
        address=reverse("dashboard:actor", args=[other.slug]) if other and is_shown else "",
        how=row.get_relation_display(),
        when=write_day(row.day, row.span),
        source=in_language(row.source.title, code) if row.source else "",
        source_url=row.source.url if row.source else "",
        note=in_language(row.note, code),
        has_line=is_before and other is not None and actor.succeeds_id == other.pk,
    )


def _bare(label: str, other: Actor, *, has_line: bool = False) -> Side:
    address = reverse("dashboard:actor", args=[other.slug])
    return Side(label, other.name(formats.language()), address, "", "", "", "", "", has_line)


def say_times(actor: Actor) -> str:
    """Say since when and until when a body has existed; "" where neither is known."""
    began, ended = write_day(actor.began, actor.began_span), write_day(actor.ended, actor.ended_span)
    if began and ended:
        return gettext("Existed: %(began)s – %(ended)s.") % {"began": began, "ended": ended}
    if ended:
        return gettext("Existed until: %(ended)s.") % {"ended": ended}
    return gettext("Exists since: %(began)s.") % {"began": began} if began else ""


def find_names(actor: Actor) -> str:
    """Return other names in the page's language and those of none, short and former ones among them."""
    names = Alias.objects.filter(actor=actor, language__in=("", formats.language()))
    return ", ".join(dict.fromkeys(alias.text for alias in names))


def confirmations(accounts: Iterable[Account]) -> str:
    """Say which accounts have been confirmed as the actor's own, and when; "" where none has."""
    newest = Verification.objects.newest().filter(account__in=list(accounts)).select_related("account")
    said = [
        f"{formats.platform_name(one.account.platform)} {one.account.handle} {formats.DASH} {formats.day(one.on)}"
        for one in newest.order_by("account__platform", "account_id")
    ]
    return gettext("Confirmed as its own: %(accounts)s.") % {"accounts": "; ".join(said)} if said else ""
