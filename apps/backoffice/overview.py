"""The desk's first page: tasks that wait for an editor, oldest first, and the state of the site."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db.models import Max, Min, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext, pgettext

from apps.backoffice import manual_entry
from apps.backoffice.models import ManualClaim
from apps.backoffice.templatetags.desk import moment
from apps.collecting import adapters, unread
from apps.collecting.models import Collection, PlatformState
from apps.collecting.words import say_pause as paused_words
from apps.common import upkeep
from apps.figures import formats
from apps.intake.models import ImportBatch
from apps.registry.models import (
    Account,
    AccountState,
    Actor,
    Group,
    Proposal,
    SiteVisit,
    Verification,
)
from apps.registry.platforms import ALL
from apps.snapshots import terms
from apps.snapshots.models import CorrectionRequest, Doubt
from apps.users import second_factor
from apps.users.models import User

DAY = timedelta(days=1)
TOKEN_WARNED = timedelta(days=14)
SITES_TOLD = timedelta(days=30)  # how long it is told that a site no longer names an account


@dataclass(frozen=True)
class Task:
    """Something that waits, and the one button that begins it."""

    words: str
    address: str
    button: str
    since: date | None = None  # the oldest of it; None where nothing tells
    is_urgent: bool = False


@dataclass(frozen=True)
class StatusLine:
    """How something of the site is; where it can be looked at."""

    words: str
    address: str = ""
    button: str = ""
    is_urgent: bool = False


# What waits for an editor


def list_tasks(user: Any) -> list[Task]:
    """Return what waits for a person with this user's rights, the oldest first; nothing that needs nobody."""
    tasks = []
    for right, find in FINDERS:
        if user.has_perm(right):
            tasks += find()
    return sorted(tasks, key=lambda task: (task.since is None, task.since or date.max))


def _doubts() -> list[Task]:
    held = Doubt.objects.waiting().cases().order_by("seen_at", "pk")
    count, oldest = held.count(), held.first()
    if oldest is None:
        return []
    words = ngettext(
        "%(count)d count is held and waits for a decision.",
        "%(count)d counts are held and wait for a decision.",
        count,
    )
    address = reverse("admin:snapshots_doubt_change", args=[oldest.pk])
    return [_task(words, count, address, pgettext("button", "Decide"), oldest.seen_at, is_urgent=True)]


def _accounts() -> list[Task]:
    address = reverse("admin:registry_account_changelist")
    failing = Collection.objects.filter(unread.match_failing(), account__stopped_code="")
    kinds = (
        ("stopped", Account.objects.exclude(stopped_code="")),
        ("title", Account.objects.exclude(title_before="")),
        ("error", Account.objects.filter(collection__in=failing)),
    )
    tasks = []
    for needs, accounts in kinds:
        if count := accounts.count():
            since = accounts.aggregate(at=Min("collection__last_success_at"))["at"]
            button = pgettext("button", "Look")
            words = _troubles(needs, count)
            tasks.append(_task(words, count, f"{address}?needs={needs}", button, since, is_urgent=True))
    if missing := Account.objects.without_address().count():
        words_missing = ngettext(
            "%(count)d account has no address.", "%(count)d accounts have no address.", missing
        )
        button = pgettext("button", "Give addresses")
        tasks.append(_task(words_missing, missing, f"{address}?needs=address", button))
    return tasks


def _troubles(needs: str, count: int) -> str:
    """Return how many accounts need this, as a sentence without its number yet."""
    if needs == "stopped":
        return ngettext(
            "%(count)d account has stopped and asks an editor.",
            "%(count)d accounts have stopped and ask an editor.",
            count,
        )
    if needs == "title":
        return ngettext(
            "%(count)d account has a new title: is it the same page?",
            "%(count)d accounts have new titles: are they the same pages?",
            count,
        )
    return ngettext("%(count)d account cannot be read.", "%(count)d accounts cannot be read.", count)


def _proposals() -> list[Task]:
    proposals = Proposal.objects.waiting()
    count = proposals.count()
    if not count:
        return []
    since = proposals.aggregate(at=Min("made_at"))["at"]
    address = reverse("admin:backoffice_proposals")
    words = ngettext(
        "%(count)d proposed address waits for an editor.",
        "%(count)d proposed addresses wait for an editor.",
        count,
    )
    return [_task(words, count, address, pgettext("button", "Confirm"), since)]


