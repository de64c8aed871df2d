"""Decide held counts and answer requests: what the buttons on their own pages do."""

from django.db import transaction

from apps.collecting import services
from apps.registry.services import lock_accounts
from apps.snapshots import correction_requests, manual, recording
from apps.snapshots.models import (
    Bound,
    Correction,
    CorrectionRequest,
    Doubt,
    Precision,
    Snapshot,
    Span,
    State,
)
from apps.users.models import User

Value = tuple[State, int | None, Bound, Precision]


class TooLate(Exception):
    """Somebody else has decided it."""


def correct_held(doubt: Doubt, value: Value, *, reason: str, by: User) -> None:
    """Reject a held count and record what was there instead. Raises TooLate.

    Where another value stands for the day, it is corrected in the open, with the reason.
    """
    state, followers, bound, precision = value
    with transaction.atomic():
        lock_accounts([doubt.account_id])
        if not Doubt.objects.filter(pk=doubt.pk, decision="").exists():
            raise TooLate
        services.decide(doubt, Doubt.Decision.REJECTED, by)
        standing = Snapshot.objects.filter(account=doubt.account_id, day=doubt.day, span=Span.DAY).first()
        if standing is None:
            reading = recording.Reading(
                account_id=doubt.account_id,
                day=doubt.day,
                state=state,
                followers=followers,
                bound=bound,
                precision=precision,
                source_id=manual.manual_source().pk,
                observed_at=doubt.seen_at,
                locator=doubt.locator,
                note=reason,
                edited_by_id=by.pk,
            )
            recording.publish([reading])
        elif (standing.state, standing.followers, standing.bound, standing.precision) != value:
            recording.correct(
                standing,
                state=state,
                followers=followers,
                bound=bound,
                precision=precision,
                reason=reason,
                by=by,
            )


def correct_and_answer(
    snapshot: Snapshot, value: Value, *, reason: str, by: User, request: CorrectionRequest
) -> Correction:
    """Correct a recorded value and answer the request for it, both or neither; the reason is the answer.

    Raises WrongCorrection, Answered, or WrongAnswer where the request is about another actor.
    """
    state, followers, bound, precision = value
    with transaction.atomic():
        correction = recording.correct(
            snapshot, state=state, followers=followers, bound=bound, precision=precision, reason=reason, by=by
        )
        correction_requests.answer(
            request, CorrectionRequest.Outcome.CORRECTED, reason, by=by, correction=correction
        )
    return correction
