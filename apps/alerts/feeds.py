"""Atom feeds of what happened: the whole site, an actor, a group. `lang` says the language, English where it does not."""

from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, TypeVar

from django.contrib.syndication.views import Feed
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext, override

from apps.alerts import words
from apps.alerts.models import Occurrence, OccurrenceQuerySet
from apps.common.xml import writable
from apps.figures import formats
from apps.ledger.reads import newest_label
from apps.registry.models import Actor, Group, OldSlug

MOST = 50
KEPT_SECONDS = 300  # readers of feeds ask often; nothing is found oftener than this
BEFORE_ALL = datetime(2022, 1, 1, tzinfo=UTC)  # when a feed without entries was updated: it stays the same

About = TypeVar("About", bound=Model | None)


class SteadyAtom(Atom1Feed):
    """Without entries Django says that the feed was updated just now, at every request."""

    def latest_post_date(self) -> datetime:
        return super().latest_post_date() if self.items else BEFORE_ALL

    def add_root_elements(self, handler: Any) -> None:
        """Write what stands before the entries; the ledger's newest number too, so that a kept feed can be checked."""
        super().add_root_elements(handler)
        if sealed := newest_label():
            handler.addQuickElement("generator", f"KZMedia, ledger {sealed}")


class OccurrenceFeed(Feed[Occurrence, About]):
    """The newest public occurrences."""

    feed_type = SteadyAtom
    author_name = "KZMedia"

    def __call__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        asked = request.GET.get("lang", "")
        language = asked if asked in formats.LANGUAGES else "en"
        with override(language):
            response = super().__call__(request, *args, **kwargs)
        response.headers["Content-Language"] = language
        response.headers["ETag"] = f'"{sha256(response.content).hexdigest()[:32]}"'
        patch_cache_control(response, public=True, max_age=KEPT_SECONDS)
        answer = get_conditional_response(request, etag=response.headers["ETag"], response=response)
        assert isinstance(answer, HttpResponse)  # noqa: S101 the response that was given, or a 304
        return answer

    def occurrences(self, about: About) -> OccurrenceQuerySet:
        return Occurrence.objects.all()

    def items(self, about: About) -> list[Occurrence]:
        return words.without_repeats(self.occurrences(about).public().told()[:MOST])

    def item_title(self, item: Occurrence) -> str:
        return writable(words.sentence(item))

    def item_description(self, item: Occurrence) -> str:
        return f"{item.get_kind_display()}, {formats.day(item.day)}"

    def item_link(self, item: Occurrence) -> str:
        return words.path(item)

    def item_guid(self, item: Occurrence) -> str:
        """Return an id that is the same in every language, every feed and at every address of the site."""
        return words.uid(item).urn

    def item_pubdate(self, item: Occurrence) -> datetime:
        return item.found_at

    def item_updateddate(self, item: Occurrence) -> datetime:
        return item.found_at


class SiteFeed(OccurrenceFeed[None]):
    def title(self) -> str:
        return gettext("KZMedia: what happened")

    def subtitle(self) -> str:
        return gettext("Who passed whom, round numbers, unusual days, pages that went or came back.")

    def link(self) -> str:
        return reverse("dashboard:overview")

    def feed_url(self) -> str:
        return f"{reverse('feeds:site')}?lang={formats.language()}"


class ActorFeed(OccurrenceFeed[Actor]):
    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Actor:
        """Return the actor under its slug, or one it had before."""
        slug = kwargs["slug"]
        actor = Actor.objects.public().filter(slug=slug).first()
        if actor is None:
            old = OldSlug.objects.filter(slug=slug, actor__hidden=False).select_related("actor").first()
            if old is None:
                raise Http404
            actor = old.actor
        return actor

    def title(self, about: Actor) -> str:
        return writable(
            gettext("%(name)s: what happened on KZMedia") % {"name": about.name(formats.language())}
        )

    def link(self, about: Actor) -> str:
        return reverse("dashboard:actor", args=[about.slug])

    def feed_url(self, about: Actor) -> str:
        return f"{reverse('feeds:actor', args=[about.slug])}?lang={formats.language()}"

    def occurrences(self, about: Actor) -> OccurrenceQuerySet:
        return Occurrence.objects.of_actor(about)


class GroupFeed(OccurrenceFeed[Group]):
    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Group:
        return get_object_or_404(Group.objects.public(), slug=kwargs["slug"])

    def title(self, about: Group) -> str:
        return writable(
            gettext("%(name)s: what happened on KZMedia") % {"name": about.title(formats.language())}
        )

    def link(self, about: Group) -> str:
        return reverse("dashboard:group", args=[about.slug])

    def feed_url(self, about: Group) -> str:
        return f"{reverse('feeds:group', args=[about.slug])}?lang={formats.language()}"

    def occurrences(self, about: Group) -> OccurrenceQuerySet:
        return Occurrence.objects.of_group(about)
