"""Strict parameters for charts outside their pages: the chart that was asked for, or none.

Nobody sees who reads a frame or a picture, so a wrong address must not silently show another chart.
"""

from collections.abc import Iterable
from typing import Final

from django.http import QueryDict
from django.utils.translation import gettext

from apps.common.parameters import is_tracking, quote
from apps.dashboard.forms import QueryForm
from apps.registry.models import Actor, OldSlug
from apps.snapshots.models import Merger

# Of frames and pictures themselves, and what chart tools append against caches.
OF_FRAMES: Final = frozenset({"lang", "theme", "size", "ratio", "width", "edition", "v", "_"})
SELECTIONS: Final = ("actor", "group", "platform")  # an empty one selects nothing


class NoChart(Exception):
    """There is no such chart, or nothing is recorded that it could show. Its text says which, where that is known."""

    status = 404


class Misasked(NoChart):
    """The address holds a parameter that there is not."""

    status = 400


class Gone(NoChart):
    """There was such a chart; what it showed is hidden or was merged away."""

    status = 410


def refuse_lenient(form: QueryForm, query: QueryDict) -> None:
    """Raise Misasked for a parameter that is not known, NoChart for a value that the page would leave out, Gone for one
    that is no longer shown."""
    for name in query:
        if name not in form.fields and name not in OF_FRAMES and not is_tracking(name):
            raise Misasked(gettext("There is no parameter “%(name)s”.") % {"name": quote(name)})
        if name in SELECTIONS and not all(value.strip() for value in query.getlist(name)):
            raise NoChart(gettext("The parameter “%(name)s” is empty.") % {"name": name})
    refuse_gone(query.getlist("actor"))
    if form.refusals:
        raise NoChart(" ".join(form.refusals))
    highlight = query.get("highlight", "")
    if highlight and not Actor.objects.public().filter(slug=highlight[:80]).exists():
        raise NoChart(gettext("There is no actor “%(value)s”.") % {"value": quote(highlight)})


def refuse_gone(slugs: Iterable[str]) -> None:
    """Raise Gone where an actor of these is hidden or was merged into another; a draft was never shown."""
    asked = [slug[:80] for slug in slugs if slug and "\0" not in slug]
    if not asked:
        return
    hidden = Actor.objects.filter(slug__in=asked, hidden=True, is_draft=False).exists()
    if hidden or OldSlug.objects.filter(slug__in=asked, actor__hidden=True).exists() or _is_merged(asked):
        raise Gone


def _is_merged(slugs: list[str]) -> bool:
    standing = set(Actor.objects.filter(slug__in=slugs).values_list("slug", flat=True))
    gone = [slug for slug in slugs if slug not in standing]
    return bool(gone) and Merger.objects.filter(account=None, row__slug__in=gone).exists()
