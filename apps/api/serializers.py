"""What answers and bodies look like, for the document of the interface; shapes.py makes the answers."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext
from rest_framework import serializers

from apps.collectors.platforms import PLATFORMS
from apps.common.tables import FIRST_YEAR, LAST_YEAR
from apps.context.models import Claim
from apps.registry.models import AccountState, ActorKind, Source
from apps.snapshots.models import Bound, Precision, Span, State
from apps.standings.types import Resolution

Char: Any = serializers.CharField
Whole: Any = serializers.IntegerField
Number: Any = serializers.FloatField
Yes: Any = serializers.BooleanField
Day: Any = serializers.DateField
Instant: Any = serializers.DateTimeField

SPANS = [span.word for span in Span]
VERDICTS = ["new", "same", "changed", "held", "conflict", "error"]


def some(words: Any, text: str, **more: Any) -> Any:
    """One of some words."""
    return serializers.ChoiceField(choices=list(words), help_text=text, **more)


def many(field: Any, text: str) -> Any:
    return serializers.ListField(child=field, help_text=text)


def platform(text: str = "The platform.", **more: Any) -> Any:
    return some(PLATFORMS, text, **more)


def kind() -> Any:
    return some(ActorKind.values, "The kind of the actor.")


def span(text: str = "What the value speaks for.", **more: Any) -> Any:
    return some(SPANS, text, **more)


SOURCE = "The key of the source: see sources."
LOCATOR = "The place in the source: a table, a page, an address; may be empty."
OTHER: dict[str, Any] = {"allow_null": True}


class Names(serializers.Serializer[Any]):
    kk = Char(help_text="Kazakh")
    ru = Char(help_text="Russian")
    en = Char(help_text="English")


class Actor(serializers.Serializer[Any]):
    slug = Char(help_text="The key; the same in every language. An earlier one is understood in addresses.")
    name = Char(help_text="In the language of lang, in English where there is none.")
    names = Names()
    kind = kind()
    region = Char(help_text="May be empty.")
    description = Char(help_text="May be empty.")
    wikidata = Char(help_text="The item of Wikidata; may be empty.")
    succeeds = Char(help_text="The body this one took over from.", **OTHER)
    peers = many(Char(), "Whom it is compared with on its own page.")
    groups = many(Char(), "The groups it belongs to.")
    accounts = many(Whole(), "Its accounts.")
    source = Char(help_text=SOURCE, **OTHER)


class HandleBefore(serializers.Serializer[Any]):
    handle = Char(help_text="An earlier handle.")
    until = Instant(help_text="When the change was noticed.")


class Account(serializers.Serializer[Any]):
    id = Whole(help_text="Our own number of the account; it never changes.")
    actor = Char(help_text="Whose it is.")
    platform = platform()
    handle = Char(help_text="Today's handle, as text; empty where it is not known.")
    platform_id = Char(help_text="The platform's own lasting id; empty where none is known.")
    title = Char(help_text="As the page calls itself; may be empty.")
    verified = Yes(help_text="By the platform; null where it does not say.", **OTHER)
    state = some(AccountState.values, "Whether it is read.")
    known_by_id = Yes(help_text="Whether another page under this handle would be noticed.")
    counts_friends_too = Yes(help_text="The number is of followers and friends together.")
    handles_before = HandleBefore(many=True)
    source = Char(help_text=SOURCE, **OTHER)


class Group(serializers.Serializer[Any]):
    slug = Char(help_text="The key.")
    title = Char(help_text="In the language of lang, in English where there is none.")
    titles = Names()
    platform = platform("The platform that is compared; null: all.", **OTHER)
    reference = Char(help_text="The actor whom the others are measured by.", **OTHER)
    members = many(Char(), "The actors.")
    source = Char(help_text=SOURCE, **OTHER)
    locator = Char(help_text=LOCATOR)


class SourceRow(serializers.Serializer[Any]):
    key = Char(help_text="The key that values name.")
    kind = some(Source.Kind.values, "Where its numbers come from.")
    title = Char(help_text="The title.")
    citation = Char(help_text="One line to cite it by.")
    url = Char(help_text="May be empty.")
    licence = Char(help_text="As the source states it; empty where it states none.")


class Worth(serializers.Serializer[Any]):
    state = some(State.values, "counted, or why there is no number.")
    followers = Whole(help_text="Only where the state is counted; null is never 0.", **OTHER)
    bound = some(Bound.values, "= as counted, > more than, < less than, ~ about.")
    precision = some(
        Precision.values,
        "exact; 3sf: rounded down to three figures; abbrev: as 76K; printed in a publication.",
    )


class Dated(serializers.Serializer[Any]):
    day = Day(help_text="The calendar day in Almaty; of a month or a year its first day.")
    span = span()


class Snapshot(Dated, Worth):
    id = Whole(help_text="Our own number of the row.")
    account = Whole(help_text="The account.")
    actor = Char(help_text="Whose it is.")
    platform = platform()
    handle = Char(help_text="Today's handle; empty where it is not known.")
    observed_at = Instant(help_text="The instant of the reading, where one is known.", **OTHER)
    source = Char(help_text=SOURCE)
    locator = Char(help_text=LOCATOR)
    note = Char(help_text="The wording of the source, or a remark; may be empty.")
    recorded_at = Instant(help_text="When the row was last written.")
    edited = Yes(help_text="An editor set it; see corrections.")


class Value(Dated, Worth):
    age_days = Whole(help_text="From the end of the span to the day asked for.")
    fresh = Yes(help_text="Not older than 30 days.")
    accounts = Whole(help_text="How many accounts are counted in it.")
    sources = many(Char(), "The keys of its sources.")
    note = Char(help_text="The wording of the source; may be empty.")


class Change(serializers.Serializer[Any]):
    absolute = Whole(help_text="The later value minus the earlier one.")
    percent = Number(help_text="None from 0.", **OTHER)
    yearly_percent_low = Number(help_text="Compound growth a year, the least it can be.", **OTHER)
    yearly_percent_high = Number(help_text="Compound growth a year, the most it can be.", **OTHER)
    within_rounding = Yes(help_text="Smaller than what the two roundings leave open: no growth is claimed.")
    bound = some(Bound.values, "Of the change: at least, at most, about.")
    nothing_new = Yes(help_text="Nothing was recorded between the two days.")


class Reach(serializers.Serializer[Any]):
    percent = Number(help_text="Of the platform's audience in Kazakhstan.")
    audience = Whole(help_text="That audience.")
    segment = Char(help_text="How it was measured.")
    day = Day(help_text="When; of a month or a year its first day.")
    span = span()
    source = Char(help_text=SOURCE)
    locator = Char(help_text=LOCATOR)


class Standing(serializers.Serializer[Any]):
    rank = Whole(
        help_text="One plus the number of those who have more; null where nothing is counted.", **OTHER
    )
    rank_then = Whole(help_text="The rank on the day since.", **OTHER)
    rank_change = Whole(help_text="Places gained.", **OTHER)
    actor = Char(help_text="The actor.")
    name = Char(help_text="In the language of lang, in English where there is none.")
    kind = kind()
    platform = platform("Null where accounts of several platforms are summed.", **OTHER)
    account = Whole(help_text="Only where the row is one account.", **OTHER)
    handle = Char(help_text="Only where the row is one account.", **OTHER)
    accounts = Whole(help_text="How many accounts the row is of, counted or not.")
    is_reference = Yes(help_text="The others are measured by this one.")
    now = Value(help_text="As of the day on; null where nothing is known.", **OTHER)
    then = Value(help_text="As of the day since.", **OTHER)
    change = Change(help_text="Only where the same accounts are counted on both days.", **OTHER)
    gap = Whole(help_text="The count minus the reference's.", **OTHER)
    times = Number(help_text="The count divided by the reference's.", **OTHER)
    share_percent = Number(help_text="Of all that is counted in the scope.", **OTHER)
    reach = Reach(help_text="Of the platform's audience.", **OTHER)


class Point(Dated, Worth):
    sources = many(Char(), "The keys of its sources.")
    locator = Char(help_text=LOCATOR)
    note = Char(help_text="May be empty.")
    provisional = Yes(help_text="The day is not over.")


class Handover(serializers.Serializer[Any]):
    day = Day(
        help_text="The first on which the successor is counted; before it, the counts are of the one before."
    )
    actor = Char(help_text="The one before.")
    name = Char(help_text="In the language of lang, in English where there is none.")
    account = Whole(help_text="Only where its counts are of one account.", **OTHER)
    handle = Char(help_text="Only where its counts are of one account.", **OTHER)


class Line(serializers.Serializer[Any]):
    actor = Char(help_text="The actor.")
    name = Char(help_text="In the language of lang, in English where there is none.")
    kind = kind()
    platform = platform()
    account = Whole(help_text="Only where the line is one account.", **OTHER)
    handle = Char(help_text="Only where the line is one account.", **OTHER)
    is_reference = Yes(help_text="The reference actor of the group.")
    handovers = Handover(
        many=True,
        help_text="Where the line begins with the counts of those whom the actor succeeds; oldest first.",
    )
    points = Point(
        many=True, help_text="Oldest first. Days without a value are not there; nothing is filled in."
    )


class Overtake(serializers.Serializer[Any]):
    winner = Char(help_text="The actor that passed.")
    loser = Char(help_text="The actor that was passed.")
    platform = platform()
    after = Day(help_text="The last day on which the winner was strictly below.")
    by = Day(help_text="The first day on which it was strictly above.")
    spans = Yes(help_text="The days are the ends of whole months or years.")


class Milestone(serializers.Serializer[Any]):
    actor = Char(help_text="The actor.")
    platform = platform()
    account = Whole(help_text="Only where one account has the number.", **OTHER)
    number = Whole(help_text="The round number that was passed: 1, 2 or 5 times a power of ten.")
    after = Day(help_text="The last day below it.")
    by = Day(help_text="The first day there.")
    spans = Yes(help_text="The days are the ends of whole months or years.")


class Indicator(serializers.Serializer[Any]):
    key = Char(help_text="The key.")
    label = Char(help_text="In the language of lang, in English where there is none.")
    labels = Names()
    unit = Char(help_text="The unit.")


class IndicatorValue(Dated):
    geo = Char(help_text="KZ or World.")
    platform = platform("Null: of no single platform.", **OTHER)
    segment = Char(help_text="How it was measured: measures differ tenfold.")
    bound = some(Bound.values, "= as printed, > more than, < less than, ~ about.")
    value = Number(help_text="The value.")
    source = Char(help_text=SOURCE)
    locator = Char(help_text=LOCATOR)
    note = Char(help_text="May be empty.")


class Event(serializers.Serializer[Any]):
    key = Char(help_text="The key.")
    title = Char(help_text="In the language of lang, in English where there is none.")
    titles = Names()
    starts = Day(help_text="The first day.")
    starts_span = span("The start is a day, a month or a year.")
    ends = Day(help_text="Where it lasts.", **OTHER)
    ends_span = span("The end is a day, a month or a year.", **OTHER)
    source = Char(help_text=SOURCE, **OTHER)
    locator = Char(help_text=LOCATOR)


class Correction(Dated):
    id = Whole(help_text="Our own number of the correction; a later one has a higher number.")
    at = Instant(help_text="When it was made.")
    reason = Char(help_text="Why.")
    snapshot = Whole(help_text="The row that was changed.")
    account = Whole(help_text="The account.")
    actor = Char(help_text="Whose it is.")
    platform = platform()
    old = Worth()
    new = Worth()


class ClaimRow(serializers.Serializer[Any]):
    id = Whole(help_text="Our own number of the claim.")
    actor = Char(help_text="Of whom it is said.")
    comparator = Char(help_text="Compared with whom.")
    platform = platform()
    relation = some(Claim.Relation.values, "What is claimed.")
    times = Number(help_text="How many times as many, where the claim says it.", **OTHER)
    day = Day(help_text="When; null where the source does not say.", **OTHER)
    span = span(**OTHER)
    source = Char(help_text=SOURCE)
    locator = Char(help_text=LOCATOR)
    note = Char(help_text="May be empty.")


class Page(serializers.Serializer[Any]):
    next = Char(help_text="The address of the next page; null on the last one.", **OTHER)
    left_out = many(
        platform(),
        "Platforms whose terms do not let counts from their own interface be given out: they are not here.",
    )


class LeaguePage(Page):
    on = Day(help_text="The day.")
    since = Day(help_text="The day compared with.", **OTHER)
    counted = Whole(help_text="How many are ranked.")
    counted_then = Whole(help_text="How many were ranked on the day since.", **OTHER)
    uncounted = serializers.DictField(
        child=Whole(), help_text="How many rows have no number, by state; unknown: nothing is recorded."
    )
    last_known = Whole(help_text="Counted rows whose value is older than 30 days.")
    total = Whole(help_text="The sum of the counted, called follows, never people.", **OTHER)
    reference = Char(help_text="The actor that the others are measured by.", **OTHER)
    results = Standing(many=True)


TrendPage = type(
    "TrendPage",
    (Page,),
    {
        "__doc__": None,
        "from": Day(help_text="The first day."),
        "to": Day(help_text="The last day."),
        "resolution": some(
            [str(one) for one in Resolution],
            "Every day, or the last value of each week or month on its own day.",
        ),
        "results": Line(many=True),
    },
)  # "from" is Python's word


def page_of(row: type[serializers.Serializer[Any]]) -> type[Page]:
    """A page of such rows."""
    return type(f"{row.__name__}Page", (Page,), {"__doc__": None, "results": row(many=True)})


class Strict(serializers.Serializer[Any]):
    """A body in which a field that is not known is a mistake: it would be lost in silence."""

    def to_internal_value(self, sent: Any) -> Any:
        if isinstance(sent, dict) and (unknown := [name for name in sent if name not in self.fields]):
            raise serializers.ValidationError(
                {name[:60]: [gettext("There is no such field.")] for name in unknown[:20]}
            )
        return super().to_internal_value(sent)


class AwareInstant(serializers.DateTimeField):
    """An instant with its offset; without one nobody knows when it was."""

    def enforce_timezone(self, value: datetime) -> datetime:
        if timezone.is_naive(value):
            raise serializers.ValidationError(
                gettext("Write the instant with its offset: 2026-01-31T18:05:00Z.")
            )
        if not FIRST_YEAR <= value.year <= LAST_YEAR:
            raise serializers.ValidationError(gettext("The instant is out of range."))
        return value


class SentRow(Strict):
    """One reading. The account is named by account, or by platform with handle or platform_id."""

    account = Whole(
        required=False, min_value=1, max_value=2**63 - 1, help_text="Our own number of the account."
    )
    platform = platform(required=False)
    handle = Char(required=False, min_length=1, max_length=255, help_text="On that platform.")
    platform_id = Char(required=False, min_length=1, max_length=255, help_text="On that platform.")
    day = Day(help_text="The calendar day in Almaty; of a month or a year its first day.")
    span = span(required=False, default="day")
    state = some(
        [state for state in State.values if state != State.ABSENT],
        "counted, or why there is no number. Whether a page is gone for good is for an editor to say.",
        required=False,
        default="counted",
    )
    followers = Whole(
        required=False,
        min_value=0,
        max_value=2**63 - 1,
        help_text="Only where the state is counted.",
        **OTHER,
    )
    precision = some(Precision.values, "How it was rounded.", required=False, default="exact")
    bound = some(Bound.values, "= > < ~", required=False, default="=")
    observed_at = AwareInstant(
        required=False,
        help_text="The instant of the reading with its offset, on that day in Almaty. Of two readings of a day the "
        "later one stays; a row without an instant never replaces another.",
        **OTHER,
    )
    source = Char(
        required=False,
        min_length=1,
        max_length=60,
        help_text="The key of a known source; api-PLATFORM where the count comes from that platform's own interface. "
        "Without one the source is the token.",
    )
    locator = Char(required=False, allow_blank=True, max_length=1000, help_text="The place in the source.")
    note = Char(required=False, allow_blank=True, max_length=10_000, help_text="The wording, or a remark.")


class Sent(Strict):
    rows = serializers.ListField(child=SentRow(), min_length=1, max_length=1000)
    dry_run = Yes(required=False, default=False, help_text="Only say what would become of each row.")


class Reason(serializers.Serializer[Any]):
    field = Char(help_text="The field of the row, or row.")
    message = Char(help_text="A sentence.")


class Verdict(serializers.Serializer[Any]):
    row = Whole(help_text="Its place in what was sent, from 0.")
    verdict = some(
        VERDICTS,
        "new; same: it stands already; changed: a later reading of the day; held: waits for an editor; conflict: another "
        "value stands and was kept; error: it cannot be recorded.",
    )
    account = Whole(help_text="The account meant.", **OTHER)
    reasons = Reason(many=True)
    standing = Worth(help_text="What stood before, where something did.", **OTHER)


class Recorded(serializers.Serializer[Any]):
    dry_run = Yes(help_text="Nothing was written.")
    counts = serializers.DictField(child=Whole(), help_text="How many rows had which verdict.")
    rows = Verdict(many=True)
