"""Accounts added by the hundred: a verdict for each row first, then the good ones at once, and their undoing.

The number of statements does not grow with the number of rows.
"""

import csv
import io
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, ProtectedError, Q
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import override

from apps.collecting.models import Attempt, Collection
from apps.collecting.services import ensure_collection
from apps.collectors.types import NotAnAccount, Refusal, Target
from apps.common import grids
from apps.common.grids import Kept
from apps.intake import tracked
from apps.intake.account_list import AccountReader, Entry
from apps.intake.answers import Answers, Question, Questions
from apps.intake.layout import Layout
from apps.intake.models import Addition
from apps.intake.names import name_key
from apps.intake.sheet_reader import Tracked
from apps.intake.table import look
from apps.registry.models import Account, Actor, ActorKind, Group, OldSlug, Source
from apps.registry.names import fold, in_latin
from apps.registry.services import find_accounts, find_impostors, lock_accounts
from apps.registry.words import impostor_words, not_an_account
from apps.snapshots.models import Doubt, Snapshot
from apps.users.models import User

MOST_LINES = 2000
NEW = "+"  # the answer that a name is of somebody who is not tracked yet
NOT_ITS_NAME = {field.name for field in Account._meta.fields} - {"handle", "platform_id"}


class LineVerdict(StrEnum):
    JOINS = "joins"  # an actor that is there
    CREATES = "creates"  # a new actor
    TRACKED = "tracked"
    TWICE = "twice"
    UNREADABLE = "unreadable"
    ASKED = "asked"  # somebody of a like name is tracked: the same?
    LEFT = "left"  # a heading, a total, a row without an account


@dataclass
class ListedAccount:
    """One account of a list, or why there is none."""

    number: int  # of the line
    text: str
    place: str = ""  # the column, where a row names several
    verdict: LineVerdict = LineVerdict.UNREADABLE
    target: Target | None = None
    names: tuple[str, str, str] = ("", "", "")  # kk, ru, en
    kind: str = ""
    group: str = ""
    actor: Actor | None = None  # whom it joins
    tracked: Account | None = None
    first: int = 0  # the line that names the same account
    named_by_handle: bool = False
    problem: str = ""

    @property
    def is_good(self) -> bool:
        return self.verdict in (LineVerdict.JOINS, LineVerdict.CREATES)

    @property
    def key(self) -> str:
        """Return the key under which two rows name the same new actor."""
        return name_key(self.names[2]) or self.names[2]


@dataclass
class Judged:
    """A list with its verdicts."""

    lines: list[ListedAccount]
    questions: list[Question] = field(default_factory=list)
    layouts: list[Layout] = field(default_factory=list)
    numbers: list[int] = field(
        default_factory=list
    )  # lines with numbers beside addresses, which are left out


def keep_list(content: BinaryIO | str, folder: Path) -> Kept:
    """Keep a file, or lines that were typed or pasted: one account a line, parts by tabs or semicolons. Raises NoTable."""
    if not isinstance(content, str):
        return grids.keep(content, folder)
    rows = io.StringIO(newline="")
    writer = csv.writer(rows, lineterminator="\n")
    for line in content.splitlines():
        parts = [part.strip() for part in line.split("\t" if "\t" in line else ";")]
        while len(parts) > 1 and not parts[-1]:
            parts.pop()
        writer.writerow(parts if line.strip(" ;\t") else [""])
    # The separator is ours, so that no line decides for the others.
    return grids.keep(io.BytesIO(f"{rows.getvalue() or chr(10)}".encode()), folder, separator=",")


def judge(text: str, *, platform: str = "", kind: str = ActorKind.STATE_BODY) -> list[ListedAccount]:
    """Give a verdict for each line that is not blank. Nothing is saved, nothing is fetched."""
    if not text.strip(" ;\t\r\n"):
        return []
    with tempfile.TemporaryDirectory() as folder:
        return judge_list(keep_list(text, Path(folder) / "list"), Answers(platform=platform), kind=kind).lines


def judge_list(kept: Kept, answers: Answers, *, kind: str = ActorKind.STATE_BODY) -> Judged:
    """Give a verdict for each account of a kept list. Nothing is saved, nothing is fetched."""
    who = tracked.load()
    table = look(kept, answers, knows=lambda name: bool(who.actors.find(name)))
    questions = Questions()
    judged = Judged([], layouts=list(table.layouts))
    visible = [layout for layout in table.layouts if layout.sheet_state == "visible"]
    if answers.sheets:
        visible = [layout for layout in table.layouts if layout.sheet_name in answers.sheets]
    for layout in visible:
        reader = AccountReader(
            layout, kept.sheets[layout.sheet], answers, questions, _kinds(), sorted(who.servers)
        )
        for record in kept.records(layout.sheet):
            judged.lines += [_line(entry, kind) for entry in reader.rows(record)]
            if len(judged.lines) > MOST_LINES:
                break
        judged.numbers += reader.numbers
    del judged.lines[MOST_LINES:]
    _find_tracked(judged.lines)
    _find_impostors(judged.lines)
    _find_twice(judged.lines)
    _find_actors(judged.lines, who, answers, questions)
    judged.questions = questions.all()
    return judged


