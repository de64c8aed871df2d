"""Serializers of what is sent to the API, and of the answers."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext
from rest_framework import serializers

from apps.api.row import NULL, counts, day, platform, some, span, text, whole, yes
from apps.api.rows import WorthSerializer
from apps.common.tables import FIRST_YEAR, LAST_YEAR
from apps.snapshots.models import Bound, Precision, State

VERDICTS = ["new", "same", "changed", "held", "conflict", "error"]


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


class SentRowSerializer(Strict):
    """One reading. The account is named by account, or by platform with handle or platform_id."""

    account = whole("Our own number of the account.", required=False, min_value=1, max_value=2**63 - 1)
    platform = platform(required=False)
    handle = text("On that platform.", required=False, min_length=1, max_length=255)
    platform_id = text("On that platform.", required=False, min_length=1, max_length=255)
    day = day("The calendar day in Almaty; of a month or a year its first day.")
    span = span(required=False, default="day")
    state = some(
        [state for state in State.values if state != State.ABSENT],
        "counted, or why there is no number. Whether a page is gone for good is for an editor to say.",
        required=False,
        default="counted",
    )
    followers = whole(
        "Only where the state is counted.", required=False, min_value=0, max_value=2**63 - 1, **NULL
    )
    precision = some(Precision.values, "How it was rounded.", required=False, default="exact")
    bound = some(Bound.values, "= > < ~", required=False, default="=")
    observed_at = AwareInstant(
        required=False,
        help_text="The instant of the reading with its offset, on that day in Almaty. Of two readings of a day the "
        "later one stays; a row without an instant never replaces another.",
        **NULL,
    )
    source = text(
        "The key of a known source; api-PLATFORM where the count comes from that platform's own interface. "
        "Without one the source is the token.",
        required=False,
        min_length=1,
        max_length=60,
    )
    locator = text("The place in the source.", required=False, allow_blank=True, max_length=1000)
    note = text("The wording, or a remark.", required=False, allow_blank=True, max_length=10_000)


class SentSerializer(Strict):
    rows = serializers.ListField(child=SentRowSerializer(), min_length=1, max_length=1000)
    dry_run = yes("Only say what would become of each row.", required=False, default=False)


class ReasonSerializer(serializers.Serializer[Any]):
    field = text("The field of the row, or row.")
    message = text("A sentence.")


class VerdictSerializer(serializers.Serializer[Any]):
    row = whole("Its place in what was sent, from 0.")
    verdict = some(
        VERDICTS,
        "new; same: it stands already; changed: a later reading of the day; held: waits for an editor; conflict: another "
        "value stands and was kept; error: it cannot be recorded.",
    )
    account = whole("The account meant.", **NULL)
    reasons = ReasonSerializer(many=True)
    standing = WorthSerializer(help_text="What stood before, where something did.", **NULL)


class RecordedSerializer(serializers.Serializer[Any]):
    dry_run = yes("Nothing was written.")
    counts = counts("How many rows had which verdict.")
    rows = VerdictSerializer(many=True)
