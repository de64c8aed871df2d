"""Find the row that an address names: that of the platform's id first, as it outlives a handle, else of the handle in any case."""

from collections.abc import Iterable
from typing import Any, Generic, TypeVar

from django.db.models import Model, Q, QuerySet
from django.db.models.functions import Lower

from apps.collectors.types import Target

Row = TypeVar("Row")
Stored = TypeVar("Stored", bound=Model)


class ByAddress(Generic[Row]):
    """Rows by the platform, handle and platform id under which they are known."""

    def __init__(self) -> None:
        self._by_id: dict[tuple[str, str], Row] = {}
        self._by_handle: dict[tuple[str, str], Row] = {}

    def add(self, platform: str, handle: str, platform_id: str, row: Row) -> None:
        """Keep the row under its names; one that is known under neither is never found."""
        if platform_id:
            self._by_id[platform, platform_id] = row
        if handle:
            self._by_handle[platform, handle.lower()] = row

    def find(self, target: Target) -> Row | None:
        """Return the row that the address means; None where there is none."""
        row = self._by_id.get((target.platform, target.platform_id))
        return self._by_handle.get((target.platform, target.handle.lower())) if row is None else row


def find_rows(rows: QuerySet[Stored], targets: Iterable[Target]) -> dict[Target, Stored]:
    """Return those of the rows (with `platform`, `handle`, `platform_id`) that the addresses mean, in one statement."""
    targets = list(targets)
    handles = {target.handle.lower() for target in targets} - {""}
    ids = {target.platform_id for target in targets} - {""}
    if not handles | ids:
        return {}
    index = ByAddress[Stored]()
    meant = Q(small_handle__in=handles) | Q(platform_id__in=ids)
    for row in rows.alias(small_handle=Lower("handle")).filter(meant):
        known: Any = row
        index.add(known.platform, known.handle, known.platform_id, row)
    found = {target: index.find(target) for target in targets}
    return {target: row for target, row in found.items() if row is not None}
