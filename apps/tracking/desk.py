"""What an editor has to look at: the first lines of the admin's first page."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Max, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from apps.tracking import adapters, terms
from apps.tracking.models import Account, AccountState, Collection, Doubt, PlatformState
from apps.tracking.platforms import ALL
from apps.tracking.recording import HELD

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Line:
    words: str
    address: str = ""
    urgent: bool = False


def lines() -> list[Line]:
    """What was read today, then what needs a person; nothing is listed that needs nobody."""
    return [_today(), *_platforms(), *_accounts(), *_doubts()]


def _today() -> Line:
    now = timezone.now()
    collected = Collection.objects.filter(account__platform__in=adapters.ready()).exclude(
        account__state=AccountState.PAUSED
    )
    total = collected.count()
    read = collected.filter(last_success_at__gte=now - DAY).count()
    newest = collected.aggregate(at=Max("last_attempt_at"))["at"]
    words = ngettext(
        "%(read)d of %(total)d account on platforms that are collected was read within a day.",
        "%(read)d of %(total)d accounts on platforms that are collected were read within a day.",
        total,
    ) % {"read": read, "total": total}
    if newest:
        words += " " + gettext("Last attempt: %(at)s.") % {
            "at": timezone.localtime(newest).strftime("%Y-%m-%d %H:%M")
        }
    return Line(words, reverse("admin:tracking_account_changelist"))


def _platforms() -> list[Line]:
    address = reverse("admin:tracking_platformstate_changelist")
    paused = PlatformState.objects.filter(paused_until__gt=timezone.now())
    found = [
        Line(
            gettext("%(platform)s is paused until %(until)s: %(reason)s")
            % {
                "platform": ALL[state.platform].label,
                "until": timezone.localtime(state.paused_until).strftime("%Y-%m-%d %H:%M"),
                "reason": state.pause_reason,
            },
            address,
            urgent=True,
        )
        for state in paused
    ]
    used = set(Account.objects.addressed().values_list("platform", flat=True).distinct())
    for code in sorted(used):
        setting = terms.missing(code)
        if adapters.is_collected(code) and code not in adapters.ready():
            words = (
                gettext("%(platform)s is not collected until %(setting)s is chosen.")
                if setting
                else gettext("%(platform)s is not configured: its accounts are read by hand.")
            )
            found.append(Line(words % {"platform": ALL[code].label, "setting": setting}))
    return found


def _accounts() -> list[Line]:
    address = reverse("admin:tracking_account_changelist")
    missing = Account.objects.without_address().count()
    stopped = Account.objects.exclude(stopped_because="").count()
    renamed = Account.objects.exclude(title_before="").count()
    failing = Collection.objects.filter(
        ~Q(last_error="") & ~Q(last_error__startswith=HELD), account__stopped_because=""
    ).count()
    counted = (
        (
            "address",
            missing,
            ngettext("%(count)d account has no address.", "%(count)d accounts have no address.", missing),
        ),
        (
            "stopped",
            stopped,
            ngettext(
                "%(count)d account has stopped and asks an editor.",
                "%(count)d accounts have stopped and ask an editor.",
                stopped,
            ),
        ),
        (
            "title",
            renamed,
            ngettext(
                "%(count)d account has a new title: is it the same page?",
                "%(count)d accounts have new titles: are they the same pages?",
                renamed,
            ),
        ),
        (
            "error",
            failing,
            ngettext("%(count)d account cannot be read.", "%(count)d accounts cannot be read.", failing),
        ),
    )
    return [
        Line(words % {"count": count}, f"{address}?needs={needs}", urgent=needs != "address")
        for needs, count, words in counted
        if count
    ]


def _doubts() -> list[Line]:
    count = Doubt.objects.filter(decision="").count()
    if not count:
        return []
    words = ngettext(
        "%(count)d count is held and waits for a decision.",
        "%(count)d counts are held and wait for a decision.",
        count,
    )
    return [
        Line(
            words % {"count": count},
            reverse("admin:tracking_doubt_changelist") + "?decision__exact=",
            urgent=True,
        )
    ]
