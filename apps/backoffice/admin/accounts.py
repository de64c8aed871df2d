"""Accounts: paste an address, see whether it is read, read by hand what no program reads."""

from datetime import timedelta
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from apps.backoffice.days import shown_day
from apps.backoffice.forms import AccountAddForm, AccountForm, ReadingForm, today
from apps.backoffice.templatetags.desk import latest_value, moment
from apps.collecting import adapters, budget, services, tasks
from apps.collecting.models import Attempt, Collection
from apps.collecting.unread import match_failing, unread
from apps.collecting.words import trouble_of_account
from apps.common.admin import KeptAdmin
from apps.registry import services as registry_services
from apps.registry.models import Account, AccountState, HandleChange, HandReading
from apps.registry.services import lock_accounts
from apps.snapshots.models import with_latest
from apps.snapshots.recording import Verdict

STALE = timedelta(days=2)


class NeedsFilter(admin.SimpleListFilter):
    title = _("attention")
    parameter_name = "needs"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("address", _("address not known")),
            ("stopped", _("stopped: needs an editor")),
            ("error", _("has an error")),
            ("uncollected", _("not collected lately")),
            ("stale", _("not read for two days")),
            ("never", _("never read")),
            ("title", _("new title, same page?")),
            ("hand", _("read by hand")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Account]) -> QuerySet[Account]:
        match self.value():
            case "address":
                return queryset.filter(handle="", platform_id="")
            case "stopped":
                return queryset.exclude(stopped_code="")
            case "error":
                return queryset.filter(collection__in=Collection.objects.filter(match_failing()))
            case "uncollected":
                return queryset.filter(collection__in=unread().order_by().values("pk"))
            case "stale":
                return queryset.filter(collection__last_success_at__lt=timezone.now() - STALE)
            case "never":
                return queryset.filter(collection__isnull=False, collection__last_success_at=None)
            case "title":
                return queryset.exclude(title_before="")
            case "hand":
                return queryset.exclude(platform__in=adapters.ready())
        return queryset


class AttemptInline(admin.TabularInline[Attempt, Account]):
    model = Attempt
    fields = readonly_fields = ("at", "outcome", "detail")
    ordering = ("-at",)
    extra = 0
    can_delete = False
    max_num = 0
    verbose_name_plural = _("last attempts")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Attempt]:
        newest = timezone.now() - timedelta(days=7)
        return super().get_queryset(request).filter(at__gte=newest)


class HandleChangeInline(admin.TabularInline[HandleChange, Account]):
    model = HandleChange
    fields = readonly_fields = ("old", "new", "noticed_at")
    extra = 0
    can_delete = False
    max_num = 0


