"""Wikidata's counts of the accounts that are tracked: found by item, matched by id or handle, never by name."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Final

from django.utils import timezone
from django.utils.translation import gettext

from apps.collectors import registry, wikidata
from apps.collectors.patience import Patient
from apps.collectors.platforms import PLATFORMS
from apps.collectors.types import Target
from apps.collectors.wikidata import Count, Item
from apps.intake.backfill.choosing import names_of
from apps.intake.backfill.findings import NO_SOURCE, Findings, RefusedCount
from apps.registry.models import Account, Actor
from apps.snapshots.models import Bound, Precision, Span, State
from apps.snapshots.recording import Reading, day_of

KEPT: Final = timedelta(days=1)  # for which an item's answer serves: a look first, then --yes
OTHER_ID: Final = "other_id"
SPANS: Final = {span.word: span for span in Span}
Tracked = dict[tuple[str, str, str], Account]  # by every name that is compared


@dataclass
class Answers:
    """What the items of the chosen accounts say, and what an editor is told of each actor."""

    findings: list[Findings] = field(default_factory=list)
    told: list[str] = field(default_factory=list)


def look(
    wiki: Patient,
    query: Patient,
    accounts: Sequence[Account],
    folder: Path,
    step: Callable[[int, int], None] = lambda _done, _of: None,
) -> Answers:
    """Return what Wikidata says of the accounts, in their order by actor; `step` is told how far it has come.

    Raises PlatformFailure where Wikidata does not answer: the items read until then are kept in the folder for a day.
    """
    answers = Answers()
    by_actor = [list(group) for _pk, group in groupby(accounts, key=lambda account: account.actor_id)]
    items = _items(query, by_actor, answers)
    tracked = _load_tracked() if items else {}
    for done, group in enumerate(by_actor):
        step(done, len(by_actor))
        actor = group[0].actor
        findings = [Findings(account) for account in group]
        answers.findings += findings
        if actor.pk in items:
            _look_at(
                actor, items[actor.pk], findings, answers, tracked, partial(_statements, wiki, folder=folder)
            )
    step(len(by_actor), len(by_actor))
    return answers


def _items(query: Patient, by_actor: Sequence[Sequence[Account]], answers: Answers) -> dict[int, str]:
    """Return each actor's item: the one an editor has given, else the only one that names an account of it."""
    items = {}
    asked: dict[tuple[str, str], list[Actor]] = {}
    for group in by_actor:
        actor = group[0].actor
        if wikidata.ITEM.fullmatch(actor.wikidata_id):
            items[actor.pk] = actor.wikidata_id
            continue
        for account in group:
            for name in wikidata.names_of(names_of(account)[0].target):
                asked.setdefault(name, []).append(actor)
    named: dict[Actor, set[str]] = {}
    for name, found in wikidata.find(query, list(asked)).items():
        for actor in asked.get(name, ()):
            named.setdefault(actor, set()).update(found)
    for actor, found in sorted(named.items(), key=lambda one: one[0].slug):
        places = ", ".join(f"{wikidata.SHOWN_AT}/wiki/{item}" for item in sorted(found))
        if len(found) == 1:
            items[actor.pk] = next(iter(found))
            words = gettext(
                "%(actor)s: %(items)s names one of its accounts. If it is the same, give it to the actor."
            )
        else:
            words = gettext(
                "%(actor)s: several items name its accounts (%(items)s). Give the actor the right one."
            )
        answers.told.append(words % {"actor": actor.slug, "items": places})
    return items


def _look_at(
    actor: Actor,
    asked: str,
    findings: Sequence[Findings],
    answers: Answers,
    tracked: Tracked,
    statements: Callable[[str], dict[str, object] | None],
) -> None:
    body = statements(asked)
    if body is None:
        words = gettext("%(actor)s: Wikidata has no item %(item)s.")
        answers.told.append(words % {"actor": actor.slug, "item": asked})
        return
    item = wikidata.read(asked, body)
    if item.id != asked:
        words = gettext("%(actor)s: %(item)s was merged into %(other)s.")
        answers.told.append(words % {"actor": actor.slug, "item": asked, "other": item.id})
    for count in item.counts:
        _take(count, findings)
    for left in item.left:
        if left.why == wikidata.LeftReason.NO_ACCOUNT:
            words = gettext("%(actor)s: a count says of no account whose it is (%(statement)s).")
            answers.told.append(words % {"actor": actor.slug, "statement": left.statement})
        for found in _findings_of(left.targets, None, findings):
            found.refused.append(RefusedCount("", str(left.why), left.detail, left.statement))
    answers.told += _describe_untracked(actor, item, tracked)


