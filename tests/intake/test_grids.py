"""Any file becomes rows of typed cells, or one sentence; what is hostile costs little."""

import csv
import io
import json
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.common import grids
from apps.common.grids import NoTable, keep, open_kept, read_cell
from tests.intake.books import ods, xlsx, zipped

RUSSIAN = "Участник;Платформа;Дата;Подписчики\nМурат Абенов;Фейсбук;01.12.2018;41 260\n"
KAZAKH = "Қатысушы;Желі;Күні;Жазылушылар саны\nМұрат Әбенов;Фейсбук;01.12.2018;41 260\n"


@pytest.fixture
def kept(tmp_path):
    numbers = iter(range(1000))

    def kept(content):
        return keep(io.BytesIO(content), tmp_path / str(next(numbers)))

    return kept


def cells(table, sheet=0):
    return [record.cells for record in table.records(sheet)]


class TestTexts:
    @pytest.mark.parametrize(
        ("text", "encoding"),
        [
            (RUSSIAN, "utf-8"), (RUSSIAN, "utf-8-sig"), (RUSSIAN, "utf-16"), (RUSSIAN, "utf-16-le"), (RUSSIAN, "utf-16-be"),
            (RUSSIAN, "cp1251"), (RUSSIAN, "koi8-r"), (RUSSIAN, "cp866"), (RUSSIAN, "mac-cyrillic"),
            (KAZAKH, "utf-8"), (KAZAKH, "utf-16"), (KAZAKH, "kz1048"),
        ],
    )  # fmt: skip
    def test_the_encoding_is_told(self, kept, text, encoding):
        assert cells(kept(text.encode(encoding))) == list(csv.reader(io.StringIO(text), delimiter=";"))

    @pytest.mark.parametrize("separator", ["\t", ";", ",", "|"])
    def test_the_separator_is_told(self, kept, separator):
        rows = [
            ["Орган", "Facebook, тыс.", "Дата"],
            ["Абенов, М.", "41,3", "01.12.2018"],
            ["Акорда", "2,4", "02.12.2018"],
        ]
        text = io.StringIO()
        csv.writer(text, delimiter=separator).writerows(rows)
        assert cells(kept(text.getvalue().encode())) == rows

    def test_a_decimal_comma_in_each_row_is_no_separator(self, kept):
        text = "Орган;тыс.\nА;1,5\nБ;2,5\nВ;3,5\n"
        assert cells(kept(text.encode()))[1] == ["А", "1,5"]

    def test_a_line_that_names_the_separator_is_obeyed_and_is_no_row(self, kept):
        records = list(kept("sep=;\nимя, отчество;число\nа;1\n".encode()).records())
        assert [(record.line, record.cells) for record in records] == [
            (2, ["имя, отчество", "число"]),
            (3, ["а", "1"]),
        ]

    def test_a_nul_spoils_its_row_alone(self, kept):
        assert cells(kept(b"actor,followers\nabenov,41\x00263\nother,5\n" + b"x,1\n" * 500))[2] == [
            "other",
            "5",
        ]

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"\x00\x01\x02" * 5000,
            b"\xd0\xcf\x11\xe0 old excel",
            b"%PDF-1.7 ...",
            b"PK\x03\x04 broken",
            b'[{"a": 1',
            b"{}",
        ],
    )
    def test_what_is_no_table_is_refused_and_leaves_nothing(self, kept, tmp_path, content):
        with pytest.raises(NoTable):
            kept(content)
        assert list(tmp_path.iterdir()) == []

    def test_a_quote_that_never_ends_is_said_and_ends_the_reading(self, kept):
        records = list(kept(b'a,b\n1,"2\n3,4\n5,6\n').records())
        assert records[0].cells == ["a", "b"]
        assert records[-1].broken

    def test_a_file_of_200_megabytes_is_refused_before_it_is_all_there(self, tmp_path):
        class Endless(io.RawIOBase):
            sent = 0

            def read(self, size=-1):
                self.sent += size
                return b"a" * size

        source = Endless()
        with pytest.raises(NoTable):
            keep(source, tmp_path / "big")
        assert source.sent < 110 * grids.MEGABYTE
        assert not (tmp_path / "big").exists()

    def test_our_json_becomes_a_table(self, kept):
        rows = {"about": {"x": 1}, "rows": [{"day": "2018", "followers": 5}, {"day": "2019", "note": None}]}
        assert cells(kept(json.dumps(rows).encode())) == [
            ["day", "followers", "note"],
            ["2018", "5", ""],
            ["2019", "", ""],
        ]

    def test_half_a_pair_of_signs_in_json_is_a_mark(self, kept):
        assert cells(kept(b'[{"a": "\\ud800"}]')) == [["a"], ["?"]]

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.binary(max_size=300))
    def test_no_bytes_raise_anything_but_a_sentence(self, kept, content):
        try:
            table = kept(content)
        except NoTable:
            return
        for record in table.records():
            assert record.cells or record.broken


