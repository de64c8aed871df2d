"""The drawing process: takes figures on its standard input and gives pictures on its standard output.

It is a process of its own (`python -m apps.figures.renderer_process BROWSER PLOTLY`), so that a browser that hangs is ended
together with it. Plain Python: no Django, no Celery. It asks no other host for anything: the script that draws is the
file it was given.

First it writes a line {"browser": process id}. Then for each line {"figure": ..., "options": ...} it writes a line
{"size": bytes} and the picture, or {"error": why}. It ends with its input, and after IDLE_SECONDS without a figure.
"""

import asyncio
import json
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, Final

IDLE_SECONDS: Final = 90  # a browser that nobody needs gives its memory back
LONGEST_LINE: Final = 32 * 1024 * 1024  # bytes of a figure


async def serve(browser: str, plotly: Path, answers: BinaryIO) -> None:
    # Half a second and 50 MB that only this process spends.
    from kaleido import Kaleido, PageGenerator

    page = PageGenerator(plotly=plotly.as_uri(), mathjax=False)
    figures = asyncio.StreamReader(limit=LONGEST_LINE)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(figures), sys.stdin.buffer)
    pencil = Kaleido(n=1, timeout=None, page_generator=page, path=browser)
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
    asyncio.run(serve(sys.argv[1], Path(sys.argv[2]), own))
