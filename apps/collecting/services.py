"""Writes around collecting: tracking an account, changing its address, reading it now."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from apps.collecting import adapters
from apps.collecting.models import Attempt, Collection, Run
from apps.collecting.reasons import Trouble
from apps.collectors.types import Target
from apps.registry.models import Account, AccountState, Actor, HandleChange, Source, Stop
from apps.registry.services import AlreadyTracked, close_ended, find_account, lock_accounts
from apps.snapshots import recording
from apps.snapshots.models import Doubt
from apps.snapshots.recording import Recorded
from apps.users.models import User

NO_ERROR: dict[str, Any] = {"error_code": "", "error_detail": "", "errors": 0}


def ensure_collection(accounts: Iterable[Account]) -> int:
    """Give every account that a program can read its place in the schedule; a new one is due at once."""
    now = timezone.now()
    rows = [
        Collection(account_id=account.pk, due_at=now)
        for account in accounts
        if account.has_address and adapters.is_collected(account.platform)
    ]
    return len(Collection.objects.bulk_create(rows, ignore_conflicts=True))


def add_account(actor: Actor, target: Target, *, source: Source | None = None, note: str = "") -> Account:
    """Track an account. Raises AlreadyTracked, also when somebody else adds it at the same moment.

    An account of the actor on this platform whose address was missing takes this address.
    """
    existing = find_account(target)
    if existing:
        raise AlreadyTracked(existing)
    try:
        with transaction.atomic():
            account = (
                Account.objects.select_for_update()
                .filter(actor=actor, platform=target.platform)
                .without_address()
                .first()
            ) or Account(actor=actor, platform=target.platform, source=source, note=note)
            if account.pk and note:
                account.note = f"{account.note}\n{note}".strip()
            account.handle, account.platform_id = target.handle, target.platform_id
            account.save()
            close_ended()
            account.refresh_from_db(fields=["state"])
            ensure_collection([account])
    except IntegrityError:
        winner = find_account(target)
        if winner is None:
            raise
        raise AlreadyTracked(winner) from None
    return account


def collect_now(accounts: Iterable[Account]) -> int:
    """Make the accounts due at once; those being read at this moment are left alone. How many are due."""
    now = timezone.now()
    chosen = [account for account in accounts if account.state != AccountState.PAUSED]
    ensure_collection(chosen)
    free = Q(leased_until=None) | Q(leased_until__lt=now)
    return Collection.objects.filter(free, account__in=chosen).update(due_at=now)


def resume(account: Account) -> None:
    """Read the account again, as an editor has looked."""
    Account.objects.filter(pk=account.pk).update(
        state=AccountState.ACTIVE, stopped_code="", stopped_detail=""
    )
    account.refresh_from_db()
    ensure_collection([account])
    Collection.objects.filter(account=account).update(
        due_at=timezone.now(), not_found_days=0, not_found_on=None, **NO_ERROR
    )


def decide(doubt: Doubt, decision: Doubt.Decision, by: User) -> Recorded | None:
    """Accept a held count or reject it; its account is in no trouble any more once none of its counts is held.

    As recording.decide, whose answer it gives: None where somebody was quicker, or where it was rejected.
    """
    with transaction.atomic():
        recorded = recording.decide(doubt, decision, by)
        if not Doubt.objects.filter(account=doubt.account_id, decision="").exists():
            Collection.objects.filter(account=doubt.account_id, error_code=Trouble.HELD).update(**NO_ERROR)
    return recorded


def change_address(account: Account, target: Target) -> None:
    """Give an account its address, or a new one, as an editor says; the old handle is kept as a HandleChange.

    Raises AlreadyTracked, also when somebody else takes the address at the same moment.
    """
    try:
        with transaction.atomic():
            lock_accounts([account.pk])
            row = Account.objects.get(pk=account.pk)
            _readdress(row, target)
            row.state, row.stopped_code, row.stopped_detail = AccountState.ACTIVE, "", ""
            row.save(update_fields=["handle", "platform_id", "state", "stopped_code", "stopped_detail"])
            ensure_collection([row])
            # An answer that is still under way is about the old address: without its lease it is dropped.
            Collection.objects.filter(account=row).update(
                due_at=timezone.now(),
                lease=None,
                leased_until=None,
                run=None,
                not_found_days=0,
                not_found_on=None,
                **NO_ERROR,
            )
    except IntegrityError:
        winner = find_account(target)
        if winner is None:
            raise
        raise AlreadyTracked(winner) from None


def _readdress(row: Account, target: Target) -> None:
    """Write the address into the row. What it does not name is kept where what it names is the same as before."""
    same_handle = bool(target.handle) and target.handle.lower() == row.handle.lower()
    same_id = bool(target.platform_id) and target.platform_id == row.platform_id
    if row.handle and not same_handle and not (same_id and not target.handle):
        HandleChange.objects.create(
            account=row, old=row.handle, new=target.handle or target.platform_id, noticed_at=timezone.now()
        )
    # An id that was learnt from the old handle says nothing of a new one.
    kept_id = row.platform_id if same_handle else ""
    kept_handle = row.handle if same_id else ""
    row.handle, row.platform_id = target.handle or kept_handle, target.platform_id or kept_id


def follow(account: Account) -> bool:
    """Go on under the new id or name, as an editor says that what an account was stopped for is the same page.

    For a moved or merged page and for a handle with a new id. False where there is nothing to follow, or where the
    new one is an account of its own already.
    """
    target = _find_new_place(account)
    if target is None:
        return False
    with transaction.atomic():
        lock_accounts([account.pk])
        row = Account.objects.get(pk=account.pk)
        if (row.stopped_code, row.stopped_detail) != (account.stopped_code, account.stopped_detail):
            return False
        other = find_account(target)
        if other and other.pk != row.pk:
            return False
        new = target.handle or target.platform_id
        old = row.handle if target.handle else row.platform_id or row.handle
        HandleChange.objects.create(account=row, old=old, new=new, noticed_at=timezone.now())
        if target.handle:
            row.handle = target.handle
        row.platform_id = target.platform_id
        row.save(update_fields=["handle", "platform_id"])
        resume(row)
    return True


def _find_new_place(account: Account) -> Target | None:
    """Return where an account that was stopped points to: by its id, or by its name (Mastodon, name@host)."""
    seen = account.stopped_detail
    if account.stopped_code not in (Stop.MOVED, Stop.OTHER_ID) or not seen:
        return None
    if account.stopped_code == Stop.MOVED and "@" in seen:
        return Target(account.platform, handle=seen)
    return Target(account.platform, platform_id=seen)


def prune_log() -> int:
    """Delete attempts and runs older than ATTEMPT_DAYS; how many."""
    oldest = timezone.now() - timedelta(days=settings.ATTEMPT_DAYS)
    attempts, _ = Attempt.objects.filter(at__lt=oldest).delete()
    runs, _ = Run.objects.filter(began_at__lt=oldest).delete()
    return attempts + runs
