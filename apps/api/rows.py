"""The rows of the API's answers."""

from typing import Any

from apps.api.row import (
    NULL,
    PageSerializer,
    RowSerializer,
    Shape,
    count_fields,
    counts,
    date_fields,
    day,
    instant,
    many,
    number,
    of_page,
    platform,
    raw_number,
    row_field,
    rows_within,
    some,
    span,
    text,
    whole,
    yes,
)
from apps.context.models import Claim
from apps.registry.models import AccountState, ActorKind, Source
from apps.snapshots.models import Bound
from apps.standings.types import Resolution

# Under names that no field of a row has.
a_day, a_span = day, span

SOURCE = "The key of the source: see sources."
LOCATOR = "The place in the source: a table, a page, an address; may be empty."
NAME = "In the language of lang, in English where there is none."


def in_language(one: Any, language: str) -> str:
    return str(one.name(language))


def key_of_source(one: Any) -> str | None:
    return one.source.key if one.source else None


def kind() -> Any:
    return some(ActorKind.values, "The kind of the actor.")


class NamesSerializer(RowSerializer):
    kk = text("Kazakh", lambda one: one[0])
    ru = text("Russian", lambda one: one[1])
    en = text("English", lambda one: one[2])


class ActorSerializer(RowSerializer):
    slug = text("The key; the same in every language. An earlier one is understood in addresses.")
    name = text(NAME, in_language)
    names = row_field(NamesSerializer, "", lambda one: (one.name_kk, one.name_ru, one.name_en))
    kind = kind()
    region = text("May be empty.")
    description = text(
        "May be empty.", lambda one, language: getattr(one, f"description_{language}") or one.description_en
    )
    wikidata = text("The item of Wikidata; may be empty.", lambda one: one.wikidata_id)
    succeeds = text(
        "The body this one took over from.",
        lambda one: one.succeeds.slug if one.succeeds and not one.succeeds.hidden else None,
        **NULL,
    )
    peers = many(
        text(""),
        "Whom it is compared with on its own page.",
        lambda one: [peer.slug for peer in one.peers.all()],
    )
    groups = many(
        text(""), "The groups it belongs to.", lambda one: [group.slug for group in one.groups.all()]
    )
    accounts = many(whole(""), "Its accounts.", lambda one: [account.pk for account in one.accounts.all()])
    source = text(SOURCE, key_of_source, **NULL)


class HandleBeforeSerializer(RowSerializer):
    handle = text("An earlier handle.", lambda change: change.old)
    until = instant("When the change was noticed.", lambda change: change.noticed_at)


class AccountSerializer(RowSerializer):
    id = whole("Our own number of the account; it never changes.")
    actor = text("Whose it is.", lambda one: one.actor.slug)
    platform = platform()
    handle = text("Today's handle, as text; empty where it is not known.")
    platform_id = text("The platform's own lasting id; empty where none is known.")
    title = text("As the page calls itself; may be empty.")
    verified = yes("By the platform; null where it does not say.", **NULL)
    state = some(AccountState.values, "Whether it is read.")
    known_by_id = yes(
        "Whether another page under this handle would be noticed.", lambda one: one.is_known_by_id
    )
    counts_friends_too = yes("The number is of followers and friends together.")
    handles_before = rows_within(HandleBeforeSerializer, "", lambda one: one.handle_changes.all())
    source = text(SOURCE, key_of_source, **NULL)


class GroupSerializer(RowSerializer):
    slug = text("The key.")
    title = text(NAME, lambda one, language: one.title(language))
    titles = row_field(NamesSerializer, "", lambda one: (one.title_kk, one.title_ru, one.title_en))
    platform = platform("The platform that is compared; null: all.", lambda one: one.platform or None, **NULL)
    reference = text(
        "The actor whom the others are measured by.",
        lambda one: one.reference.slug if one.reference and not one.reference.hidden else None,
        **NULL,
    )
    members = many(text(""), "The actors.", lambda one: [member.slug for member in one.members.all()])
    source = text(SOURCE, key_of_source, **NULL)
    locator = text(LOCATOR)


class SourceRowSerializer(RowSerializer):
    key = text("The key that values name.")
    kind = some(Source.Kind.values, "Where its numbers come from.")
    title = text("The title.")
    citation = text("One line to cite it by.")
    url = text("May be empty.")
    licence = text("As the source states it; empty where it states none.")


