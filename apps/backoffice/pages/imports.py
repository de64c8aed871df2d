"""Past counts from a file: send it, see how it is read, answer, read the verdicts, import it, undo it."""

import io
import uuid
from datetime import date
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.text import slugify
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from apps.backoffice.pages import doubt_charts
from apps.backoffice.pages.reading_form import ReadingForm, SourceForm, columns_of, role_choices
from apps.backoffice.pages.templates import LANGUAGES
from apps.backoffice.pages.uploads import takes_files
from apps.common.grids import ENCODINGS, MOST_TEXT, NoTable
from apps.intake import imports, tasks
from apps.intake.answers import Answers
from apps.intake.layout import Layout
from apps.intake.models import ImportBatch, ImportedRow
from apps.intake.plans import labels
from apps.intake.words import DOUBT
from apps.registry.models import Account, Source, platform_choices
from apps.registry.names import fold, in_latin
from apps.snapshots.models import Span

AT_ONCE = 1_000_000  # bytes; a larger file is left to a worker
ROWS = 100
BATCHES = 25
Stage = ImportBatch.Stage


class ImportForm(forms.Form):
    """A file or pasted cells, and where the numbers come from."""

    file = forms.FileField(
        label=_("File"),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx,.ods,.json"}),
        required=False,
        help_text=_(
            "CSV, TSV, XLSX, ODS or one of our own files, as it is: headings in any of the three languages, titles, totals and "
            "notes are recognised, and nothing is recorded before you have seen how it is read."
        ),
    )
    pasted = forms.CharField(
        label=_("or cells, pasted"),
        widget=forms.Textarea(attrs={"rows": 4, "class": "vLargeTextField", "spellcheck": "false"}),
        required=False,
        strip=False,  # and without a longest length: a browser would cut what is pasted in silence
    )
    source = forms.ModelChoiceField(
        label=_("Source"),
        queryset=Source.objects.exclude(kind=Source.Kind.SYNTHETIC),
        required=False,
        help_text=_("Where the numbers come from, unless a row names its own source."),
    )
    source_title = forms.CharField(
        label=_("or a new source"),
        max_length=500,
        required=False,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text=_("Its title: who published the numbers, where and when."),
    )
    platform = forms.ChoiceField(
        label=_("Platform"),
        choices=lambda: [("", _("named in the file")), *platform_choices()],
        required=False,
    )
    nature = forms.ChoiceField(
        label=_("What the numbers are"),
        choices=ImportBatch.Nature,
        initial=ImportBatch.Nature.PUBLISHED,
        required=False,
    )

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if (
            not self.cleaned_data.get("file")
            and not self.cleaned_data.get("pasted", "").strip()
            and "file" not in self.errors
        ):
            self.add_error("file", _("Choose a file, or paste cells below."))
        return cleaned


class EncodingForm(forms.Form):
    encoding = forms.ChoiceField(label=_("Encoding"), choices=list(ENCODINGS.items()))


class WriteForm(forms.Form):
    leave_out = forms.BooleanField(
        label=_("Leave out the rows that cannot be read, are held out or are not answered"), required=False
    )
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
        if not any(batch.counts.get(verdict) for verdict in ("error", "asked", "doubt")):
            del self.fields["leave_out"]
        if not batch.counts.get("conflict"):
            del self.fields["replace"], self.fields["reason"]

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if "leave_out" in self.fields and not self.cleaned_data.get("leave_out"):
            self.add_error(
                "leave_out",
                _("Some rows stay out. Answer, accept or mend them, or tick this box."),
            )
        if self.cleaned_data.get("replace") and not self.cleaned_data.get("reason", "").strip():
            self.add_error("reason", _("Values are replaced only with a reason."))
        return cleaned

    @property
    def why(self) -> str:
        """Return the reason to replace; "" where nothing is to be replaced."""
        return self.cleaned_data["reason"].strip() if self.cleaned_data.get("replace") else ""


@require_http_methods(["GET", "POST"])
@takes_files(MOST_TEXT)
def start(request: HttpRequest) -> HttpResponse:
    """Take a file; show the imports so far below it."""
    if not request.user.has_perm("intake.add_importbatch"):
        raise PermissionDenied
    form = ImportForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        batch = _receive(request, form)
        if batch:
            _work(request, batch, "check")
            return HttpResponseRedirect(reverse("admin:backoffice_import_batch", args=[batch.pk]))
    context = {
        **admin.site.each_context(request),
        "title": _("Import past counts"),
        "form": form,
        "batches": Paginator(ImportBatch.objects.select_related("source", "by"), BATCHES).get_page(
            request.GET.get("p")
        ),
        "template_languages": LANGUAGES.items(),
    }
    return render(request, "backoffice/import.html", context)


