"""What an editor has to look at: the first lines of the admin's first page."""

from dataclasses import dataclass
from datetime import timedelta

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db.models import Max, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from apps.collecting import adapters
from apps.collecting.models import HELD, Collection, PlatformState
from apps.common import upkeep
from apps.figures import formats
from apps.registry.models import Account, AccountState, Actor
from apps.registry.platforms import ALL
from apps.snapshots import terms
from apps.snapshots.models import CorrectionRequest, Doubt
from apps.users import second_factor
from apps.users.models import User

DAY = timedelta(days=1)
TOKEN_WARNED = timedelta(days=14)


@dataclass(frozen=True)
class Line:
    words: str
    address: str = ""
    urgent: bool = False
    button: str = ""  # what the address does, where the words do not say it


def lines() -> list[Line]:
    """What was read today, then what needs a person; nothing is listed that needs nobody."""
    return [
        _today(),
        *_platforms(),
        *_tokens(),
        *_actors(),
        *_accounts(),
        *_doubts(),
        *_requests(),
        *_backup(),
        *_second_factors(),
    ]


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
        words += " " + gettext("Last attempt: %(at)s.") % {"at": formats.moment(newest)}
    return Line(words, reverse("admin:registry_account_changelist"))


def _platforms() -> list[Line]:
    address = reverse("admin:collecting_platformstate_changelist")
    paused = PlatformState.objects.filter(paused_until__gt=timezone.now())
    found = [
        Line(
            gettext("%(platform)s is paused until %(until)s: %(reason)s")
            % {
                "platform": ALL[state.platform].label,
                "until": formats.moment(state.paused_until) if state.paused_until else "",
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
            found.append(
                Line(
                    words % {"platform": ALL[code].label, "setting": setting},
                    f"{reverse('dashboard:status')}#{code}",
                    button=gettext("How each platform is read"),
                )
            )
    return found


def _tokens() -> list[Line]:
    """Tokens that end within two weeks, as TOKEN_EXPIRES says; one that was refused is a platform's pause."""
    today = timezone.localdate()
    found = []
    for platform, ends in upkeep.token_ends().items():
        if ends - today <= TOKEN_WARNED:
            label = ALL[platform].label if platform in ALL else platform
            words = (
                gettext("The token for %(platform)s ended on %(day)s.")
                if ends < today
                else gettext("The token for %(platform)s ends on %(day)s.")
            )
            address = reverse("dashboard:status")
            found.append(Line(words % {"platform": label, "day": ends.isoformat()}, address, urgent=True))
    return found


def _actors() -> list[Line]:
    count = Actor.objects.filter(accounts=None, succeeded_by=None).count()
    if not count:
        return []
    words = ngettext("%(count)d actor has no account.", "%(count)d actors have no accounts.", count)
    address = reverse("admin:registry_actor_changelist") + "?needs=account"
    return [Line(words % {"count": count}, address)]


def _accounts() -> list[Line]:
    address = reverse("admin:registry_account_changelist")
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


def _requests() -> list[Line]:
    waiting = CorrectionRequest.objects.waiting()
    count = waiting.count()
    if not count:
        return []
    late = waiting.filter(due_on__lt=timezone.localdate()).count()
    words = ngettext(
        "%(count)d request for a correction waits for its answer; the next is due by %(day)s.",
        "%(count)d requests for corrections wait for their answers; the next is due by %(day)s.",
        count,
    ) % {"count": count, "day": waiting.earliest("due_on").due_on.isoformat()}
    if late:
        words += " " + ngettext("%(late)d is late.", "%(late)d are late.", late) % {"late": late}
    address = reverse("admin:snapshots_correctionrequest_changelist") + "?stage=waiting"
    return [Line(words, address, urgent=bool(late))]


def _backup() -> list[Line]:
    """Where an alarm is wanted: no backup yet, or none since then."""
    if not settings.BACKUP_ALARM_HOURS:
        return []
    at = upkeep.newest_backup()
    if at is None:
        return [Line(gettext("There is no backup yet: manage.py backup FILE makes one."))]
    if timezone.now() - at <= timedelta(hours=settings.BACKUP_ALARM_HOURS):
        return []
    words = gettext("The newest backup is of %(at)s.")
    shown = formats.moment(at)
    return [Line(words % {"at": shown}, urgent=True)]


def _second_factors() -> list[Line]:
    """People of the desk whom a password alone lets in as far as setting up a second factor."""
    desk = User.objects.filter(is_active=True).filter(Q(is_staff=True) | Q(is_superuser=True))
    having = Authenticator.objects.filter(type__in=second_factor.FACTORS).values("user_id")
    count = desk.exclude(pk__in=having).count()
    if not count:
        return []
    words = ngettext(
        "%(count)d person of the desk has set up no second factor.",
        "%(count)d people of the desk have set up no second factor.",
        count,
    )
    return [Line(words % {"count": count}, reverse("mfa_index"), button=gettext("Set up your own"))]


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
            reverse("admin:snapshots_doubt_changelist") + "?decision__exact=",
            urgent=True,
        )
    ]
