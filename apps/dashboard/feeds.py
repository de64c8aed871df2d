"""Atom feeds. They have no language in their path: `lang` says it, English where it says none of the three."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from django.contrib.syndication.views import Feed
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext, override

from apps.alerts.feeds import SteadyAtom
from apps.common.xml import writable
from apps.dashboard.templatetags.pages import correction_side, span_of
from apps.figures import formats
from apps.ledger.models import Seal
from apps.ledger.sealing import midnight
from apps.registry.models import Actor
from apps.snapshots.models import Correction

MOST = 50


def in_language(
    request: HttpRequest, feed: Callable[..., HttpResponse], *args: Any, **kwargs: Any
) -> HttpResponse:
    """Return the feed in the language that is asked for."""
    asked = request.GET.get("lang", "")
    language = asked if asked in formats.LANGUAGES else "en"
    with override(language):
        response = feed(request, *args, **kwargs)
    response.headers["Content-Language"] = language
    return response


class LedgerFeed(Feed[Seal, None]):
    """The newest seals of the ledger of the past: who keeps them has what nobody can rewrite."""

    feed_type = SteadyAtom

    def __call__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return in_language(request, super().__call__, *args, **kwargs)

    def title(self) -> str:
        return gettext("KZMedia: ledger of the past")

    def subtitle(self) -> str:
        return gettext("The number that seals each night, chained to the night before and signed.")

    def link(self) -> str:
        return reverse("dashboard:ledger")

    def feed_url(self) -> str:
        return f"{reverse('ledger_feed')}?lang={formats.language()}"

    def items(self) -> QuerySet[Seal]:
        return Seal.objects.all()[:MOST]

    def item_title(self, item: Seal) -> str:
        return item.label

    def item_description(self, item: Seal) -> str:
        return writable(f"{item.header}signature {item.signature}")

    def item_link(self, item: Seal) -> str:
        return reverse("ledger:night", args=[item.number])

    def item_guid(self, item: Seal) -> str:
        """Return an id that is of this seal alone, at every address of the site."""
        return uuid5(NAMESPACE_URL, f"kzmedia ledger {item.head}").urn

    def item_pubdate(self, item: Seal) -> datetime:
        return midnight(item.day)

    def item_updateddate(self, item: Seal) -> datetime:
        return midnight(item.day)


class CorrectionsFeed(Feed[Correction, None]):
    """The newest corrections of recorded numbers."""

    feed_type = SteadyAtom

    def __call__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return in_language(request, super().__call__, *args, **kwargs)

    def title(self) -> str:
        return gettext("KZMedia: corrections")

    def subtitle(self) -> str:
        return gettext(
            "Recorded numbers that editors have corrected: the old one, the new one and the reason."
        )

    def link(self) -> str:
        return reverse("dashboard:corrections")

    def feed_url(self) -> str:
        return f"{reverse('corrections_feed')}?lang={formats.language()}"

    def items(self) -> QuerySet[Correction]:
        return Correction.objects.public().order_by("-at", "-pk")[:MOST]

    def item_title(self, item: Correction) -> str:
        return writable(
            gettext("%(name)s, %(platform)s, %(when)s: %(old)s is now %(new)s")
            % {
                "name": _actor(item).name(formats.language()),
                "platform": formats.platform_name(item.snapshot.account.platform),
                "when": span_of(item.snapshot),
                "old": correction_side(item.old),
                "new": correction_side(item.new),
            }
        )

    def item_description(self, item: Correction) -> str:
        return writable(item.reason_shown)

    def item_author_name(self) -> str:
        return gettext("An editor of KZMedia")

    def item_link(self, item: Correction) -> str:
        return reverse("dashboard:actor", args=[_actor(item).slug])

    def item_guid(self, item: Correction) -> str:
        """Return an id that is the same in every language and at every address of the site."""
        return uuid5(NAMESPACE_URL, f"kzmedia correction {item.pk} {item.at.timestamp():.6f}").urn

    def item_pubdate(self, item: Correction) -> datetime:
        return item.at

    def item_updateddate(self, item: Correction) -> datetime:
        return item.at


def _actor(item: Correction) -> Actor:
    return item.snapshot.account.actor
