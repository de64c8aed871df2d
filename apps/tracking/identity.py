"""Which account an answer is about. Identity is the platform's id, never the handle (rule 8)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from apps.collectors.types import Kind, Outcome
from apps.tracking.models import Account, AccountState, HandleChange


def taken_ids(platform: str, ids: Iterable[str]) -> dict[str, int]:
    """Which of the platform ids are already an account's: id -> key of that account."""
    found = Account.objects.filter(platform=platform, platform_id__in=list(ids))
    return dict(found.values_list("platform_id", "pk"))


def reason_to_stop(account: Account, outcome: Outcome, taken: dict[str, int]) -> str:
    """Why this answer must not be recorded for this account; "" where it may. A code and what was seen."""
    if outcome.kind == Kind.MOVED:
        return f"moved: {outcome.detail}"
    if not outcome.platform_id:
        return ""
    if account.platform_id and account.platform_id != outcome.platform_id:
        return f"other_id: {outcome.platform_id}"
    if not account.platform_id and taken.get(outcome.platform_id, account.pk) != account.pk:
        return f"same_as: {taken[outcome.platform_id]}"
    return ""


def stop(account: Account, reason: str) -> None:
    """Collecting stops for this account until an editor has looked."""
    Account.objects.filter(pk=account.pk).update(state=AccountState.PAUSED, stopped_because=reason[:200])


def settle(account: Account, outcome: Outcome, at: datetime, taken: dict[str, int]) -> str:
    """Keep what the answer says of the account, and of its id in `taken`; or the reason why it must not be recorded.

    Another worker may learn the same id or handle at this moment: whoever comes second looks again.
    """
    stop = reason_to_stop(account, outcome, taken)
    if not stop and not _learn(account, outcome, at):
        taken |= taken_ids(account.platform, [outcome.platform_id])
        stop = reason_to_stop(account, outcome, taken)
        if not stop and not _learn(account, outcome, at):
            raise IntegrityError(f"{account} cannot learn {outcome.platform_id} {outcome.handle}")
    if not stop and account.platform_id:
        taken[account.platform_id] = account.pk
    return stop


def _learn(account: Account, outcome: Outcome, at: datetime) -> bool:
    """Write what is new; False where somebody else has just taken the id or the handle."""
    news = _news(account, outcome)
    if not news:
        return True
    row = Account.objects.filter(pk=account.pk)
    if news.keys().isdisjoint(("platform_id", "handle")):
        row.update(**news)
    else:
        try:
            with transaction.atomic():
                row.update(**news)
        except IntegrityError:
            return False
    old = account.handle
    for name, value in news.items():
        setattr(account, name, value)
    if old and old.lower() != account.handle.lower():
        HandleChange.objects.create(account=account, old=old, new=account.handle, noticed_at=at)
    return True


def _news(account: Account, outcome: Outcome) -> dict[str, Any]:
    """What the answer says otherwise than is known: id, title, badge, handle."""
    news: dict[str, Any] = {}
    if outcome.platform_id and not account.platform_id:
        news["platform_id"] = outcome.platform_id
    if outcome.title and outcome.title != account.title:
        if account.title and not (account.is_known_by_id or outcome.platform_id):
            news["title_before"] = account.title
        news["title"] = outcome.title[:500]
    if outcome.verified is not None and outcome.verified != account.verified:
        news["verified"] = outcome.verified
    if outcome.handle and outcome.handle != account.handle and _may_take(account, outcome):
        news["handle"] = outcome.handle
    return news


def _may_take(account: Account, outcome: Outcome) -> bool:
    """A handle that another account still carries is not taken over: that account's own reading will show why."""
    others = Account.objects.filter(platform=account.platform, handle__iexact=outcome.handle).exclude(
        pk=account.pk
    )
    return not others.exists()
