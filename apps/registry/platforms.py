"""Each platform as data: what it counts, its terms, how much may be asked of it."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

from apps.collectors.platforms import PLATFORMS

Counts = Literal["followers", "subscribers", "members"]


@dataclass(frozen=True)
class Budget:
    """How much may be asked. Windows are shared by all workers through Redis, the day's sum is in PostgreSQL."""

    window: str  # in the words of `limits`: "1/second", "300/5 minutes"
    per_day: int | None = None  # requests, or units where the platform counts those
    zone: str = "UTC"  # the zone in which the platform's day ends
    price: Decimal = Decimal(0)  # US dollars per account and day, where the platform charges


@dataclass(frozen=True)
class Platform:
    code: str
    label: str
    counts: Counts
    budget: Budget
    # "not found" there may also mean no permission, a blocked country or a personal account: an editor decides.
    absence_needs_editor: bool = False


_DETAILS: Final[dict[str, tuple[Counts, Budget]]] = {
    "facebook": ("followers", Budget("200/hour")),
    "instagram": ("followers", Budget("200/hour")),
    "youtube": ("subscribers", Budget("10/second", per_day=10_000, zone="America/Los_Angeles")),
    "x": ("followers", Budget("300/15 minutes", price=Decimal("0.010"))),
    "telegram": ("subscribers", Budget("2/second")),
    "tiktok": ("followers", Budget("1/second")),
    "vk": ("followers", Budget("3/second")),
    "threads": ("followers", Budget("1/second", per_day=1_000)),
    "mastodon": ("followers", Budget("300/5 minutes")),
    "bluesky": ("followers", Budget("10/second")),
    "ok": ("members", Budget("3/second")),
    "whatsapp": ("followers", Budget("1/second")),
}

ALL: Final[dict[str, Platform]] = {
    code: Platform(
        code,
        label,
        *_DETAILS[code],
        absence_needs_editor=code in ("facebook", "instagram"),
    )
    for code, label in PLATFORMS.items()
}
