"""Accounts in bulk: paste lines or send a file, read the verdicts, save the good ones."""

import csv
import io
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import xlsxwriter
from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.signing import BadSignature, Signer
from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.backoffice.pages.uploads import takes_files
from apps.collecting import tasks
from apps.common import sheets
from apps.common.sheets import MEGABYTE, NoTable
from apps.intake import bulk_add
from apps.intake.bulk_add import MOST_LINES, TEMPLATE, Line, Verdict
from apps.intake.models import Addition
from apps.registry.models import ActorKind, Source, platform_choices

LIMIT = 5 * MEGABYTE
SIGNER = Signer(salt="lines that have a verdict")
EXAMPLE = ("Ақорда", "Акорда", "Akorda", "https://t.me/akorda_official", "state_body")
PROBLEMS = {
    "kind": _("The kind is not known. Write one of: %(kinds)s."),
    "name": _("A name may be 200 signs long, and is plain text: it begins with no =, + or @."),
    "ambiguous": _(
        "Several actors have this name. Write the short name from the address of the actor's page."
    ),
}


class AddForm(forms.Form):
    lines = forms.CharField(
        label=_("Accounts, one a line"),
        widget=forms.Textarea(attrs={"rows": 14, "class": "vLargeTextField", "spellcheck": "false"}),
        required=False,
        strip=False,
        help_text=_("An address, an @handle or an id; “Name; address”; or “kk; ru; en; address; kind”."),
    )
    file = forms.FileField(
        label=_("or a file"),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx"}),
        required=False,
        help_text=_("CSV or XLSX, with the columns of the template."),
    )
    platform = forms.ChoiceField(
        label=_("Platform"),
        choices=lambda: [("", _("recognise it from the address")), *platform_choices()],
        required=False,
    )
    kind = forms.ChoiceField(label=_("Kind of new actors"), choices=ActorKind)
    source = forms.ModelChoiceField(
        label=_("Where the list comes from"), queryset=Source.objects.all(), required=False
    )

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        lines = self.cleaned_data.get("lines", "")
        if self.cleaned_data.get("file"):
            try:
                lines = f"{lines.rstrip()}\n{_lines_of(self.cleaned_data['file'])}".lstrip("\n")
            except NoTable as refused:
                self.add_error("file", str(refused))
        if "\0" in lines:
            self.add_error("lines", _("This holds a character that is not text."))
        if len(lines.splitlines()) > MOST_LINES:
            self.add_error("lines", _now("Up to %(count)d lines at once, please.") % {"count": MOST_LINES})
        self.cleaned_data["lines"] = lines
        return cleaned


def _lines_of(upload: Any) -> str:
    """The rows of a CSV or a workbook as lines of the box."""
    with tempfile.TemporaryDirectory() as folder:
        kept = sheets.keep(upload.file, Path(folder) / "accounts.csv")
        rows = []
        for record in sheets.records(kept.path, kept.encoding):
            if record.broken:
                raise NoTable(record.broken)
            rows.append("; ".join(" ".join(cell.split()).replace(";", ",") for cell in record.cells))
            if len(rows) > MOST_LINES:
                break
    return "\n".join(rows)


@require_http_methods(["GET", "POST"])
@takes_files(LIMIT)
def bulk(request: HttpRequest) -> HttpResponse:
    """The box, and a verdict for each line. Lines are saved only as they were shown with their verdicts."""
    if not request.user.has_perm("registry.add_account"):
        raise PermissionDenied
    form = AddForm(request.POST or None, request.FILES or None)
    lines: list[Line] = []
    if request.method == "POST" and form.is_valid():
        lines = _judged(form)
        if "save" in request.POST and _were_shown(request, form):
            lines = _save(request, form, lines)
        # What is in the box now, with the lines of a file and without those that were saved.
        form = AddForm(initial={**form.cleaned_data, "file": None})
    good = sum(line.is_good for line in lines)
    words = ngettext("Save %(count)d account", "Save %(count)d accounts", good) % {"count": good}
    context = {
        **admin.site.each_context(request),
        "title": _("Add accounts in bulk"),
        "form": form,
        "lines": lines,
        "good": good,
        "save_words": words,
        "shown": SIGNER.sign_object(_told(form.initial)) if lines else "",
        "problems": {
            code: sentence % {"kinds": ", ".join(ActorKind.values)} for code, sentence in PROBLEMS.items()
        },
        "additions": Addition.objects.filter(by=request.user.pk, undone_at=None)[:3],
    }
    for line in lines:
        line.problem = str(context["problems"].get(line.problem, line.problem))
    return render(request, "backoffice/bulk.html", context)


def _judged(form: AddForm) -> list[Line]:
    chosen = form.cleaned_data
    return bulk_add.judge(chosen["lines"], platform=chosen["platform"], kind=chosen["kind"])


def _told(chosen: Mapping[str, Any]) -> list[str]:
    """What the verdicts were given for."""
    lines = "\n".join(str(chosen.get("lines", "")).split("\r\n")).strip()
    return [_hash_of(lines), str(chosen.get("platform", "")), str(chosen.get("kind", ""))]


def _hash_of(text: str) -> str:
    return SIGNER.signature(text)


def _were_shown(request: HttpRequest, form: AddForm) -> bool:
    try:
        return bool(SIGNER.unsign_object(request.POST.get("shown", "")) == _told(form.cleaned_data))
    except BadSignature:
        return False


def _save(request: HttpRequest, form: AddForm, lines: list[Line]) -> list[Line]:
    """Save the good lines; those that stay in the box."""
    if any(line.verdict == Verdict.CREATES for line in lines) and not request.user.has_perm(
        "registry.add_actor"
    ):
        raise PermissionDenied
    try:
        made = bulk_add.save(lines, by=request.user, source=form.cleaned_data["source"])  # type: ignore[arg-type]  # admin_view lets only users in
    except IntegrityError:
        messages.error(
            request, _("Somebody else has added one of these just now. Look at the verdicts again.")
        )
        return _judged(form)
    if made is None:
        return lines
    tasks.wake()
    count = len(made.accounts) + len(made.filled)
    words = ngettext("%(count)d account was added.", "%(count)d accounts were added.", count)
    messages.success(request, words % {"count": count})
    left = [line for line in lines if not line.is_good]
    form.cleaned_data["lines"] = "\n".join(line.text for line in left)
    for number, line in enumerate(left, 1):
        line.number = number
    return left


@require_POST
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """What was just added goes, where nothing was recorded for it yet."""
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


@require_GET
def template(request: HttpRequest, kind: str) -> HttpResponse:
    """A file to fill in, with its header and one example."""
    if kind == "csv":
        text = io.StringIO()
        csv.writer(text, delimiter=";").writerows([TEMPLATE, EXAMPLE])
        answer = HttpResponse(text.getvalue().encode("utf-8-sig"), content_type="text/csv; charset=utf-8")
    elif kind == "xlsx":
        made = io.BytesIO()
        with xlsxwriter.Workbook(made, {"in_memory": True, "strings_to_urls": False}) as book:
            sheet = book.add_worksheet()
            sheet.set_column(0, 4, 30)
            sheet.write_row(0, 0, TEMPLATE)
            sheet.write_row(1, 0, EXAMPLE)
        answer = HttpResponse(
            made.getvalue(), content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        )
    else:
        raise Http404
    answer["Content-Disposition"] = f'attachment; filename="accounts.{kind}"'
    return answer
