"""The pages of a signed-in user, and the links that messages carry."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core import signing
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext, override
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.alerts import preview, services, telegram_bot, tokens, words
from apps.alerts.forms import DestinationForm, DigestForm, RuleForm
from apps.alerts.matching import Wanted, members
from apps.alerts.models import Delivery, Destination, OccurrenceKind, Rule
from apps.figures import formats
from apps.registry.models import Actor
from apps.users.models import User

LOG_ROWS = 50
PREVIEW_ROWS = 30
UNDO = timedelta(hours=24)  # so long what was removed can be brought back
USUAL_KINDS = [
    OccurrenceKind.OVERTAKE,
    OccurrenceKind.MILESTONE,
    OccurrenceKind.UNUSUAL,
    OccurrenceKind.GONE,
    OccurrenceKind.BACK,
]


def user_of(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101 login_required
    return request.user


@never_cache
@login_required
@require_safe
def my_alerts(request: HttpRequest) -> HttpResponse:
    """Show the user's rules, destinations, digests, and what was sent."""
    return render(request, "alerts/list.html", page_of(user_of(request)))


def page_of(user: User, **forms: Any) -> dict[str, Any]:
    lately = timezone.now() - UNDO
    own = user.memberships.filter(actor__hidden=False).order_by("pk").first()
    digest = {"actor": own.actor_id} if own else {}
    return {
        "rules": [(rule, about(rule), kinds(rule)) for rule in rules_of(user).filter(removed_at=None)],
        "removed_rules": [(rule, about(rule)) for rule in rules_of(user).filter(removed_at__gt=lately)],
        "destinations": user.destinations.filter(removed_at=None),
        "removed_destinations": user.destinations.filter(removed_at__gt=lately),
        "digests": user.digests.select_related("actor", "destination").filter(destination__removed_at=None),
        "log": [(one, subject_of(one)) for one in log_of(user)],
        "bot": telegram_bot.name(),
        "destination_form": DestinationForm(user=user),
        "digest_form": DigestForm(user=user, initial=digest),
        **forms,
    }


def rules_of(user: User) -> QuerySet[Rule]:
    return user.rules.prefetch_related("actors", "groups", "destinations")


def log_of(user: User) -> QuerySet[Delivery]:
    return Delivery.objects.with_all().filter(destination__user=user)[:LOG_ROWS]


def subject_of(delivery: Delivery) -> str:
    """Return in one line what a message is about."""
    if delivery.occurrence:
        return words.sentence(delivery.occurrence)
    if delivery.digest:
        return gettext("Digest: %(name)s") % {"name": delivery.digest.actor.name(formats.language())}
    if delivery.is_sample:
        return gettext("Sample message")
    return gettext("The question whether the address is yours")


def about(rule: Rule) -> str:
    """Return in one line what a rule is about: actors, groups and platforms."""
    code = formats.language()
    who = [actor.name(code) for actor in rule.actors.all()] + [
        group.title(code) for group in rule.groups.all()
    ]
    where = [formats.platform_name(platform) for platform in rule.platforms]
    parts = ["; ".join(who) or gettext("Everybody"), ", ".join(where) or gettext("All platforms")]
    return " · ".join(parts)


