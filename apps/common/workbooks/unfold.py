"""Unfold a workbook (XLSX or ODS) in a process of its own: whatever the file does, only it dies.

Run as `python -P -m apps.common.workbooks.unfold WORKBOOK DIRECTORY ROWS COLUMNS BYTES`. Each sheet becomes `N.csv` (row
number, then the cells), and `workbook.json` says what the sheets are called, which are hidden, which rows and columns are,
what is merged and where links lead. What stands in the way is written to the error stream as a code.
"""

import json
import resource
import sys
import zipfile
from pathlib import Path

from apps.common.workbooks.ods_sheets import unfold_ods
from apps.common.workbooks.typed_cells import TooMuch
from apps.common.workbooks.xlsx_sheets import unfold_xlsx

MEMORY = 1024**3  # bytes of address space
SECONDS = 80


def unfold(workbook: str, target: Path, rows: int, columns: int, size: int) -> str:
    """Write the sheets; "" when it is done, else the code of what stood in the way."""
    with zipfile.ZipFile(workbook) as book:
        names = set(book.namelist())
        if any(name.startswith("/") or ".." in name.split("/") for name in names):
            return "outside"
        if sum(member.file_size for member in book.infolist()) > size:
            return "unpacked"
        if any(member.flag_bits & 1 for member in book.infolist()):
            return "locked"
        if "xl/workbook.xml" in names:
            sheets = unfold_xlsx(book, target, (rows, columns))
        elif "content.xml" in names:
            sheets = unfold_ods(book, target, (rows, columns))
        else:
            return "archive"
    if not sheets:
        return "empty"
    (target / "workbook.json").write_text(json.dumps(sheets, ensure_ascii=False), encoding="utf-8")
    return ""


def main() -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    rows, columns, size = (int(limit) for limit in sys.argv[3:6])
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    try:
        code = unfold(sys.argv[1], Path(sys.argv[2]), rows, columns, size)
    except TooMuch as error:
        code = str(error)
    except MemoryError:
        code = "strings"
    except Exception as error:  # whatever a broken file makes of the parser is told by one sentence
        code = f"broken {type(error).__name__}"
    sys.stderr.write(code)
    return 1 if code else 0


if __name__ == "__main__":
    sys.exit(main())