def _receive(request: HttpRequest, form: ImportForm) -> ImportBatch | None:
    chosen = form.cleaned_data
    upload = chosen["file"]
    file, name = (
        (upload.file, upload.name)
        if upload
        else (io.BytesIO(chosen["pasted"].encode()), gettext("pasted cells"))
    )
    try:
        return imports.receive(
            file,
            name,
            source=chosen["source"] or _new_source(request, chosen["source_title"]),
            platform=chosen["platform"],
            language=(get_language() or "en")[:2],
            nature=chosen["nature"] or ImportBatch.Nature.PUBLISHED,
            by=request.user,  # type: ignore[arg-type]  # admin_view lets only users in
        )
    except NoTable as refused:
        form.add_error("file" if upload else "pasted", str(refused))
    return None


def _new_source(request: HttpRequest, title: str) -> Source | None:
    """Make the source that was typed beside the file; None where nothing was typed: the next page asks."""
    title = " ".join(title.split())
    if not title:
        return None
    standing = Source.objects.filter(title=title).first()
    if standing:
        return standing
    if not request.user.has_perm("registry.add_source"):
        raise PermissionDenied
    base = slugify(in_latin(fold(title)))[:50] or "source"
    keys = set(Source.objects.filter(key__startswith=base).values_list("key", flat=True))
    key = next(
        key for key in (base, *(f"{base}-{number}" for number in range(2, len(keys) + 3))) if key not in keys
    )
    return Source.objects.create(key=key, kind=Source.Kind.IMPORT, title=title)


def _work(request: HttpRequest, batch: ImportBatch, work: str, **how: Any) -> None:
    """Do a small file at once, a large one by a worker; say what cannot be done."""
    if batch.size > AT_ONCE:
        if not tasks.begin_import(batch, work, **how):
            messages.error(request, _("No worker can be reached just now. Try again in a minute."))
        return
    try:
        tasks.do_import(batch, work, **how)
    except imports.ImportRefused as refused:
        messages.error(request, str(refused))


