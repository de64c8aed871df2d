"""Parameters that others append to addresses to follow readers: they choose nothing here."""

from typing import Final

TRACKING: Final = frozenset({"fbclid", "gclid", "yclid"})
TRACKING_PREFIX: Final = "utm_"


def is_tracking(name: str) -> bool:
    """Say whether a parameter only tells where a reader came from."""
    return name in TRACKING or name.startswith(TRACKING_PREFIX)
