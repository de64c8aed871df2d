"""Context for the numbers: indicators, events, published claims."""

from datetime import date

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.registry.models import Actor, Source, active_language, platform_choices
from apps.snapshots.models import Bound, Span

AUDIENCE = "platform_audience"  # the indicator that reach is measured by
ADVERTISING_REACH = "advertising reach"  # the measure that most years have; measures differ tenfold
KAZAKHSTAN = "KZ"
VALUE_DECIMALS = 8  # as many as the most exact dataset prints


class Indicator(models.Model):
    """A context figure: users of a platform in Kazakhstan, population, budget."""

    key = models.SlugField(_("key"), max_length=60, unique=True)
    label_en = models.CharField(_("label in English"), max_length=200)
    label_ru = models.CharField(_("label in Russian"), max_length=200, blank=True)
    label_kk = models.CharField(_("label in Kazakh"), max_length=200, blank=True)
    unit = models.CharField(_("unit"), max_length=60)

    class Meta:
        ordering = ["key"]
        verbose_name = _("indicator")
        verbose_name_plural = _("indicators")

    def __str__(self) -> str:
        return self.label(active_language())

    def label(self, language: str) -> str:
        """Return the label in kk, ru or en; the English one where that is empty."""
        return getattr(self, f"label_{language}", "") or self.label_en


class IndicatorValueQuerySet(models.QuerySet["IndicatorValue"]):
    def with_source(self) -> "IndicatorValueQuerySet":
        """Join the indicator and the source of each value, which every page that shows it names."""
        return self.select_related("indicator", "source")

    def audience(
        self, platform: str, on: date, segment: str = ADVERTISING_REACH, geo: str = KAZAKHSTAN
    ) -> "IndicatorValue | None":
        """Return a platform's audience as of a day in one measure, with its source; None where nothing is known yet.

        Months and years count from their first day; of several that begin together the narrowest wins.
        """
        values = self.filter(
            indicator__key=AUDIENCE, platform=platform, segment=segment, geo=geo, day__lte=on
        )
        return values.with_source().order_by("-day", "-span", "pk").first()


class IndicatorValue(models.Model):
    """What an indicator was on a day, in a month or in a year."""

    indicator = models.ForeignKey(
        Indicator, models.PROTECT, related_name="values", verbose_name=_("indicator")
    )
    geo = models.CharField(_("country"), max_length=20)  # KZ or World
    platform = models.CharField(_("platform"), max_length=12, choices=platform_choices, blank=True)
    # The measure: advertising reach, active users ...
    segment = models.CharField(_("measure"), max_length=80, blank=True)
    day = models.DateField(_("day"))  # the first day of the span
    span = models.PositiveSmallIntegerField(_("speaks for a"), choices=Span, default=Span.DAY)
    bound = models.CharField(_("bound"), max_length=1, choices=Bound, default=Bound.EXACTLY)
    value = models.DecimalField(_("value"), max_digits=24, decimal_places=VALUE_DECIMALS)
    # How many figures stand after the point in the source: 11.00 is written so, not as 11.
    decimals = models.PositiveSmallIntegerField(_("decimals"), default=0, editable=False)
    source = models.ForeignKey(Source, models.PROTECT, related_name="+", verbose_name=_("source"))
    locator = models.CharField(_("place in the source"), max_length=300, blank=True)
    note = models.TextField(_("note"), blank=True)

    objects = IndicatorValueQuerySet.as_manager()

    class Meta:
        ordering = ["indicator_id", "geo", "platform", "segment", "day"]
        constraints = [
            models.UniqueConstraint(
                fields=["indicator", "geo", "platform", "segment", "day", "span", "source"],
                name="indicator_value_once",
            ),
        ]
        verbose_name = _("indicator value")
        verbose_name_plural = _("indicator values")

    def __str__(self) -> str:
        return f"{self.indicator}, {Span(self.span).of(self.day)}"