class WorthSerializer(RowSerializer):
    # What a snapshot says, read from the JSON that corrections keep of it.
    state, followers, bound, precision = count_fields()

    @classmethod
    def shape(cls, row: Any, language: str = "en") -> Shape:
        said = {name: row.get(name) for name in cls._declared_fields}
        return said if said["followers"] is not None else {**said, "bound": None}


class SnapshotSerializer(RowSerializer):
    id = whole("Our own number of the row.")
    account = whole("The account.")
    actor = text("Whose it is.")
    platform = platform()
    handle = text("Today's handle; empty where it is not known.")
    day, span = date_fields()
    state, followers, bound, precision = count_fields()
    observed_at = instant("The instant of the reading, where one is known.", **NULL)
    source = text(SOURCE)
    locator = text(LOCATOR)
    note = text("The wording of the source, or a remark; may be empty.")
    recorded_at = instant("When the row was last written.")
    edited = yes("An editor set it; see corrections.")


class ProofSerializer(RowSerializer):
    snapshot = whole("Our own number of the row.")
    line = text("Its line in the ledger: docs/ledger.md says what stands in it.")
    index = whole("Which of the seal's lines it is; the first is 0.")
    path = many(text(""), "The hashes beside the way from the line to the root.")
    ledger = text("The seal's number, as it is printed.")
    day = day("The day whose beginning is sealed.")
    header = text("What is signed: it names the root.")
    signature = text("Ed25519, in hexadecimal digits.")


class ValueSerializer(RowSerializer):
    state, followers, bound, precision = count_fields()
    day, span = date_fields()
    age_days = whole("From the end of the span to the day asked for.")
    fresh = yes("Not older than 30 days.", lambda one: one.is_fresh)
    accounts = whole("How many accounts are counted in it; the same as parts.", lambda one: one.parts)
    parts = whole("How many accounts are counted in it.")
    of = whole(
        "How many accounts are there: counted, hidden or private. Of fewer parts the count is a lower bound."
    )
    first_day = a_day(
        "Of the oldest reading in it; of a month or a year its first day.", lambda one: one.first.day
    )
    first_span = a_span("What that reading speaks for.", lambda one: one.first.span)
    last_day = a_day(
        "Of the newest reading in it; of a month or a year its first day.", lambda one: one.last.day
    )
    last_span = a_span("What that reading speaks for.", lambda one: one.last.span)
    sources = many(text(""), "The keys of its sources.", lambda one: one.source.split())
    note = text("The wording of the source; may be empty.")


class ChangeSerializer(RowSerializer):
    absolute = whole("The later value minus the earlier one.")
    percent = number("None from 0.", **NULL)
    yearly_percent_low = number(
        "Compound growth a year, the least it can be.", lambda one: one.yearly_low, **NULL
    )
    yearly_percent_high = number(
        "Compound growth a year, the most it can be.", lambda one: one.yearly_high, **NULL
    )
    within_rounding = yes("Smaller than what the two roundings leave open: no growth is claimed.")
    bound = some(Bound.values, "Of the change: at least, at most, about.")
    nothing_new = yes("Nothing was recorded between the two days.")
    parts = whole("How many accounts are counted on both days: the change is theirs.")
    since = day("Of the oldest reading that it starts from.", lambda one: one.since and one.since.day, **NULL)
    since_span = span("What that reading speaks for.", lambda one: one.since and one.since.span, **NULL)
    until = day("Of the newest reading that it leads to.", lambda one: one.until and one.until.day, **NULL)
    until_span = span("What that reading speaks for.", lambda one: one.until and one.until.span, **NULL)


class LeftOutSerializer(RowSerializer):
    platform = platform()
    handle = text("Today's handle; null where it is not known.", lambda one: one.handle or None, **NULL)


class ReachSerializer(RowSerializer):
    percent = number("Of the platform's audience in Kazakhstan.")
    audience = whole("That audience.")
    segment = text("How it was measured.")
    day = day("When; of a month or a year its first day.")
    span = span()
    source = text(SOURCE)
    locator = text(LOCATOR)
    bound = some(Bound.values, "Of the share: at least, at most, about.")