@admin.register(Account)
class AccountAdmin(KeptAdmin[Account]):
    list_display = ("actor", "platform", "latest", "latest_day", "trouble", "link", "how", "read_link")
    list_display_links = ("actor",)
    list_filter = (NeedsFilter, "platform", "state")
    list_select_related = ("actor", "collection")
    search_fields = ("handle", "title", "actor__name_en", "actor__name_ru", "actor__name_kk")
    autocomplete_fields = ("actor",)
    actions = (
        "collect_now",
        "pause",
        "resume",
        "follow",
        "same_page",
        "read_weekly",
        "read_monthly",
        "read_never",
    )
    inlines = (AttemptInline, HandleChangeInline)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Account]:
        return with_latest(super().get_queryset(request))  # type: ignore[arg-type]  # AccountQuerySet

    def get_form(
        self, request: HttpRequest, obj: Account | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        return super().get_form(request, obj, change, form=AccountForm if obj else AccountAddForm, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Account | None = None) -> Any:
        if obj is None:
            return ((None, {"fields": ("actor", "address", "platform", "note")}),)
        return (
            (None, {"fields": ("actor", "link", "platform_id", "identity", "title", "verified")}),
            (
                _("Collecting"),
                {"fields": ("state", "hourly", "hand_reading", "trouble", "how", "latest", "latest_day")},
            ),
            (_("Change"), {"fields": ("address", "note")}),
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Account | None = None) -> tuple[str, ...]:
        shown = (
            "link",
            "platform_id",
            "identity",
            "title",
            "verified",
            "trouble",
            "how",
            "latest",
            "latest_day",
        )
        return shown if obj else ()

    def get_inlines(self, request: HttpRequest, obj: Account | None) -> Any:
        return super().get_inlines(request, obj) if obj else ()

    def save_model(self, request: HttpRequest, obj: Account, form: ModelForm[Account], change: bool) -> None:
        if not change:
            # AccountAddForm.save has tracked it; from here on it is only announced.
            tasks.wake()
            self._announce(request, obj)
            return
        lock_accounts([obj.pk])
        # The changed fields alone: a worker may have learnt the id or the title since the row was read.
        obj.save(update_fields=[name for name in form.changed_data if name != "address"])
        target = form.cleaned_data.get("address")
        if target:
            services.change_address(obj, target)
        elif "state" in form.changed_data and obj.state == AccountState.ACTIVE:
            services.resume(obj)
        elif "hourly" in form.changed_data and obj.hourly:
            services.collect_now([obj])
        tasks.wake()

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except registry_services.AlreadyTracked as tracked:  # since the form was checked, by somebody else
            words = gettext("%(account)s is tracked already, as an account of %(actor)s.")
            messages.error(request, words % {"account": tracked.account, "actor": tracked.account.actor})
            return HttpResponseRedirect(reverse("admin:registry_account_change", args=[tracked.account.pk]))

    def _announce(self, request: HttpRequest, account: Account) -> None:
        state = budget.find_pause(account.platform)
        until = state.pause_end() if state else None
        if account.platform not in adapters.ready():
            words = _("%(account)s was recognised. No program reads it here: please read its number by hand.")
        elif until:
            words = _(
                "%(account)s was recognised. %(platform)s is paused until %(until)s; it will be read after that."
            )
        else:
            words = _("%(account)s was recognised and will be read within two minutes.")
        shown = moment(until) if until else ""
        messages.info(
            request,
            words % {"account": account, "platform": account.get_platform_display(), "until": shown},
        )

    def response_add(
        self, request: HttpRequest, obj: Account, post_url_continue: str | None = None
    ) -> HttpResponse:
        if (
            obj.platform not in adapters.ready()
            and "_addanother" not in request.POST
            and "_popup" not in request.POST
        ):
            return HttpResponseRedirect(reverse("admin:registry_account_read", args=[obj.pk]))
        return super().response_add(request, obj, post_url_continue)

    # Columns

    @admin.display(description=_("address"), ordering="handle")
    def link(self, account: Account) -> SafeString | Any:
        if not account.has_address:
            return _("address not known")
        return format_html(
            '<a href="{}" rel="noreferrer noopener" target="_blank">{}</a>',
            adapters.url(account),
            account.handle or account.platform_id,
        )

    @admin.display(description=_("latest count"), ordering="latest_followers")
    def latest(self, account: Any) -> Any:
        if account.latest_state is None:
            return "–"
        return latest_value(account)

    @admin.display(description=_("of"), ordering="latest_on")
    def latest_day(self, account: Any) -> Any:
        if not account.latest_on:
            return "–"
        return shown_day(account.latest_on, account.latest_span)

    @admin.display(description=_("read"))
    def how(self, account: Account) -> Any:
        if not account.has_address:
            return "–"
        if account.state == AccountState.PAUSED:
            return _("not: paused")
        if account.platform not in adapters.ready():
            return _("by hand")
        return _("daily")

    @admin.display(description=_("known by"))
    def identity(self, account: Account) -> Any:
        if account.is_known_by_id:
            return _("its id: a takeover of the handle is noticed")
        return _("its handle alone: a takeover cannot be noticed, only a new title")

    @admin.display(description=_("last error"), empty_value="")
    def trouble(self, account: Account) -> str:
        if account.title_before:
            return gettext("The title was “%(before)s” and is now “%(now)s”: is it the same page?") % {
                "before": account.title_before,
                "now": account.title,
            }
        return trouble_of_account(account)

    @admin.display(description=_("by hand"), empty_value="")
    def read_link(self, account: Account) -> SafeString | str:
        if not account.has_address:
            return ""
        return format_html(
            '<a href="{}">{}</a>',
            reverse("admin:registry_account_read", args=[account.pk]),
            _("enter a number"),
        )

    # Actions

    @admin.action(description=_("Collect now"), permissions=["change"])
    def collect_now(self, request: HttpRequest, queryset: QuerySet[Account]) -> None:
        chosen = list(queryset.filter(platform__in=adapters.ready()))
        due = services.collect_now(chosen)
        tasks.wake()
        words = ngettext("%(due)d account is due now.", "%(due)d accounts are due now.", due)
        messages.success(request, words % {"due": due})
        left = queryset.count() - due
        if left:
            words = ngettext(
                "%(left)d account was left alone: paused, without an address, being read just now, or on a platform that is read by hand.",
                "%(left)d accounts were left alone: paused, without an address, being read just now, or on a platform that is read by hand.",
                left,
            )
            messages.warning(request, words % {"left": left})

    @admin.action(description=_("Pause collecting"), permissions=["change"])
    def pause(self, request: HttpRequest, queryset: QuerySet[Account]) -> None:
        count = queryset.exclude(state=AccountState.PAUSED).update(state=AccountState.PAUSED)
        messages.success(
            request,
            ngettext("%(count)d account paused.", "%(count)d accounts paused.", count) % {"count": count},
        )

    @admin.action(description=_("Resume collecting"), permissions=["change"])
    def resume(self, request: HttpRequest, queryset: QuerySet[Account]) -> None:
        chosen = list(queryset.exclude(state=AccountState.ACTIVE))
        for account in chosen:
            services.resume(account)
        tasks.wake()
        messages.success(
            request,
            ngettext("%(count)d account is read again.", "%(count)d accounts are read again.", len(chosen))
            % {"count": len(chosen)},
        )

    @admin.action(description=_("Follow: it is the same page under its new id"), permissions=["change"])
    def follow(self, request: HttpRequest, queryset: QuerySet[Account]) -> None:
        followed = [account for account in queryset if services.follow(account)]
        tasks.wake()
        count = len(followed)
        messages.success(
            request,
            ngettext(
                "%(count)d account goes on under its new id.",
                "%(count)d accounts go on under their new ids.",
                count,
            )
            % {"count": count},
        )
        if left := queryset.count() - count:
            words = ngettext(
                "%(left)d account was left alone: it points to no new id, or to an account that is tracked already.",
                "%(left)d accounts were left alone: they point to no new id, or to accounts that are tracked already.",
                left,
            )
            messages.warning(request, words % {"left": left})

    @admin.action(description=_("It is the same page under its new title"), permissions=["change"])
    def same_page(self, request: HttpRequest, queryset: QuerySet[Account]) -> None:
        count = queryset.exclude(title_before="").update(title_before="")
        words = ngettext("%(count)d account confirmed.", "%(count)d accounts confirmed.", count)
        messages.success(request, words % {"count": count})

    @admin.action(description=_("Read by hand every week"), permissions=["change"])
    def read_weekly(self, request: HttpRequest, queryset: QuerySet[Account]) -> None:
        self._plan(request, queryset, HandReading.WEEKLY)

    @admin.action(description=_("Read by hand every month"), permissions=["change"])
    def read_monthly(self, request: HttpRequest, queryset: QuerySet[Account]) -> None:
        self._plan(request, queryset, HandReading.MONTHLY)

    @admin.action(description=_("Never read by hand"), permissions=["change"])
    def read_never(self, request: HttpRequest, queryset: QuerySet[Account]) -> None:
        self._plan(request, queryset, HandReading.NEVER)

    def _plan(self, request: HttpRequest, queryset: QuerySet[Account], plan: HandReading) -> None:
        count = Account.objects.filter(pk__in=list(queryset.values_list("pk", flat=True))).update(
            hand_reading=plan
        )
        words = ngettext(
            "Plan for %(count)d account: %(plan)s.", "Plan for %(count)d accounts: %(plan)s.", count
        )
        messages.success(request, words % {"count": count, "plan": plan.label})

    # Reading by hand

    def get_urls(self) -> list[URLPattern]:
        return [
            path("<int:pk>/read/", self.admin_site.admin_view(self.read_view), name="registry_account_read"),
            *super().get_urls(),
        ]

    def read_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take one number, read by an editor on the page itself."""
        account = get_object_or_404(Account.objects.select_related("actor"), pk=pk)
        if not self.has_change_permission(request, account):
            raise PermissionDenied
        form = ReadingForm(request.POST or None, account=account)
        if request.method == "POST" and form.is_valid() and self._save_reading(request, form):
            return HttpResponseRedirect(reverse("admin:registry_account_changelist"))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Read by hand: %(actor)s, %(account)s") % {"actor": account.actor, "account": account},
            "opts": self.opts,
            "original": account,
            "form": form,
            "address": adapters.url(account),
            "day": today(),
            "last": account.snapshots.order_by("-day", "-span").select_related("source").first(),
        }
        return render(request, "backoffice/read.html", context)

    def _save_reading(self, request: HttpRequest, form: ReadingForm) -> bool:
        recorded = form.record(request.user)  # type: ignore[arg-type]  # admin_view lets only users in
        if recorded.verdict == Verdict.CONFLICT and recorded.existing is not None:
            address = reverse("admin:snapshots_snapshot_change", args=[recorded.existing.pk])
            messages.error(
                request,
                format_html(
                    '{} <a href="{}">{}</a>',
                    _("Another value stands for today already. It was kept."),
                    address,
                    _("Correct it, with a reason."),
                ),
            )
            return False
        words = (
            _("Nothing new: this value stands already.")
            if recorded.verdict == Verdict.SAME
            else _("Recorded.")
        )
        messages.success(request, words)
        return True
