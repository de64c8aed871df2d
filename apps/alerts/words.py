"""An occurrence as a sentence in the active language, and its address. Names stand in the nominative in every language."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from uuid import NAMESPACE_URL, UUID, uuid5

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from apps.alerts.models import OPERATION, STATES, Occurrence, OccurrenceKind
from apps.collecting.words import pause_text
from apps.common.dates import write_moment
from apps.figures import formats, labels, passes, sentences
from apps.registry.models import Account
from apps.snapshots.models import Doubt
from apps.standings.types import Overtake


def sentence(one: Occurrence) -> str:
    """Return the whole sentence, with names, dates and numbers as the active language writes them."""
    if one.is_over:
        return over(one)
    if one.is_correction:
        return correction(one)
    return SENTENCES[OccurrenceKind(one.kind)](one)


def kind(one: Occurrence) -> str:
    """Return in a few words what kind of thing happened."""
    if one.is_over:
        return gettext("It is over")
    if one.is_correction:
        return gettext("An earlier message is corrected")
    return str(OccurrenceKind(one.kind).label)


def meanwhile(one: Occurrence, happened: Sequence[Occurrence], before: Occurrence | None) -> str:
    """Return a sentence on what happened between the last message about the subject and this one; "" where nothing
    did.

    happened: all of the subject after that message, this one included.
    """
    count = len(happened)
    if before is None or count < 2:
        return ""
    shown = {
        "count": formats.number(count),
        "day": formats.day(before.day),
        "name": name(one),
        "other": labels.short(one.other.name(formats.language())) if one.other else "",
    }
    if one.kind == OccurrenceKind.BACK:
        text = ngettext(
            "The page went or came back %(count)s time after %(day)s; it is there now.",
            "The page went or came back %(count)s times after %(day)s; it is there now.",
            count,
        )
    elif one.kind == OccurrenceKind.GONE:
        text = ngettext(
            "The page went or came back %(count)s time after %(day)s; it is not there now.",
            "The page went or came back %(count)s times after %(day)s; it is not there now.",
            count,
        )
    elif one.kind == OccurrenceKind.OVERTAKE:
        text = ngettext(
            "The order changed %(count)s time after %(day)s; %(name)s is ahead now.",
            "The order changed %(count)s times after %(day)s; %(name)s is ahead now.",
            count,
        )
    elif one.kind in STATES:
        text = ngettext(
            "It changed %(count)s time after %(day)s; this message says how it is now.",
            "It changed %(count)s times after %(day)s; this message says how it is now.",
            count,
        )
    else:
        text = ngettext(
            "It happened %(count)s time after %(day)s; this message is about the latest.",
            "It happened %(count)s times after %(day)s; this message is about the latest.",
            count,
        )
    return text % shown


def over(one: Occurrence) -> str:
    """Return the end of something that lasted. It claims no more than that the reason for the message has gone."""
    shown = {
        **names_of(one),
        "began": instant(one.facts["began"]),
        "over": instant(one.found_at.isoformat()),
    }
    match one.kind:
        case OccurrenceKind.STALE:
            text = gettext(
                "%(platform)s: collecting is no longer overdue (overdue from %(began)s to %(over)s)."
            )
        case OccurrenceKind.PAUSED:
            text = gettext("%(platform)s is no longer paused (paused from %(began)s to %(over)s).")
        case OccurrenceKind.TOKEN:
            text = gettext(
                "The access token for %(platform)s is no longer rejected (rejected from %(began)s to %(over)s)."
            )
        case OccurrenceKind.SILENT:
            text = gettext("Counts are being recorded again (silence noticed %(began)s, over %(over)s).")
        case OccurrenceKind.DRILL:
            text = gettext("A backup was restored on trial again (that failed from %(began)s to %(over)s).")
        case OccurrenceKind.SENT:
            text = gettext("Backups are being sent again (that failed from %(began)s to %(over)s).")
        case OccurrenceKind.REPLICA:
            text = gettext("The replica answers readers again (the primary did from %(began)s to %(over)s).")
        case OccurrenceKind.LATEST:
            text = gettext(
                "The newest counts kept for pages are those of the record again (they differed from %(began)s to %(over)s)."
            )
        case _:
            text = gettext("There is a new backup (missing from %(began)s to %(over)s).")
    return text % shown


def correction(one: Occurrence) -> str:
    """Return what the record says now, where an earlier message says something else."""
    shown = names_of(one)
    shown["other"] = labels.short(one.other.name(formats.language())) if one.other else ""
    if one.kind == OccurrenceKind.BACK:
        text = gettext(
            "%(name)s, %(platform)s: the page is there (%(day)s). An earlier message said that it was gone; the record"
            " has changed since."
        )
    elif one.kind == OccurrenceKind.GONE:
        text = gettext(
            "%(name)s, %(platform)s: the page is not there (%(day)s). An earlier message said that it was back; the"
            " record has changed since."
        )
    elif one.facts.get("open"):
        text = gettext(
            "%(platform)s: the counts do not say whether %(name)s or %(other)s is ahead (%(day)s). An earlier message"
            " named one of them; the record has changed since."
        )
    else:
        text = gettext(
            "%(platform)s: %(name)s is ahead of %(other)s (%(day)s). An earlier message said otherwise; the record has"
            " changed since."
        )
    return text % shown


def name(one: Occurrence) -> str:
    return labels.short(one.actor.name(formats.language())) if one.actor else ""


def without_repeats(occurrences: Iterable[Occurrence]) -> list[Occurrence]:
    """Return the occurrences without the older overtakes of two that passed each other again and again.

    The newest of them stands for all, and its sentence says how often; every one keeps its row.
    """
    every = list(occurrences)
    pairs: dict[str, list[Occurrence]] = {}
    for one in every:
        if one.kind == OccurrenceKind.OVERTAKE and not one.is_correction:
            pairs.setdefault(one.subject, []).append(one)
    dropped: set[int] = set()
    for passed in pairs.values():
        if len(passed) >= passes.AGAIN_AND_AGAIN:
            newest, *older = sorted(passed, key=lambda one: (one.day, one.pk), reverse=True)
            newest.again = older  # type: ignore[attr-defined]  # for its sentence alone
            dropped.update(one.pk for one in older)
    return [one for one in every if one.pk not in dropped]


def overtake(one: Occurrence) -> str:
    """Say who passed whom; of two that did again and again, how often."""
    again: list[Occurrence] = [one, *getattr(one, "again", [])]
    names: dict[str, str] = {}
    items: list[Overtake] = []
    code = formats.language()
    for each in again:
        if each.actor is None or each.other is None or each.since is None:
            raise ValueError("an overtake has two actors and two days")
        names |= {actor.slug: labels.short(actor.name(code)) for actor in (each.actor, each.other)}
        items.append(
            Overtake(each.actor.slug, each.other.slug, each.platform, each.since, each.day, spans=False)
        )
    return passes.passed_each_other(items, names) if len(items) > 1 else sentences.overtake(items[0], names)


def milestone(one: Occurrence) -> str:
    return gettext("%(name)s passed %(followers)s on %(platform)s between %(after)s and %(by)s.") % {
        **names_of(one),
        "followers": formats.followers(one.facts["number"], one.platform),
        "after": formats.day(one.since or one.day),
        "by": formats.day(one.day),
    }


def unusual(one: Occurrence) -> str:
    return gettext(
        "%(name)s, %(platform)s: %(change)s (%(percent)s) on %(day)s, which is unusual for this account."
    ) % {
        **names_of(one),
        "change": formats.signed(one.facts["change"]),
        "percent": formats.signed_percent(one.facts["percent"]),
    }


def wide(one: Occurrence) -> str:
    shown = {
        **names_of(one),
        "accounts": formats.number(one.facts["accounts"]),
        "of": formats.number(one.facts["of"]),
    }
    if one.facts["falls"]:
        return (
            gettext(
                "%(platform)s, %(day)s: %(accounts)s of %(of)s accounts lost an unusual number of followers at once."
            )
            % shown
        )
    return (
        gettext(
            "%(platform)s, %(day)s: %(accounts)s of %(of)s accounts gained an unusual number of followers at once."
        )
        % shown
    )


def gone_page(one: Occurrence) -> str:
    return gettext("%(name)s, %(platform)s: %(state)s (noticed %(day)s; last seen %(after)s).") % {
        **names_of(one),
        "state": formats.state(one.facts["state"]),
        "after": formats.day(one.since or one.day),
    }


def back(one: Occurrence) -> str:
    return gettext("%(name)s, %(platform)s: the page is back (noticed %(day)s).") % names_of(one)


def rename(one: Occurrence) -> str:
    return gettext("%(name)s, %(platform)s: %(old)s is now called %(new)s (noticed %(day)s).") % {
        **names_of(one),
        "old": one.facts["old"],
        "new": one.facts["new"],
    }


def badge_change(one: Occurrence) -> str:
    if one.facts["verified"]:
        return gettext(
            "%(name)s: %(platform)s has verified the account %(account)s (noticed %(day)s)."
        ) % names_of(one)
    return gettext(
        "%(name)s: %(platform)s has taken the badge from the account %(account)s (noticed %(day)s)."
    ) % names_of(one)


def held_count(one: Occurrence) -> str:
    if one.facts.get("waited"):
        text = gettext(
            "%(name)s, %(platform)s: the count %(followers)s has been held for a week and waits for a decision"
            " (%(why)s; the last good one is %(against)s)."
        )
    else:
        text = gettext(
            "%(name)s, %(platform)s: the count %(followers)s is waiting for an editor (%(why)s; last good count: %(against)s)."
        )
    return text % {
        **names_of(one),
        "followers": formats.number(one.facts["followers"]),
        "against": formats.number(one.facts["against"]),
        "why": Doubt.Why(one.facts["why"]).label,
    }


def stale(one: Occurrence) -> str:
    return gettext("Nothing has been collected from %(platform)s since %(newest)s.") % {
        **names_of(one),
        "newest": instant(one.facts["newest"]),
    }


def pause(one: Occurrence) -> str:
    """Return a pause as it is said everywhere; what was noted in earlier versions holds a code and words."""
    code = one.facts.get("code") or str(one.facts.get("reason", "")).partition(":")[0]
    until = datetime.fromisoformat(one.facts["until"]) if one.facts.get("until") else None
    why = pause_text(one.platform, code, until, one.facts.get("missing", 0))
    return gettext("%(platform)s is paused: %(why)s") % {**names_of(one), "why": why.for_operators}


def token_end(one: Occurrence) -> str:
    return gettext("The access token for %(platform)s expires on %(ends)s. Renew it before then.") % {
        **names_of(one),
        "ends": formats.day(date.fromisoformat(one.facts["ends"])),
    }


def silent(one: Occurrence) -> str:
    hours = int(one.facts["hours"])
    return ngettext(
        "Nothing has been read or recorded for %(hours)s hour; the last was on %(newest)s.",
        "Nothing has been read or recorded for %(hours)s hours; the last was on %(newest)s.",
        hours,
    ) % {"hours": formats.number(hours), "newest": instant(one.facts["newest"])}


def backup(one: Occurrence) -> str:
    if not one.facts["newest"]:
        return gettext("No backup has been made yet.")
    return gettext("The newest backup is of %(newest)s; a newer one is missing.") % {
        "newest": instant(one.facts["newest"])
    }


def drill(one: Occurrence) -> str:
    return gettext("The backup %(name)s could not be restored on trial on %(at)s: %(why)s") % {
        **one.facts,
        "at": instant(one.facts["at"]),
    }


def sent(one: Occurrence) -> str:
    return gettext("The backup %(name)s could not be sent to the other place on %(at)s: %(why)s") % {
        **one.facts,
        "at": instant(one.facts["at"]),
    }


def replica(one: Occurrence) -> str:
    """Return why the primary answers readers."""
    match one.facts["why"]:
        case "silent":
            return gettext("The replica does not answer; the primary answers readers.")
        case "promoted":
            return gettext(
                "The replica is no longer a standby of the primary (was it promoted?); the primary answers readers."
            )
    seconds = int(one.facts["seconds"])
    return ngettext(
        "The replica is %(seconds)s second behind; the primary answers readers.",
        "The replica is %(seconds)s seconds behind; the primary answers readers.",
        seconds,
    ) % {"seconds": formats.number(seconds)}


def latest(one: Occurrence) -> str:
    return gettext(
        "The newest counts kept for pages differ from the record, of the accounts numbered %(accounts)s. Pages read the record itself until they are made anew."
    ) % {"accounts": ", ".join(map(str, one.facts["accounts"])) + ("…" if one.facts["more"] else "")}


SENTENCES = {
    OccurrenceKind.OVERTAKE: overtake,
    OccurrenceKind.MILESTONE: milestone,
    OccurrenceKind.UNUSUAL: unusual,
    OccurrenceKind.WIDE: wide,
    OccurrenceKind.GONE: gone_page,
    OccurrenceKind.BACK: back,
    OccurrenceKind.RENAMED: rename,
    OccurrenceKind.VERIFIED: badge_change,
    OccurrenceKind.HELD: held_count,
    OccurrenceKind.STALE: stale,
    OccurrenceKind.PAUSED: pause,
    OccurrenceKind.TOKEN: pause,
    OccurrenceKind.EXPIRING: token_end,
    OccurrenceKind.SILENT: silent,
    OccurrenceKind.BACKUP: backup,
    OccurrenceKind.DRILL: drill,
    OccurrenceKind.SENT: sent,
    OccurrenceKind.REPLICA: replica,
    OccurrenceKind.LATEST: latest,
}


def names_of(one: Occurrence) -> dict[str, str]:
    return {
        "name": name(one),
        "platform": formats.platform_name(one.platform),
        "day": formats.day(one.day),
        "account": account_name(one.account) if one.account else "",
    }


def account_name(account: Account) -> str:
    return account.handle or account.title or account.platform_id


def instant(text: str) -> str:
    """Return an instant as Almaty's clocks showed it: 22 Nov 2026, 23:10."""
    return write_moment(datetime.fromisoformat(text))


def path(one: Occurrence) -> str:
    """Return the page that shows it, in the active language."""
    if one.kind == OccurrenceKind.HELD:
        return reverse("admin:snapshots_doubt_changelist")
    if one.kind in OPERATION:
        return reverse("dashboard:status")
    if one.actor is None:
        return f"{reverse('dashboard:standings')}?platform={one.platform}&on={one.day}"
    return f"{reverse('dashboard:actor', args=[one.actor.slug])}?platform={one.platform}"


def address(one: Occurrence) -> str:
    """Return the page's address with the site before it, for links in messages."""
    site: str = settings.SITE_URL
    return site + path(one)


def uid(one: Occurrence) -> UUID:
    """Return an id that never changes, the same in feeds and in messages of every kind."""
    return uuid5(NAMESPACE_URL, f"kzmedia occurrence {one.key}")
