"""Snapshots, held counts, the pictures kept as evidence. Rules: docs/architecture.md, "Data"."""

from datetime import date
from typing import Any, Self

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Count, Exists, Max, OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.registry.models import Account, AccountQuerySet, Source


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
        indexes = [
            # What was written since a night, for the ledger: some kilobytes, as rows lie in the order of writing.
            BrinIndex(fields=["recorded_at"], name="snapshot_recorded", autosummarize=True),
            # A day's own rows, for the standings of all accounts together.
            models.Index(fields=["day"], name="snapshot_by_day"),
        ]
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
        """Select those that nobody has decided."""
        return self.filter(decision="")

    def cases(self) -> Self:
        """Leave out what waits for the same word as an earlier one: the same account said about the same before."""
        earlier = _outer_case().filter(
            Q(day__lt=OuterRef("day")) | Q(day=OuterRef("day"), pk__lt=OuterRef("pk"))
        )
        return self.filter(~Q(decision="") | ~Exists(earlier))

    def with_days(self) -> Self:
        """Select each that waits, with the days of its case: `case_days` of them, the last is `case_last`."""
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