@require_http_methods(["GET", "POST"])
def batch(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Show the verdicts of one file, and what can be done with it."""
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
    return render(request, "backoffice/import_batch.html", _context(request, found, form))


def _act(request: HttpRequest, found: ImportBatch, asked: str, form: WriteForm) -> HttpResponse | None:
    """Do what was asked for; None where the page is to be shown again with what is wrong."""
    by = request.user.pk
    if asked == "check":
        chosen = EncodingForm(request.POST)
        if chosen.is_valid():
            _work(request, found, "check", encoding=chosen.cleaned_data["encoding"])
    elif asked in ("answer", "accept", "reset", "source"):
        return _take_answer(request, found, asked)
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
        except imports.ImportRefused as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, _("The file was thrown away; nothing was recorded from it."))
            return HttpResponseRedirect(reverse("admin:backoffice_import"))
    return HttpResponseRedirect(reverse("admin:backoffice_import_batch", args=[found.pk]))


def _take_answer(request: HttpRequest, found: ImportBatch, asked: str) -> HttpResponse | None:
    """Take what a person says of the table, and look again; None where something said cannot be used."""
    answers = imports.answers_of(found)
    if asked == "answer":
        reading = _reading_form(found, request.POST)
        answers = reading.read()
        if reading.errors:
            for sentence in reading.errors:
                messages.error(request, sentence)
            return None
    elif asked == "accept":
        places = request.POST.getlist("place")
        answers.accept = ["*"] if "all" in request.POST else sorted({*answers.accept, *places})
    elif asked == "reset":
        answers = Answers()
    elif asked == "source":
        chosen = SourceForm(request.POST)
        source = _new_source(request, chosen.cleaned_data["source_title"]) if chosen.is_valid() else None
        key = request.POST.get("source", "")
        standing = Source.objects.filter(pk=int(key)).first() if key.isdecimal() and len(key) < 10 else None
        if source is None and standing is None:
            messages.error(request, _("Choose a source, or write the title of a new one."))
            return None
        ImportBatch.objects.filter(pk=found.pk, written_at=None).update(source=standing or source)
        found.refresh_from_db()
    _work(request, found, "check", answers=answers.as_json())
    return HttpResponseRedirect(reverse("admin:backoffice_import_batch", args=[found.pk]))


def _reading_form(found: ImportBatch, sent: Any = None) -> ReadingForm:
    layouts = [Layout.from_json(saved) for saved in found.reading.get("layouts", [])]
    return ReadingForm(layouts, found.reading.get("questions", []), imports.answers_of(found), sent)


def _tables(found: ImportBatch, reading: ReadingForm) -> list[dict[str, Any]]:
    """Return each sheet as the page shows it: first rows, columns with their roles, what was recognised and left out."""
    choices = role_choices()
    previews = found.reading.get("preview", [])
    tables = []
    for number, layout in enumerate(reading.layouts):
        columns = columns_of(layout, choices)
        header = set(layout.header)
        titles = {line for line, _text in layout.titles}
        preview = previews[number] if number < len(previews) else []
        for row in preview:
            row["is_header"] = row["line"] in header
            row["is_title"] = row["line"] in titles
            row["cells"] = [*row["cells"], *[""] * (len(columns) - len(row["cells"]))][: len(columns)]
        tables.append(
            {
                "layout": layout,
                "is_visible": layout.sheet_state == "visible" and bool(layout.columns),
                "columns": columns,
                "preview": preview,
                "left": [
                    column
                    for column in layout.columns
                    if column.role in ("left", "change")
                    and (column.name or column.why not in ("empty", "unknown"))
                ],
                "hidden_columns": [column for column in layout.columns if column.hidden],
            }
        )
    return [table for table in tables if table["is_visible"]] or tables


def _context(request: HttpRequest, found: ImportBatch, form: WriteForm) -> dict[str, Any]:
    rows = (
        ImportedRow.objects.filter(batch=found).select_related("account__actor", "source").order_by("number")
    )
    verdict = request.GET.get("verdict", "")
    if verdict in ImportedRow.Verdict.values:
        rows = rows.filter(verdict=verdict)
    total = sum(found.counts.get(name, 0) for name in ImportedRow.Verdict.values)
    pages = Paginator(rows, ROWS)
    if found.stage != Stage.WRITTEN:
        # The verdicts are counted already: a million rows are not counted for each page again.
        pages.count = found.counts.get(verdict, total)
    page = pages.get_page(request.GET.get("p"))
    sources = dict(Source.objects.values_list("pk", "title"))
    new_accounts = labels(found.reading.get("planned", []))
    for row in page.object_list:
        row.planned = new_accounts.get(row.account_id or 0, "")  # type: ignore[attr-defined]  # for the page alone
        row.standing = _conflict_of(row, sources)  # type: ignore[attr-defined]  # for the page alone
        row.doubt = _doubt(row)  # type: ignore[attr-defined]  # for the page alone
    is_open = found.stage in (Stage.CHECKED, Stage.REFUSED) and bool(found.reading.get("layouts"))
    reading = (
        _reading_form(found, request.POST if request.POST.get("do") == "answer" else None)
        if is_open
        else None
    )
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
        "reading": reading,
        "tables": _tables(found, reading) if reading else [],
        "sheets": found.reading.get("sheets", []),
        "other_sheets": [
            sheet for sheet in found.reading.get("sheets", []) if len(found.reading.get("sheets", [])) > 1
        ],
        "has_answers": bool(found.answers),
        "remembered": found.reading.get("remembered"),
        "sources": Source.objects.exclude(kind=Source.Kind.SYNTHETIC) if found.source_id is None else [],
        "charts": doubt_charts.of_batch(found) if found.counts.get("doubt") and is_open else [],
        "doubts": found.counts.get("doubt", 0),
        "page": page,
        "verdict": verdict,
        "verdicts": [
            (one, found.counts.get(one.value, 0))
            for one in ImportedRow.Verdict
            if found.counts.get(one.value, 0) or one.value in SHOWN_ALWAYS
        ],
        "total": total,
        "may_undo": request.user.has_perm("intake.change_importbatch"),
    }


SHOWN_ALWAYS = ("new", "same", "conflict", "error")


def _doubt(row: ImportedRow) -> dict[str, str] | None:
    """Say why a row is held out, and the place by which it is accepted."""
    if row.verdict != ImportedRow.Verdict.DOUBT or not row.against:
        return None
    why = row.against
    day = Span(why["span"]).of(date.fromisoformat(why["day"]))
    other = Account.objects.select_related("actor").filter(pk=why.get("other") or 0).first()
    sentence = str(DOUBT[why["doubt"]]) % {
        "before": number_format(why["before"], force_grouping=True),
        "day": day,
        "other": other or "",
    }
    return {"sentence": sentence, "place": f"{row.line}:{row.cell}" if row.cell else str(row.line)}


def _conflict_of(row: ImportedRow, sources: dict[int, str]) -> dict[str, Any] | None:
    """Return what a conflict is with: another line of the file, or a recorded value with its source."""
    if not row.against or "state" not in row.against:
        return None
    state, followers = row.against["state"], row.against["followers"]
    value = row.against["bound"].replace("=", "") + str(followers) if followers is not None else state
    return {
        "value": value,
        "line": row.against.get("line"),
        "source": sources.get(row.against.get("source_id", 0), ""),
        "snapshot": row.against.get("id"),
    }
