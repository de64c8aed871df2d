"""Say back what an editor types: the number that is read from the words, and how exact it is."""

from django.utils.translation import gettext as _

from apps.collectors.numbers import NotACount, read_count
from apps.figures import formats
from apps.snapshots.models import Precision
from apps.snapshots.words import NOT_A_COUNT


def echo(text: str) -> str:
    """Return "76K: 76,000, rounded", or why no number can be read; "" for an empty text."""
    text = text.strip()
    if not text:
        return ""
    try:
        count = read_count(text)
    except NotACount as refused:
        return str(NOT_A_COUNT[refused.code]) % {"seen": refused.seen[:40]}
    facts = {"typed": text, "count": formats.bounded(formats.number(count.followers), count.bound)}
    if count.precision == Precision.EXACT:
        return _("%(typed)s: %(count)s") % facts
    return _("%(typed)s: %(count)s, rounded") % facts