class StandingSerializer(RowSerializer):
    rank = whole("One plus the number of those who have more; null where nothing is counted.", **NULL)
    rank_then = whole("The rank on the day since.", **NULL)
    rank_change = whole("Places gained among those counted on both days, over the same accounts.", **NULL)
    actor = text("The actor.", lambda one: one.actor_slug)
    name = text(NAME, in_language)
    kind = kind()
    platform = platform(
        "Null where accounts of several platforms are summed.", lambda one: one.platform or None, **NULL
    )
    account = whole("Only where the row is one account.", lambda one: one.account_id, **NULL)
    handle = text("Only where the row is one account.", lambda one: one.handle or None, **NULL)
    accounts = whole("How many accounts the row is of, counted or not.")
    is_reference = yes("The others are measured by this one.")
    now = row_field(
        ValueSerializer, "As of the day on; null where nothing is known.", lambda one: one.now, **NULL
    )
    then = row_field(ValueSerializer, "As of the day since.", lambda one: one.then, **NULL)
    change = row_field(
        ChangeSerializer,
        "Over the accounts that are counted on both days; with since as a period only where the earlier reading is near its beginning.",
        lambda one: one.change,
        **NULL,
    )
    gap = whole("The count minus the reference's.", **NULL)
    times = number("The count divided by the reference's.", **NULL)
    share_percent = number("Of all that is counted in the scope.", **NULL)
    reach = row_field(ReachSerializer, "Of the platform's audience.", lambda one: one.reach, **NULL)
    rank_of = whole("How many the rank is among.", **NULL)
    rank_then_of = whole("How many the earlier rank is among.", **NULL)
    rank_is_open = yes(
        "A bound, rounding or a missing account leaves open who has more; null without a rank.",
        lambda one: one.rank_is_open if one.rank is not None else None,
        **NULL,
    )
    unread = whole("Of the accounts, how many nothing is recorded of.")
    accounts_left_out = rows_within(
        LeftOutSerializer,
        "Accounts that the change leaves out: counted on one of the days only.",
        lambda one: one.left_out,
    )
    gap_bound = some(
        Bound.values,
        "Of the gap: at least, at most, about.",
        lambda one: one.gap_bound if one.gap is not None else None,
        **NULL,
    )
    share_bound = some(
        Bound.values,
        "Of the share: at least, at most, about.",
        lambda one: one.share_bound if one.share_percent is not None else None,
        **NULL,
    )
    rank_then_is_open = yes(
        "As rank_is_open, of the earlier rank; null without one.",
        lambda one: one.rank_then_is_open if one.rank_then is not None else None,
        **NULL,
    )


class PointSerializer(RowSerializer):
    day, span = date_fields()
    state, followers, bound, precision = count_fields()
    sources = many(text(""), "The keys of its sources.", lambda one: one.source.split())
    locator = text(LOCATOR)
    note = text("May be empty.")
    provisional = yes("The day is not over.", lambda one: one.observed_today)
    parts = whole("How many accounts are counted in it.")
    of = whole(
        "How many accounts are there: counted, hidden or private. Of fewer parts the count is a lower bound."
    )


class HandoverSerializer(RowSerializer):
    day = day("The first on which the successor is counted; before it, the counts are of the one before.")
    actor = text("The one before.", lambda one: one.actor_slug)
    name = text(NAME, in_language)
    account = whole("Only where its counts are of one account.", lambda one: one.account_id, **NULL)
    handle = text("Only where its counts are of one account.", lambda one: one.handle or None, **NULL)


class LineSerializer(RowSerializer):
    actor = text("The actor.", lambda one: one.actor_slug)
    name = text(NAME, in_language)
    kind = kind()
    platform = platform()
    account = whole("Only where the line is one account.", lambda one: one.account_id, **NULL)
    handle = text("Only where the line is one account.", lambda one: one.handle or None, **NULL)
    is_reference = yes("The reference actor of the group.")
    handovers = rows_within(
        HandoverSerializer,
        "Where the line begins with the counts of those whom the actor succeeds; oldest first.",
        lambda one: one.handovers,
    )
    points = rows_within(
        PointSerializer,
        "Oldest first. Days without a value are not there; nothing is filled in.",
        lambda one: one.points,
    )


class OvertakeSerializer(RowSerializer):
    winner = text("The actor that passed.")
    loser = text("The actor that was passed.")
    platform = platform()
    after = day("The last day on which the winner was strictly below.")
    by = day("The first day on which it was strictly above.")
    spans = yes("The days are the ends of whole months or years.")


