"""What the local platforms know: their accounts, and what goes wrong next."""

import hashlib
import json
import re
import threading
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote


@dataclass
class Known:
    """An account on a local platform. `state` is read by the platform's module: counted, hidden, suspended ..."""

    platform: str
    handle: str
    id: str = ""
    followers: int | None = 0
    state: str = "counted"
    title: str = "Example Ministry"
    verified: bool = False
    more: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Reply:
    """An answer as bytes, with the ways in which it may go wrong on the line."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/json; charset=utf-8"
    wait: float = 0.0  # seconds before the first byte
    send: int | None = None  # so many bytes of the body only, then the connection is closed
    drip: float = 0.0  # seconds between single bytes
    hang_up: bool = False  # close without an answer


@dataclass(frozen=True)
class Request:
    method: str
    path: str  # below the platform's base, percent-encoded
    query: dict[str, list[str]]
    form: dict[str, list[str]]
    headers: dict[str, str]  # names in lower case
    base: str  # of the platform, as the client knows it

    def one(self, name: str) -> str:
        return (self.query.get(name) or self.form.get(name) or [""])[0]


def as_json(value: object, status: int = 200, **headers: str) -> Reply:
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Reply(json.dumps(value, ensure_ascii=False).encode(), status, named)


def page(body: str, status: int = 200, **headers: str) -> Reply:
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Reply(body.encode(), status, named, "text/html; charset=utf-8")


FAULTS = {
    "500": page("<html><body>Internal error</body></html>", 500),
    "503": page("<html><body>Come back later</body></html>", 503, Retry_After="120"),
    "429": as_json({"error": "Too many requests"}, 429, Retry_After="35"),
    "html": page("<html><body>Please prove that you are a human</body></html>"),
    "truncated": Reply(b'{"ok": true, "result": {"id": 1, "title": "cut', send=20),
    "timeout": Reply(b"{}", wait=60.0),
    "403": as_json({"error": "Forbidden"}, 403),
    "404": page("<html><body>Not found</body></html>", 404),
    "junk": Reply(b"\x00\xff\xfe nothing that anybody can read"),
    "hang_up": Reply(hang_up=True),
    "empty": Reply(b""),
    "not_utf8": Reply(b'{"result": "\xff\xfe"}'),
    "deep": Reply(b"[" * 20_000),
    "huge_number": Reply(b'{"result": ' + b"9" * 10_000 + b"}"),
    "nan": Reply(b'{"result": NaN}'),
}


class World:
    """Shared by the threads of one server; every change is seen by the next request."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_name: dict[tuple[str, str], Known] = {}
        self._next: dict[str, deque[Reply]] = {}
        self._always: dict[str, Reply] = {}
        self._spoiled: dict[str, dict[str, Reply]] = {}
        self.requests: Counter[str] = Counter()
        self.log: list[tuple[str, Request]] = []
        self.keeps_log = True
        self.latency = 0.0
        self.invents = False  # unknown accounts exist, with a count made from their name
        self.stopped = threading.Event()

    def reset(self) -> None:
        with self._lock:
            self._by_name.clear()
            self._next.clear()
            self._always.clear()
            self._spoiled.clear()
            self.requests.clear()
            self.log.clear()
            self.latency, self.invents = 0.0, False

    def set(self, platform: str, handle: str, followers: int | None = 0, **facts: Any) -> Known:
        """Give this account so many followers, or this state; it is found by handle and by id."""
        known = Known(platform, handle, followers=followers, **facts)
        with self._lock:
            for name in (handle, known.id):
                if name:
                    self._by_name[platform, name.casefold()] = known
        return known

    def change(self, platform: str, handle: str, **facts: Any) -> Known:
        known = self.find(platform, handle)
        assert known is not None, f"{platform} {handle} is not known"
        return self.set(platform, known.handle, **{**_facts(known), **facts})

    def forget(self, platform: str, handle: str) -> None:
        with self._lock:
            known = self._by_name.pop((platform, handle.casefold()), None)
            if known and known.id:
                self._by_name.pop((platform, known.id.casefold()), None)

    def find(self, platform: str, name: str) -> Known | None:
        with self._lock:
            known = self._by_name.get((platform, name.casefold()))
        if known is None and self.invents and name:
            is_id = name.lstrip("-").partition("@")[0].isdecimal()
            handle = f"a{name.lstrip('-')}" if is_id else name
            number = name if is_id else ""
            return Known(platform, handle, number, followers=invented(name), title=f"Title of {name}")
        return known

    def fail(self, platform: str, *faults: str | Reply, always: bool = False) -> None:
        """Answer the next requests with these faults (names in FAULTS, or any Reply); or all from now on."""
        replies = [FAULTS[fault] if isinstance(fault, str) else fault for fault in faults]
        with self._lock:
            if always:
                self._always[platform] = replies[0]
            else:
                self._next.setdefault(platform, deque()).extend(replies)

    def spoil(self, platform: str, name: str, fault: str | Reply) -> None:
        """Answer every request in which this handle or id stands with the fault, until `recover`."""
        reply = FAULTS[fault] if isinstance(fault, str) else fault
        with self._lock:
            self._spoiled.setdefault(platform, {})[name] = reply

    def recover(self, platform: str) -> None:
        with self._lock:
            self._spoiled.pop(platform, None)
            self._always.pop(platform, None)
            self._next.pop(platform, None)

    def take(self, platform: str, request: Request) -> Reply | None:
        """Return the fault that is due for this request; None: the platform answers. Every request is counted."""
        with self._lock:
            self.requests[platform] += 1
            if self.keeps_log:
                self.log.append((platform, request))
            waiting = self._next.get(platform)
            fault = waiting.popleft() if waiting else self._always.get(platform)
            if fault is None and platform in self._spoiled:
                fault = _spoiled(self._spoiled[platform], request)
        if self.latency:
            time.sleep(self.latency)
        return fault


def _spoiled(names: dict[str, Reply], request: Request) -> Reply | None:
    """Return the fault of the first of these names that stands in the request as a word of its own."""
    asked = " ".join([request.path, str(request.query), str(request.form)])
    words = set(re.findall(r"[\w.:-]+", unquote(unquote(asked))))
    return next((reply for name, reply in names.items() if name in words), None)


def invented(name: str) -> int:
    """Return a count that is always the same for a name, between 10 and 5,000,009."""
    return int.from_bytes(hashlib.blake2b(name.casefold().encode(), digest_size=4).digest()) % 5_000_000 + 10


def _facts(known: Known) -> dict[str, Any]:
    facts = dict(vars(known))
    return {name: facts[name] for name in ("followers", "id", "state", "title", "verified", "more")}


__all__ = ["FAULTS", "Known", "Reply", "Request", "World", "as_json", "invented", "page"]
