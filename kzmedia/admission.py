"""How many requests a process works on at once. Beyond that they are sent away at once, and told when to come again:
whoever waits in a queue without end has left by the time it is their turn, and their page is made all the same.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from threading import BoundedSemaphore
from typing import Any, Final

from kzmedia.monitoring import metrics
from kzmedia.processes import gc_tuning

# A download holds a thread as long as its reader takes. Thirty of them at once, should they all fall to one process, leave
# threads for the pages; those that are never needed are never made.
THREADS: Final = 40  # as gunicorn.conf.py has it
AT_ONCE: Final = THREADS - 4  # the other threads send away, and tell whoever watches how things are
AGAIN: Final = 5  # seconds until it is worth asking again
ALWAYS: Final = {"/healthz", "/readyz", "/metrics"}

PAGE: Final = """<!doctype html>
<html lang="kk"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>KZMedia · 503</title>
<h1>KZMedia</h1>
<p lang="kk">Қазір сұраулар тым көп. Бірнеше секундтан кейін қайталап көріңіз.</p>
<p lang="ru">Сейчас слишком много запросов. Попробуйте ещё раз через несколько секунд.</p>
<p lang="en">There are too many requests at this moment. Please try again in a few seconds.</p>
</html>
""".encode()
ANSWER: Final = json.dumps(
    {"error": {"code": "busy", "message": "Too many requests at this moment; try again in a few seconds."}}
).encode()

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Admission:
    """Around the WSGI application: `at_once` requests at a time, each until its last byte is sent."""

    def __init__(self, application: Application, at_once: int = AT_ONCE) -> None:
        self._application = application
        self._places = BoundedSemaphore(at_once)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"] in ALWAYS:
            return self._application(environ, start_response)
        if not self._places.acquire(blocking=False):
            return sent_away(environ, start_response)
        try:
            return Sent(self._application(environ, start_response), self._places.release)
        except BaseException:
            self._places.release()
            raise


class Sent:
    """An answer that gives its place back when it is closed, which a server does however the sending ends."""

    def __init__(self, answer: Iterable[bytes], give_back: Callable[[], None]) -> None:
        self._answer = answer
        self._give_back: Callable[[], None] | None = give_back

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._answer)

    def close(self) -> None:
        give_back, self._give_back = self._give_back, None
        try:
            if close := getattr(self._answer, "close", None):
                close()
        finally:
            if give_back:
                give_back()
                gc_tuning.collect()


def sent_away(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    is_program = str(environ["PATH_INFO"]).startswith("/api/")
    body = ANSWER if is_program else PAGE
    metrics.count_request("sent away", "other", 503, 0.0)
    headers = {
        "Content-Type": "application/json" if is_program else "text/html; charset=utf-8",
        "Content-Length": str(len(body)),
        "Retry-After": str(AGAIN),
        "Cache-Control": "no-store",
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
        "X-Content-Type-Options": "nosniff",
    }
    start_response("503 Service Unavailable", list(headers.items()))
    return [b""] if environ["REQUEST_METHOD"] == "HEAD" else [body]
