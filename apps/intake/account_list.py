"""The rows of a list of accounts: whose page, on which platform. Nothing is written here, nothing is fetched."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from apps.collectors.types import Target
from apps.collectors.unwrapping import unwrap
from apps.common.grids import Record, Sheet, covers, read_cell
from apps.common.tables import shown
from apps.intake import headings
from apps.intake.answers import Answers, Questions
from apps.intake.cell_kinds import is_nothing, kind_of
from apps.intake.layout import Column, Layout
from apps.intake.links import EMAIL, LINK, NotALink, is_address, pieces, read_account, take_label
from apps.intake.names import LONGEST_NAME, name_key
from apps.intake.platform_words import NotAPlatform, platform_or_none, read_platform
from apps.intake.rows import NO_TEXT
from apps.intake.sheet_reader import not_a_link
from apps.intake.words import LEFT, NOT_A_LINK, NOT_A_PLATFORM

Names = tuple[str, str, str]  # kk, ru, en
# In a line of plain text: its number or bullet; a name, then an address; a name that is a link.
BULLET: Final = re.compile(r"(?:[*•·▪–—-]\s+|\d{1,4}[.)]\s+|№\s?\d{1,4}[.)]?\s+)(?=\S)")
_ADDRESS: Final = r"(?:https?://|www\.|@\w|(?:[\w-]+\.)+[a-z]{2,}/)\S*"
ADDRESSES: Final = re.compile(rf"(?:^|(?<=[\s:,;|(<–—-])){_ADDRESS}(?:[\s,;|]+{_ADDRESS})*", re.IGNORECASE)
AROUND: Final = " \t:,;|-–—"  # what parts a name from its address
OFFICIAL: Final = re.compile(r"\([^()]{2,60}\)")  # a remark, not a name
NAMED_LINK: Final = re.compile(r"\[(?P<name>[^\]\n]{2,200})\](?P<rest>\(\S{4,2000}?\))")


@dataclass
class Entry:
    """What one cell of a list says. `kind`: "" an account, error, left; `problem` says why it is none."""

    line: int
    place: str  # the column, where a row names several accounts
    text: str
    names: Names = ("", "", "")
    actor_kind: str = ""
    kind_word: str = ""  # as the list writes it, where it is no kind that is known
    group: str = ""
    target: Target | None = None
    kind: str = ""
    problem: str = ""
    has_all_names: bool = False  # each language has a column of its own


class _Stop(ValueError):
    def __init__(self, kind: str, sentence: str | Promise) -> None:
        super().__init__(str(sentence))
        self.kind = kind


def _wrong(sentence: str | Promise) -> _Stop:
    return _Stop("error", sentence)


def _nothing_to_add(code: str) -> _Stop:
    return _Stop("left", LEFT[code])


@dataclass
class AccountReader:
    """Reads the rows of one sheet. `kinds` are words for kinds of actors -> code, in every language."""

    layout: Layout
    sheet: Sheet
    answers: Answers
    questions: Questions
    kinds: Mapping[str, str]
    servers: Sequence[str] = ()
    numbers: list[int] = field(default_factory=list)  # lines with numbers beside addresses

    def __post_init__(self) -> None:
        self._roles = {column.role: column for column in reversed(self.layout.columns)}
        self._addresses = [
            column
            for column in self.layout.columns
            if column.role in ("address", "handle") and not self._is_hidden(column)
        ]
        self._ids = [column for column in self.layout.columns if column.role == "platform_id"]
        self._has_header = bool(self.layout.header)
        self._merged: dict[tuple[int, int], str] = {}

    def _is_hidden(self, column: Column) -> bool:
        return column.hidden and self.answers.hidden != "read"

    def rows(self, record: Record) -> Iterator[Entry]:
        """Yield what one row names: an entry for each account, or one that says why there is none."""
        if record.broken:
            yield Entry(record.line, "row", "", kind="error", problem=record.broken)
            return
        if self.answers.hidden != "read" and covers(self.sheet.hidden_rows, record.line):
            return
        if record.line < self.layout.first:
            return
        cells = self._cells(record)
        text = " | ".join(cell for cell in cells if cell)
        try:
            self._leave_out_what_is_no_row(cells)
            names, actor_kind, kind_word, group = self._whose(cells)
        except _Stop as stop:
            yield Entry(record.line, "", text, kind=stop.kind, problem=str(stop))
            return
        entries = list(self._accounts(record.line, cells, names))
        if not entries:
            yield Entry(record.line, "", text, names, kind="left", problem=str(LEFT["no_account"]))
        has_all = all(role in self._roles for role in ("name_kk", "name_ru", "name_en"))
        for entry in entries:
            yield replace(
                entry,
                names=entry.names if any(entry.names) else names,
                actor_kind=actor_kind,
                kind_word=kind_word,
                group=group,
                has_all_names=has_all,
            )

    def _cells(self, record: Record) -> list[str]:
        width = max((column.place for column in self.layout.columns), default=0) + 1
        cells = [read_cell(cell).text.strip() for cell in record.cells] + [""] * (width - len(record.cells))
        for first_row, first_column, last_row, last_column in self.sheet.merged:
            if first_row <= record.line <= last_row and last_column - first_column + 1 < max(
                self.sheet.columns, 3
            ):
                if record.line == first_row and first_column < len(cells):
                    self._merged[first_row, first_column] = cells[first_column]
                for place in range(first_column, min(last_column + 1, len(cells))):
                    cells[place] = cells[place] or self._merged.get((first_row, first_column), "")
        if self._has_header or self.sheet.links or not cells:
            return cells
        return [*_take_apart(cells[0]), *cells[1:]]

    def _leave_out_what_is_no_row(self, cells: Sequence[str]) -> None:
        filled = [(place, cell) for place, cell in enumerate(cells) if cell]
        if not filled:
            raise _nothing_to_add("empty")
        addresses = {column.place for column in self._addresses}
        for place, cell in filled[:3]:
            if place not in addresses and headings.is_total(cell):
                raise _nothing_to_add("total")
        if self._has_header and len(filled) == 1 and len(cells) > 2 and filled[0][0] not in addresses:
            named = self._roles.get("actor")
            raise _nothing_to_add("no_account" if named and filled[0][0] == named.place else "heading")

    # Whose

    def _whose(self, cells: Sequence[str]) -> tuple[Names, str, str, str]:
        """Return the names, the kind, the word for a kind that is not known, the group."""
        kk, ru, en = (self._name(cells, role) for role in ("name_kk", "name_ru", "name_en"))
        actor = self._name(cells, "actor")
        if any((kk, ru, en)):
            actor = actor or ru or en or kk
        names = (kk or ru or actor, ru or kk or actor, en or actor)
        if not self._has_header:
            kinds = [self.kinds[cell.casefold()] for cell in cells if cell.casefold() in self.kinds]
            return self._names_of_bare_row(cells), kinds[-1] if kinds else "", "", ""
        word = " ".join(self._text(cells, "kind").split())
        kind = "" if is_nothing(word) else self.kinds.get(word.casefold(), "")
        return names, kind, "" if kind or is_nothing(word) else word, self._text(cells, "group")

    def _text(self, cells: Sequence[str], role: str) -> str:
        column = self._roles.get(role)
        return cells[column.place] if column and column.place < len(cells) and self._has_header else ""

    def _name(self, cells: Sequence[str], role: str) -> str:
        text = self._text(cells, role)
        return "" if is_nothing(text) else check_name(text)

    def _names_of_bare_row(self, cells: Sequence[str]) -> Names:
        """Read the words before the address as a name, or the name in three languages, where there is no heading."""
        words = []
        for cell in cells:
            if is_address(cell) or cell.startswith("@") or EMAIL.fullmatch(cell):
                break
            if (
                cell
                and kind_of(cell) in ("text", "platform", "handle", "state")
                and not is_address(cell.split()[0])
            ):
                words.append(check_name(cell))
        if len([cell for cell in cells if cell]) < 2:
            return ("", "", "")
        if len(words) >= 3:
            return words[0], words[1], words[2]
        return (words[0], words[0], words[0]) if words else ("", "", "")

    # Which accounts

    def _accounts(self, line: int, cells: Sequence[str], names: Names) -> Iterator[Entry]:
        ids = {
            column.platform: cells[column.place]
            for column in self._ids
            if column.platform and not is_nothing(cells[column.place])
        }
        used: set[str] = set()
        for column, text in self._candidates(line, cells):
            link = self.sheet.links.get(f"{line},{column.place}", "")
            for piece in self._pieces(text) if not link else [text]:
                entry = Entry(line, column.name if len(self._addresses) > 1 else "", piece, names)
                try:
                    target = self._target(piece, link, column, cells)
                except _Stop as stop:
                    entry.kind, entry.problem = stop.kind, str(stop)
                else:
                    if ids.get(target.platform) and not target.platform_id and target.platform not in used:
                        target = replace(target, platform_id=ids[target.platform])
                        used.add(target.platform)
                    entry.target = target
                yield entry
        for platform, number in ids.items():
            if platform not in used and not any(
                column.platform == platform and cells[column.place] for column in self._addresses
            ):
                yield Entry(line, platform, number, names, target=Target(platform, platform_id=number))

    def _pieces(self, text: str) -> list[str]:
        """Return the addresses of a cell; under a heading of addresses also those with words around them."""
        parts = pieces(text)
        if len(parts) > 1 or not self._has_header or is_address(text) or not re.search(r"\s", text):
            return parts
        links = [match[0].rstrip(".,;)>") for match in LINK.finditer(text)]
        return links if links and all(map(is_address, links)) and is_address(unwrap(links[0])) else parts

    def _candidates(self, line: int, cells: Sequence[str]) -> Iterator[tuple[Column, str]]:
        """Return the cells that may name an account."""
        if self._has_header:
            for column in self._addresses:
                text = cells[column.place]
                if not is_nothing(text) or f"{line},{column.place}" in self.sheet.links:
                    yield column, text
            return
        filled = [(place, cell) for place, cell in enumerate(cells) if cell]
        for place, cell in filled:
            column = Column(place, "", "address")
            kind = kind_of(cell)
            first = cell.split()[0]
            if (
                kind in ("address", "email", "phone")
                or is_address(first)
                or first.startswith("@")
                or len(filled) == 1
                or (kind == "handle" and self.answers.platform)
                or any(take_label(piece)[0] for piece in pieces(cell))
            ):
                yield column, cell
            elif kind in ("number", "fraction"):
                self.numbers.append(line)

    def _target(self, text: str, link: str, column: Column, cells: Sequence[str]) -> Target:
        platform = column.platform or self._platform(cells)
        label, name = take_label(text)
        if label:
            if platform and platform != label:
                raise _wrong(_("The row names another platform than the address does."))
            platform, text = label, name
        target = (
            self._read(link, "")
            if link and not _names_account(text, platform)
            else self._read(text, platform)
        )
        if link and _names_account(text, platform):
            behind = self._read(link, "")
            if (behind.platform, behind.handle.lower(), behind.platform_id) != (
                target.platform,
                target.handle.lower(),
                target.platform_id,
            ):
                raise _wrong(
                    _("The text names one account and the link behind it another: %(seen)s.")
                    % {"seen": shown(link)}
                )
        if platform and target.platform != platform:
            raise _wrong(_("The row names another platform than the address does."))
        return target

    def _read(self, text: str, platform: str) -> Target:
        plain = unwrap(text)
        try:
            return read_account(
                plain, "" if is_address(plain) else platform or self.answers.platform, self.servers
            )
        except NotALink as refused:
            raise _wrong(not_a_link(refused)) from None

    def _platform(self, cells: Sequence[str]) -> str:
        column = self._roles.get("platform")
        word = cells[column.place] if column and column.place < len(cells) and self._has_header else ""
        if is_nothing(word):
            return ""
        if word in self.answers.words:
            code = self.answers.words[word]
            if code is None:
                raise _wrong(str(NOT_A_PLATFORM["answered"]) % {"seen": shown(word)})
            return code
        try:
            return read_platform(word)
        except NotAPlatform as refused:
            if refused.code == "question":
                self.questions.ask("word", word, example=word, likely=list(refused.likely))
            raise _wrong(str(NOT_A_PLATFORM[refused.code]) % {"seen": shown(word)}) from None


def _take_apart(text: str) -> list[str]:
    """Return the name and the address of a line such as "1. Name — address", without its number; else the text alone."""
    plain = text[match.end() :] if (match := BULLET.match(text)) else text
    if (match := NAMED_LINK.fullmatch(plain)) and not is_address(match["name"]):
        return [match["name"].strip(), f"[]{match['rest']}"]
    match = ADDRESSES.search(plain)
    if not match or is_address(plain):
        return [plain]
    before, after = plain[: match.start()].strip(AROUND), plain[match.end() :].strip(AROUND)
    address = match[0].rstrip(",;|.")
    if before.endswith(("(", "<")):
        before, address = before[:-1].rstrip(AROUND), address.rstrip(")>.")
    if before and after and not OFFICIAL.fullmatch(after) and kind_of(after) != "number":
        return [plain]  # words on both sides: a sentence
    if before:
        mails = [word for word in before.split() if EMAIL.fullmatch(word.strip(AROUND))]
        name = " ".join(word for word in before.split() if word not in mails).strip(AROUND)
        if not name:
            return [*mails, address]
        label = name.split()[-1]
        # "Ministry of Health Telegram: address"; a lone "X" is sooner a part of the name.
        if label != name and len(label) > 1 and platform_or_none(label.strip("()")):
            name = name.removesuffix(label).strip(AROUND)
        if platform_or_none(name):
            return (
                [address] if is_address(address) else [plain]
            )  # "Facebook - address": the address says it too
        return [name, *mails, address, *([after] if after and not OFFICIAL.fullmatch(after) else [])]
    if OFFICIAL.fullmatch(after) and is_address(address):
        return [address]
    return [after, address] if after and kind_of(after) == "text" else [plain]


def check_name(text: str) -> str:
    """Return a name, or raise: a formula, a number, an address or an e-mail address is none."""
    if text.startswith(("=", "+", "@")):
        raise _wrong(_("“%(seen)s” looks like a formula or an address, not a name.") % {"seen": shown(text)})
    if EMAIL.fullmatch(text):
        raise _wrong(str(NOT_A_LINK["email"]) % {"seen": shown(text)})
    if NO_TEXT.search(text):
        raise _wrong(_("This holds a character that is not text."))
    if len(text) > LONGEST_NAME:
        raise _wrong(_("The name is longer than 200 characters."))
    if kind_of(text) in ("number", "fraction", "phone", "address") or not name_key(text):
        raise _wrong(_("“%(seen)s” is not a name.") % {"seen": shown(text)})
    return " ".join(text.split())


def _names_account(text: str, platform: str) -> bool:
    """Tell whether the text over a link names an account itself: an address, a @name, or a bare name in a platform's column."""
    if is_nothing(text) or platform_or_none(text):
        return False
    return is_address(text) or text.startswith("@") or (bool(platform) and kind_of(text) == "handle")
