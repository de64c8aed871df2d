"""The form over a table that is about to be read: what each column is, and the questions that only a person can answer."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.collectors.platforms import PLATFORMS
from apps.intake.answers import NEW, Answers, BadAnswer
from apps.intake.dates import NotADate, read_when
from apps.intake.layout import Layout
from apps.intake.words import ASKED, COLUMN_WHY, ROLES
from apps.registry.models import Account, Actor, active_language

MOST_NAMED = 3000  # actors that are offered in a list
ANSWERED_IN_TEXT = ("account", "day", "year")
LEAVE = "-"


@dataclass
class ColumnView:
    """A column as the page shows it."""

    name: str  # of the form's field
    heading: str
    choices: list[tuple[str, str]]
    chosen: str
    confidence: int
    why: str
    note: str
    hidden: bool


@dataclass
class QuestionView:
    """A question as the page shows it: a few likely answers, and a way to give another."""

    name: str
    kind: str
    value: str
    sentence: str
    rows: int
    choices: list[tuple[str, str]]
    takes_text: bool
    list_name: str = ""
    initial: str = ""
    error: str = ""


def role_choices() -> list[tuple[str, str]]:
    """Return the roles that a column may be given, those of one platform too."""
    plain = [(role, str(words)) for role, words in ROLES.items()]
    followers = [
        (f"followers:{code}", gettext("Followers on %(platform)s") % {"platform": name})
        for code, name in PLATFORMS.items()
    ]
    addresses = [
        (f"address:{code}", gettext("Address on %(platform)s") % {"platform": name})
        for code, name in PLATFORMS.items()
    ]
    return plain + followers + addresses


def columns_of(layout: Layout, choices: list[tuple[str, str]]) -> list[ColumnView]:
    """Return the columns of a sheet with the roles that they have now."""
    views = []
    for column in layout.columns[:60]:
        chosen = column.role
        if column.platform and column.role in ("followers", "address"):
            chosen = f"{column.role}:{column.platform}"
        notes = [column.when, column.actor]
        if column.unit > 1:
            notes.append(gettext("in thousands") if column.unit == 1000 else gettext("in millions"))
        views.append(
            ColumnView(
                f"role-{layout.sheet}-{column.place}", column.name, choices, chosen, column.confidence,
                str(COLUMN_WHY.get(column.why, "")), ", ".join(note for note in notes if note), column.hidden,
            )
        )  # fmt: skip
    return views


class ReadingForm:
    """Reads what a person has said of a table; `questions` are those of the last look."""

    def __init__(
        self, layouts: list[Layout], questions: list[Mapping[str, Any]], answers: Answers, sent: Any = None
    ) -> None:
        self.layouts, self.answers, self.sent = layouts, answers, sent
        self._actors = dict(
            Actor.objects.order_by("slug").values_list("slug", f"name_{active_language()}")[:MOST_NAMED]
        )
        self.questions = [self._view(number, question) for number, question in enumerate(questions)]
        self.errors: list[str] = []

    @property
    def actors(self) -> list[tuple[str, str]]:
        """Return the actors that may be meant, for a list of suggestions."""
        return list(self._actors.items())

    @property
    def accounts(self) -> list[str]:
        """Return the accounts that a whole file may be of."""
        rows = Account.objects.order_by("actor__slug", "platform").values_list("actor__slug", "platform")
        return [f"{slug} {platform}" for slug, platform in rows[:MOST_NAMED]]

    def _view(self, number: int, question: Mapping[str, Any]) -> QuestionView:
        kind, value, likely = question["kind"], question["value"], question["likely"]
        sentence = str(ASKED[kind]) % {"seen": question["example"] or value}
        view = QuestionView(
            f"answer-{number}", kind, value, sentence, question["rows"], [], kind in ANSWERED_IN_TEXT
        )
        view.choices = self._choices(kind, likely)
        if kind == "actor":
            view.takes_text, view.list_name = True, "actors"
        elif kind == "account":
            view.list_name = "accounts"
        elif kind == "day" and likely:
            view.initial = likely[0]
        elif kind == "unit":
            view.sentence = f"{view.sentence} “{question['example'][:100]}”"
        if kind == "span":
            view.sentence = f"{view.sentence} ({value})"
        if self.sent is not None:
            view.initial = self.sent.get(f"{view.name}-text", "")
        return view

    def _choices(self, kind: str, likely: list[str]) -> list[tuple[str, str]]:
        day, likely_day = gettext("day first"), likely[0] if likely else ""
        choices: dict[str, list[tuple[str, str]]] = {
            "platform": list(PLATFORMS.items()),
            "decimal": [("group", gettext("of thousands")), ("decimal", gettext("of a fraction"))],
            "day_order": [("dmy", f"{day} ({likely_day})"), ("mdy", gettext("month first"))],
            "short_years": [
                ("20yy", gettext("yes: %(date)s") % {"date": likely_day}),
                ("day", gettext("no, it is a day")),
            ],
            "serials": [
                ("1900", gettext("yes: %(date)s") % {"date": likely_day}),
                ("1904", gettext("yes, as old Macs count (from 1904)")),
            ],
            "unit": [
                ("1000", gettext("in thousands")),
                ("1000000", gettext("in millions")),
                ("1", gettext("no: each number is as it stands")),
            ],
            "span": [
                ("day", gettext("of the day")),
                ("month", gettext("of the month")),
                ("year", gettext("of the year")),
                ("leave", gettext("leave out")),
            ],
            "sheet": [(name, name) for name in likely],
            "fill": [
                ("down", gettext("yes, they repeat it")),
                ("leave", gettext("no, nobody is named there")),
            ],
            "year": [("sheet", gettext("the name of the sheet"))] if "sheet" in likely else [],
            "word": [(code, PLATFORMS.get(code, code)) for code in likely]
            + [(code, name) for code, name in PLATFORMS.items() if code not in likely]
            + [(LEAVE, gettext("no platform"))],
            "actor": [(slug, self._actors.get(slug, slug)) for slug in likely]
            + [(NEW, gettext("somebody new")), (LEAVE, gettext("leave out"))],
        }
        if kind == "span" and "year" not in likely:
            choices["span"] = [choice for choice in choices["span"] if choice[0] != "year"]
        return choices.get(kind, [])

    def read(self) -> Answers:
        """Return the answers with what was sent now. What is wrong stands in `errors`, and is not taken."""
        answers = replace(self.answers, columns=dict(self.answers.columns), aliases=dict(self.answers.aliases), words=dict(self.answers.words),
                          unit=dict(self.answers.unit), span=dict(self.answers.span), sheets=list(self.answers.sheets))  # fmt: skip
        self._read_roles(answers)
        sheets = self.sent.getlist("sheets")
        if sheets:
            answers.sheets = sheets
        if self.sent.get("hidden") in ("leave", "read"):
            answers.hidden = self.sent["hidden"]
        for view in self.questions:
            chosen = [one for one in self.sent.getlist(view.name) if one]
            text = self.sent.get(f"{view.name}-text", "").strip()
            if chosen or text:
                self._take(answers, view, chosen, text)
        try:
            return Answers.from_json(answers.as_json())
        except BadAnswer as wrong:
            self.errors.append(gettext("This answer cannot be used: %(name)s.") % {"name": wrong.name})
            return self.answers

    def _read_roles(self, answers: Answers) -> None:
        known = {role for role, _words in role_choices()}
        for layout in self.layouts:
            for view in columns_of(layout, []):
                chosen = self.sent.get(view.name, "")
                if chosen and chosen in known and chosen != view.chosen:
                    answers.columns[view.heading or view.name.rpartition("-")[2]] = chosen

    def _take(self, answers: Answers, view: QuestionView, chosen: list[str], text: str) -> None:
        value = text or (chosen[0] if chosen else "")
        if view.kind == "sheet":
            answers.sheets = chosen
        elif view.kind == "actor":
            self._take_actor(answers, view, chosen[0] if chosen and not text else "", text)
        elif view.kind == "word":
            answers.words[view.value] = None if value == LEAVE else value
        elif view.kind == "unit":
            answers.unit[view.value or "*"] = int(value) if value.isdecimal() else 0
        elif view.kind == "span":
            answers.span[view.value] = value
        elif view.kind == "day":
            self._take_day(answers, view, value)
        elif view.kind == "account":
            self._take_account(answers, view, value)
        else:
            setattr(answers, view.kind, value)

    def _take_actor(self, answers: Answers, view: QuestionView, chosen: str, text: str) -> None:
        if chosen == LEAVE:
            answers.aliases[view.value] = None
            return
        if chosen == NEW:
            answers.aliases[view.value] = NEW
            return
        wanted = chosen or text
        slug = wanted if wanted in self._actors or Actor.objects.filter(slug=wanted).exists() else ""
        if not slug:
            is_named = Q(name_en=wanted) | Q(name_ru=wanted) | Q(name_kk=wanted)
            named = list(Actor.objects.filter(is_named).values_list("slug", flat=True)[:2])
            slug = named[0] if len(named) == 1 else ""
        if slug:
            answers.aliases[view.value] = slug
        else:
            view.error = gettext("No actor is called “%(name)s”.") % {"name": wanted[:100]}
            self.errors.append(view.error)

    def _take_day(self, answers: Answers, view: QuestionView, value: str) -> None:
        try:
            when = read_when(value)
        except NotADate:
            view.error = gettext(
                "Write the day as 2018-12-01 or 1.12.2018, the month as 2018-12, the year as 2018."
            )
            self.errors.append(view.error)
        else:
            answers.day = when.day.isoformat()[: {1: 4, 2: 7, 3: 10}[when.span]]

    def _take_account(self, answers: Answers, view: QuestionView, value: str) -> None:
        slug, _space, platform = value.partition(" ")
        if Account.objects.filter(actor__slug=slug, platform=platform).exists():
            answers.account = value
        else:
            view.error = gettext("No account is called “%(name)s”.") % {"name": value[:100]}
            self.errors.append(view.error)


class SourceForm(forms.Form):
    """Where the numbers come from, where that was not said when the file was sent."""

    source_title = forms.CharField(label=_("A new source"), max_length=500)
