"""Context for the numbers: indicators, events, published claims."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.tracking.models import Actor, Source, Span, platform_choices


class Indicator(models.Model):
    """A context figure: users of a platform in Kazakhstan, population, budget."""

    key = models.SlugField(max_length=60, unique=True)
    label_en = models.CharField(max_length=200)
    label_ru = models.CharField(max_length=200, blank=True)
    label_kk = models.CharField(max_length=200, blank=True)
    unit = models.CharField(max_length=60)

    class Meta:
        ordering = ["key"]
        verbose_name = _("indicator")
        verbose_name_plural = _("indicators")

    def __str__(self) -> str:
        return self.label_en


class IndicatorValue(models.Model):
    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="values")
    geo = models.CharField(max_length=20)  # KZ or World
    platform = models.CharField(max_length=12, choices=platform_choices, blank=True)
    segment = models.CharField(max_length=80, blank=True)  # the measure: advertising reach, active users ...
    day = models.DateField()
    span = models.PositiveSmallIntegerField(choices=Span, default=Span.DAY)
    value = models.DecimalField(max_digits=20, decimal_places=3)
    source = models.ForeignKey(Source, models.PROTECT, related_name="+")
    locator = models.CharField(max_length=300, blank=True)
    note = models.TextField(blank=True)

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
        return f"{self.indicator_id} {self.day} {self.value}"


class Event(models.Model):
    """Something dated that a chart can be annotated with."""

    key = models.SlugField(max_length=80, unique=True)
    starts = models.DateField()
    starts_span = models.PositiveSmallIntegerField(choices=Span, default=Span.DAY)
    ends = models.DateField(null=True, blank=True)
    ends_span = models.PositiveSmallIntegerField(choices=Span, null=True, blank=True)
    title_en = models.CharField(max_length=300)
    title_ru = models.CharField(max_length=300, blank=True)
    title_kk = models.CharField(max_length=300, blank=True)
    source = models.ForeignKey(Source, models.PROTECT, null=True, blank=True, related_name="+")
    locator = models.CharField(max_length=300, blank=True)

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
        return self.title_en

    def title(self, language: str) -> str:
        return getattr(self, f"title_{language}", "") or self.title_en


class Claim(models.Model):
    """A published comparison: "138 times more subscribers". Shown beside what the recorded numbers give."""

    class Relation(models.TextChoices):
        TIMES = "times", _("times as many")
        MORE = "more", _("more")
        FEWER = "fewer", _("fewer")

    actor = models.ForeignKey(Actor, models.PROTECT, related_name="claims")
    comparator = models.ForeignKey(Actor, models.PROTECT, related_name="+")
    platform = models.CharField(max_length=12, choices=platform_choices)
    relation = models.CharField(max_length=5, choices=Relation)
    times = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    day = models.DateField(null=True, blank=True)
    span = models.PositiveSmallIntegerField(choices=Span, null=True, blank=True)
    source = models.ForeignKey(Source, models.PROTECT, related_name="+")
    locator = models.CharField(max_length=300, blank=True)
    note = models.TextField(blank=True)

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
        return f"{self.actor_id} {self.relation} {self.times or ''} {self.comparator_id}"
