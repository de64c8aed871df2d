"""Workbooks written by hand, part by part: what no library would write."""

import io
import zipfile

XLSX = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def zipped(parts):
    """Return the bytes of an archive of these parts."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return made.getvalue()


def xlsx(rows="", *, strings="", sheets=(("Лист1", "visible"),), before="", after="", formats=(), head=""):
    """Return an .xlsx whose first sheet has these rows of XML; the others are empty."""
    listed = "".join(
        f'<sheet name="{name}" sheetId="{number}" state="{state}" r:id="rId{number}"/>'
        for number, (name, state) in enumerate(sheets, 1)
    )
    relations = "".join(
        f'<Relationship Id="rId{number}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{number}.xml"/>'
        for number in range(1, len(sheets) + 1)
    )
    codes = "".join(
        f'<numFmt numFmtId="{170 + number}" formatCode="{code}"/>' for number, code in enumerate(formats)
    )
    cells = "".join(f'<xf numFmtId="{170 + number}"/>' for number in range(len(formats)))
    parts = {
        "xl/workbook.xml": f'{head}<workbook xmlns="{XLSX}" xmlns:r="{OFFICE}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{RELATIONS}">{relations}</Relationships>',
        "xl/sharedStrings.xml": f'<sst xmlns="{XLSX}">{strings}</sst>'
        if not strings.startswith("<sst")
        else strings,
        "xl/styles.xml": f'<styleSheet xmlns="{XLSX}"><numFmts>{codes}</numFmts><cellXfs><xf numFmtId="0"/>{cells}</cellXfs></styleSheet>',
    }
    for number in range(1, len(sheets) + 1):
        content = rows if number == 1 else ""
        parts[f"xl/worksheets/sheet{number}.xml"] = (
            f'<worksheet xmlns="{XLSX}">{before}<sheetData>{content}</sheetData>{after}</worksheet>'
        )
    return zipped(parts)


ODS_SPACES = " ".join(
    f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{long}:1.0"'
    for short, long in (
        ("office", "office"), ("table", "table"), ("text", "text"), ("style", "style"), ("number", "datastyle"),
    )
)  # fmt: skip


def ods(tables, *, styles=""):
    """Return an .ods of these tables of XML."""
    content = (
        f'<office:document-content {ODS_SPACES} xmlns:xlink="http://www.w3.org/1999/xlink"><office:automatic-styles>{styles}'
        f"</office:automatic-styles><office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body>"
        "</office:document-content>"
    )
    return zipped({"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": content})
