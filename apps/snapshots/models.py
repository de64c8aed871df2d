"""What was counted: snapshots, doubts, corrections and the requests for them, mergers. Rules: docs/architecture.md, "Data"."""

from datetime import date
from typing import Any, Self
from uuid import uuid4

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Count, Exists, Max, OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.registry.models import Account, AccountQuerySet, Actor, Source, platform_choices


class State(models.TextChoices):
    COUNTED = "counted", _("Counted")
    HIDDEN = "hidden", _("Count hidden")
    ABSENT = "absent", _("Page does not exist")
    SUSPENDED = "suspended", _("Suspended")
    PRIVATE = "private", _("Private")


class Span(models.IntegerChoices):
    """How long a time a snapshot speaks for; the narrower the higher, so that the unique index orders as-of reads."""

    YEAR = 1, pgettext_lazy("span", "Year")
    MONTH = 2, pgettext_lazy("span", "Month")
    DAY = 3, pgettext_lazy("span", "Day")

    @property
    def word(self) -> str:
        """Return the word in files: year, month or day."""
        return self.name.lower()

    def of(self, day: date) -> str:
        """Return the day, month or year that begins on the day: 2022-03-01, 2022-03, 2022."""
        return day.isoformat()[: {Span.YEAR: 4, Span.MONTH: 7, Span.DAY: 10}[self]]


class Bound(models.TextChoices):
    EXACTLY = "=", _("as counted")
    MORE_THAN = ">", _("more than")
    LESS_THAN = "<", _("less than")
    ABOUT = "~", _("about")


class Precision(models.TextChoices):
    EXACT = "exact", _("Exact")
    THREE_FIGURES = "3sf", _("Rounded down to three figures")
    ABBREVIATED = "abbrev", _("Abbreviated by the page, such as 76K")
    PRINTED = "printed", _("As written in the source")


NUMBER_ONLY_IF_COUNTED = Q(state=State.COUNTED, followers__isnull=False) | (
    ~Q(state=State.COUNTED) & Q(followers__isnull=True)
)
SPAN_STARTS_ON_ITS_FIRST_DAY = (
    Q(span=Span.DAY) | Q(span=Span.MONTH, day__day=1) | Q(span=Span.YEAR, day__day=1, day__month=1)
)


class SnapshotQuerySet(models.QuerySet["Snapshot"]):
    def public(self) -> Self:
        return self.filter(account__actor__hidden=False)

    def as_of(self, day: date) -> Self:
        """Order those that speak for the day or an earlier one, newest first."""
        return self.filter(day__lte=day).order_by("-day", "-span")


class Snapshot(models.Model):
    """What an account's follower count was on a day, in a month or in a year."""

    # The unique constraint's index serves history, as-of and upsert.
    account = models.ForeignKey(Account, models.PROTECT, related_name="snapshots", db_index=False)
    day = models.DateField(_("day"))  # the first day of the span, in Asia/Almaty
    span = models.PositiveSmallIntegerField(_("speaks for a"), choices=Span, default=Span.DAY)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.COUNTED)
    followers = models.PositiveBigIntegerField(_("followers"), null=True, blank=True)
    bound = models.CharField(_("bound"), max_length=1, choices=Bound, default=Bound.EXACTLY)
    precision = models.CharField(_("precision"), max_length=7, choices=Precision, default=Precision.EXACT)
    observed_at = models.DateTimeField(
        _("observed at"), null=True, blank=True
    )  # the instant, where one is known
    source = models.ForeignKey(
        Source, models.PROTECT, related_name="+", db_index=False, verbose_name=_("source")
    )
    locator = models.CharField(_("place in the source"), max_length=1000, blank=True)
    note = models.TextField(_("note"), blank=True)
    recorded_at = models.DateTimeField(_("recorded at"))
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )

    objects = SnapshotQuerySet.as_manager()

    class Meta:
        db_table = "tracking_snapshot"
        ordering = ["account_id", "day", "span"]
        constraints = [
            models.UniqueConstraint(fields=["account", "day", "span"], name="snapshot_one_per_day"),
            models.CheckConstraint(condition=NUMBER_ONLY_IF_COUNTED, name="snapshot_number_only_if_counted"),
            models.CheckConstraint(condition=SPAN_STARTS_ON_ITS_FIRST_DAY, name="snapshot_span_starts"),
            models.CheckConstraint(condition=Q(span__in=[1, 2, 3]), name="snapshot_span_known"),
            models.CheckConstraint(condition=Q(state__in=State.values), name="snapshot_state_known"),
            models.CheckConstraint(condition=Q(bound__in=Bound.values), name="snapshot_bound_known"),
            models.CheckConstraint(
                condition=Q(precision__in=Precision.values), name="snapshot_precision_known"
            ),
        ]
        verbose_name = _("snapshot")
        verbose_name_plural = _("snapshots")

    def __str__(self) -> str:
        said = self.get_state_display() if self.followers is None else self.followers
        return f"{self.observed}: {said}"

    @property
    def observed(self) -> str:
        """Return the day, month or year it speaks for: 2022-03-01, 2022-03, 2022."""
        return Span(self.span).of(self.day)


