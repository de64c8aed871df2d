"""The tables of what was counted (counts.py) and of how it was changed since (corrections.py)."""

from apps.snapshots.models.corrections import (
    RELEASE_SAYS_SO,
    Correction,
    CorrectionRequest,
    Merger,
    Removal,
    Reply,
    SupersededSnapshot,
)
from apps.snapshots.models.counts import (
    Bound,
    Doubt,
    Precision,
    Screenshot,
    Snapshot,
    SnapshotQuerySet,
    Span,
    State,
    with_latest,
)

__all__ = [
    "RELEASE_SAYS_SO",
    "Bound",
    "Correction",
    "CorrectionRequest",
    "Doubt",
    "Merger",
    "Precision",
    "Removal",
    "Reply",
    "Screenshot",
    "Snapshot",
    "SnapshotQuerySet",
    "Span",
    "State",
    "SupersededSnapshot",
    "with_latest",
]