def _line(entry: Entry, kind: str) -> ListedAccount:
    line = ListedAccount(
        entry.line, entry.text, entry.place, target=entry.target, names=entry.names, group=entry.group
    )
    line.kind, line.problem = entry.actor_kind or kind, entry.problem
    if entry.kind == "left":
        line.verdict = LineVerdict.LEFT
    if line.target is None:
        return line
    try:
        Account(handle=line.target.handle, platform_id=line.target.platform_id).clean_fields(
            exclude=NOT_ITS_NAME
        )
    except ValidationError:
        line.target, line.problem = None, not_an_account(NotAnAccount(Refusal.BAD_HANDLE, entry.text))
        return line
    if not line.names[2]:
        line.named_by_handle = True
        name = line.target.handle or line.target.platform_id
        line.names = (name, name, name)
    return line


def _kinds() -> dict[str, str]:
    """Return the codes, and the labels in each language -> kind."""
    words = {value: value for value in ActorKind.values}
    for language in ("en", "ru", "kk"):
        with override(language):
            words |= {str(kind.label).casefold(): kind.value for kind in ActorKind}
    return words


def _find_tracked(lines: Sequence[ListedAccount]) -> None:
    accounts = find_accounts(line.target for line in lines if line.target)
    for line in lines:
        line.tracked = accounts.get(line.target) if line.target else None
        if line.tracked:
            line.verdict = LineVerdict.TRACKED


def _find_impostors(lines: Sequence[ListedAccount]) -> None:
    """Warn of addresses that somebody has called false; they are not added."""
    impostors = find_impostors(line.target for line in lines if line.target)
    for line in lines:
        if line.target and (impostor := impostors.get(line.target)):
            line.verdict, line.problem = LineVerdict.UNREADABLE, impostor_words(impostor)


def _find_twice(lines: Sequence[ListedAccount]) -> None:
    seen: dict[tuple[str, str, str], int] = {}
    for line in lines:
        if line.target is None or line.tracked or line.problem:
            continue
        target = line.target
        names = [("handle", target.handle.lower()), ("id", target.platform_id)]
        keys = [(target.platform, what, name) for what, name in names if name]
        line.first = next((seen[key] for key in keys if key in seen), 0)
        if line.first:
            line.verdict = LineVerdict.TWICE
        for key in keys:
            seen.setdefault(key, line.number)


def _find_actors(
    lines: Sequence[ListedAccount], who: Tracked, answers: Answers, questions: Questions
) -> None:
    """Join who is named exactly, ask about who is named alike, make the others."""
    actors: dict[int, Actor] = {}
    meant: dict[str, tuple[list[int], list[int]]] = {}
    for line in lines:
        if line.target is None or line.problem or line.tracked or line.first:
            continue
        name = line.names[1]
        if name in answers.aliases:
            _join_as_answered(line, answers.aliases[name], who)
            continue
        if name not in meant:
            found = _actors_of(line, who)
            is_new = bool(found) or line.named_by_handle
            meant[name] = found, [] if is_new else who.actors.likely(name)
        found, likely = meant[name]
        if len(found) == 1:
            line.verdict = LineVerdict.JOINS
            line.actor = actors.setdefault(found[0], Actor(pk=found[0]))
        elif found or likely:
            line.verdict = LineVerdict.ASKED
            questions.ask("actor", name, example=name, likely=[who.names[actor] for actor in found or likely])
        else:
            line.verdict = LineVerdict.CREATES
    _load_actors(lines)


def _actors_of(line: ListedAccount, who: Tracked) -> list[int]:
    """Return the ids of the actors that the names mean: a name alone may also be a slug, an old one too."""
    for name in reversed(line.names):
        found = who.actors.find(name) or ([who.slugs[name]] if name in who.slugs else [])
        if found:
            return found
    return []


def _join_as_answered(line: ListedAccount, slug: str | None, who: Tracked) -> None:
    if slug is None:
        line.verdict, line.problem = LineVerdict.LEFT, _("Left out, as was answered.")
    elif slug == NEW:
        line.verdict = LineVerdict.CREATES
    elif slug in who.slugs:
        line.verdict, line.actor = LineVerdict.JOINS, Actor(pk=who.slugs[slug])
    else:
        line.verdict, line.problem = (
            LineVerdict.UNREADABLE,
            _("There is no actor “%(slug)s”.") % {"slug": slug[:80]},
        )


def _load_actors(lines: Sequence[ListedAccount]) -> None:
    actors = Actor.objects.in_bulk({line.actor.pk for line in lines if line.actor})
    for line in lines:
        if line.actor:
            line.actor = actors[line.actor.pk]


