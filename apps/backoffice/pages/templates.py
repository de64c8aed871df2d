"""Files to fill in, with headings in the language that was chosen and one example: counts, and accounts."""

import csv
import io
from collections.abc import Sequence

import xlsxwriter
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

LANGUAGES = {"kk": "Қазақша", "ru": "Русский", "en": "English"}
COUNTS = {
    "en": (
        ("Actor", "Platform", "Address", "Date", "Followers", "Note"),
        ("Akorda", "Facebook", "", "2018-12-01", "41260", ""),
    ),
    "ru": (
        ("Участник", "Площадка", "Ссылка", "Дата", "Подписчики", "Примечание"),
        ("Акорда", "Facebook", "", "01.12.2018", "41260", ""),
    ),
    "kk": (
        ("Қатысушы", "Платформа", "Сілтеме", "Күні", "Жазылушылар саны", "Ескерту"),
        ("Ақорда", "Facebook", "", "01.12.2018", "41260", ""),
    ),
}
ACCOUNTS = {
    "en": ("name_kk", "name_ru", "name_en", "Address", "Type"),
    "ru": ("name_kk", "name_ru", "name_en", "Ссылка", "Тип"),
    "kk": ("name_kk", "name_ru", "name_en", "Сілтеме", "Түрі"),
}
ACCOUNT = ("Ақорда", "Акорда", "Akorda", "https://t.me/akorda_official", "state_body")


@require_GET
def counts(request: HttpRequest, lang: str, kind: str) -> HttpResponse:
    """Send the template for past counts."""
    if lang not in COUNTS:
        raise Http404
    return _file(f"counts-{lang}", kind, COUNTS[lang])


@require_GET
def accounts(request: HttpRequest, lang: str, kind: str) -> HttpResponse:
    """Send the template for a list of accounts."""
    if lang not in ACCOUNTS:
        raise Http404
    return _file(f"accounts-{lang}", kind, (ACCOUNTS[lang], ACCOUNT))


def _file(name: str, kind: str, rows: Sequence[Sequence[str]]) -> HttpResponse:
    if kind == "csv":
        text = io.StringIO()
        csv.writer(text, delimiter=";").writerows(rows)
        answer = HttpResponse(text.getvalue().encode("utf-8-sig"), content_type="text/csv; charset=utf-8")
    elif kind == "xlsx":
        made = io.BytesIO()
        with xlsxwriter.Workbook(made, {"in_memory": True, "strings_to_urls": False}) as book:
            sheet = book.add_worksheet()
            sheet.set_column(0, len(rows[0]) - 1, 30)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
        answer = HttpResponse(
            made.getvalue(), content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        )
    else:
        raise Http404
    answer["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return answer