def _sites() -> list[Task]:
    """Return bodies whose own site, at its newest visit, no longer named an account."""
    newest = SiteVisit.objects.order_by("actor_id", "-at").distinct("actor_id")
    gone = SiteVisit.objects.filter(pk__in=newest.values("pk"), at__gte=timezone.now() - SITES_TOLD).exclude(
        gone=[]
    )
    count = gone.count()
    if not count:
        return []
    words = ngettext(
        "%(count)d body's site no longer names an account.",
        "%(count)d bodies' sites no longer name an account.",
        count,
    )
    address = f"{reverse('admin:registry_sitevisit_changelist')}?needs=gone"
    return [_task(words, count, address, pgettext("button", "Look"), gone.aggregate(at=Min("at"))["at"])]


def _overdue() -> list[Task]:
    overdue = Verification.objects.overdue(timezone.localdate())
    count = overdue.count()
    if not count:
        return []
    words = ngettext(
        "%(count)d account was confirmed more than a year ago: is it still the body's own?",
        "%(count)d accounts were confirmed more than a year ago: are they still the bodies' own?",
        count,
    )
    address = f"{reverse('admin:registry_verification_changelist')}?needs=overdue"
    return [_task(words, count, address, pgettext("button", "Look"), overdue.aggregate(on=Min("on"))["on"])]


def _unread() -> list[Task]:
    due = manual_entry.due()
    count = due.count()
    if not count:
        return []
    words = ngettext(
        "%(count)d account is due to be read by hand.",
        "%(count)d accounts are due to be read by hand.",
        count,
    )
    since = due.order_by().aggregate(day=Min("latest_on"))["day"]
    return [_task(words, count, reverse("admin:backoffice_round"), pgettext("button", "Read"), since)]


def _requests() -> list[Task]:
    requests = CorrectionRequest.objects.waiting().order_by("due_on", "pk")
    count, first = requests.count(), requests.first()
    if first is None:
        return []
    late = requests.filter(due_on__lt=timezone.localdate()).count()
    words = ngettext(
        "%(count)d request from readers waits for its answer; the next is due by %(day)s.",
        "%(count)d requests from readers wait for their answers; the next is due by %(day)s.",
        count,
    ) % {"count": count, "day": formats.day(first.due_on)}
    if late:
        words += " " + ngettext("%(late)d is late.", "%(late)d are late.", late) % {"late": late}
    address = reverse("admin:snapshots_correctionrequest_change", args=[first.pk])
    since = requests.aggregate(at=Min("asked_at"))["at"]
    return [Task(words, address, pgettext("button", "Answer"), _day(since), is_urgent=bool(late))]


def _drafts() -> list[Task]:
    count = Actor.objects.filter(is_draft=True).count() + Group.objects.filter(is_draft=True).count()
    if not count:
        return []
    words = ngettext("%(count)d draft is not public yet.", "%(count)d drafts are not public yet.", count)
    return [_task(words, count, reverse("admin:backoffice_publish"), pgettext("button", "Publish"))]


def _actors() -> list[Task]:
    count = Actor.objects.filter(accounts=None, succeeded_by=None).count()
    if not count:
        return []
    words = ngettext("%(count)d actor has no account.", "%(count)d actors have no accounts.", count)
    address = reverse("admin:registry_actor_changelist") + "?needs=account"
    return [_task(words, count, address, pgettext("button", "Look"))]


def _imports() -> list[Task]:
    batches = ImportBatch.objects.filter(stage=ImportBatch.Stage.CHECKED).order_by("at")
    count, oldest = batches.count(), batches.first()
    if oldest is None:
        return []
    words = ngettext(
        "%(count)d file is checked and not yet imported.",
        "%(count)d files are checked and not yet imported.",
        count,
    )
    address = reverse("admin:backoffice_import_batch", args=[oldest.pk])
    return [_task(words, count, address, pgettext("button", "Finish"), oldest.at)]


FINDERS = (
    ("snapshots.change_doubt", _doubts),
    ("registry.change_account", _accounts),
    ("registry.add_account", _proposals),
    ("registry.change_actor", _sites),
    ("registry.change_account", _overdue),
    ("registry.change_account", _unread),
    ("snapshots.change_correctionrequest", _requests),
    ("registry.change_actor", _drafts),
    ("registry.change_actor", _actors),
    ("intake.add_importbatch", _imports),
)


