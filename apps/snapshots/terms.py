"""The platforms' terms (rule 9): what may be stored, ranked and given out, as data that readers are shown.

Only counts that a program read from the platform fall under its terms: printed, imported and hand-read ones do not.
Where the terms depend on the operator (YouTube, X), the platform is not read until the operator has chosen.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.common import reading
from apps.registry.models import Source
from apps.snapshots import latest
from apps.snapshots.models import Doubt, Removal, Snapshot, SupersededSnapshot
from apps.snapshots.recording import day_of

BATCH = 10_000  # rows removed in one transaction


@dataclass(frozen=True)
class Terms:
    store_days: int | None = None  # None: no limit is known
    derive: bool = True  # ranks, changes, sums, shares
    combine: bool = True  # sums together with other platforms
    republish: bool = True  # files, API, editions
    attribution: str = ""
    words: str | Promise = ""  # what readers are told


OPEN: Final = Terms()
META: Final = Terms(
    attribution="Meta Graph API", words=_("Read by the platform's API for the comparison shown here.")
)

CHOICES: Final[dict[str, tuple[str, dict[str, Terms]]]] = {
    "youtube": (
        "YOUTUBE_TERMS",
        {
            # Developer Policies III.E.4.d (30 days), III.E.4.h (no derived metrics), III.E.2 (no aggregation)
            "30d": Terms(
                store_days=30,
                derive=False,
                combine=False,
                republish=False,
                attribution="YouTube Data API",
                words=_(
                    "Counts from the YouTube API are kept for 30 days and stand in no ranking, sum or file:"
                    " the platform's terms ask for it."
                ),
            ),
            # the amendment on derived metrics and data storage: 36 months
            "approved": Terms(
                store_days=36 * 30,
                attribution="YouTube Data API",
                words=_("Counts from the YouTube API are kept for 36 months, as agreed with the platform."),
            ),
        },
    ),
    "x": (
        "X_TERMS",
        {
            kind: Terms(
                republish=False,
                attribution="X API",
                words=_(
                    "Counts from the X API are shown but not given out in files: the platform's terms ask for it."
                ),
            )
            for kind in ("standard", "enterprise")
        },
    ),
}
FIXED: Final[dict[str, Terms]] = {"facebook": META, "instagram": META, "threads": META}
MONEY: Final = {"x": "X_DAILY_USD"}  # a platform that charges is not read without a cap


def of(platform: str) -> Terms:
    """Return the terms in force. Where the operator has not chosen, the strictest: old counts may still be there."""
    if platform not in CHOICES:
        return FIXED.get(platform, OPEN)
    name, choices = CHOICES[platform]
    strictest = next(iter(choices.values()))
    return choices.get(getattr(settings, name), strictest)


def find_missing_setting(platform: str) -> str:
    """Return the setting that still has to be chosen before the platform may be read; "" if none."""
    name, choices = CHOICES.get(platform, ("", {}))
    if name and getattr(settings, name) not in choices:
        return name
    cap = MONEY.get(platform, "")
    return cap if cap and getattr(settings, cap) is None else ""


def underivable() -> list[str]:
    """Return the sources (Source.key) whose counts may stand in no rank, change, sum or share."""
    return _keys(lambda terms: terms.derive)


def uncombinable() -> list[str]:
    """Return the sources whose counts may not be summed with other platforms'."""
    return _keys(lambda terms: terms.derive and terms.combine)


def unpublishable() -> list[str]:
    """Return the sources whose counts may not go into files."""
    return _keys(lambda terms: terms.republish)


def unfreezable() -> list[str]:
    """Return the sources whose counts may not stand in an edition: it is given out, and outlives every limit on
    storing."""
    return _keys(lambda terms: terms.republish and terms.store_days is None)


def left_out_of_editions() -> list[str]:
    """Return the platforms whose counts from their API stand in no edition, of those that were ever read so."""
    keys = Source.objects.filter(key__in=unfreezable()).order_by("key").values_list("key", flat=True)
    return [key.removeprefix("api-") for key in keys]


def left_out_of_files() -> list[str]:
    """Return the platforms whose counts from their API may not be given out, of those that were ever read so."""
    keys = Source.objects.filter(key__in=unpublishable()).order_by("key").values_list("key", flat=True)
    return [key.removeprefix("api-") for key in keys]


def notes() -> list[str | Promise]:
    """Return what readers are told is left out of rankings, sums and files, of platforms that were ever read by their
    API."""
    with reading.cursor() as cursor:  # on every page
        cursor.execute(
            "SELECT key FROM tracking_source WHERE key = ANY(%s) ORDER BY key",
            [[*underivable(), *unpublishable()]],
        )
        return [of(key.removeprefix("api-")).words for (key,) in cursor.fetchall()]


def _keys(allows: Callable[[Terms], bool]) -> list[str]:
    """Return the keys under which programs record the counts of the platforms whose terms do not allow it."""
    return sorted(_key(platform) for platform in {*CHOICES, *FIXED} if not allows(of(platform)))


def _key(platform: str) -> str:
    return f"api-{platform}"


def expire() -> list[Removal]:
    """Remove the counts that the terms do not let us keep, of their API alone, and say how many; a daily task.

    What an editor has corrected stays: it is the editor's reading now.
    """
    made = []
    for platform, (name, choices) in CHOICES.items():
        chosen = choices.get(getattr(settings, name))  # a setting that was lost removes nothing
        if chosen and chosen.store_days is not None:
            made += _expire(platform, chosen.store_days)
    return made


def _expire(platform: str, days: int) -> list[Removal]:
    now = timezone.now()
    before = day_of(now) - timedelta(days=days)
    source = Source.objects.filter(key=_key(platform)).first()
    if source is None:
        return []
    old = Snapshot.objects.filter(
        source=source, day__lt=before, account__platform=platform, edited_by=None, corrections=None
    )
    removal = Removal(platform=platform, at=now, before=before, snapshots=0)
    while True:
        with transaction.atomic():
            chosen = list(old.order_by("pk").values_list("pk", flat=True)[:BATCH])
            latest.lock(Snapshot.objects.filter(pk__in=chosen).values_list("account", flat=True))
            gone = Snapshot.objects.filter(pk__in=chosen).delete()[1]
            removal.snapshots += gone.get(Snapshot._meta.label, 0)  # and what was set aside for them
            _announce(removal)
        if len(chosen) < BATCH:
            break
    with transaction.atomic():
        # Beside what stands since a merger: a number of the source is in one of the two, and goes.
        SupersededSnapshot.objects.filter(
            Q(row__source=source.pk) | Q(snapshot__source=source), snapshot__day__lt=before
        ).delete()
        removal.doubts = Doubt.objects.filter(source=source, day__lt=before).delete()[0]
        _announce(removal)
    return [removal] if removal.pk else []


def find_ending(within: int) -> list[tuple[str, date]]:
    """List source keys with days: counts of the source from before the day may not be stored for `within` days more."""
    today = day_of(timezone.now())
    found = []
    for platform, (name, choices) in CHOICES.items():
        chosen = choices.get(getattr(settings, name))
        if chosen and chosen.store_days is not None:
            found.append((_key(platform), today - timedelta(days=chosen.store_days - within)))
    return found


def _announce(removal: Removal) -> None:
    """Save the removal within the transaction that removes: nothing is ever removed that is not announced."""
    if removal.snapshots or removal.doubts:
        removal.save()
