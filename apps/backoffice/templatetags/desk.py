"""Show recorded values, days and accounts on the editor's desk as the public pages do."""

from datetime import date, datetime
from typing import Any

from django import template
from django.utils.translation import gettext

from apps.collecting import adapters
from apps.common.dates import write_moment
from apps.figures import formats
from apps.registry.models import Account
from apps.registry.texts import in_language
from apps.snapshots.models import Bound, Snapshot, Span, State
from apps.users.models import User

register = template.Library()
LONGEST_WORDING = 40  # letters
register.filter("platform_name", formats.platform_name)


@register.filter
def grouped(number: int) -> str:
    """Return a count with its thousands apart, in the manner of the page's language."""
    return formats.number(number)


@register.filter
def person(user: User | None) -> str:
    """Return how a person is called; a program where there is none."""
    return (user.get_full_name() or user.get_username()) if user else gettext("A program")


@register.filter
def value(snapshot: Any) -> str:
    """Return the count with its bound, or the state in its place."""
    if snapshot.followers is None:
        return str(State(snapshot.state).label)
    if snapshot.bound == Bound.EXACTLY:
        return grouped(snapshot.followers)
    return gettext("%(bound)s %(count)s") % {
        "bound": Bound(snapshot.bound).label,
        "count": grouped(snapshot.followers),
    }


@register.filter
def side(values: dict[str, Any]) -> str:
    """Write one side of a correction, or what a request was about: the number with its bound, or the state in words."""
    if values.get("followers") is None and not values.get("state"):
        return ""
    return value(
        Snapshot(
            state=values.get("state", State.COUNTED),
            followers=values.get("followers"),
            bound=values.get("bound", Bound.EXACTLY),
        )
    )


@register.filter
def latest_value(account: Any) -> str:
    """Return the newest count of an account that was read `with_latest`, or the state in its place."""
    return value(
        Snapshot(state=account.latest_state, followers=account.latest_followers, bound=account.latest_bound)
    )


@register.filter
def source_title(text: str) -> str:
    """Return a source's supplied title, a place in it or a note of the reference data in the page's language."""
    return in_language(text, formats.language())


@register.filter
def when(snapshot: Any) -> str:
    """Return the day, month or year the value speaks for: 1 Mar 2022, March 2022, 2022."""
    return formats.span(snapshot.day, Span(snapshot.span).word)  # type: ignore[arg-type]  # one of the three


@register.filter
def wording(snapshot: Snapshot) -> str:
    """Return the words that the page showed and a dash, where they are not the number itself: “76K” – ; else ""."""
    words = snapshot.note.strip()
    is_manual = snapshot.source.key == "manual"
    shown = {str(snapshot.followers), formats.number(snapshot.followers or 0)}
    if not is_manual or not words or len(words) > LONGEST_WORDING or words in shown:
        return ""
    return f"“{words}” {formats.DASH} "


@register.filter
def day(given: date) -> str:
    return formats.day(given)


@register.filter
def moment(instant: datetime) -> str:
    """Return the day and the time in Almaty: 22 Nov 2026, 23:10."""
    return write_moment(instant)


@register.filter
def address(account: Account) -> str:
    """Return where the account's page is; "" where that is not known."""
    return adapters.url(account) if account.has_address else ""