class TestWorkbooks:
    def test_typed_cells_keep_value_and_format(self, kept):
        rows = (
            '<row r="2"><c r="A2"><v>41260</v></c><c r="B2"><v>1.234</v></c><c r="C2" s="1"><v>0.764</v></c><c r="D2" s="2"><v>13.8</v></c>'
            '<c r="E2" s="3"><v>43435</v></c><c r="F2" t="b"><v>1</v></c><c r="G2" t="e"><v>#N/A</v></c><c r="H2" t="inlineStr"><is><t>41 260</t></is></c></row>'
        )
        table = kept(xlsx(rows, formats=("0.0%", "0.0&quot; тыс.&quot;", "mmm yy")))
        record = next(table.records())
        assert record.line == 2
        assert [read_cell(cell) for cell in record.cells] == [
            ("", "41260", ""),
            ("number", "1.234", ""),
            ("percent", "0.764", "0.0%"),
            ("number", "13.8", '0.0" тыс."'),
            ("date", "2018-12-01", "mmm yy"),
            ("bool", "1", ""),
            ("error", "#N/A", ""),
            ("", "41 260", ""),
        ]

    def test_what_is_hidden_merged_and_linked_is_known(self, kept):
        rows = '<row r="1"><c r="A1"><v>1</v></c></row><row r="2" hidden="1"><c r="A2"><v>2</v></c></row>'
        table = kept(
            xlsx(
                rows,
                sheets=(("черновик", "hidden"), ("Итог", "visible"), ("x", "veryHidden")),
                before='<cols><col min="2" max="3" hidden="1"/></cols>',
                after='<mergeCells><mergeCell ref="A1:B2"/></mergeCells>',
            )
        )
        assert [sheet.state for sheet in table.sheets] == ["hidden", "visible", "veryhidden"]
        first = table.sheets[0]
        assert (first.hidden_rows, first.hidden_columns, first.merged) == ([[2, 2]], [[1, 2]], [[1, 0, 2, 1]])
        assert open_kept(table.folder) == table

    def test_a_formula_that_links_is_a_link(self, kept):
        rows = '<row r="1"><c r="A1" t="str"><f>HYPERLINK("https://t.me/akorda_official","канал")</f><v>канал</v></c></row>'
        table = kept(xlsx(rows))
        assert table.sheets[0].links == {"1,0": "https://t.me/akorda_official"}
        assert cells(table) == [["канал"]]

    def test_open_document_is_read_as_the_other_kind(self, kept):
        styles = (
            '<style:style style:name="hid" style:family="table"><style:table-properties table:display="false"/></style:style>'
            '<number:number-style style:name="N1"><number:number number:decimal-places="1"/><number:text> тыс.</number:text></number:number-style>'
            '<style:style style:name="c1" style:family="table-cell" style:data-style-name="N1"/>'
            '<number:date-style style:name="N2"><number:month number:textual="true"/><number:text> </number:text><number:year/></number:date-style>'
            '<style:style style:name="c2" style:family="table-cell" style:data-style-name="N2"/>'
        )
        tables = (
            '<table:table table:name="черновик" table:style-name="hid"><table:table-row><table:table-cell><text:p>x</text:p></table:table-cell></table:table-row></table:table>'
            '<table:table table:name="Итог"><table:table-column/><table:table-column table:visibility="collapse"/>'
            '<table:table-row table:number-rows-repeated="2"><table:table-cell table:number-columns-repeated="3"/></table:table-row>'
            '<table:table-row><table:table-cell table:number-rows-spanned="2" office:value-type="string"><text:p>Абенов <text:a xlink:href="https://t.me/a">т</text:a></text:p></table:table-cell>'
            '<table:table-cell table:style-name="c1" office:value-type="float" office:value="13.8"><text:p>13,8 тыс.</text:p></table:table-cell>'
            '<table:table-cell table:style-name="c2" office:value-type="date" office:date-value="2018-12-01"><text:p>дек. 18</text:p></table:table-cell>'
            '<table:table-cell office:value-type="percentage" office:value="0.5"/><table:table-cell office:value-type="float" office:value="41260"/></table:table-row>'
            '<table:table-row table:visibility="filter"><table:covered-table-cell/><table:table-cell office:value-type="float" office:value="1.5"/></table:table-row>'
            "</table:table>"
        )
        table = kept(ods(tables, styles=styles))
        assert [(sheet.name, sheet.state) for sheet in table.sheets] == [
            ("черновик", "hidden"),
            ("Итог", "visible"),
        ]
        sheet = table.sheets[1]
        assert (sheet.hidden_rows, sheet.hidden_columns, sheet.merged, sheet.links) == (
            [[4, 4]],
            [[1, 1]],
            [[3, 0, 4, 0]],
            {"3,0": "https://t.me/a"},
        )
        first, second = table.records(1)
        assert (first.line, second.line) == (3, 4)
        assert [read_cell(cell) for cell in first.cells] == [
            ("", "Абенов т", ""),
            ("number", "13.8", '0.0" тыс."'),
            ("date", "2018-12-01", 'mmm" "yy'),
            ("percent", "0.5", ""),
            ("", "41260", ""),
        ]
        assert read_cell(second.cells[1]) == ("number", "1.5", "")


