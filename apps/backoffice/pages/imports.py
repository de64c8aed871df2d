"""Past counts from a file: send it, read the verdicts, import it, undo it."""

import uuid
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from apps.backoffice.pages.uploads import takes_files
from apps.common.sheets import ENCODINGS, MOST_CSV, NoTable
from apps.intake import imports, tasks
from apps.intake.models import ImportBatch, ImportedRow
from apps.registry.models import Source, platform_choices

AT_ONCE = 1_000_000  # bytes; a larger file is left to a worker
ROWS = 100
BATCHES = 25
Stage = ImportBatch.Stage


class ImportForm(forms.Form):
    file = forms.FileField(
        label=_("File"),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx"}),
        help_text=_(
            "CSV or XLSX. One row for each count (actor, platform, day, followers), or one row for each account "
            "and a column for each date or year."
        ),
    )
    source = forms.ModelChoiceField(
        label=_("Source"),
        queryset=Source.objects.exclude(kind=Source.Kind.SYNTHETIC),
        help_text=_("Where the numbers come from, unless a row names its own source."),
    )
    platform = forms.ChoiceField(
        label=_("Platform"),
        choices=lambda: [("", _("named in the file")), *platform_choices()],
        required=False,
    )


class EncodingForm(forms.Form):
    encoding = forms.ChoiceField(label=_("Encoding"), choices=list(ENCODINGS.items()))


