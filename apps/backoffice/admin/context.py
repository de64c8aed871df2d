"""Indicators, events and claims on the editor's desk."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from apps.backoffice.admin.held import DoubtAdmin
from apps.backoffice.days import shown_day
from apps.common.admin import DeskAdmin
from apps.context.forms import PLACES, ClaimForm, EventForm, IndicatorValueForm
from apps.context.models import Claim, Event, Indicator, IndicatorValue
from apps.context.platform_events import platform_event
from apps.figures.country import write_number
from apps.registry.models import active_language
from apps.registry.texts import in_language
from apps.snapshots.models import Doubt


class ValueInline(admin.TabularInline[IndicatorValue, Indicator]):
    """What is known: looked at here, changed on its own page (a list of sources per line would cost a query each)."""

    model = IndicatorValue
    fields = ("observed", "geo_shown", "platform", "segment_shown", "value_shown", "source")
    readonly_fields = fields
    extra = 0
    can_delete = False
    show_change_link = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[IndicatorValue]:
        return super().get_queryset(request).select_related("source", "indicator")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description=_("place"))
    def geo_shown(self, value: IndicatorValue) -> str:
        return str(PLACES.get(value.geo, value.geo))

    @admin.display(description=_("segment"))
    def segment_shown(self, value: IndicatorValue) -> str:
        return in_language(value.segment, active_language())

    @admin.display(description=_("value"), ordering="value")
    def value_shown(self, value: IndicatorValue) -> str:
        return write_number(value)

    @admin.display(description=_("date"), ordering="day")
    def observed(self, value: IndicatorValue) -> str:
        return shown_day(value.day, value.span)


class NewValueInline(admin.StackedInline[IndicatorValue, Indicator]):
    """Room for one more value."""

    model = IndicatorValue
    form = IndicatorValueForm
    autocomplete_fields = ("source",)
    extra = 1
    max_num = 1
    verbose_name = _("new value")
    verbose_name_plural = _("add a value")

    def get_queryset(self, request: HttpRequest) -> QuerySet[IndicatorValue]:
        return super().get_queryset(request).none()


@admin.register(Indicator)
class IndicatorAdmin(DeskAdmin[Indicator]):
    list_display = ("label_shown", "unit_shown")
    search_fields = ("key", "label_en", "label_ru", "label_kk")
    fields = ("label_kk", "label_ru", "label_en", "unit", "key")
    prepopulated_fields = {"key": ("label_en",)}
    inlines = (NewValueInline, ValueInline)

    @admin.display(description=_("indicator"), ordering="label_en")
    def label_shown(self, indicator: Indicator) -> str:
        return str(indicator)

    @admin.display(description=_("unit"), ordering="unit")
    def unit_shown(self, indicator: Indicator) -> str:
        return in_language(indicator.unit, active_language())


@admin.register(IndicatorValue)
class IndicatorValueAdmin(DeskAdmin[IndicatorValue]):
    form = IndicatorValueForm
    list_display = (
        "indicator",
        "observed",
        "value_shown",
        "geo_shown",
        "platform",
        "segment_shown",
        "source",
    )
    list_select_related = ("indicator", "source")
    list_filter = ("platform", "indicator")
    search_fields = (
        *("indicator__key", "indicator__label_en", "indicator__label_ru", "indicator__label_kk"),
        *("segment", "source__key", "source__title"),
    )
    autocomplete_fields = ("indicator", "source")

    @admin.display(description=_("place"), ordering="geo")
    def geo_shown(self, value: IndicatorValue) -> str:
        return str(PLACES.get(value.geo, value.geo))

    @admin.display(description=_("segment"), ordering="segment")
    def segment_shown(self, value: IndicatorValue) -> str:
        return in_language(value.segment, active_language())

    @admin.display(description=_("value"), ordering="value")
    def value_shown(self, value: IndicatorValue) -> str:
        return write_number(value)

    @admin.display(description=_("date"), ordering="day")
    def observed(self, value: IndicatorValue) -> str:
        return shown_day(value.day, value.span)


@admin.register(Event)
class EventAdmin(DeskAdmin[Event]):
    form = EventForm
    list_display = ("title_shown", "kind", "began", "ended", "source")
    list_select_related = ("source",)
    list_filter = ("kind", "starts_span")
    date_hierarchy = "starts"
    search_fields = ("key", "title_en", "title_ru", "title_kk")
    autocomplete_fields = ("source",)
    prepopulated_fields = {"key": ("title_en",)}

    @admin.display(description=_("title"), ordering="title_en")
    def title_shown(self, event: Event) -> str:
        return str(event)

    @admin.display(description=_("starts"), ordering="starts")
    def began(self, event: Event) -> str:
        return shown_day(event.starts, event.starts_span)

    @admin.display(description=_("ends"), ordering="ends")
    def ended(self, event: Event) -> str:
        return shown_day(event.ends, event.ends_span)


admin.site.unregister(Doubt)


@admin.register(Doubt)
class DoubtWithEventsAdmin(DoubtAdmin):
    """Held counts, which may also be a platform's doing: then charts say so."""

    actions: tuple[str, ...] = (*DoubtAdmin.actions, "platform_event")

    @admin.action(
        description=_("Accept: the platform did it, make an event of the day"), permissions=["platform"]
    )
    def platform_event(self, request: HttpRequest, queryset: QuerySet[Doubt]) -> None:
        decided = self._decide(request, queryset, Doubt.Decision.EVENT)
        days = {(doubt.account.platform, doubt.day, doubt.followers < doubt.against) for doubt in decided}
        made = [platform_event(*day) for day in sorted(days)]
        words = ngettext(
            "%(count)d event stands on the charts: look whether its title says enough.",
            "%(count)d events stand on the charts: look whether their titles say enough.",
            len(made),
        )
        if made:
            messages.success(request, words % {"count": len(made)})

    def has_platform_permission(self, request: HttpRequest) -> bool:
        return self.has_decide_permission(request) and request.user.has_perm("context.add_event")


@admin.register(Claim)
class ClaimAdmin(DeskAdmin[Claim]):
    form = ClaimForm
    list_display = ("actor", "relation", "times", "comparator", "platform", "observed", "source")
    list_select_related = ("actor", "comparator", "source")
    list_filter = ("platform", "relation")
    search_fields = (
        *("actor__name_en", "actor__name_ru", "actor__name_kk"),
        *("comparator__name_en", "comparator__name_ru", "comparator__name_kk", "source__key"),
    )
    autocomplete_fields = ("actor", "comparator", "source")

    @admin.display(description=_("date"), ordering="day")
    def observed(self, claim: Claim) -> str:
        return shown_day(claim.day, claim.span)