def with_latest(accounts: AccountQuerySet) -> AccountQuerySet:
    """Annotate each account with its newest value, whatever its state: latest_on, latest_span, latest_state,
    latest_bound, latest_followers (None where nothing is recorded)."""
    newest = Snapshot.objects.filter(account=OuterRef("pk")).order_by("-day", "-span")
    return accounts.annotate(
        latest_on=Subquery(newest.values("day")[:1]),
        latest_span=Subquery(newest.values("span")[:1]),
        latest_state=Subquery(newest.values("state")[:1]),
        latest_bound=Subquery(newest.values("bound")[:1]),
        latest_followers=Subquery(newest.values("followers")[:1]),
    )


class DoubtQuerySet(models.QuerySet["Doubt"]):
    def waiting(self) -> Self:
        """Those that nobody has decided."""
        return self.filter(decision="")

    def cases(self) -> Self:
        """Leave out what waits for the same word as an earlier one: the same account said about the same before."""
        earlier = _outer_case().filter(
            Q(day__lt=OuterRef("day")) | Q(day=OuterRef("day"), pk__lt=OuterRef("pk"))
        )
        return self.filter(~Q(decision="") | ~Exists(earlier))

    def with_days(self) -> Self:
        """Each that waits with the days of its case: `case_days` of them, the last is `case_last`."""
        by_account = _outer_case().order_by().values("account")
        return self.annotate(
            case_days=Subquery(by_account.annotate(n=Count("day", distinct=True)).values("n")),
            case_last=Subquery(by_account.annotate(last=Max("day")).values("last")),
        )


def _same_case(account: Any, why: Any, followers: Any, low: Any, high: Any) -> models.QuerySet["Doubt"]:
    """Return the counts of the account that wait for the same reason and lie between the bounds."""
    near = Q(followers=followers) | Q(followers__gte=low, followers__lte=high)
    return Doubt.objects.filter(near, account=account, why=why, decision="")


def _outer_case() -> models.QuerySet["Doubt"]:
    """Return the case of the count in the query around: two thirds of it to half as much again."""
    count = OuterRef("followers")
    return _same_case(OuterRef("account"), OuterRef("why"), count, count * 2 / 3, count * 3 / 2)


class Doubt(models.Model):
    """A reading too strange to record without an editor's word."""

    class Why(models.TextChoices):
        ZERO = "zero", _("0 after a positive count")
        FALL = "fall", _("fell by nine tenths or more")
        RISE = "rise", _("rose tenfold or more")

    class Decision(models.TextChoices):
        ACCEPTED = "accepted", _("Accepted")
        REJECTED = "rejected", _("Rejected")
        EVENT = "event", _("Accepted: the platform did it")

    account = models.ForeignKey(Account, models.PROTECT, related_name="doubts", verbose_name=_("account"))
    day = models.DateField(_("day"))
    followers = models.BigIntegerField(_("followers"))
    precision = models.CharField(_("precision"), max_length=7, choices=Precision, default=Precision.EXACT)
    why = models.CharField(_("why"), max_length=8, choices=Why)
    against = models.PositiveBigIntegerField(_("last good count"))
    source = models.ForeignKey(Source, models.PROTECT, related_name="+", verbose_name=_("source"))
    locator = models.CharField(_("place in the source"), max_length=1000, blank=True)
    seen_at = models.DateTimeField(_("seen"))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decided by"),
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decision = models.CharField(_("decision"), max_length=8, choices=Decision, blank=True)

    objects = DoubtQuerySet.as_manager()

    class Meta:
        db_table = "tracking_doubt"
        ordering = ["decision", "-seen_at"]
        constraints = [
            # An hourly reading of the same strange number is one question, not twenty-four.
            models.UniqueConstraint(fields=["account", "day", "followers"], name="doubt_asked_once"),
        ]
        verbose_name = _("held count")
        verbose_name_plural = _("held counts")

    def __str__(self) -> str:
        return f"{self.day}: {self.followers}"

    def case(self) -> models.QuerySet["Doubt"]:
        """Return the counts of the account that wait and say the same as this one, itself among them."""
        return _same_case(
            self.account_id, self.why, self.followers, self.followers * 2 // 3, self.followers * 3 // 2
        )


