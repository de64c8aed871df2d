"""The numbers of /status/: whether everything is being collected."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Q, QuerySet
from django.utils import timezone

from apps.collecting import adapters
from apps.collecting.models import Collection
from apps.registry.models import Account, AccountState
from apps.snapshots.models import Doubt


@dataclass(frozen=True)
class Collecting:
    """Accounts that are read by program, those read today, and what waits for an editor."""

    platform: str  # "" for all together
    collected: int
    read_today: int
    attention: int
    newest: datetime | None  # the last good reading, UTC


def today_begins() -> datetime:
    """Return midnight in Almaty, as an instant."""
    return timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)


def collections() -> QuerySet[Collection]:
    """Return the collections of accounts that are read: active, with an address, on a platform that is configured
    here."""
    return Collection.objects.filter(
        account__state=AccountState.ACTIVE, account__platform__in=adapters.ready()
    ).exclude(account__handle="", account__platform_id="")


def per_platform() -> list[Collecting]:
    """Return the state of each platform that is collected, in order of its code."""
    lines = (
        collections()
        .order_by("account__platform")
        .values("account__platform")
        .annotate(
            collected=Count("pk"),
            read_today=Count("pk", filter=Q(last_success_at__gte=today_begins())),
            attention=Count("pk", filter=~Q(error_code="") | Q(not_found_days__gt=0)),
            newest=Max("last_success_at"),
        )
    )
    return [
        Collecting(
            platform=line["account__platform"],
            collected=line["collected"],
            read_today=line["read_today"],
            attention=line["attention"],
            newest=line["newest"],
        )
        for line in lines
    ]


def together(lines: list[Collecting]) -> Collecting:
    return Collecting(
        platform="",
        collected=sum(line.collected for line in lines),
        read_today=sum(line.read_today for line in lines),
        attention=sum(line.attention for line in lines),
        newest=max((line.newest for line in lines if line.newest), default=None),
    )


def held_count() -> int:
    """Return the number of counts that wait for an editor's confirmation."""
    return Doubt.objects.waiting().cases().count()


def without_address() -> int:
    """Return the number of accounts whose address nobody has given yet."""
    return Account.objects.public().without_address().count()
