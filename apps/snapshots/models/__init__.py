"""The tables of what was counted (counts.py), of how it was changed since (corrections.py), and what follows from it
(derived.py)."""

from apps.snapshots.models.corrections import (
    RELEASE_SAYS_SO,
    SUGGESTION_OUTCOMES,
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
from apps.snapshots.models.derived import LatestDifference, LatestSnapshot

__all__ = [
    "RELEASE_SAYS_SO",
    "SUGGESTION_OUTCOMES",
    "Bound",
    "Correction",
    "CorrectionRequest",
    "Doubt",
    "LatestDifference",
    "LatestSnapshot",
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
