"""The reading round: which accounts an editor reads by hand, who has taken which, and the pictures kept as evidence."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from apps.backoffice.models import ManualClaim
from apps.collecting import adapters
from apps.collecting.reasons import Trouble
from apps.common import file_store
from apps.registry.models import Account, AccountState, HandReading
from apps.registry.models import AccountQuerySet as Accounts
from apps.registry.platforms import ALL
from apps.snapshots.models import Screenshot, Snapshot, with_latest
from apps.snapshots.recording import day_of
from apps.users.models import User

TAKEN = 10  # accounts a round
HOLD = timedelta(minutes=30)  # an editor who shows no sign for so long has left
FORGOTTEN = timedelta(hours=12)  # what was typed before a long lunch is still taken
EVERY = {HandReading.WEEKLY: timedelta(days=7), HandReading.MONTHLY: timedelta(days=28)}
LARGEST_PICTURE = 5 * 1024 * 1024  # bytes


def by_hand() -> Accounts:
    """Return the accounts that editors read: no program reads them here, or an editor has said so, and none said
    never.

    On platforms where "not found" may mean that the interface does not show the page, those it did not find are read
    by hand too: Facebook profiles, personal Instagram accounts.
    """
    ready = adapters.ready()
    shy = [code for code in ready if ALL[code].absence_needs_editor]
    unread = ~Q(platform__in=ready) | Q(platform__in=shy, collection__error_code=Trouble.NOT_FOUND)
    chosen = Q(hand_reading__in=list(EVERY)) | (Q(hand_reading=HandReading.RULE) & unread)
    found: Accounts = Account.objects.addressed().filter(chosen, state=AccountState.ACTIVE)
    return found


def due() -> Accounts:
    """Return those of them that are due today and in nobody's hands; the longest unread first."""
    now = timezone.now()
    today = day_of(now)
    monthly = Q(hand_reading=HandReading.MONTHLY)
    old = (monthly & Q(latest_on__lte=today - EVERY[HandReading.MONTHLY])) | (
        ~monthly & Q(latest_on__lte=today - EVERY[HandReading.WEEKLY])
    )
    held = Q(hand_turn__until__gt=now, hand_turn__done_at=None) & Q(hand_turn__skipped_until=None)
    skipped = Q(hand_turn__skipped_until__gt=today)
    never = Q(latest_on=None)
    waiting: Q = old | never
    found: Accounts = with_latest(by_hand()).filter(waiting)
    found = found.exclude(held).exclude(skipped)
    return found.order_by("latest_on", "platform", "pk")  # type: ignore[misc]  # latest_on is annotated


CLAIM = """
INSERT INTO tracking_handturn AS t (account_id, by_id, round, until, is_blocked)
SELECT account, %s, %s, %s, false FROM unnest(%s::bigint[]) AS account
ON CONFLICT (account_id) DO UPDATE SET by_id = excluded.by_id, round = excluded.round, until = excluded.until,
  done_at = NULL, skipped_until = NULL, is_blocked = false
WHERE t.until <= %s OR t.done_at IS NOT NULL OR t.skipped_until IS NOT NULL"""


def take(by: User, most: int = TAKEN) -> int:
    """Take the next accounts that are due for the editor; return how many. What another takes at the same moment is
    theirs."""
    now = timezone.now()
    wanted = list(due().values_list("pk", flat=True)[:most])
    if not wanted:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, [by.pk, uuid.uuid4(), now + HOLD, wanted, now])
        return int(cursor.rowcount)


def turns_of(by: User) -> list[ManualClaim]:
    """Return the editor's present round, done ones too, in its order. Past its time it lasts until another takes the
    account."""
    lately = timezone.now() - FORGOTTEN
    newest = ManualClaim.objects.filter(by=by, until__gt=lately).order_by("-until").first()
    if newest is None:
        return []
    rows = ManualClaim.objects.filter(by=by, round=newest.round).select_related("account__actor")
    return list(rows.order_by("account__platform", "account_id"))


def keep_alive(by: User, turns: Iterable[ManualClaim]) -> None:
    """Keep what is not done yet the editor's, who is at work."""
    ManualClaim.objects.filter(by=by, pk__in=[turn.pk for turn in turns]).update(until=timezone.now() + HOLD)


def holds(by: User, account: Account) -> bool:
    """Tell whether the account is still the editor's to read."""
    return ManualClaim.objects.filter(account=account, by=by, done_at=None).exists()


def finish(by: User, account: Account) -> None:
    ManualClaim.objects.filter(account=account, by=by).update(done_at=timezone.now())


def skip(by: User, account: Account) -> None:
    """Leave the account for tomorrow."""
    tomorrow = day_of(timezone.now()) + timedelta(days=1)
    ManualClaim.objects.filter(account=account, by=by, done_at=None).update(skipped_until=tomorrow)


def block(by: User, account: Account) -> None:
    """Leave an account for tomorrow because its page cannot be opened from here."""
    skip(by, account)
    ManualClaim.objects.filter(account=account, by=by, done_at=None).update(is_blocked=True)


def last_values(accounts: Iterable[int]) -> dict[int, Snapshot]:
    """Return the newest recorded value of each of these accounts that has one."""
    rows = Snapshot.objects.filter(account__in=list(accounts)).select_related("source")
    newest = rows.order_by("account_id", "-day", "-span").distinct("account_id")
    return {row.account_id: row for row in newest}


def leave(by: User) -> None:
    """Free at once what is not done, as the editor goes."""
    ManualClaim.objects.filter(by=by).update(until=timezone.now() - FORGOTTEN)


class NotAPicture(ValueError):
    """The content is no PNG, JPEG or WebP, or too large. `code`: kind or large."""


@dataclass(frozen=True)
class Picture:
    content: bytes
    kind: str


def picture(content: bytes) -> Picture:
    """Tell a picture by its content, never by its name. Raises NotAPicture."""
    if len(content) > LARGEST_PICTURE:
        raise NotAPicture("large")
    if content.startswith(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR") and content.rstrip(b"\0").endswith(
        b"IEND\xaeB`\x82"
    ):
        return Picture(content, "png")
    if content.startswith(b"\xff\xd8\xff") and b"\xff\xd9" in content[-64:]:
        return Picture(content, "jpg")
    if content[:4] == b"RIFF" and content[8:15] == b"WEBPVP8":
        return Picture(content, "webp")
    raise NotAPicture("kind")


def keep_picture(
    account: Account, snapshot: Snapshot | None, shot: Picture, by: User, *, where: str = ""
) -> Screenshot:
    """Keep it under a name of our own, with the place on the page. Raises OSError where there is no room; then nothing is left behind."""
    row = Screenshot(
        id=uuid.uuid4(),
        account=account,
        snapshot=snapshot,
        kind=shot.kind,
        size=len(shot.content),
        where=where,
        by=by,
        at=timezone.now(),
    )
    file_store.put_bytes(name_of(row), shot.content)
    row.save(force_insert=True)
    return row


def name_of(shot: Screenshot) -> str:
    """Return the name of a picture among the files that hosts share."""
    return f"media/screenshots/{shot.pk.hex}.{shot.kind}"
