"""Accounts in bulk: paste lines or send a file as it is, read the verdicts, answer, save the good ones."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from apps.backoffice.pages.reading_form import LEAVE, columns_of, role_choices
from apps.backoffice.pages.templates import LANGUAGES
from apps.backoffice.pages.uploads import takes_files
from apps.collecting import tasks
from apps.collectors.platforms import PLATFORMS
from apps.common.grids import MEGABYTE, NoTable
from apps.intake import additions, bulk_add, kept_lists
from apps.intake.answers import NEW, Answers, BadAnswer, Question
from apps.intake.bulk_add import MOST_LINES, Judged, LineVerdict, ListedAccount
from apps.intake.models import Addition
from apps.intake.words import ASKED
from apps.registry.models import Actor, ActorKind, Group, Source, active_language, platform_choices

LIMIT = 5 * MEGABYTE
MOST_GROUPS = 200  # that are offered


class AddForm(forms.Form):
    """Lines or a file, and what holds for all of them."""

    lines = forms.CharField(
        label=_("Accounts, one a line"),
        widget=forms.Textarea(attrs={"rows": 14, "class": "vLargeTextField", "spellcheck": "false"}),
        required=False,
        strip=False,
        help_text=_(
            "An address, an @handle or an id; “Name; address”; or “kk; ru; en; address; kind”. Cells of a table may be pasted as they are."
        ),
    )
    file = forms.FileField(
        label=_("or a file"),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx,.ods"}),
        required=False,
        help_text=_("CSV, XLSX or ODS as it is: one column of addresses, or one for each platform."),
    )
    platform = forms.ChoiceField(
        label=_("Platform"),
        choices=lambda: [("", _("recognise it from the address")), *platform_choices()],
        required=False,
    )
    kind = forms.ChoiceField(label=_("Kind of new actors"), choices=ActorKind)
    group = forms.ModelChoiceField(
        label=_("Group for all of them"), queryset=Group.objects.all(), required=False
    )
    source = forms.ModelChoiceField(
        label=_("Where the list comes from"), queryset=Source.objects.all(), required=False
    )
    kept = forms.CharField(widget=forms.HiddenInput, required=False)
    answers = forms.CharField(widget=forms.HiddenInput, required=False)

    def clean_lines(self) -> str:
        lines: str = self.cleaned_data["lines"]
        if "\0" in lines:
            raise forms.ValidationError(_("This holds a character that is not text."))
        if len(lines.splitlines()) > MOST_LINES:
            raise forms.ValidationError(
                gettext("Up to %(count)d lines at once, please.") % {"count": MOST_LINES}
            )
        return lines

    def clean_answers(self) -> Answers:
        try:
            return Answers.from_json(json.loads(self.cleaned_data["answers"] or "{}"))
        except (ValueError, TypeError, AttributeError):
            return Answers()


@require_http_methods(["GET", "POST"])
@takes_files(LIMIT)
def bulk(request: HttpRequest) -> HttpResponse:
    """Show the box, and a verdict for each line. Lines are saved only as they were shown with their verdicts."""
    if not request.user.has_perm("registry.add_account"):
        raise PermissionDenied
    form = AddForm(request.POST or None, request.FILES or None)
    judged = Judged([])
    answers = Answers()
    if request.method == "POST" and form.is_valid():
        answers = _answers(request, form)
        judged = _judge(request, form, answers)
        if "save" in request.POST and request.POST.get("shown") == _seal(form, answers, judged):
            judged = _save(request, form, answers, judged)
        # What is in the box now, without those that were saved.
        errors = form.errors
        form = AddForm(
            initial={
                **form.cleaned_data,
                "file": None,
                "answers": json.dumps(answers.as_json(), ensure_ascii=False),
            }
        )
        form._errors = errors  # type: ignore[attr-defined]  # a file that is refused is said beside its box
    return render(request, "backoffice/bulk.html", _context(request, form, judged, answers))


def _context(request: HttpRequest, form: AddForm, judged: Judged, answers: Answers) -> dict[str, Any]:
    good = sum(line.is_good for line in judged.lines)
    recent = list(Addition.objects.filter(_may_undo(request), undone_at=None)[:3])
    for addition in recent:
        addition.drafts = additions.drafts_of(addition)  # type: ignore[attr-defined]  # for the page alone
    return {
        **admin.site.each_context(request),
        "title": _("Add accounts in bulk"),
        "form": form,
        "lines": judged.lines,
        "questions": _asked(judged.questions),
        "columns": [
            column
            for layout in judged.layouts
            if layout.header
            for column in columns_of(layout, role_choices())
        ],
        "numbers": judged.numbers,
        "good": good,
        "save_words": ngettext("Save %(count)d account", "Save %(count)d accounts", good) % {"count": good},
        "shown": kept_lists.seal(judged.lines, answers, kind=form.initial.get("kind", ""))
        if judged.lines
        else "",
        "additions": recent,
        "template_languages": LANGUAGES.items(),
    }


FIELDS = {
    "actor": "who",
    "word": "word",
    "kind": "type",
    "group": "group",
}  # kind of question -> name of its field


def _asked(questions: Sequence[Question]) -> list[dict[str, Any]]:
    """Return the questions as the page shows them: the likely answers, then the others."""
    slugs = [slug for question in questions for slug in question.likely]
    names = dict(Actor.objects.filter(slug__in=slugs).values_list("slug", f"name_{active_language()}"))
    groups = (
        [(group.slug, str(group)) for group in Group.objects.all()[:MOST_GROUPS]]
        if any(question.kind == "group" for question in questions)
        else []
    )
    platforms = [(code, PLATFORMS[code]) for code in PLATFORMS]
    others: dict[str, list[tuple[Any, Any]]] = {
        "actor": [(NEW, gettext("somebody new")), (LEAVE, gettext("leave out"))],
        "word": [*platforms, (LEAVE, gettext("no platform"))],
        "kind": [*ActorKind.choices, (LEAVE, gettext("as chosen for the whole list"))],
        "group": [*groups, (NEW, gettext("a new group")), (LEAVE, gettext("no group"))],
    }
    return [
        {
            "number": number,
            "field": f"{FIELDS[question.kind]}-{number}",
            "question": question,
            "sentence": str(ASKED[question.kind]) % {"seen": question.example or question.value},
            "choices": [(slug, names.get(slug, PLATFORMS.get(slug, slug))) for slug in question.likely]
            + [pair for pair in others[question.kind] if pair[0] not in question.likely],
        }
        for number, question in enumerate(questions)
    ]


def _may_undo(request: HttpRequest) -> Q:
    """Return whose additions this editor may take back: her own, and those of the command."""
    return Q(by=request.user.pk) | Q(by=None)


def _answers(request: HttpRequest, form: AddForm) -> Answers:
    """Return what was said before and now: who the names are, which platforms the words, what the columns."""
    answers: Answers = form.cleaned_data["answers"]
    answers = replace(answers, platform=form.cleaned_data["platform"])
    said = {"who": answers.aliases, "word": answers.words, "type": answers.kinds, "group": answers.groups}
    for name, value in request.POST.items():
        if not value or len(value) > 300:
            continue
        field, _dash, number = name.partition("-")
        asked = request.POST.get(f"asked-{number}", "")
        if field in said and asked:
            said[field][asked] = None if value == LEAVE else str(value)
        elif name.startswith("role-") and value != request.POST.get(f"was-{name}"):
            answers.columns[request.POST.get(f"name-{name}", "") or name.rpartition("-")[2]] = str(value)
    try:
        return Answers.from_json(answers.as_json())
    except BadAnswer:
        return Answers(platform=form.cleaned_data["platform"])


def _judge(request: HttpRequest, form: AddForm, answers: Answers) -> Judged:
    chosen, owner = form.cleaned_data, request.user.pk or 0
    try:
        if chosen["file"] or chosen["lines"].strip():
            kept, chosen["kept"] = kept_lists.keep(
                chosen["file"].file if chosen["file"] else chosen["lines"], owner
            )
            if chosen["file"]:
                chosen["lines"] = ""
        else:
            found = kept_lists.find(chosen["kept"], owner)
            if found is None:
                return Judged([])
            kept = found
        return bulk_add.judge_list(kept, answers, kind=chosen["kind"])
    except NoTable as refused:
        form.add_error("file" if chosen["file"] else "lines", str(refused))
        return Judged([])


def _seal(form: AddForm, answers: Answers, judged: Judged) -> str:
    return kept_lists.seal(judged.lines, answers, kind=form.cleaned_data["kind"])


def _save(request: HttpRequest, form: AddForm, answers: Answers, judged: Judged) -> Judged:
    """Save the good rows; those that stay in the box."""
    lines = judged.lines
    if any(line.verdict == LineVerdict.CREATES for line in lines) and not request.user.has_perm(
        "registry.add_actor"
    ):
        raise PermissionDenied
    chosen = form.cleaned_data
    try:
        made = additions.save(
            lines,
            by=request.user,  # type: ignore[arg-type]  # admin_view lets only users in
            source=chosen["source"],
            group=chosen["group"],
            aliases=answers.aliases,
        )
    except IntegrityError:
        messages.error(
            request, _("Somebody else has added one of these just now. Look at the verdicts again.")
        )
        return _judge(request, form, answers)
    if made is None:
        return judged
    tasks.wake()
    count = len(made.accounts) + len(made.filled)
    words = ngettext("%(count)d account was added.", "%(count)d accounts were added.", count)
    messages.success(request, words % {"count": count})
    left = [line for line in lines if not line.is_good]
    chosen["lines"], chosen["kept"] = _rest(chosen["lines"], left), ""
    return replace(judged, lines=left, questions=[])


def _rest(lines: str, left: list[ListedAccount]) -> str:
    """Return the lines of the box that were not saved, and number what is left of them anew."""
    texts = lines.splitlines()
    kept = sorted({line.number for line in left if line.number <= len(texts)})
    places = {number: place for place, number in enumerate(kept, 1)}
    for line in left:
        line.number = places.get(line.number, line.number)
    return "\n".join(texts[number - 1] for number in kept)


@require_POST
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back what was just added, where nothing was recorded for it yet."""
    if not request.user.has_perm("registry.add_account"):
        raise PermissionDenied
    addition = get_object_or_404(Addition.objects.filter(_may_undo(request)), pk=pk)
    stay = additions.undo(addition)
    if stay:
        words = ngettext(
            "Undone. %(count)d account stays: something is recorded for it.",
            "Undone. %(count)d accounts stay: something is recorded for them.",
            stay,
        )
        messages.warning(request, words % {"count": stay})
    else:
        messages.success(request, _("Undone."))
    return HttpResponseRedirect(reverse("admin:backoffice_bulk"))
