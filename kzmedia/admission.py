"""Limits of how many requests a process works on at once, in all and of one network. Beyond that they are sent away at once, and
told when to come again: whoever waits in a queue without end has left by the time it is their turn, and their page is made all
the same. A network's own places come before the common ones, so that nobody's crowd is everybody's.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from threading import BoundedSemaphore, Lock
from typing import Any, Final

from django.conf import settings

from apps.common import clients
from kzmedia.monitoring import metrics
from kzmedia.processes import gc_tuning

# A download holds a thread as long as its reader takes. Thirty of them at once, should they all fall to one process, leave
# threads for the pages; those that are never needed are never made.
THREADS: Final = 40  # as gunicorn.conf.py has it
AT_ONCE: Final = THREADS - 4  # the other threads send away, and tell whoever watches how things are
OF_ONE_NETWORK: Final = AT_ONCE // 3
STATIC: Final = settings.STATIC_URL  # a page asks for a dozen of them at once, each takes a moment
# A download may last as long as its reader likes, and holds a connection to the database: no network has them all.
DOWNLOADS: Final = ("/export/",)
DOWNLOADS_OF_ONE_NETWORK: Final = 3
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


class Places:
    """Counts who is inside, by network; `most` of each at a time."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._inside: Counter[str] = Counter()
        self._lock = Lock()

    def take(self, network: str) -> bool:
        """Take a place for the network; False where it has as many as it may."""
        with self._lock:
            if self._inside[network] >= self._most:
                return False
            self._inside[network] += 1
            return True

    def give_back(self, network: str) -> None:
        with self._lock:
            self._inside[network] -= 1
            if not self._inside[network]:
                del self._inside[network]


class Admission:
    """Around the WSGI application: `at_once` requests at a time, each until its answer is written.

    This machine itself, where it asks for nobody else, is held to the common places alone.
    """

    def __init__(
        self, application: Application, at_once: int = AT_ONCE, of_one_network: int = OF_ONE_NETWORK
    ) -> None:
        self._application = application
        self._places = BoundedSemaphore(at_once)
        self._of_one_network = Places(of_one_network)
        self._downloads = Places(DOWNLOADS_OF_ONE_NETWORK)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path in ALWAYS:
            return self._application(environ, start_response)
        with ExitStack() as taken:
            if not path.startswith(STATIC) and not clients.is_own_environ(environ):
                network = clients.network_of_environ(environ)
                if not self._of_one_network.take(network):
                    return send_away(environ, start_response)
                taken.callback(self._of_one_network.give_back, network)
                if path.startswith(DOWNLOADS):
                    if not self._downloads.take(network):
                        return send_away(environ, start_response)
                    taken.callback(self._downloads.give_back, network)
            if not self._places.acquire(blocking=False):
                return send_away(environ, start_response)
            taken.callback(self._places.release)
            answer = self._application(environ, start_response)
            return Sent(answer, taken.pop_all().close)


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


def send_away(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
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
