"""Which account an answer is about. Identity is the platform's id, never the handle (rule 8)."""

from collections.abc import Iterable
from datetime import datetime

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


def learn(account: Account, outcome: Outcome, at: datetime) -> None:
    """Keep what the answer says of the account: id, title, badge, and a new handle with its change."""
    changed = []
    if outcome.platform_id and not account.platform_id:
        account.platform_id = outcome.platform_id
        changed.append("platform_id")
    if outcome.title and outcome.title != account.title:
        if account.title and not account.is_known_by_id:
            account.title_before = account.title
            changed.append("title_before")
        account.title = outcome.title[:500]
        changed.append("title")
    if outcome.verified is not None and outcome.verified != account.verified:
        account.verified = outcome.verified
        changed.append("verified")
    if outcome.handle and outcome.handle != account.handle and _may_take(account, outcome):
        if account.handle and account.handle.lower() != outcome.handle.lower():
            HandleChange.objects.create(
                account=account, old=account.handle, new=outcome.handle, noticed_at=at
            )
        account.handle = outcome.handle
        changed.append("handle")
    if changed:
        account.save(update_fields=changed)


def _may_take(account: Account, outcome: Outcome) -> bool:
    """A handle that another account still carries is not taken over: that account's own reading will show why."""
    others = Account.objects.filter(platform=account.platform, handle__iexact=outcome.handle).exclude(
        pk=account.pk
    )
    return not others.exists()