def _task(
    words: str,
    count: int,
    address: str,
    button: str,
    since: date | datetime | None = None,
    *,
    is_urgent: bool = False,
) -> Task:
    return Task(words % {"count": count}, address, button, _day(since), is_urgent)


def _day(at: date | datetime | None) -> date | None:
    """Return the calendar day in Almaty."""
    return timezone.localdate(at) if isinstance(at, datetime) else at


# Who is at it


def at_work() -> list[str]:
    """Return a sentence for everybody who has accounts to read by hand just now."""
    now = timezone.now()
    claims = ManualClaim.objects.filter(until__gt=now).select_related("by").order_by("by__username")
    rounds: dict[str, list[ManualClaim]] = {}
    for claim in claims:
        rounds.setdefault(claim.by.get_full_name() or claim.by.get_username(), []).append(claim)
    sentences = []
    for name, own in rounds.items():
        left = [claim for claim in own if not claim.done_at and not claim.skipped_until]
        if left:
            facts = {"name": name, "done": len(own) - len(left), "total": len(own)}
            sentences.append(gettext("%(name)s reads by hand: %(done)d of %(total)d done.") % facts)
    return sentences


# The site itself


def site_lines() -> list[StatusLine]:
    """Return how collecting stands, and what of the site needs its operator."""
    return [_today(), *_platforms(), *_tokens(), *_backup(), *_second_factors()]


def _today() -> StatusLine:
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
        words += " " + gettext("Last attempt: %(at)s.") % {"at": moment(newest)}
    return StatusLine(words, reverse("admin:registry_account_changelist"), gettext("All accounts"))


def _platforms() -> list[StatusLine]:
    address = reverse("admin:collecting_platformstate_changelist")
    paused = PlatformState.objects.paused()
    lines = [
        StatusLine(paused_words(state, is_public=True), address, gettext("End the pause"), is_urgent=True)
        for state in paused
    ]
    used = set(Account.objects.addressed().values_list("platform", flat=True).distinct())
    for code in sorted(used):
        if adapters.is_collected(code) and code not in adapters.ready():
            words = (
                gettext(
                    "%(platform)s is not collected: the operator has not yet chosen which of its terms apply."
                )
                if terms.find_missing_setting(code)
                else gettext("%(platform)s is not configured: its accounts are read by hand.")
            )
            lines.append(
                StatusLine(
                    words % {"platform": ALL[code].label},
                    f"{reverse('dashboard:status')}#{code}",
                    button=gettext("How each platform is read"),
                )
            )
    return lines


def _tokens() -> list[StatusLine]:
    """List tokens that end within two weeks; one that was refused is a platform's pause."""
    today = timezone.localdate()
    lines = []
    for platform, ends in upkeep.token_ends().items():
        if ends - today <= TOKEN_WARNED:
            label = ALL[platform].label if platform in ALL else platform
            words = (
                gettext("The token for %(platform)s ended on %(day)s.")
                if ends < today
                else gettext("The token for %(platform)s ends on %(day)s.")
            )
            facts = {"platform": label, "day": formats.day(ends)}
            address = reverse("dashboard:status")
            lines.append(
                StatusLine(words % facts, address, gettext("How each platform is read"), is_urgent=True)
            )
    return lines


def _backup() -> list[StatusLine]:
    """Return where an alarm is wanted: no backup yet, or none since then."""
    if not settings.BACKUP_ALARM_HOURS:
        return []
    at = upkeep.newest_backup()
    if at is None:
        return [StatusLine(gettext("There is no backup yet: one is made every night, or by the operator."))]
    if timezone.now() - at <= timedelta(hours=settings.BACKUP_ALARM_HOURS):
        return []
    return [StatusLine(gettext("The newest backup is of %(at)s.") % {"at": moment(at)}, is_urgent=True)]


def _second_factors() -> list[StatusLine]:
    """List people of the desk whom a password alone lets in as far as setting up a second factor."""
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
    return [StatusLine(words % {"count": count}, reverse("mfa_index"), button=gettext("Set up your own"))]
