"""The drawing process: takes figures on its standard input and gives pictures on its standard output.

It is a process of its own (`python -m apps.figures.renderer_process BROWSER PLOTLY`), so that a browser that hangs is ended
together with it. Plain Python: no Django, no Celery. It asks no other host for anything: the script that draws is the
file it was given.

First it writes a line {"browser": process id}. Then for each line {"figure": ..., "options": ...} it writes a line
{"size": bytes} and the picture, or {"error": why}. It ends with its input, and after IDLE_SECONDS without a figure.
"""

import asyncio
import base64
import json
import os
import signal
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, Final

from apps.figures.offline import leave_networks

FONTS: Final = Path(__file__).with_name("fonts")  # Noto Sans under the SIL Open Font License (fonts/OFL.txt)
# File, the range of its letters for CSS and for a pattern, and a letter that makes a browser load it.
FONT_FILES: Final = (
    (
        "noto-sans-latin-wght-normal.woff2",
        "U+0000-00FF, U+2000-206F, U+20AC, U+2122, U+2190-2193, U+2212",
        "A-Za-z0-9",
        "A",
    ),
    (
        "noto-sans-cyrillic-wght-normal.woff2",
        "U+0400-045F, U+0490-0491, U+04B0-04B1, U+2116",
        "\\u0400-\\u045f",
        "я",
    ),
    (
        "noto-sans-cyrillic-ext-wght-normal.woff2",
        "U+0460-048F, U+0492-04AF, U+04B2-052F, U+20B4, U+20B8",
        "\\u0460-\\u052f",
        "қ",
    ),
)
NOWHERE: Final = "http://127.0.0.1:9"  # a proxy that is none: what the browser asks of other hosts ends there
IDLE_SECONDS: Final = 90  # a browser that nobody needs gives its memory back
LONGEST_LINE: Final = 32 * 1024 * 1024  # bytes of a figure


async def serve(browser: str, plotly: Path, answers: BinaryIO) -> None:
    # Half a second and 50 MB that only this process spends.
    from kaleido import Kaleido, PageGenerator

    page = PageGenerator(plotly=plotly.as_uri(), mathjax=False, others=[page_script().as_uri()])
    figures = asyncio.StreamReader(limit=LONGEST_LINE)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(figures), sys.stdin.buffer)
    pencil = Kaleido(n=1, timeout=None, page_generator=page, path=browser, proxy_server=NOWHERE)
    await pencil.open()
    group = pencil.subprocess.pid  # Chromium is started in a session of its own
    try:
        write(answers, {"browser": group})
        with suppress(TimeoutError):
            while line := await asyncio.wait_for(figures.readline(), IDLE_SECONDS):
                await answer(pencil, json.loads(line), answers)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)
    os._exit(0)  # a thread of the library waits for the browser that is no more, and would keep this process


def page_script() -> Path:
    """Write what draws beside Plotly, with the fonts in it, to where this process keeps its files; return the path."""
    fonts = [
        {
            "data": base64.b64encode((FONTS / name).read_bytes()).decode(),
            "range": unicode_range,
            "letters": letters,
            "sample": sample,
        }
        for name, unicode_range, letters, sample in FONT_FILES
    ]
    own = Path(__file__).with_name("renderer_page.js").read_text(encoding="utf-8")
    path = Path(tempfile.mkdtemp()) / "page.js"  # TMPDIR is removed with the process
    path.write_text(f"const FONTS = {json.dumps(fonts)};\n{own}", encoding="utf-8")
    return path


async def answer(pencil: Any, asked: dict[str, Any], answers: BinaryIO) -> None:
    try:
        picture: bytes = await pencil.calc_fig(asked["figure"], asked["options"])
    except Exception as error:  # whatever the browser says of this figure; the next one may be good
        write(answers, {"error": f"{type(error).__name__}: {error}"[:500]})
        return
    write(answers, {"size": len(picture)})
    answers.write(picture)
    answers.flush()


def write(answers: BinaryIO, line: dict[str, Any]) -> None:
    answers.write(json.dumps(line).encode() + b"\n")
    answers.flush()


if __name__ == "__main__":
    # What libraries print must not stand among the answers.
    own = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    leave_networks()
    asyncio.run(serve(sys.argv[1], Path(sys.argv[2]), own))
