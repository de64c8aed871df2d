"""What the other benchmarks measure with. Imported after Django is set up."""

from datetime import date

from apps.snapshots.models import Snapshot


def last_day() -> date | None:
    """Return the newest synthetic day; None, and the reason is printed, where nothing was made."""
    rows = Snapshot.objects.filter(source__key="synthetic")
    found = rows.order_by("-day").values_list("day", flat=True).first()
    if found is None:
        print(  # noqa: T201
            "Nothing synthetic to measure with: manage.py synthesise --accounts 4000 --days 3650"
        )
    return found