class MilestoneSerializer(RowSerializer):
    actor = text("The actor.", lambda one: one.actor_slug)
    platform = platform()
    account = whole("Only where one account has the number.", lambda one: one.account_id, **NULL)
    number = whole("The round number that was passed: 1, 2 or 5 times a power of ten.")
    after = day("The last day below it.")
    by = day("The first day there.")
    spans = yes("The days are the ends of whole months or years.")


class IndicatorSerializer(RowSerializer):
    key = text("The key.")
    label = text(NAME, lambda one, language: one.label(language))
    labels = row_field(NamesSerializer, "", lambda one: (one.label_kk, one.label_ru, one.label_en))
    unit = text("The unit.")


class IndicatorValueSerializer(RowSerializer):
    geo = text("KZ or World.")
    platform = platform("Null: of no single platform.", lambda one: one.platform or None, **NULL)
    segment = text("How it was measured: measures differ tenfold.")
    day, span = date_fields()
    bound = some(Bound.values, "= as printed, > more than, < less than, ~ about.")
    value = raw_number("The value.")
    source = text(SOURCE, key_of_source)
    locator = text(LOCATOR)
    note = text("May be empty.")


class EventSerializer(RowSerializer):
    key = text("The key.")
    title = text(NAME, lambda one, language: one.title(language))
    titles = row_field(NamesSerializer, "", lambda one: (one.title_kk, one.title_ru, one.title_en))
    starts = day("The first day.")
    starts_span = span("The start is a day, a month or a year.")
    ends = day("Where it lasts.", **NULL)
    ends_span = span("The end is a day, a month or a year.", **NULL)
    source = text(SOURCE, key_of_source, **NULL)
    locator = text(LOCATOR)


class CorrectionSerializer(RowSerializer):
    id = whole("Our own number of the correction; a later one has a higher number.")
    at = instant("When it was made.")
    reason = text("Why.")
    snapshot = whole("The row that was changed.", lambda one: one.snapshot_id)
    account = whole("The account.", lambda one: one.snapshot.account_id)
    actor = text("Whose it is.", lambda one: one.snapshot.account.actor.slug)
    platform = platform(get=lambda one: one.snapshot.account.platform)
    day = day("The calendar day in Almaty; of a month or a year its first day.", lambda one: one.snapshot.day)
    span = span(get=lambda one: one.snapshot.span)
    old = row_field(WorthSerializer, "", lambda one: one.old)
    new = row_field(WorthSerializer, "", lambda one: one.new)


class ClaimRowSerializer(RowSerializer):
    id = whole("Our own number of the claim.")
    actor = text("Of whom it is said.", lambda one: one.actor.slug)
    comparator = text("Compared with whom.", lambda one: one.comparator.slug)
    platform = platform()
    relation = some(Claim.Relation.values, "What is claimed.")
    times = raw_number("How many times as many, where the claim says it.", **NULL)
    day = day("When; null where the source does not say.", **NULL)
    span = span(**NULL)
    source = text(SOURCE, key_of_source)
    locator = text(LOCATOR)
    note = text("May be empty.")


class LeaguePageSerializer(PageSerializer):
    on = day("The day.")
    since = day("The day compared with.", **NULL)
    counted = whole("How many are ranked.")
    counted_then = whole(
        "How many were ranked on the day since.", lambda one: one.counted_then if one.since else None, **NULL
    )
    uncounted = counts(
        "How many rows have no number, by state; unknown: nothing is recorded.", lambda one: one.states
    )
    last_known = whole("Counted rows whose value is older than 30 days.")
    total = whole("The sum of the counted, called follows, never people.", **NULL)
    total_bound = some(
        Bound.values, "Of the total.", lambda one: one.total_bound if one.total is not None else None, **NULL
    )
    compared = whole("How many rank changes are among: counted on both days.")
    new = whole("Counted on the day, and not on the day since.")
    dropped = whole("Counted on the day since, and no longer.")
    reference = text(
        "The actor that the others are measured by.",
        lambda one: one.reference.actor_slug if one.reference else None,
        **NULL,
    )
    results = of_page(StandingSerializer)


TrendPageSerializer: type[PageSerializer] = type(
    "TrendPageSerializer",
    (PageSerializer,),
    {
        "__doc__": None,
        "from": day("The first day.", lambda one: one.first),
        "to": day("The last day.", lambda one: one.last),
        "resolution": some(
            [str(one) for one in Resolution],
            "Every day, or the last value of each week or month on its own day.",
            lambda one: str(one.resolution),
        ),
        "results": of_page(LineSerializer),
    },
)  # "from" is Python's word
