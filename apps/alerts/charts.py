"""The chart of a digest."""

from datetime import date, timedelta

from apps.figures import formats, lines, pictures, sentences
from apps.registry.models import Actor
from apps.standings import trends
from apps.standings.types import Scope

SHOWN = timedelta(days=365)


def trend_picture(actor: Actor, platform: str, until: date) -> bytes | None:
    """Return the body's counts of the last year up to a day, in the active language, as PNG; None where none can be
    drawn."""
    trend = trends.trend(Scope(actors=(actor.slug,), platform=platform), until - SHOWN, until)
    if not any(line.points for line in trend.series):
        return None
    said = " ".join(sentences.trend(trend))
    return pictures.png(lines.lines(trend, focus=actor.slug), actor.name(formats.language()), said)
