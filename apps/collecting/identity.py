"""Check that an answer is about the account that was asked for. Identity is the platform's id, never the handle (rule 8)."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.db.models.functions import Lower

from apps.collectors.types import Kind, Outcome
from apps.registry.models import Account, AccountState, HandleChange, Stop

Answered = tuple[Account, Outcome, datetime]  # an account, what was said of it, when (UTC)


@dataclass(frozen=True)
class Halt:
    """Why an account waits for an editor, and what was seen: an id, a name, or the key of another account."""

    code: Stop
    detail: str


@dataclass(frozen=True)
class Taken:
    """Whose a platform's ids and handles (in lower case) are: the keys of the accounts."""

    ids: dict[str, int]
    handles: dict[str, int]


def settle(answers: Sequence[Answered], *, again: bool = True) -> dict[int, Halt]:
    """Keep what the answers of one platform say of their accounts.

    Returns key of account -> why its answer must not be recorded. Another worker may learn
    the same id or handle at this moment: then whoever comes second looks again, account by account.
    """
    taken = _find_taken(answers)
    stops: dict[int, Halt] = {}
    news: list[tuple[Answered, dict[str, Any]]] = []
    # By id, so that two workers with the same ones wait for each other in one order.
    for answer in sorted(answers, key=lambda answer: answer[1].platform_id):
        account, outcome, _ = answer
        stop = _reason_to_stop(account, outcome, taken)
        if stop:
            stops[account.pk] = stop
            continue
        told = _news(account, outcome, taken)
        taken.ids.setdefault(outcome.platform_id, account.pk)
        taken.handles.setdefault(told.get("handle", "").lower(), account.pk)
        if told:
            news.append((answer, told))
    try:
        _write(news)
    except IntegrityError:
        if not again:
            raise
        return {key: stop for answer in answers for key, stop in settle([answer], again=False).items()}
    for key, stop in stops.items():
        Account.objects.filter(pk=key).update(
            state=AccountState.PAUSED, stopped_code=stop.code, stopped_detail=stop.detail[:200]
        )
    return stops


def _find_taken(answers: Sequence[Answered]) -> Taken:
    ids = {outcome.platform_id for account, outcome, _ in answers if not account.platform_id} - {""}
    handles = {outcome.handle.lower() for account, outcome, _ in answers if outcome.handle != account.handle}
    handles -= {""}
    rows: list[tuple[int, str, str]] = []
    if ids or handles:
        accounts = Account.objects.filter(platform=answers[0][0].platform).annotate(lower=Lower("handle"))
        for same in (Q(platform_id__in=ids), Q(lower__in=handles)):  # each by its own index
            rows += accounts.filter(same).values_list("pk", "platform_id", "lower")
    return Taken(
        {platform_id: key for key, platform_id, _ in rows if platform_id},
        {handle: key for key, _, handle in rows if handle},
    )


def _reason_to_stop(account: Account, outcome: Outcome, taken: Taken) -> Halt | None:
    if outcome.kind == Kind.MOVED:
        return Halt(Stop.MOVED, outcome.detail.removeprefix("moved_to: "))
    if not outcome.platform_id:
        return None
    if account.platform_id and account.platform_id != outcome.platform_id:
        return Halt(Stop.OTHER_ID, outcome.platform_id)
    if not account.platform_id and taken.ids.get(outcome.platform_id, account.pk) != account.pk:
        return Halt(Stop.SAME_AS, str(taken.ids[outcome.platform_id]))
    return None


def _news(account: Account, outcome: Outcome, taken: Taken) -> dict[str, Any]:
    """Return what the answer says otherwise than is known: id, title, badge, handle."""
    news: dict[str, Any] = {}
    if outcome.platform_id and not account.platform_id:
        news["platform_id"] = outcome.platform_id
    if outcome.title and outcome.title != account.title:
        if account.title and not (account.is_known_by_id or outcome.platform_id):
            news["title_before"] = account.title
        news["title"] = outcome.title[:500]
    if outcome.verified is not None and outcome.verified != account.verified:
        news["verified"] = outcome.verified
    # A handle that another account still carries is not taken over: that account's own reading will show why.
    is_free = taken.handles.get(outcome.handle.lower(), account.pk) == account.pk
    if outcome.handle not in ("", account.handle) and is_free:
        news["handle"] = outcome.handle
    return news


WRITE = """UPDATE tracking_account a SET platform_id = coalesce(n.platform_id, a.platform_id),
  handle = coalesce(n.handle, a.handle), title = coalesce(n.title, a.title),
  title_before = coalesce(n.title_before, a.title_before), verified = coalesce(n.verified, a.verified)
FROM json_to_recordset(%s) AS n(pk bigint, platform_id text, handle text, title text, title_before text,
  verified boolean)
WHERE a.id = n.pk"""


def _write(news: Sequence[tuple[Answered, dict[str, Any]]]) -> None:
    """Write all in one statement; raises IntegrityError, and has written nothing, where an id or a handle is taken."""
    if not news:
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(WRITE, [json.dumps([{"pk": account.pk, **told} for (account, _, _), told in news])])
    changes = []
    for (account, _, at), told in news:
        old = account.handle
        for name, value in told.items():
            setattr(account, name, value)
        if old and old.lower() != account.handle.lower():
            changes.append(HandleChange(account=account, old=old, new=account.handle, noticed_at=at))
    HandleChange.objects.bulk_create(changes)