class Event(models.Model):
    """Something dated that a chart can be annotated with."""

    class Category(models.TextChoices):
        STAGE = "stage", _("Stages of the political Internet")
        PROGRAMME = "programme", _("Programmes and budgets")
        BODY = "body", _("Bodies and parties")
        COUNTRY = "country", _("Country")
        PLATFORM = "platform", _("Platforms")

    kind = models.CharField(_("kind"), max_length=9, choices=Category, default=Category.COUNTRY)
    key = models.SlugField(_("key"), max_length=80, unique=True)
    starts = models.DateField(_("starts"))
    starts_span = models.PositiveSmallIntegerField(_("the start is a"), choices=Span, default=Span.DAY)
    ends = models.DateField(_("ends"), null=True, blank=True)
    ends_span = models.PositiveSmallIntegerField(_("the end is a"), choices=Span, null=True, blank=True)
    title_en = models.CharField(_("title in English"), max_length=300)
    title_ru = models.CharField(_("title in Russian"), max_length=300, blank=True)
    title_kk = models.CharField(_("title in Kazakh"), max_length=300, blank=True)
    source = models.ForeignKey(
        Source, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("source")
    )
    locator = models.CharField(_("place in the source"), max_length=300, blank=True)

    class Meta:
        ordering = ["starts", "key"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends__isnull=True) | Q(ends__gte=models.F("starts")),
                name="event_ends_after_start",
            ),
        ]
        verbose_name = _("event")
        verbose_name_plural = _("events")

    def __str__(self) -> str:
        return self.title(active_language())

    def title(self, language: str) -> str:
        return getattr(self, f"title_{language}", "") or self.title_en


class Claim(models.Model):
    """A published comparison: "138 times more subscribers". Shown beside what the recorded numbers give."""

    class Relation(models.TextChoices):
        TIMES = "times", _("times as many")
        MORE = "more", _("more")
        FEWER = "fewer", _("fewer")

    actor = models.ForeignKey(Actor, models.PROTECT, related_name="claims", verbose_name=_("actor"))
    comparator = models.ForeignKey(Actor, models.PROTECT, related_name="+", verbose_name=_("compared with"))
    platform = models.CharField(_("platform"), max_length=12, choices=platform_choices)
    relation = models.CharField(_("relation"), max_length=5, choices=Relation)
    times = models.DecimalField(_("times"), max_digits=10, decimal_places=2, null=True, blank=True)
    day = models.DateField(_("day"), null=True, blank=True)
    span = models.PositiveSmallIntegerField(_("speaks for a"), choices=Span, null=True, blank=True)
    source = models.ForeignKey(Source, models.PROTECT, related_name="+", verbose_name=_("source"))
    locator = models.CharField(_("place in the source"), max_length=300, blank=True)
    note = models.TextField(_("note"), blank=True)

    class Meta:
        ordering = ["actor_id", "comparator_id", "platform"]
        constraints = [
            models.UniqueConstraint(
                fields=["actor", "comparator", "platform", "relation", "source"], name="claim_once"
            ),
            models.CheckConstraint(
                condition=Q(relation="times", times__isnull=False) | ~Q(relation="times"),
                name="claim_times_has_number",
            ),
        ]
        verbose_name = _("claim")
        verbose_name_plural = _("claims")

    def __str__(self) -> str:
        return f"{self.actor} – {self.get_relation_display()} – {self.comparator}"


class LoadedRow(models.Model):
    """Which row here a row of the reference dataset became.

    What an editor has renamed, dated otherwise or deleted since is known by it, and is not added a second time. One row more
    stands for all files together, as they were (services.is_loaded).
    """

    kind = models.CharField(max_length=20)  # the model's name
    key = models.CharField(max_length=400)  # what tells the row from others in its file
    object_id = models.BigIntegerField()
    # What the file said when the row was loaded, cell by cell: tells an editor's change from an older release's words.
    cells = models.JSONField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "key"], name="loaded_row_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"