def kinds(rule: Rule) -> str:
    return "; ".join(str(OccurrenceKind(kind).label) for kind in rule.kinds if kind in OccurrenceKind.values)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit_rule(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Make a rule or change one; "try" shows what it would have told, "save" saves it."""
    user = user_of(request)
    rule = get_object_or_404(user.rules.filter(removed_at=None), pk=pk) if pk else None
    if request.method != "POST":
        form = RuleForm(user=user, instance=rule, initial={} if rule else initial_values(request, user))
        return render(request, "alerts/rule.html", {"form": form, "rule": rule})
    form = RuleForm(request.POST, user=user, instance=rule)
    if not form.is_valid():
        return render(request, "alerts/rule.html", {"form": form, "rule": rule}, status=422)
    if "try" in request.POST:
        found = preview.of(read_wanted(form), form.tried_year)
        shown = [words.sentence(one) for one in found.told[-PREVIEW_ROWS:][::-1]]
        context = {"form": form, "rule": rule, "preview": found, "shown": shown}
        return render(request, "alerts/rule.html", context)
    form.save()
    messages.success(request, gettext("The rule is saved."))
    return redirect("alerts:list")


def initial_values(request: HttpRequest, user: User) -> dict[str, Any]:
    """Return the initial values of a new rule: the actor one comes from, else one's own bodies."""
    asked = Actor.objects.public().filter(slug=request.GET.get("actor", "").replace("\x00", ""))
    own = Actor.objects.public().filter(memberships__user=user)
    return {
        "actors": list(asked or own),
        "kinds": [kind.value for kind in USUAL_KINDS],
        "destinations": list(user.destinations.filter(removed_at=None)),
        "quiet_from": "22:00",
        "quiet_to": "08:00",
    }


def read_wanted(form: RuleForm) -> Wanted:
    given = form.cleaned_data
    return Wanted(
        kinds=frozenset(given["kinds"]),
        actors=frozenset(actor.pk for actor in given["actors"]),
        groups=members(given["groups"].prefetch_related("members")),
        platforms=frozenset(given["platforms"]),
        floor_percent=given["floor_percent"],
        floor_absolute=given["floor_absolute"],
        direction=given["direction"],
        cooldown_days=given["cooldown_days"],
    )


@login_required
@require_POST
def change_rule(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    """Pause it, go on, remove it, bring it back."""
    rule = get_object_or_404(user_of(request).rules, pk=pk)
    match what:
        case "pause" | "resume":
            services.pause(rule, what == "pause")
        case "remove":
            services.remove(rule, timezone.now())
        case "restore":
            services.remove(rule, None)
    return redirect("alerts:list")


@login_required
@require_POST
def add_destination(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    form = DestinationForm(request.POST, user=user)
    if not form.is_valid():
        return render(request, "alerts/list.html", page_of(user, destination_form=form), status=422)
    given = form.cleaned_data
    made = services.add_destination(user, given["way"], given["address"], given["language"])
    if made.confirmed_at is None:
        messages.success(
            request,
            gettext("We are sending a message to %(address)s. Open the link in it to confirm.")
            % {"address": made.address},
        )
    return redirect("alerts:list")


@login_required
@require_POST
def change_destination(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    """Ask again, send a sample, remove it, bring it back."""
    destination = get_object_or_404(user_of(request).destinations, pk=pk)
    match what:
        case "ask" if destination.confirmed_at is None:
            services.ask(destination)
            messages.success(request, gettext("The question is sent again."))
        case "sample" if destination.confirmed_at and not destination.removed_at:
            services.send_sample(destination)
            messages.success(
                request,
                gettext("We are sending a sample to %(address)s. It stands in the list of what was sent.")
                % {"address": destination.address},
            )
        case "remove":
            services.remove(destination, timezone.now())
        case "restore":
            services.remove(destination, None)
    return redirect("alerts:list")


@login_required
@require_POST
def add_digest(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    form = DigestForm(request.POST, user=user)
    if not form.is_valid():
        return render(request, "alerts/list.html", page_of(user, digest_form=form), status=422)
    form.save()
    messages.success(request, gettext("The digest is saved."))
    return redirect("alerts:list")


@login_required
@require_POST
def change_digest(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    digest = get_object_or_404(user_of(request).digests, pk=pk)
    match what:
        case "pause" | "resume":
            services.pause(digest, what == "pause")
        case "remove":
            digest.delete()
    return redirect("alerts:list")


@login_required
@require_POST
def try_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Try a message that was given up once more."""
    delivery = get_object_or_404(Delivery.objects.filter(destination__user=user_of(request)), pk=pk)
    services.again(delivery)
    return redirect("alerts:list")


@never_cache
@csrf_exempt  # readers of mail press it, with nothing but the address (RFC 8058); the token is what proves it
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """GET asks, for scanners of mail open every link; POST does it. Nobody needs to sign in."""
    try:
        what = tokens.read_unsubscription(token)
    except signing.BadSignature:
        raise Http404 from None
    with override(language_of(what)):
        if request.method == "POST":
            services.unsubscribe(what)
        return render(request, "alerts/unsubscribe.html", {"done": request.method == "POST"})


def language_of(what: dict[str, int]) -> str:
    """Return the language of the destination the link was sent to."""
    found = Destination.objects.filter(Q(pk=what.get("destination")) | Q(digests=what.get("digest", 0)))
    return found.values_list("language", flat=True).first() or get_language() or "en"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """GET asks, POST confirms: a scanner that opens the link has not confirmed anything."""
    try:
        what = tokens.read_confirmation(token)
    except signing.BadSignature:
        raise Http404 from None
    with override(language_of(what)):
        destination = Destination.objects.filter(pk=what["destination"], removed_at=None).first()
        if request.method == "POST":
            destination = services.confirm(what["destination"], what["address"])
        if destination is None or destination.address != what["address"]:
            raise Http404
        return render(request, "alerts/confirm.html", {"destination": destination})
