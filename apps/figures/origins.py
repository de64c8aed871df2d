"""What is said of counts that are pointed at: how exact they are, and where they come from.

Apart from charts.py and formats.py: the part that draws pictures imports those, and has no models.
"""

from collections.abc import Sequence
from typing import Protocol

from django.utils.translation import gettext

from apps.figures.charts import escape
from apps.snapshots.models import Precision
from apps.standings import precision


class Sourced(Protocol):
    """A count, or a rank by one."""

    @property
    def precision(self) -> str: ...

    @property
    def source(self) -> str: ...


def origin(counts: Sequence[Sourced]) -> list[str]:
    """Return how exact counts are together (as the coarsest of them), and the keys of their sources."""
    exactness = [count.precision for count in counts if count.precision]
    sources = {key for count in counts for key in count.source.split()}
    told = [str(Precision(max(exactness, key=precision.place)).label)] if exactness else []
    if sources:
        told.append(gettext("Source: %(sources)s") % {"sources": ", ".join(sorted(sources))})
    return told


def say_origin(counts: Sequence[Sourced]) -> str:
    """Return how exact counts are and their sources as lines below what is said of them, escaped."""
    return "".join(f"<br>{escape(line)}" for line in origin(counts))
