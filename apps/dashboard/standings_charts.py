"""The standings as pictures: bars of one day, or ranks over time."""

from dataclasses import dataclass, replace
from datetime import timedelta

from apps.dashboard import group_page
from apps.dashboard.forms import EARLIEST, StandingsForm
from apps.figures import moves, sentences
from apps.figures.bars import ON_A_CARD, bars
from apps.figures.bump import LINES_AT_MOST, bump
from apps.figures.charts import Figure
from apps.standings import ranks
from apps.standings.types import League

YEAR = timedelta(days=365)
PLACE = 460  # px


@dataclass(frozen=True)
class Ladder:
    figure: Figure
    sentences: list[str]
    table: moves.RankTable | None = None  # of bars it is the standings' own table
    card: Figure | None = None  # of the first alone, as a preview has room for

    @property
    def is_low(self) -> bool:
        """Lower than the place that app.css keeps for a chart."""
        return bool(self.figure["variants"]["wide"]["linear"]["height"] < PLACE)

    @property
    def description(self) -> str:
        return sentences.description(self.sentences)


def of(form: StandingsForm, league: League, view: str = "", *, freeze: bool = False) -> Ladder | None:
    """Return the picture that the address asks for beside the table; None where it asks for the table alone.

    view: bars or bump, whatever the address asks for. freeze: without what may not stand in an edition.
    """
    view = view or form.value("view", "")
    if not league.counted:
        return None
    if view == "bars":
        focus = form.value("highlight") or group_page.leader(league)
        return Ladder(
            bars(league, focus),
            sentences.summary(league, form.value("platform", "")),
            card=bars(league, focus, ON_A_CARD),
        )
    if view != "bump" or form.value("rows") == "accounts":
        return None
    scope = replace(form.scope(), freeze=freeze)
    on = ranks.reading_days(scope, form.since_day or form.day - YEAR, form.day)
    if len(on) < 2:  # what was read long ago has its own days
        on = ranks.reading_days(scope, EARLIEST, form.day)
    if not on:
        return None
    reference = league.reference.actor_slug if league.reference else ""
    focus = form.value("highlight") or group_page.leader(league)
    found = ranks.ranks(scope, on, best=LINES_AT_MOST, also=(reference, focus), constant=True)
    now = [line for line in found if line.places[-1].day == on[-1]]
    shown = [
        line
        for place, line in enumerate(now)
        if place < LINES_AT_MOST or line.actor_slug in (reference, focus)
    ]
    if not shown:
        return None
    return Ladder(
        bump(shown, on, reference, focus),
        [*moves.summary(shown, on), moves.constancy(on), *moves.note_open(shown)],
        moves.table(shown, on),
        bump(shown[:ON_A_CARD], on, reference, focus),
    )
