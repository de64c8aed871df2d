"""A process of its own that writes the first sheet of a workbook as CSV: whatever the workbook does, only it dies.

Run as `python -P xlsx_rows.py WORKBOOK CSV ROWS COLUMNS BYTES`, with nothing of the project at hand. A hundred
thousand cells may share one long text, so the memory, the time and the size of what is written all have an end.
"""

import csv
import resource
import sys
from datetime import date, datetime, time, timedelta

import python_calamine

MEMORY = 2 * 1024**3  # bytes of address space
SECONDS = 60


def unfold(workbook: str, target: str, rows: int, columns: int, size: int) -> str:
    """Write the CSV; "" when it is done, else the code of what was too much: empty, rows, columns."""
    with python_calamine.CalamineWorkbook.from_path(workbook) as book:
        if not book.sheet_names:
            return "empty"
        sheet = book.get_sheet_by_index(0)
        if sheet.total_height > rows:
            return "rows"
        if sheet.total_width > columns:
            return "columns"
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
        with open(target, "w", encoding="utf-8", newline="") as lines:
            writer = csv.writer(lines, lineterminator="\n")
            for cells in sheet.iter_rows():
                writer.writerow([written(cell) for cell in cells])
    return ""


def written(cell: object) -> str:
    """Return a cell as a person would write it: no time where it is midnight, no point where the number is whole."""
    if isinstance(cell, bool):
        return str(cell)
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time(0) else cell.isoformat(" ")
    if isinstance(cell, date | time | timedelta):
        return str(cell)
    return str(cell)


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    said = unfold(sys.argv[1], sys.argv[2], *(int(limit) for limit in sys.argv[3:6]))
    sys.stderr.write(said)
    sys.exit(1 if said else 0)
