"""Detectors of changes to accounts themselves: new names, badges, counts that are held."""

from datetime import timedelta

from apps.alerts.models import Occurrence, OccurrenceKind, SeenBadge
from apps.alerts.scan_window import Look
from apps.registry.models import Account, HandleChange
from apps.snapshots.models import Doubt
from apps.snapshots.recording import day_of


def renames(look: Look) -> list[Occurrence]:
    found = HandleChange.objects.filter(
        noticed_at__gt=look.since, noticed_at__lte=look.now, account__actor__hidden=False
    )
    return [
        Occurrence(
            kind=OccurrenceKind.RENAMED,
            key=f"renamed:{one.pk}",
            subject=f"renamed:{one.account_id}",
            actor_id=one.account.actor_id,
            account_id=one.account_id,
            platform=one.account.platform,
            day=day_of(one.noticed_at),
            facts={"old": one.old, "new": one.new},
            found_at=look.now,
        )
        for one in found.select_related("account").order_by("noticed_at", "pk")
    ]


def badge_changes(look: Look) -> list[Occurrence]:
    """Return an occurrence for each badge that changed since the last look. Only an account's newest badge is stored,
    so the one before is remembered here."""
    seen = dict(SeenBadge.objects.values_list("account_id", "verified"))
    known = Account.objects.public().exclude(verified=None).order_by("pk")
    differing = [one for one in known if seen.get(one.pk) is not one.verified]
    SeenBadge.objects.bulk_create(
        [SeenBadge(account=one, verified=bool(one.verified)) for one in differing],
        update_conflicts=True,
        unique_fields=["account"],
        update_fields=["verified"],
    )
    return [
        Occurrence(
            kind=OccurrenceKind.VERIFIED,
            key=f"verified:{one.pk}:{look.now:%Y%m%d%H%M}:{'given' if one.verified else 'taken'}",
            subject=f"verified:{one.pk}",
            actor_id=one.actor_id,
            account_id=one.pk,
            platform=one.platform,
            day=look.today,
            facts={"verified": one.verified},
            found_at=look.now,
        )
        for one in differing
        if one.pk in seen
    ]


HELD_LONG = timedelta(days=7)


def held_counts(look: Look) -> list[Occurrence]:
    """Return cases that wait for an editor's word: once when they begin, once more when they have waited for a week."""
    return [
        *_cases_after(look, timedelta(0), ""),
        *_cases_after(look, HELD_LONG, ":week"),
    ]


def _cases_after(look: Look, waited: timedelta, mark: str) -> list[Occurrence]:
    """Return the cases that have waited so long since the look before; `mark` ends their keys."""
    cases = Doubt.objects.waiting().cases()
    found = cases.filter(seen_at__gt=look.since - waited, seen_at__lte=look.now - waited)
    return [
        Occurrence(
            kind=OccurrenceKind.HELD,
            key=f"held:{one.pk}{mark}",
            subject=f"held:{one.account_id}",
            actor_id=one.account.actor_id,
            account_id=one.account_id,
            platform=one.account.platform,
            day=one.day,
            facts={"followers": one.followers, "against": one.against, "why": one.why}
            | ({"waited": waited.days} if waited else {}),
            found_at=look.now,
        )
        for one in found.select_related("account").order_by("seen_at", "pk")
    ]
