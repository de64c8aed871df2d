"""How the editor's desk shows a recorded value."""

from typing import Any

from django import template
from django.utils.formats import number_format
from django.utils.translation import gettext

from apps.snapshots.models import Bound, Snapshot, State

register = template.Library()


@register.filter
def grouped(number: int) -> str:
    """A count with its thousands apart, in the manner of the page's language."""
    return number_format(number, force_grouping=True)


@register.filter
def value(snapshot: Snapshot) -> str:
    """The count with its bound, or the state in its place."""
    if snapshot.followers is None:
        return str(State(snapshot.state).label)
    if snapshot.bound == Bound.EXACTLY:
        return grouped(snapshot.followers)
    return gettext("%(bound)s %(count)s") % {
        "bound": Bound(snapshot.bound).label,
        "count": grouped(snapshot.followers),
    }


@register.filter
def latest_value(account: Any) -> str:
    """The newest count of an account that was read `with_latest`, or the state in its place."""
    return value(
        Snapshot(state=account.latest_state, followers=account.latest_followers, bound=account.latest_bound)
    )


@register.filter
def when(snapshot: Snapshot) -> str:
    """The day, month or year the value speaks for: 2022-03-01, 2022-03, 2022."""
    return snapshot.observed