class CorrectionQuerySet(models.QuerySet["Correction"]):
    def public(self) -> Self:
        """Select those of public actors, with all that a reader is shown of them."""
        return self.filter(snapshot__account__actor__hidden=False).select_related("snapshot__account__actor")


class Correction(models.Model):
    """A recorded value was changed by an editor; the public can read why."""

    snapshot = models.ForeignKey(
        Snapshot, models.PROTECT, related_name="corrections", verbose_name=_("snapshot")
    )
    old = models.JSONField(_("old"))  # state, followers, bound, precision as they stood
    new = models.JSONField(_("new"))
    reason = models.TextField(_("reason"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("when"))

    objects = CorrectionQuerySet.as_manager()

    class Meta:
        db_table = "tracking_correction"
        ordering = ["-at"]
        verbose_name = _("correction")
        verbose_name_plural = _("corrections")

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d}: {self.reason}"


class CorrectionRequestQuerySet(models.QuerySet["CorrectionRequest"]):
    def waiting(self) -> Self:
        return self.filter(outcome="")

    def public(self) -> Self:
        """Select what was answered, with all that a reader is shown of it; nonsense is not shown."""
        answered = self.exclude(outcome__in=["", CorrectionRequest.Outcome.SPAM])
        return answered.filter(actor__hidden=False).select_related("actor", "correction")


class CorrectionRequest(models.Model):
    """Somebody says that something is wrong. Answered by an editor; the answer is public, who asked is not."""

    class Outcome(models.TextChoices):
        CORRECTED = "corrected", _("Corrected")
        REFUSED = "refused", _("Not changed")
        DUPLICATE = "duplicate", _("Asked already")
        SPAM = "spam", _("Nonsense, not shown")

    key = models.UUIDField(unique=True, default=uuid4, editable=False)  # random: the address for who asked
    actor = models.ForeignKey(
        Actor, models.PROTECT, related_name="correction_requests", verbose_name=_("actor")
    )
    # The count may go with its import or by a platform's terms; what it was stays in `about`.
    snapshot = models.ForeignKey(
        Snapshot, models.SET_NULL, null=True, blank=True, related_name="+", db_constraint=False
    )
    about = models.JSONField(default=dict)  # platform, handle, observed and value as they stood
    wrong = models.TextField(_("what is wrong"))
    right = models.TextField(_("what it should be"), blank=True)
    evidence = models.URLField(_("where it can be seen"), max_length=1000, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)  # forgotten some time after the answer
    language = models.CharField(max_length=2, default="en")
    network = models.CharField(max_length=64, blank=True)  # hashed, to count by; forgotten with the e-mail
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("asked by"),
    )
    asked_at = models.DateTimeField(_("asked"))
    due_on = models.DateField(_("to be answered by"))
    outcome = models.CharField(_("outcome"), max_length=9, choices=Outcome, blank=True)
    answer = models.TextField(_("answer"), blank=True)
    correction = models.ForeignKey(
        Correction,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="requests",
        verbose_name=_("correction"),
    )
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("answered by"),
    )
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)

    objects = CorrectionRequestQuerySet.as_manager()

    class Meta:
        db_table = "tracking_correctionrequest"
        ordering = ["outcome", "due_on", "pk"]
        indexes = [
            models.Index(fields=["network", "asked_at"], name="request_network"),  # how often a network asks
        ]
        verbose_name = _("request for a correction")
        verbose_name_plural = _("requests for corrections")

    def __str__(self) -> str:
        return f"{self.actor_id} {self.asked_at:%Y-%m-%d}"


