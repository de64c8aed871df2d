"""Proposed addresses: one after another beside the page itself, a key each; those of one source together."""

from dataclasses import dataclass
from typing import Final

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from apps.backoffice.days import ShownDay, shown_day
from apps.collectors import registry
from apps.figures import formats
from apps.intake import proposals
from apps.intake.tasks import begin_looking
from apps.registry.models import Actor, Impostor, Proposal
from apps.registry.services import find_impostors
from apps.registry.texts import in_language
from apps.registry.words import impostor_words

AT_A_TIME: Final = 60
REASONS: Final = (
    gettext_lazy("Not this body's account"),
    gettext_lazy("No longer kept up"),
    gettext_lazy("A private person's account"),
    gettext_lazy("The page does not exist"),
)
PROBLEMS: Final = {
    "decided": gettext_lazy("Another editor has decided this already."),
    "tracked": gettext_lazy("This address is tracked already, as an account of somebody else."),
    "impostor": gettext_lazy(
        "This account has been called false: take it off the list of false accounts first."
    ),
    "reason": gettext_lazy("Write why it is refused."),
}


@dataclass(frozen=True)
class ProposalLine:
    """A proposal as the page shows it."""

    proposal: Proposal
    address: str
    proof: str
    day: ShownDay
    warning: str


@dataclass(frozen=True)
class Batch:
    """The waiting proposals of one source and body: they may be confirmed together."""

    title: str
    ids: str  # with commas between
    count: int


@require_http_methods(["GET", "POST"])
def queue(request: HttpRequest) -> HttpResponse:
    """Show what waits; confirm or refuse one, or confirm those of one source."""
    if not request.user.has_perm("registry.add_account"):
        raise PermissionDenied
    if request.method == "POST":
        return _decide(request)
    waiting = Proposal.objects.waiting().in_order().select_related("actor", "source")
    shown = list(waiting[:AT_A_TIME])
    return render(
        request,
        "backoffice/proposals.html",
        {
            **admin.site.each_context(request),
            "title": _("Proposed addresses"),
            "lines": _lines(shown),
            "batches": _batches(shown),
            "count": waiting.count(),
            "reasons": REASONS,
        },
    )


def _lines(shown: list[Proposal]) -> list[ProposalLine]:
    impostors = find_impostors(proposal.target for proposal in shown)
    return [_line(proposal, impostors.get(proposal.target)) for proposal in shown]


def _line(proposal: Proposal, impostor: Impostor | None) -> ProposalLine:
    return ProposalLine(
        proposal=proposal,
        address=registry.url(proposal.target),
        proof=in_language(proposal.proof, formats.language()),
        day=shown_day(proposal.proof_day, proposal.proof_span),
        warning=impostor_words(impostor) if impostor else "",
    )


def _batches(shown: list[Proposal]) -> list[Batch]:
    """Return the sources from which several addresses of one body wait."""
    held: dict[tuple[int, int], list[Proposal]] = {}
    for proposal in shown:
        if proposal.source_id and proposal.grade == Proposal.Grade.OWN:
            held.setdefault((proposal.actor_id, proposal.source_id), []).append(proposal)
    return [
        Batch(
            f"{some[0].actor.name(formats.language())}: {in_language(some[0].source.title, formats.language()) if some[0].source else ''}",
            ",".join(str(proposal.pk) for proposal in some),
            len(some),
        )
        for some in held.values()
        if len(some) > 1
    ]


def _decide(request: HttpRequest) -> HttpResponse:
    ids = [int(pk) for pk in request.POST.get("ids", "").split(",") if pk.isdecimal() and len(pk) < 19]
    chosen = list(Proposal.objects.filter(pk__in=ids[:AT_A_TIME]))
    done, problems = 0, []
    for proposal in chosen:
        try:
            if "refuse" in request.POST:
                reason = request.POST.get("reason", "")[:500] or request.POST.get("refuse", "")[:500]
                proposals.refuse(proposal, request.user, reason)  # type: ignore[arg-type]  # admin_view lets only users in
            else:
                proposals.confirm(proposal, request.user)  # type: ignore[arg-type]
            done += 1
        except proposals.Undecidable as error:
            problems.append(f"{proposal}: {PROBLEMS[error.code]}")
    if request.headers.get("Accept") == "application/json":
        left = Proposal.objects.waiting().count()
        return JsonResponse({"done": done, "problems": problems, "left": left}, status=200 if done else 409)
    for problem in problems:
        messages.error(request, problem)
    if done:
        words = (
            ngettext("%(count)d address was refused.", "%(count)d addresses were refused.", done)
            if "refuse" in request.POST
            else ngettext(
                "%(count)d address was confirmed and will be read.",
                "%(count)d addresses were confirmed and will be read.",
                done,
            )
        )
        messages.success(request, words % {"count": done})
    return HttpResponseRedirect(reverse("admin:backoffice_proposals"))


@require_POST
def look(request: HttpRequest, pk: int) -> HttpResponse:
    """Have a worker look for a body's addresses on its own site."""
    if not request.user.has_perm("registry.change_actor"):
        raise PermissionDenied
    actor = get_object_or_404(Actor, pk=pk)
    if not (actor.website or actor.wikidata_id):
        messages.error(request, _("Give the address of the body's website first, or its item on Wikidata."))
    elif begin_looking(actor):
        messages.success(
            request, _("The site is being looked at; what it names will be among the proposed addresses.")
        )
    else:
        messages.error(request, _("The worker cannot be reached; try again in a minute."))
    return HttpResponseRedirect(reverse("admin:registry_actor_change", args=[pk]))
