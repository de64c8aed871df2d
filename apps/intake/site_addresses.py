"""Looking for a body's addresses on its own site and on Wikidata: proposals come of it, never a change of a record."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from django.conf import settings
from django.db.models import Max, QuerySet
from django.utils import timezone

from apps.collectors import wikidata
from apps.collectors.patience import Patient
from apps.collectors.sites.judging import Evidence, Judged, Ownership
from apps.collectors.sites.reading import Refusal, SiteReading, read_site
from apps.collectors.types import PlatformFailure, Target
from apps.common.http import Failed
from apps.intake.proposals import Proof, propose
from apps.registry.models import Actor, Proposal, SiteVisit

AGAIN_AFTER: Final = timedelta(days=365)
AT_A_TIME: Final = 20  # sites that one run of the yearly repetition reads
# What is written into a proposal, by judging.Evidence; texts.csv has it in Russian and Kazakh.
PROOFS: Final = {
    "row": "In the site's own row of network links",
    "vouched": "Vouched for by the site's structured data",
    "widget": "Shown on the site by a widget of the platform",
    "meta": "Named by the site in the head of its pages",
    "feed": "Its feed is named by the site",
    "named_alike": "Linked on the site and called as the site or its other accounts",
    "contradicts": "Named in the head of the page, which shows another account",
    "several": "One of several accounts of the platform that the site names",
    "mention": "Linked at the edge of the site's pages",
}
OF_WIKIDATA: Final = "Named by the body's item on Wikidata"


@dataclass
class Findings:
    """What a look at one body came to."""

    actor: Actor
    reading: SiteReading | None = None
    problem: str = ""  # a code of sites.reading.CODES, or "wikidata"
    detail: str = ""
    proposals: list[Proposal] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)  # named by the site a visit before, and no longer
    new: list[str] = field(default_factory=list)


def find_addresses(
    actor: Actor, *, open_site: Callable[..., SiteReading] = read_site, wiki: Patient | None = None
) -> Findings:
    """Read the body's own site and its item on Wikidata, and propose what they name.

    Nothing that is tracked changes. What the site named a visit before and no longer names is told.
    """
    findings = Findings(actor)
    judged: Sequence[Judged] = ()
    if actor.website:
        try:
            findings.reading = open_site(actor.website, settings.CONTACT)
            judged = findings.reading.accounts
        except Refusal as refusal:
            findings.problem, findings.detail = refusal.code, refusal.detail
        _note_visit(findings)
    named = _find_on_wikidata(findings, wiki) if actor.wikidata_id and wiki else []
    today = timezone.localdate()
    shown = [account for account in judged if is_candidate(account)]
    for account in shown:
        _propose(findings, account.target, _proof_of(account, named, today))
    site = {key_of(account.target) for account in shown}
    for target in named:
        if key_of(target) not in site:
            address = f"{wikidata.SHOWN_AT}/wiki/{actor.wikidata_id}"
            _propose(findings, target, Proof(Proposal.Grade.NAMED, OF_WIKIDATA, address, today))
    return findings


def is_candidate(account: Judged) -> bool:
    """Tell whether an account may be the body's; what the site has commented out it no longer points to."""
    return account.verdict != Ownership.OTHER and account.why != Evidence.COMMENTED_OUT


def find_due(today: date) -> QuerySet[Actor]:
    """Return the bodies whose site was looked at a year ago or longer, the longest first."""
    before = timezone.now() - AGAIN_AFTER
    visited = Actor.objects.exclude(website="").annotate(visited_at=Max("site_visits__at"))
    return (
        visited.exclude(pk__in=Actor.objects.gone_by(today))
        .filter(visited_at__lt=before)
        .order_by("visited_at", "pk")
    )


def key_of(target: Target) -> str:
    """Write an account as visits remember it: facebook/bodykz."""
    return f"{target.platform}/{(target.handle or target.platform_id).lower()}"


def _proof_of(account: Judged, named: Sequence[Target], today: date) -> Proof:
    grade = Proposal.Grade.OWN if account.verdict == Ownership.OWN else Proposal.Grade.CANDIDATE
    agree = len(account.pages) + any(key_of(target) == key_of(account.target) for target in named)
    return Proof(grade, PROOFS.get(account.why, ""), account.pages[0][:1000], today, agree)


def _propose(findings: Findings, target: Target, proof: Proof) -> None:
    proposal = propose(findings.actor, target, proof)
    if proposal:
        findings.proposals.append(proposal)


def _note_visit(findings: Findings) -> None:
    """Keep what the site named today, and what has changed since the visit before."""
    accounts = findings.reading.accounts if findings.reading else ()
    own = sorted({key_of(account.target) for account in accounts if account.verdict == Ownership.OWN})
    before = SiteVisit.objects.filter(actor=findings.actor, problem="").order_by("-at").first()
    if before and findings.reading:
        findings.gone = sorted(set(before.accounts) - set(own))
        findings.new = sorted(set(own) - set(before.accounts))
    SiteVisit.objects.create(
        actor=findings.actor,
        at=timezone.now(),
        address=findings.actor.website,
        problem=findings.problem,
        detail=findings.detail[:200],
        pages=list(findings.reading.pages) if findings.reading else [],
        accounts=own,
        gone=findings.gone,
        new=findings.new,
    )


def _find_on_wikidata(findings: Findings, wiki: Patient) -> list[Target]:
    """Return the accounts that the body's item names as in use."""
    item = findings.actor.wikidata_id
    if not wikidata.ITEM.fullmatch(item):
        return []
    try:
        statements = wikidata.fetch(wiki, item)
    except (PlatformFailure, Failed):
        findings.problem = findings.problem or "wikidata"
        return []
    presences = wikidata.read(item, statements).presences if statements else ()
    # Of the names that an item ties to one account the handle says more to an editor.
    return [max(names, key=lambda target: (bool(target.handle), target.handle)) for names in presences]
