"""Proposed addresses: an editor confirms or refuses them; nothing of them is collected or shown before."""

from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils import timezone

from apps.collecting.services import add_account
from apps.collectors.types import Target
from apps.registry.models import Account, Actor, Proposal, Source, Verification
from apps.registry.services import AlreadyTracked, find_account, find_impostor
from apps.users.models import User


class Undecidable(ValueError):
    """A proposal that cannot be decided so. `code`: decided, tracked, impostor, reason; `account` where one stands."""

    def __init__(self, code: str, account: Account | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.account = account


@dataclass(frozen=True)
class Proof:
    """What speaks for an address: who says so, where and when."""

    grade: str
    text: str
    locator: str
    day: date
    agreeing: int = 1
    source: Source | None = None


def confirm(proposal: Proposal, by: User) -> Account:
    """Track a proposed address, and note who confirmed it on what proof. Raises Undecidable.

    An account of the actor whose address was missing takes it, with its history.
    """
    with transaction.atomic():
        proposal = _lock(proposal)
        if find_impostor(proposal.target):
            raise Undecidable("impostor")
        try:
            account = add_account(proposal.actor, proposal.target, source=proposal.source)
        except AlreadyTracked as tracked:
            if tracked.account.actor_id != proposal.actor_id:
                raise Undecidable("tracked", tracked.account) from None
            account = tracked.account
        proof = ". ".join(
            part for part in (proposal.proof, proposal.source and proposal.source.title) if part
        )
        url = proposal.source.url if proposal.source else proposal.locator
        Verification.objects.create(account=account, by=by, proof=proof, url=url[:1000])
        _decide(proposal, Proposal.State.CONFIRMED, by, account=account)
    return account


def refuse(proposal: Proposal, by: User, reason: str) -> None:
    """Refuse a proposed address; the reason is remembered, and nobody is asked about it again. Raises Undecidable."""
    if not reason.strip():
        raise Undecidable("reason")
    with transaction.atomic():
        _decide(_lock(proposal), Proposal.State.REFUSED, by, reason=reason.strip())


def propose(actor: Actor, target: Target, proof: Proof) -> Proposal | None:
    """Propose an address. None where it is tracked, was decided before, or is known as false.

    One that waits already takes the newer proof.
    """
    if find_account(target) or find_impostor(target):
        return None
    existing = Proposal.objects.filter(
        actor=actor, platform=target.platform, handle__iexact=target.handle, platform_id=target.platform_id
    ).first()
    if existing and existing.state != Proposal.State.WAITING:
        return None
    proposal = existing or Proposal(
        actor=actor, platform=target.platform, handle=target.handle, platform_id=target.platform_id
    )
    if not existing or proof.grade <= existing.grade:
        proposal.grade, proposal.proof, proposal.locator = proof.grade, proof.text, proof.locator
        proposal.proof_day, proposal.proof_span, proposal.source = proof.day, 3, proof.source
    proposal.agreeing = max(proof.agreeing, proposal.agreeing)
    proposal.save()
    return proposal


def _lock(proposal: Proposal) -> Proposal:
    locked = (
        Proposal.objects.select_for_update(of=("self",)).select_related("actor", "source").get(pk=proposal.pk)
    )
    if locked.state != Proposal.State.WAITING:
        raise Undecidable("decided")
    return locked


def _decide(
    proposal: Proposal, state: Proposal.State, by: User, *, reason: str = "", account: Account | None = None
) -> None:
    proposal.state, proposal.reason, proposal.account = state, reason, account
    proposal.decided_by, proposal.decided_at = by, timezone.now()
    proposal.save(update_fields=["state", "reason", "account", "decided_by", "decided_at"])