class WriteForm(forms.Form):
    leave_out = forms.BooleanField(label=_("Leave out the rows that cannot be read"), required=False)
    replace = forms.BooleanField(label=_("Replace the values that stand in the way"), required=False)
    reason = forms.CharField(
        label=_("Reason"),
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=2000,
        required=False,
        help_text=_("Only for replacing. Readers see it beside the old and the new values."),
    )

    def __init__(self, *args: Any, batch: ImportBatch, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.batch = batch
        if not batch.counts.get("error"):
            del self.fields["leave_out"]
        if not batch.counts.get("conflict"):
            del self.fields["replace"], self.fields["reason"]

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if "leave_out" in self.fields and not self.cleaned_data.get("leave_out"):
            self.add_error(
                "leave_out",
                _("Some rows cannot be read. Mend the file and send it again, or tick this box."),
            )
        if self.cleaned_data.get("replace") and not self.cleaned_data.get("reason", "").strip():
            self.add_error("reason", _("Values are replaced only with a reason."))
        return cleaned

    @property
    def why(self) -> str:
        """The reason to replace; "" where nothing is to be replaced."""
        return self.cleaned_data["reason"].strip() if self.cleaned_data.get("replace") else ""


@require_http_methods(["GET", "POST"])
@takes_files(MOST_CSV)
def start(request: HttpRequest) -> HttpResponse:
    """A file is sent; below it the imports so far."""
    if not request.user.has_perm("intake.add_importbatch"):
        raise PermissionDenied
    form = ImportForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        batch = _received(request, form)
        if batch:
            _work(request, batch, "check")
            return HttpResponseRedirect(reverse("admin:backoffice_import_batch", args=[batch.pk]))
    context = {
        **admin.site.each_context(request),
        "title": _("Import past counts"),
        "form": form,
        "batches": ImportBatch.objects.select_related("source", "by")[:BATCHES],
    }
    return render(request, "backoffice/import.html", context)


def _received(request: HttpRequest, form: ImportForm) -> ImportBatch | None:
    upload = form.cleaned_data["file"]
    try:
        return imports.receive(
            upload.file,
            upload.name,
            source=form.cleaned_data["source"],
            platform=form.cleaned_data["platform"],
            language=(get_language() or "en")[:2],
            by=request.user,  # type: ignore[arg-type]  # admin_view lets only users in
        )
    except NoTable as refused:
        form.add_error("file", str(refused))
    return None


def _work(request: HttpRequest, batch: ImportBatch, work: str, **how: Any) -> None:
    """A small file at once, a large one by a worker; what cannot be done is told."""
    if batch.size > AT_ONCE:
        if not tasks.begin_import(batch, work, **how):
            messages.error(request, _("No worker can be reached just now. Try again in a minute."))
        return
    try:
        tasks.do_import(batch, work, **how)
    except imports.Refused as refused:
        messages.error(request, str(refused))


@require_http_methods(["GET", "POST"])
def batch(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The verdicts of one file, and what can be done with it."""
    if not request.user.has_perm("intake.add_importbatch"):
        raise PermissionDenied
    found = get_object_or_404(ImportBatch.objects.select_related("source", "by"), pk=pk)
    imports.revive(found)
    asked = request.POST.get("do", "")
    form = WriteForm(request.POST if asked == "write" else None, batch=found)
    if request.method == "POST":
        answer = _act(request, found, asked, form)
        if answer:
            return answer
    return render(request, "backoffice/import_batch.html", _shown(request, found, form))


def _act(request: HttpRequest, found: ImportBatch, asked: str, form: WriteForm) -> HttpResponse | None:
    """None where the page is to be shown again with what is wrong."""
    by = request.user.pk
    if asked == "check":
        chosen = EncodingForm(request.POST)
        if chosen.is_valid():
            _work(request, found, "check", encoding=chosen.cleaned_data["encoding"])
    elif asked == "write":
        if not form.is_valid():
            return None
        if form.why and not request.user.has_perm("snapshots.change_snapshot"):
            raise PermissionDenied
        _work(request, found, "write", reason=form.why, by=by)
    elif asked == "undo":
        if not request.user.has_perm("intake.change_importbatch"):
            raise PermissionDenied
        _work(request, found, "undo", by=by)
    elif asked == "discard":
        try:
            imports.discard(found)
        except imports.Refused as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, _("The file was thrown away; nothing was recorded from it."))
            return HttpResponseRedirect(reverse("admin:backoffice_import"))
    return HttpResponseRedirect(reverse("admin:backoffice_import_batch", args=[found.pk]))


def _shown(request: HttpRequest, found: ImportBatch, form: WriteForm) -> dict[str, Any]:
    rows = (
        ImportedRow.objects.filter(batch=found).select_related("account__actor", "source").order_by("number")
    )
    verdict = request.GET.get("verdict", "")
    if verdict in ImportedRow.Verdict.values:
        rows = rows.filter(verdict=verdict)
    total = sum(found.counts.get(name, 0) for name in ImportedRow.Verdict.values)
    pages = Paginator(rows, ROWS)
    # The verdicts are counted already: a million rows are not counted for each page again.
    pages.__dict__["count"] = (
        found.counts.get(verdict, total) if found.stage != Stage.WRITTEN else rows.count()
    )
    page = pages.get_page(request.GET.get("p"))
    sources = dict(Source.objects.values_list("pk", "title"))
    for row in page.object_list:
        row.standing = _standing(row, sources)  # type: ignore[attr-defined]  # for the page alone
    return {
        **admin.site.each_context(request),
        "title": _("Import: %(file)s") % {"file": found.file_name},
        "batch": found,
        "working": found.stage in imports.WORKING,
        "waiting": found.stage == Stage.RECEIVED,
        "size": found.size,
        "encoding": ENCODINGS.get(found.encoding, found.encoding),
        "encoding_form": EncodingForm(initial={"encoding": found.encoding}),
        "form": form,
        "page": page,
        "verdict": verdict,
        "verdicts": [(one, found.counts.get(one.value, 0)) for one in ImportedRow.Verdict],
        "total": total,
        "may_undo": request.user.has_perm("intake.change_importbatch"),
    }


def _standing(row: ImportedRow, sources: dict[int, str]) -> dict[str, Any] | None:
    """What a conflict is with: another line of the file, or a recorded value with its source."""
    if not row.against:
        return None
    state, followers = row.against["state"], row.against["followers"]
    value = row.against["bound"].replace("=", "") + str(followers) if followers is not None else state
    return {
        "value": value,
        "line": row.against.get("line"),
        "source": sources.get(row.against.get("source_id", 0), ""),
        "snapshot": row.against.get("id"),
    }