def _take(count: Count, findings: Sequence[Findings]) -> None:
    """Give the count to the account it is of; to none where it is of an account that was not chosen."""
    meant = _findings_of(count.targets, count, findings)
    when, span = count.day, SPANS[count.span]
    evidence = count.reference or count.statement
    for found in meant:
        if len(meant) > 1:
            found.refused.append(
                RefusedCount(span.of(when), str(wikidata.LeftReason.SEVERAL), "", count.statement)
            )
        elif other := _other_id(found.account, count.targets):
            found.refused.append(RefusedCount(span.of(when), OTHER_ID, other, count.statement))
        elif when > day_of(timezone.now()):
            found.refused.append(
                RefusedCount(span.of(when), str(wikidata.LeftReason.DATED_AHEAD), "", count.statement)
            )
        else:
            found.readings.append(
                Reading(
                    account_id=found.account.pk,
                    day=when,
                    span=span,
                    state=State.COUNTED,
                    followers=count.followers,
                    bound=Bound(count.bound),
                    precision=Precision.PRINTED,
                    source_id=NO_SOURCE,
                    locator=evidence[:1000],
                    note=f"{count.statement} ({count.rank} rank)",
                )
            )


def _findings_of(
    targets: Iterable[Target], count: Count | None, findings: Sequence[Findings]
) -> list[Findings]:
    """Return the findings whose names these are: by id, by handle, or by a handle that the account had on the day."""
    keys = wikidata.keys(targets)
    meant = []
    for found in findings:
        names = names_of(found.account)
        own = [names[0]] + [name for name in names[1:] if count and name.holds_on(count.day)]
        if keys & wikidata.keys(name.target for name in own):
            meant.append(found)
    return meant


def _other_id(account: Account, targets: Iterable[Target]) -> str:
    """Return the id that Wikidata gives the account where it is another one than ours; "" where none contradicts."""
    ids = {target.platform_id for target in targets if target.platform_id}
    known = account.platform_id
    return ", ".join(sorted(ids)) if known and ids and known not in ids else ""


def _describe_untracked(actor: Actor, item: Item, tracked: Tracked) -> list[str]:
    """Return the accounts that the item names and nobody tracks, or that are tracked as another actor's; nothing is
    added."""
    told = []
    for presence in item.presences:
        target = min(presence, key=lambda one: (not one.handle, one.handle, one.platform_id))
        others = [tracked[key] for key in sorted(wikidata.keys(presence)) if key in tracked]
        address = registry.url(target) or f"{target.handle or target.platform_id}"
        words = ""
        if not others:
            words = gettext("%(actor)s: %(platform)s %(address)s is not tracked (%(item)s).")
        elif all(other.actor_id != actor.pk for other in others):
            words = gettext(
                "%(actor)s: %(platform)s %(address)s is tracked as an account of %(other)s (%(item)s)."
            )
        if words:
            told.append(
                words
                % {
                    "actor": actor.slug,
                    "platform": PLATFORMS[target.platform],
                    "address": address,
                    "other": others[0].actor.slug if others else "",
                    "item": f"{wikidata.SHOWN_AT}/wiki/{item.id}",
                }
            )
    return told


def _load_tracked() -> Tracked:
    """Return every account that is tracked, by its present names."""
    accounts = Account.objects.addressed().select_related("actor")
    return {
        key: account
        for account in accounts
        for key in wikidata.keys([Target(account.platform, account.handle, account.platform_id)])
    }


def _statements(wiki: Patient, item: str, folder: Path) -> dict[str, object] | None:
    """Return the item's statements, as they were kept within the last day or asked for now."""
    path = folder / f"{item}.json"
    try:
        kept = json.loads(path.read_text("utf-8"))
        if datetime.now(UTC) - datetime.fromisoformat(kept["at"]) < KEPT and isinstance(kept["body"], dict):
            return dict(kept["body"])
    except (OSError, ValueError, TypeError, KeyError):
        pass  # not kept, or broken off while writing: asked for
    body = wikidata.fetch(wiki, item)
    if body is not None:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"at": datetime.now(UTC).isoformat(), "body": body}), "utf-8")
    return body