class Reply(models.Model):
    """What an actor says of its own numbers: its press officer or an editor for it. Shown on its page, dated."""

    actor = models.ForeignKey(Actor, models.PROTECT, related_name="replies", verbose_name=_("actor"))
    day = models.DateField(_("day"), help_text=_("The day it was said, or the day that it tells of."))
    text_kk = models.TextField(_("text in Kazakh"), max_length=2000, blank=True)
    text_ru = models.TextField(_("text in Russian"), max_length=2000, blank=True)
    text_en = models.TextField(_("text in English"), max_length=2000, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("written"))
    is_shown = models.BooleanField(_("shown to the public"), default=True)

    class Meta:
        db_table = "tracking_reply"
        ordering = ["-day", "-pk"]
        verbose_name = _("reply of an actor")
        verbose_name_plural = _("replies of actors")

    def __str__(self) -> str:
        return f"{self.actor_id} {self.day}"

    def text(self, language: str) -> tuple[str, str]:
        """Return the text and the language it is in: this one, else the first that there is."""
        for code in (language, "kk", "ru", "en"):
            if found := getattr(self, f"text_{code}", ""):
                return found, code
        return "", language


class MergerQuerySet(models.QuerySet["Merger"]):
    def public(self) -> Self:
        """Select those of public actors, with all that a reader is shown of them."""
        return self.filter(actor__hidden=False).select_related("actor", "account")


class Merger(models.Model):
    """Two accounts, or two actors, turned out to be one: what became of the one that is gone. Final."""

    actor = models.ForeignKey(Actor, models.PROTECT, related_name="mergers", verbose_name=_("actor"))
    account = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="mergers", verbose_name=_("account")
    )  # None: two actors
    gone = models.PositiveBigIntegerField()  # its key; the address of its number leads on
    row = models.JSONField(encoder=DjangoJSONEncoder)  # all its columns as they stood
    moved = models.PositiveIntegerField()  # counts that it brought; of an actor, accounts
    same = models.PositiveIntegerField(default=0)  # days on which both had the same value
    reason = models.TextField(_("reason"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    objects = MergerQuerySet.as_manager()

    class Meta:
        db_table = "tracking_merger"
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["gone"], name="merger_gone")]  # who asks for the old number
        verbose_name = _("merger")
        verbose_name_plural = _("mergers")

    def __str__(self) -> str:
        return f"{self.gone} -> {self.account_id or self.actor_id}"


class SupersededSnapshot(models.Model):
    """A value that does not stand since two accounts were merged, as both had one for its day. Never changed."""

    class Why(models.TextChoices):
        EDITOR = "editor", _("An editor has set the one that stands.")
        NUMBER = "number", _("The one that stands is a number.")
        LATER = "later", _("The one that stands was read later.")
        STAYS = "stays", _("The one that stands is that of the account that stays.")

    merger = models.ForeignKey(Merger, models.PROTECT, related_name="set_aside")
    snapshot = models.ForeignKey(Snapshot, models.CASCADE, related_name="+")  # the one that stands
    is_of_gone = models.BooleanField()  # whether it was recorded for the account that is gone
    why = models.CharField(max_length=6, choices=Why)
    row = models.JSONField(encoder=DjangoJSONEncoder)  # all its columns as they stood
    stood = models.JSONField()  # what stood instead when they were merged: state, followers, bound, precision

    class Meta:
        db_table = "tracking_setaside"
        ordering = ["-snapshot__day", "-pk"]

    def __str__(self) -> str:
        return f"{self.merger_id}: {self.row.get('day')}"


class Removal(models.Model):
    """Counts that a platform's terms did not let us keep any longer were removed. Announced, never silent."""

    platform = models.CharField(max_length=12, choices=platform_choices)
    at = models.DateTimeField()
    before = models.DateField()  # counts of days before this one
    snapshots = models.PositiveIntegerField()
    doubts = models.PositiveIntegerField(default=0)

    class Meta:
        db_table = "tracking_removal"
        ordering = ["-at"]
        verbose_name = _("removal")
        verbose_name_plural = _("removals")

    def __str__(self) -> str:
        return f"{self.platform} {self.before}: {self.snapshots}"


class Screenshot(models.Model):
    """A picture of a page that was read by hand, kept as evidence. Only editors get it, as a download."""

    id = models.UUIDField(primary_key=True)  # also the file's name under VAR_DIR/media/screenshots
    account = models.ForeignKey(Account, models.PROTECT, related_name="screenshots")
    snapshot = models.ForeignKey(Snapshot, models.SET_NULL, null=True, blank=True, related_name="screenshots")
    kind = models.CharField(max_length=4)  # png, jpg or webp, by its content
    size = models.PositiveIntegerField()  # bytes
    where = models.CharField(max_length=300, blank=True)  # on the page, where a program noted it
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        db_table = "tracking_screenshot"
        ordering = ["-at"]
        verbose_name = _("screenshot")
        verbose_name_plural = _("screenshots")

    def __str__(self) -> str:
        return f"{self.id}.{self.kind}"