def hostile():
    row = '<row r="1"><c r="A1" t="s"><v>0</v></c></row>'
    far = '<table:table table:name="a"><table:table-row><table:table-cell table:number-columns-repeated="3000000" office:value-type="float" office:value="1"/></table:table-row></table:table>'
    long = far.replace('number-columns-repeated="3000000"', "").replace(
        "<table:table-row>", '<table:table-row table:number-rows-repeated="900000000">'
    )
    entities = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]>'
    many = 3_100_000
    return {
        "22 million shared strings": lambda: xlsx(
            row, strings='<sst xmlns="x" uniqueCount="22000000"><si><t>a</t></si></sst>'
        ),
        "three million that nobody announced": lambda: xlsx(row, strings="<si><t/></si>" * many),
        "two gigabytes in two megabytes": lambda: zipped(
            {"xl/workbook.xml": "a", "xl/worksheets/sheet1.xml": b" " * 450_000_000}
        ),
        "a column far away": lambda: xlsx('<row r="1"><c r="ZZZZ1"><v>1</v></c></row>'),
        "16,385 columns without a value": lambda: xlsx('<row r="1">' + "<c/>" * 16_385 + "</row>"),
        "1,001 columns": lambda: xlsx('<row r="1"><c r="ALM1"><v>1</v></c></row>'),
        "a row far away": lambda: xlsx('<row r="99999999"><c r="A99999999"><v>1</v></c></row>'),
        "three million columns": lambda: ods(far),
        "900 million rows": lambda: ods(long),
        "entities": lambda: xlsx(row, head=entities),
        "not XML": lambda: zipped({"xl/workbook.xml": "<<<"}),
        "an archive": lambda: zipped({"readme.txt": "hello"}),
        "a part that leads out": lambda: zipped({"xl/workbook.xml": "", "../../etc/passwd": ""}),
        "nothing in it": lambda: xlsx(sheets=()),
    }


@pytest.mark.parametrize("name", list(hostile()))
def test_a_hostile_workbook_ends_in_a_sentence_within_seconds(tmp_path, name):
    content = hostile()[name]()
    began = time.monotonic()
    with pytest.raises(NoTable) as refused:
        keep(io.BytesIO(content), tmp_path / "x")
    assert str(refused.value)
    assert time.monotonic() - began < 20
    assert list(tmp_path.iterdir()) == []