def save(
    lines: Iterable[ListedAccount],
    *,
    by: User,
    source: Source | None = None,
    note: str = "",
    group: Group | None = None,
    aliases: dict[str, str | None] | None = None,
) -> Addition | None:
    """Save the good rows in one transaction; None where there is none. New actors are drafts: hidden until they are published.

    Raises IntegrityError where somebody else added one of them since they were judged: judge them again.
    """
    good = [line for line in lines if line.is_good and line.target]
    if not good:
        return None
    with transaction.atomic():
        made = _make_actors(good, source, note)
        waiting = _accounts_without_address(good)
        new: list[Account] = []
        filled: list[Account] = []
        for line in good:
            actor, target = line.actor, line.target
            if actor is None or target is None:
                continue
            empty = waiting.get((actor.pk, target.platform))
            account = (
                empty.pop(0)
                if empty
                else Account(actor=actor, platform=target.platform, source=source, note=note)
            )
            account.handle, account.platform_id = target.handle, target.platform_id
            (filled if account.pk else new).append(account)
        Account.objects.bulk_create(new)
        Account.objects.bulk_update(filled, ["handle", "platform_id"])
        ensure_collection([*new, *filled])
        if group:
            group.members.add(*{line.actor for line in good if line.actor})
        tracked.learn(
            ((name, slug) for name, slug in (aliases or {}).items() if slug != NEW),
            source.pk if source else None,
        )
        return Addition.objects.create(
            by=by,
            at=timezone.now(),
            actors=[actor.pk for actor in made],
            accounts=[account.pk for account in new],
            filled=[account.pk for account in filled],
        )


def _make_actors(good: Sequence[ListedAccount], source: Source | None, note: str) -> list[Actor]:
    """Make one new actor for all the rows that name it alike: a draft, hidden from the public."""
    slugs = {*Actor.objects.values_list("slug", flat=True), *OldSlug.objects.values_list("slug", flat=True)}
    made: dict[str, Actor] = {}
    for line in good:
        if line.actor is not None:
            continue
        if line.key not in made:
            kk, ru, en = line.names
            made[line.key] = Actor(
                slug=_slug(en, slugs),
                kind=line.kind,
                name_kk=kk,
                name_ru=ru,
                name_en=en,
                source=source,
                note=note,
                hidden=True,
                is_draft=True,
            )
        line.actor = made[line.key]
    Actor.objects.bulk_create(made.values())
    return list(made.values())


def _slug(name: str, taken: set[str]) -> str:
    base = slugify(in_latin(fold(name)))[:70] or "actor"
    slug, number = base, 1
    while slug in taken:
        number += 1
        slug = f"{base}-{number}"
    taken.add(slug)
    return slug


def _accounts_without_address(good: Sequence[ListedAccount]) -> dict[tuple[int, str], list[Account]]:
    """Return the accounts whose address was missing, by actor and platform: they take the new address."""
    actors = {line.actor.pk for line in good if line.actor}
    found: dict[tuple[int, str], list[Account]] = defaultdict(list)
    for account in (
        Account.objects.without_address().filter(actor__in=actors).select_for_update().order_by("pk")
    ):
        found[account.actor_id, account.platform].append(account)
    return found


def undo(addition: Addition) -> int:
    """Take back what was added and has nothing recorded yet; how many accounts stay.

    Actors that were made for it go where nothing else holds them by now.
    """
    with transaction.atomic():
        row = Addition.objects.select_for_update().get(pk=addition.pk)
        if row.undone_at:
            return 0
        mine = OuterRef("pk")
        recorded = (
            Exists(Snapshot.objects.filter(account=mine, recorded_at__gte=row.at))
            | Exists(Doubt.objects.filter(account=mine))
            | Exists(Collection.objects.filter(account=mine, run__isnull=False))
        )
        mades = Account.objects.filter(pk__in=row.accounts)
        lock_accounts([*row.accounts, *row.filled], for_removal=True)  # a worker that records them ends first
        stay = mades.filter(recorded | Q(handle_changes__isnull=False)).distinct().count()
        gone = list(mades.exclude(recorded).filter(handle_changes=None).values_list("pk", flat=True))
        Attempt.objects.filter(account__in=gone).delete()
        Account.objects.filter(pk__in=gone).delete()
        filled = Account.objects.filter(pk__in=row.filled)
        stay += filled.filter(recorded).count()
        emptied = list(filled.exclude(recorded).values_list("pk", flat=True))
        Account.objects.filter(pk__in=emptied).update(handle="", platform_id="")
        Collection.objects.filter(account__in=emptied).delete()
        _remove_actors(row.actors)
        row.undone_at = timezone.now()
        row.save(update_fields=["undone_at"])
    return stay


def drafts_of(addition: Addition) -> int:
    """Return how many of the actors that were made are still drafts."""
    return Actor.objects.filter(pk__in=addition.actors, is_draft=True).count()


def _remove_actors(keys: Sequence[int]) -> None:
    unused = Actor.objects.filter(pk__in=keys, accounts=None, memberships=None, groups=None, pinned_by=None)
    pks = list(unused.values_list("pk", flat=True))
    try:
        with transaction.atomic():
            Actor.objects.filter(pk__in=pks).delete()
    except ProtectedError:
        for pk in pks:
            try:
                with transaction.atomic():
                    Actor.objects.filter(pk=pk).delete()
            except ProtectedError:  # an event or a claim names it by now
                continue
