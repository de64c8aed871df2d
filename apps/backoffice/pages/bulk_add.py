"""Accounts in bulk: paste lines or send a file as it is, read the verdicts, answer, save the good ones."""

import json
import shutil
import time
import uuid
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.signing import BadSignature, Signer
from django.db import IntegrityError
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
from apps.common import grids
from apps.common.grids import MEGABYTE, NoTable
from apps.intake import bulk_add
from apps.intake.answers import Answers, BadAnswer
from apps.intake.bulk_add import MOST_LINES, NEW, Judged, LineVerdict, ListedAccount
from apps.intake.models import Addition
from apps.registry.models import Actor, ActorKind, Group, Source, active_language, platform_choices

LIMIT = 5 * MEGABYTE
SIGNER = Signer(salt="lines that have a verdict")
KEPT_SECONDS = 7 * 24 * 3600  # a list that was looked at and not saved


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
        if "save" in request.POST and _were_shown(request, form, answers):
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
    additions = list(Addition.objects.filter(by=request.user.pk, undone_at=None)[:3])
    for addition in additions:
        addition.drafts = bulk_add.drafts_of(addition)  # type: ignore[attr-defined]  # for the page alone
    names = dict(
        Actor.objects.filter(
            slug__in=[slug for question in judged.questions for slug in question.likely]
        ).values_list("slug", f"name_{active_language()}")
    )
    return {
        **admin.site.each_context(request),
        "title": _("Add accounts in bulk"),
        "form": form,
        "lines": judged.lines,
        "questions": [
            {
                "number": number,
                "question": question,
                "likely": [(slug, names.get(slug, slug)) for slug in question.likely],
            }
            for number, question in enumerate(judged.questions)
        ],
        "columns": [
            column
            for layout in judged.layouts
            if layout.header
            for column in columns_of(layout, role_choices())
        ],
        "numbers": judged.numbers,
        "good": good,
        "save_words": ngettext("Save %(count)d account", "Save %(count)d accounts", good) % {"count": good},
        "shown": SIGNER.sign_object(_judged_input(form.initial, answers)) if judged.lines else "",
        "additions": additions,
        "template_languages": LANGUAGES.items(),
        "new": NEW,
        "leave": LEAVE,
    }


def _answers(request: HttpRequest, form: AddForm) -> Answers:
    """Return what was said before and now: who the names are, which platforms the words, what the columns."""
    answers: Answers = form.cleaned_data["answers"]
    answers = replace(answers, platform=form.cleaned_data["platform"])
    for name, value in request.POST.items():
        if not value or len(value) > 300:
            continue
        if name.startswith("who-"):
            asked = request.POST.get(f"asked-{name.removeprefix('who-')}", "")
            answers.aliases[asked] = None if value == LEAVE else str(value)
        elif name.startswith("word-"):
            asked = request.POST.get(f"asked-{name.removeprefix('word-')}", "")
            answers.words[asked] = None if value == LEAVE else str(value)
        elif name.startswith("role-") and value != request.POST.get(f"was-{name}"):
            answers.columns[request.POST.get(f"name-{name}", "") or name.rpartition("-")[2]] = str(value)
    try:
        return Answers.from_json(answers.as_json())
    except BadAnswer:
        return Answers(platform=form.cleaned_data["platform"])


def _judge(request: HttpRequest, form: AddForm, answers: Answers) -> Judged:
    chosen = form.cleaned_data
    folder = _folder(request, chosen["kept"])
    try:
        if chosen["file"] or chosen["lines"].strip():
            folder = _new_folder(request)
            kept = bulk_add.keep_list(chosen["file"].file if chosen["file"] else chosen["lines"], folder)
            if chosen["file"]:
                chosen["lines"] = ""
        elif folder is None or not folder.exists():
            return Judged([])
        else:
            kept = grids.open_kept(folder)
        chosen["kept"] = SIGNER.sign(f"{folder.name}:{request.user.pk}")
        return bulk_add.judge_list(kept, answers, kind=chosen["kind"])
    except NoTable as refused:
        form.add_error("file" if chosen["file"] else "lines", str(refused))
        return Judged([])


def _lists() -> Path:
    return Path(settings.VAR_DIR) / "media" / "lists"


def _new_folder(request: HttpRequest) -> Path:
    """Return a folder for a list; those of a week ago go."""
    lists = _lists()
    for old in lists.glob("*") if lists.exists() else ():
        if old.stat().st_mtime < time.time() - KEPT_SECONDS:
            shutil.rmtree(old, ignore_errors=True)
    return lists / uuid.uuid4().hex


def _folder(request: HttpRequest, token: str) -> Path | None:
    """Return where the list of an earlier step is kept; only whoever sent it may name it."""
    try:
        name, _colon, owner = SIGNER.unsign(token).partition(":")
    except BadSignature:
        return None
    return _lists() / name if owner == str(request.user.pk) else None


def _judged_input(chosen: Mapping[str, Any], answers: Answers) -> list[str]:
    """Return what the verdicts were given for."""
    lines = "\n".join(str(chosen.get("lines", "")).split("\r\n")).strip()
    kept = "" if lines else str(chosen.get("kept", ""))
    said = json.dumps(answers.as_json(), sort_keys=True)
    return [
        SIGNER.signature(lines),
        kept,
        str(chosen.get("platform", "")),
        str(chosen.get("kind", "")),
        SIGNER.signature(said),
    ]


def _were_shown(request: HttpRequest, form: AddForm, answers: Answers) -> bool:
    try:
        return bool(
            SIGNER.unsign_object(request.POST.get("shown", "")) == _judged_input(form.cleaned_data, answers)
        )
    except BadSignature:
        return False


def _save(request: HttpRequest, form: AddForm, answers: Answers, judged: Judged) -> Judged:
    """Save the good rows; those that stay in the box."""
    lines = judged.lines
    if any(line.verdict == LineVerdict.CREATES for line in lines) and not request.user.has_perm(
        "registry.add_actor"
    ):
        raise PermissionDenied
    chosen = form.cleaned_data
    try:
        made = bulk_add.save(
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
    addition = get_object_or_404(Addition, pk=pk, by=request.user)
    stay = bulk_add.undo(addition)
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
