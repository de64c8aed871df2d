"""Detectors of incidents for the operator: a platform that is paused or no longer read, tokens, silence, backups.

Such a thing lasts. It is told when it begins and when it is over.
"""

import math
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import Error, connections
from django.db.models import Max, Min

from apps.alerts.models import LASTING, Occurrence, OccurrenceKind
from apps.alerts.scan_window import Look
from apps.collecting import adapters, freshness
from apps.collecting.models import Collection, PlatformState
from apps.common import reading, upkeep
from apps.registry.models import AccountState
from apps.snapshots.models import LatestDifference

TOKEN_CODES = ("bad_token", "token_expired", "no_permission", "not_enabled")
OUR_CODES = ("quota", "credit", "bad_request")  # known at once; a platform's own failures pass by themselves
FAILURES = 5  # in a row: the back-off has grown to a quarter of an hour
NAMED = 20  # accounts in a message
STALE_AFTER = timedelta(hours=36)  # a day's reading, and half a day more
WARNED_DAYS = (14, 3)  # before a token ends


def detect_incidents(look: Look) -> list[Occurrence]:
    """Open new incidents; close those that ended. Return both as occurrences."""
    now = look.now
    standing = [*platforms(now), *stale(now), *silent(now), *backup(now), *replica(now), *latest(now)]
    known = {one.subject: one for one in Occurrence.objects.filter(kind__in=LASTING, ended_at=None)}
    subjects = {one.subject for one in standing}
    over = [one for subject, one in known.items() if subject not in subjects]
    Occurrence.objects.filter(pk__in=[one.pk for one in over]).update(ended_at=now)
    begins = [one for one in standing if one.subject not in known]
    return [end_of(one, now) for one in over] + begins + detect_token_ends(look)


def end_of(lasting: Occurrence, now: datetime) -> Occurrence:
    """Return the end of something that lasted: whoever heard of its beginning hears of it."""
    facts = {**lasting.facts, "over": True, "began": lasting.found_at.isoformat()}
    end = occurrence_of(OccurrenceKind(lasting.kind), now, lasting.platform, **facts)
    end.key += ":over"
    end.ended_at = now
    return end


def occurrence_of(kind: OccurrenceKind, now: datetime, platform: str = "", **facts: object) -> Occurrence:
    subject = f"{kind}:{platform}"
    return Occurrence(
        kind=kind,
        key=f"{subject}:{now:%Y%m%d%H%M%S}",
        subject=subject,
        platform=platform,
        day=Look(now, now).today,
        facts=facts,
        found_at=now,
    )


def platforms(now: datetime) -> Iterable[Occurrence]:
    """Yield pauses and rejected tokens; a token stays rejected until the platform has answered again, whatever pauses
    lie between the tries."""
    for state in PlatformState.objects.exclude(pause_code="").order_by("platform"):
        code = state.pause_code
        if code in TOKEN_CODES:
            yield occurrence_of(OccurrenceKind.TOKEN, now, state.platform, **_pause(state))
        elif code in OUR_CODES or state.failures >= FAILURES:
            yield occurrence_of(OccurrenceKind.PAUSED, now, state.platform, **_pause(state))


def _pause(state: PlatformState) -> dict[str, object]:
    """Return the facts of a pause that a message needs: code, until when, how many accounts wait until then."""
    until = state.paused_until
    waiting = Collection.objects.filter(account__platform=state.platform, account__state=AccountState.ACTIVE)
    missing = waiting.filter(due_at__lte=until).count() if until else waiting.count()
    return {"code": state.pause_code, "until": until.isoformat() if until else "", "missing": missing}


def stale(now: datetime) -> Iterable[Occurrence]:
    """Yield the platforms of which no account was read for STALE_AFTER, though some are to be."""
    read = Collection.objects.filter(
        account__state=AccountState.ACTIVE, account__platform__in=adapters.ready()
    ).exclude(account__handle="", account__platform_id="")
    found = read.values("account__platform").annotate(
        newest=Max("last_success_at"), begun=Min("account__added_at")
    )
    for one in found.order_by("account__platform"):
        newest = one["newest"] or one["begun"]
        if now - newest > STALE_AFTER:
            yield occurrence_of(
                OccurrenceKind.STALE, now, one["account__platform"], newest=newest.isoformat()
            )


def silent(now: datetime) -> Iterable[Occurrence]:
    """Yield an incident when nothing was read or recorded for SILENT_HOURS; a site without any reading yet is not
    silent."""
    newest = freshness.newest_record()
    if newest and is_silent(newest, now):
        yield occurrence_of(
            OccurrenceKind.SILENT, now, newest=newest.isoformat(), hours=settings.SILENT_HOURS
        )


def is_silent(newest: datetime, now: datetime) -> bool:
    return bool(settings.SILENT_HOURS) and now - newest > timedelta(hours=settings.SILENT_HOURS)


def detect_token_ends(look: Look) -> list[Occurrence]:
    """Return the tokens that end soon by the operator's TOKEN_EXPIRES, once at each of WARNED_DAYS."""
    found = []
    for platform, ends in upkeep.token_ends().items():
        passed = [days for days in WARNED_DAYS if (ends - look.today).days <= days]
        if passed and ends >= look.today:
            found.append(
                Occurrence(
                    kind=OccurrenceKind.EXPIRING,
                    key=f"expiring:{platform}:{ends}:{min(passed)}",
                    subject=f"expiring:{platform}",
                    platform=platform,
                    day=look.today,
                    facts={"ends": ends.isoformat()},
                    found_at=look.now,
                )
            )
    return found


def backup(now: datetime) -> Iterable[Occurrence]:
    """Yield an incident when the newest backup is older than BACKUP_ALARM_HOURS, where backups are made."""
    if not settings.BACKUP_ALARM_HOURS or not settings.BACKUP_DIR.is_dir():
        return
    newest = upkeep.newest_backup()
    if newest is None or now - newest > timedelta(hours=settings.BACKUP_ALARM_HOURS):
        yield occurrence_of(OccurrenceKind.BACKUP, now, newest=newest.isoformat() if newest else "")
    for kind, name in ((OccurrenceKind.DRILL, upkeep.DRILL), (OccurrenceKind.SENT, upkeep.SENT)):
        note = upkeep.read_note(name)
        if note and note.why:
            yield occurrence_of(kind, now, name=note.name, at=note.at, why=note.why)


def replica(now: datetime) -> Iterable[Occurrence]:
    """Yield an incident while readers are answered by the primary because the replica is of no use."""
    if reading.REPLICA not in connections.settings:
        return
    try:
        seconds = reading.replica_lag.look(reading.REPLICA)
    except Error:
        yield occurrence_of(OccurrenceKind.REPLICA, now, why="silent")
        return
    if seconds == math.inf:
        yield occurrence_of(OccurrenceKind.REPLICA, now, why="promoted")
    elif seconds > settings.REPLICA_LAG_SECONDS:
        yield occurrence_of(OccurrenceKind.REPLICA, now, why="behind", seconds=round(seconds))


def latest(now: datetime) -> Iterable[Occurrence]:
    """Yield an incident while the nightly check's differences between derived rows and the record stand."""
    found = LatestDifference.objects.order_by("account_id").values_list("account_id", flat=True)
    accounts = list(found[: NAMED + 1])
    if accounts:
        yield occurrence_of(OccurrenceKind.LATEST, now, accounts=accounts[:NAMED], more=len(accounts) > NAMED)
