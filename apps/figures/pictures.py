"""Pictures of charts: drawn once by the worker of the queue "pictures", kept as files.

A web process never draws: it leaves the drawing in Redis, publishes one task however many ask for the same picture,
and waits a while for the answer, which comes back through Redis too, so that web and worker need share no disk.
"""

import gzip
import json
import os
import time
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from random import random
from threading import BoundedSemaphore
from typing import Final

from celery import current_app, current_task
from django.conf import settings
from kombu.exceptions import OperationalError
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from apps.common import file_store
from apps.figures import chart_renderer
from apps.figures.chart_renderer import QUEUE
from apps.figures.charts import Figure
from apps.figures.png_text import with_texts
from apps.figures.printing import Drawing, Dress, Words, drawing

FOLDER: Final = "pictures"
PREFIX: Final = "kzmedia-picture"
TASK: Final = "apps.figures.tasks.draw_picture"
LASTS: Final = 60  # seconds that a drawing and its answer lie in Redis
REFUSAL_LASTS: Final = 10  # seconds that "it cannot be drawn" is not asked again
LOOK: Final = 0.05  # seconds between looks for the answer
WAITING_AT_MOST: Final = 4  # readers that one process lets wait; more would keep its threads from the pages
PRUNED_ONCE_IN: Final = 20  # new pictures

_waiting = BoundedSemaphore(WAITING_AT_MOST)


class NotDrawn(Exception):
    """There is no picture. `code`: no_browser, failed, busy, late or no_queue; `again`: seconds until it may be
    tried again, None where waiting does not help."""

    def __init__(self, code: str, again: int | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.again = again


def png(
    figure: Figure, title: str, sentence: str = "", foot: tuple[str, ...] = (), *, card: bool = False
) -> bytes | None:
    """Return a figure as a PNG with these words on it, for mails and the like; None where it cannot be drawn.

    In a worker it is drawn there and then, by a browser of the worker's own; elsewhere by the worker of pictures.
    """
    made = drawing(figure, Words(title, sentence, foot), "png", dress=Dress("card" if card else ""))
    content = json.dumps([made.figure, made.options], sort_keys=True).encode()
    try:
        return picture(sha256(content).hexdigest(), "png", lambda: made, here=bool(current_task))
    except NotDrawn:
        return None


def picture(
    key: str,
    ending: str,
    make: Callable[[], Drawing],
    *,
    allow: Callable[[], None] | None = None,
    here: bool = False,
) -> bytes:
    """Return the picture under this key, drawn where it is not kept yet. Raises NotDrawn, and what `allow` raises.

    `make` is called only where it has to be drawn and nobody else has asked for it; `allow` before that.
    """
    if kept := recall(key, ending):
        return kept
    if allow:
        allow()
    if here:
        drawn = draw(make())
    else:
        if not _waiting.acquire(blocking=False):
            raise NotDrawn("busy", 5)
        try:
            drawn = request_picture(key, make)
        finally:
            _waiting.release()
    keep(key, ending, drawn)
    return drawn


def request_picture(key: str, make: Callable[[], Drawing]) -> bytes:
    """Return the answer of the worker, once it is there. Raises NotDrawn."""
    try:
        with redis() as store:
            answer = store.get(f"{PREFIX}:done:{key}")
            if answer is None and store.set(
                f"{PREFIX}:asked:{key}", 1, nx=True, ex=int(settings.PICTURE_SECONDS)
            ):
                try:
                    publish(store, key, make())
                except BaseException:
                    store.delete(f"{PREFIX}:asked:{key}")
                    raise
            deadline = time.monotonic() + settings.PICTURE_SECONDS
            while answer is None:
                if time.monotonic() > deadline:
                    raise NotDrawn("late", 10)
                time.sleep(LOOK)
                answer = store.get(f"{PREFIX}:done:{key}")
    except RedisError as error:
        raise NotDrawn("no_queue", 30) from error
    return unpack(bytes(answer))


def publish(store: Redis, key: str, made: Drawing) -> None:
    """Send the task on a connection of its own: a worker may wait for the broker for ever, a reader may not."""
    content = json.dumps([made.figure, made.options]).encode()
    store.set(f"{PREFIX}:todo:{key}", gzip.compress(content, 3), ex=LASTS)
    patience = {"socket_timeout": 2, "socket_connect_timeout": 1, "max_retries": 0}
    expires = int(settings.PICTURE_SECONDS)
    try:
        with current_app.connection_for_write(transport_options=patience) as connection:
            current_app.send_task(
                TASK, (key,), queue=QUEUE, expires=expires, retry=False, connection=connection
            )
    except OperationalError as error:
        raise NotDrawn("no_queue", 30) from error


def answer(key: str) -> None:
    """Draw what lies in Redis under the key, and lay the picture beside it; the worker's part."""
    with redis() as store:
        todo = store.get(f"{PREFIX}:todo:{key}")
        if todo is None:
            return
        figure, options = json.loads(gzip.decompress(bytes(todo)))
        try:
            said, lasts = b"+" + draw(Drawing(figure, options)), LASTS
        except NotDrawn as error:
            said, lasts = f"-{error.code}".encode(), REFUSAL_LASTS
        store.set(f"{PREFIX}:done:{key}", said, ex=lasts)
        store.delete(f"{PREFIX}:todo:{key}", f"{PREFIX}:asked:{key}")


def draw(made: Drawing) -> bytes:
    """Return the picture, drawn in this process's own browser. Raises NotDrawn."""
    try:
        drawn = chart_renderer.draw(made.figure, made.options)
    except chart_renderer.NoBrowser as error:
        raise NotDrawn("no_browser") from error
    except chart_renderer.RenderingFailed as error:
        raise NotDrawn("failed", 30) from error
    if made.options["format"] != "png":
        return drawn
    meta = made.figure["layout"].get("meta", {})
    return with_texts(drawn, {"Title": meta.get("title", ""), "Description": meta.get("alt", "")})


def unpack(said: bytes) -> bytes:
    if said.startswith(b"+"):
        return said[1:]
    code = said[1:].decode()
    raise NotDrawn(code, None if code == "no_browser" else 30)


def redis() -> Redis:
    """Connect with short timeouts: a reader waits."""
    return Redis.from_url(
        settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=1, retry=Retry(NoBackoff(), 0)
    )


# Files


def recall(key: str, ending: str) -> bytes | None:
    """Return a picture that is kept; None where it is not, or cannot be had."""
    name = f"{FOLDER}/{key}.{ending}"
    try:
        with file_store.open_file(name) as file:
            content = file.read()
        if not file_store.is_bucket():
            os.utime(file_store.place_of(name))  # what is looked at is thrown out last
    except OSError:
        return None
    return content or None


def keep(key: str, ending: str, content: bytes) -> None:
    """Store the picture as a file; a disk that is full keeps nobody from it."""
    with suppress(OSError):
        file_store.put_bytes(f"{FOLDER}/{key}.{ending}", content)
        if random() * PRUNED_ONCE_IN < 1:  # noqa: S311 nothing secret
            prune()


def prune() -> None:
    """Remove those that were not looked at for longest until the rest is within PICTURES_MB."""
    files = [(found.at, found.size, found.name) for found in file_store.look(FOLDER)]
    left = sum(size for _, size, _ in files) - settings.PICTURES_MB * 1_000_000
    for _, size, file in sorted(files, key=lambda one: one[0]):
        if left <= 0:
            return
        with suppress(OSError):
            file_store.remove(file)
        left -= size
