"""Any table in any supported form reads back to the same snapshots; damage gives verdicts, never half a batch."""

import csv
import io
from datetime import date

import pytest
import xlsxwriter
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from apps.common.grids import NoTable
from apps.intake import imports
from apps.intake.answers import Answers
from apps.intake.models import ImportBatch
from apps.snapshots.models import Snapshot
from tests.builders import make_account, make_source

pytestmark = pytest.mark.django_db
QUICK = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    database=None,
    phases=(Phase.explicit, Phase.generate),
)
MONTHS = {
    "ru": [
        "января",
        "февраля",
        "марта",
        "апреля",
        "мая",
        "июня",
        "июля",
        "августа",
        "сентября",
        "октября",
        "ноября",
        "декабря",
    ],
    "kk": [
        "қаңтар",
        "ақпан",
        "наурыз",
        "сәуір",
        "мамыр",
        "маусым",
        "шілде",
        "тамыз",
        "қыркүйек",
        "қазан",
        "қараша",
        "желтоқсан",
    ],
    "en": [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
}
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1251")

days = st.dates(date(2005, 1, 1), date(2026, 1, 1))
spans = st.sampled_from((1, 2, 3))


def first_of(day, span):
    return day.replace(month=1, day=1) if span == 1 else day.replace(day=1) if span == 2 else day


whens = st.tuples(days, spans).map(lambda pair: (first_of(*pair), pair[1]))
tables = st.dictionaries(whens, st.integers(0, 9_999_999), min_size=1, max_size=6)


def date_forms(day, span, months):
    month = MONTHS[months][day.month - 1]
    if span == 1:
        return [f"{day.year}", f"{day.year} г.", f"{day.year} ж.", f"{day.year} жыл"]
    if span == 2:
        return [f"{day:%Y-%m}", f"{day:%m.%Y}", f"{month} {day.year}", f"{day.year} {month}"]
    return [f"{day:%Y-%m-%d}", f"{day:%d.%m.%Y}", f"{day.day} {month} {day.year}", f"{day:%Y/%m/%d}"]


def number_forms(count):
    grouped = f"{count:,}"
    forms = [str(count), grouped, *(grouped.replace(",", mark) for mark in (" ", "\u00a0", ".", "'"))]
    if count % 10_000 == 0 and count >= 1_000_000:
        forms += [f"{count / 1_000_000:.2f}".replace(".", ",") + " млн", f"{count / 1_000_000:.2f}M"]
    if count % 100 == 0 and 1000 <= count < 1_000_000:
        forms += [
            f"{count / 1000:.1f}".replace(".", ",") + " тыс.",
            f"{count / 1000:.1f}K",
            f"{count / 1000:.1f} мың",
        ]
    return forms


def as_file(rows, form, delimiter):
    if form == "xlsx":
        made = io.BytesIO()
        with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
            sheet = book.add_worksheet()
            for number, row in enumerate(rows):
                for place, cell in enumerate(row):
                    sheet.write(number, place, int(cell) if cell.isdecimal() else cell)
        return made.getvalue()
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue().encode(form)


@pytest.fixture
def account(settings, tmp_path):
    settings.VAR_DIR = tmp_path
    make_source("study")
    return make_account("abenov", "facebook", "murat")


def brought(content):
    """Return the batch of a file that is imported; None where it is refused."""
    try:
        batch = imports.receive(io.BytesIO(content), "x", source=make_source("study"))
    except NoTable:
        return None
    imports.check(batch, answers=Answers(accept=["*"]))  # the counts jump as they like
    if batch.stage == "checked":
        imports.write(batch)
    return batch


def forget():
    ImportBatch.objects.all().delete()
    Snapshot.objects.all().delete()


def recorded():
    return {(row.day, row.span): row.followers for row in Snapshot.objects.all()}


@QUICK
@given(table=tables, shape=st.data())
def test_any_form_reads_back_the_same(account, table, shape):
    forget()
    pick = lambda options: shape.draw(st.sampled_from(options))  # noqa: E731 (short for this test alone)
    form = pick((*ENCODINGS, "xlsx"))
    months = pick(("ru", "en")) if form == "cp1251" else pick(tuple(MONTHS))
    said = {
        when: (
            pick([one for one in date_forms(*when, months) if form != "cp1251" or "ң" not in one]),
            pick([one for one in number_forms(count) if form != "cp1251" or "ң" not in one]),
        )
        for when, count in table.items()
    }
    if pick((True, False)):
        rows = [["actor", "platform", "day", "followers"]]
        rows += [["abenov", "Facebook", day, count] for day, count in said.values()]
    else:
        rows = [
            ["actor", "platform", *(day for day, _count in said.values())],
            ["abenov", "facebook", *(count for _day, count in said.values())],
        ]
    batch = brought(as_file(rows, form, pick((",", ";", "\t"))))
    assert batch is not None
    assert batch.counts.get("error", 0) == 0, list(batch.rows.values_list("problem", flat=True))
    assert recorded() == table


@QUICK
@given(table=tables, damage=st.lists(st.tuples(st.integers(0, 400), st.binary(min_size=1, max_size=4)), max_size=6),
       cut=st.integers(0, 400), form=st.sampled_from(("utf-8", "utf-16", "cp1251", "xlsx")))  # fmt: skip
def test_damage_gives_verdicts_and_never_half_a_batch(account, table, damage, cut, form):
    forget()
    rows = [["actor", "platform", "day", "followers"]]
    rows += [["abenov", "facebook", date_forms(*when, "en")[0], str(count)] for when, count in table.items()]
    content = bytearray(as_file(rows, form, ","))
    for place, wrong in damage:
        at = place % len(content)
        content[at : at + len(wrong)] = wrong
    batch = brought(bytes(content[: len(content) - cut % len(content)]))
    written = Snapshot.objects.count()
    if batch is None or batch.stage != "written":
        assert written == 0
        assert batch is None or batch.refused
    else:
        assert written == batch.counts.get("new", 0)
        assert all(row.problem for row in batch.rows.filter(verdict="error"))
