"""Lists of accounts: a verdict for each row before anything is saved. The number of statements does not grow with the rows."""

import csv
import io
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import override

from apps.collectors.types import NotAnAccount, Refusal, Target
from apps.common import grids
from apps.common.grids import Kept
from apps.intake import tracked
from apps.intake.account_list import AccountReader, Entry
from apps.intake.answers import NEW, Answers, Question, Questions
from apps.intake.layout import Layout
from apps.intake.names import name_key
from apps.intake.sheet_reader import Tracked
from apps.intake.table import look
from apps.registry.models import Account, Actor, ActorKind, Group
from apps.registry.services import find_accounts, find_impostors
from apps.registry.words import impostor_words, not_an_account

MOST_LINES = 2000
LONGEST_WORD = 100  # of a kind
NOT_ITS_NAME = {field.name for field in Account._meta.fields} - {"handle", "platform_id"}


class LineVerdict(StrEnum):
    JOINS = "joins"  # an actor that is there
    CREATES = "creates"  # a new actor
    TRACKED = "tracked"
    TWICE = "twice"
    UNREADABLE = "unreadable"
    ASKED = "asked"  # somebody of a like name is tracked, or the kind is not known
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
    kind_word: str = ""  # of a kind that is not known
    group: str = ""  # as the list calls it
    group_slug: str = ""  # the group that is meant; NEW: one of that title is made
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
    if _is_even(content):
        return grids.keep(io.BytesIO(content.encode()), folder, separator=",")
    rows = io.StringIO(newline="")
    writer = csv.writer(rows, lineterminator="\n")
    for line in content.splitlines():
        parts = [part.strip() for part in line.split("\t" if "\t" in line else ";")]
        while len(parts) > 1 and not parts[-1]:
            parts.pop()
        writer.writerow(parts if line.strip(" ;\t") else [""])
    # The separator is ours, so that no line decides for the others.
    return grids.keep(io.BytesIO(f"{rows.getvalue() or chr(10)}".encode()), folder, separator=",")


def _is_even(content: str) -> bool:
    """Tell whether pasted lines are a table whose cells commas part: as many in every line, and no other separator."""
    if "\t" in content or ";" in content or "," not in content:
        return False
    try:
        widths = {len(row) for row in csv.reader(content.splitlines()) if row}
    except csv.Error:
        return False
    return len(widths) == 1 and len(content.splitlines()) > 1


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
    _find_kinds(judged.lines, answers, questions)
    _find_groups(judged.lines, answers, questions)
    judged.questions = questions.all()
    return judged


def _line(entry: Entry, kind: str) -> ListedAccount:
    line = ListedAccount(
        entry.line, entry.text, entry.place, target=entry.target, names=entry.names, group=entry.group
    )
    line.kind, line.problem = entry.actor_kind or kind, entry.problem
    line.kind_word = entry.kind_word
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


def _find_kinds(lines: Sequence[ListedAccount], answers: Answers, questions: Questions) -> None:
    """Take the answered kinds of new actors; a word that is no kind is asked about once, and its rows wait."""
    for line in lines:
        if line.verdict != LineVerdict.CREATES or not line.kind_word:
            continue
        word = line.kind_word.casefold()[:LONGEST_WORD]
        if word in answers.kinds:
            line.kind = answers.kinds[word] or line.kind
        else:
            line.verdict = LineVerdict.ASKED
            questions.ask("kind", word, example=line.kind_word)


def _find_groups(lines: Sequence[ListedAccount], answers: Answers, questions: Questions) -> None:
    """Find the groups of the good rows by slug or title; one that is not known is asked about, and keeps no account out."""
    wanted = {line.group for line in lines if line.is_good and line.group}
    if not wanted:
        return
    known: dict[str, str] = {}
    for one, *titles in Group.objects.order_by("-pk").values_list("slug", "title_en", "title_ru", "title_kk"):
        known |= {name_key(title): one for title in titles} | {name_key(one): one}
    for line in lines:
        if not line.is_good or not line.group:
            continue
        if line.group in answers.groups:
            line.group_slug = answers.groups[line.group] or ""
        elif slug := known.get(name_key(line.group)):
            line.group_slug = slug
        else:
            questions.ask("group", line.group, example=line.group)
