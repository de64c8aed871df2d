"""One HTTP server on the loopback address for all local platforms; the first part of the path says which."""

import json
import socket
import sys
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs

from tests.platforms import bluesky, graph, mastodon, ok, telegram, vk, wayback, wikidata, x, youtube
from tests.platforms.world import Reply, Request, World, as_json

CHUNK = 65536
Answer = Callable[[World, Request], Reply]

PLATFORMS: dict[str, tuple[str, Answer]] = {
    "telegram": ("telegram", telegram.answer_page),
    "telegram-api": ("telegram", telegram.answer_api),
    "youtube": ("youtube", youtube.answer),
    "bluesky": ("bluesky", bluesky.answer),
    "facebook": ("facebook", graph.answer_facebook),
    "instagram": ("instagram", graph.answer_instagram),
    "threads": ("threads", graph.answer_threads),
    "x": ("x", x.answer),
    "vk": ("vk", vk.answer),
    "mastodon": ("mastodon", mastodon.answer),
    "ok": ("ok", ok.answer),
    "wayback": ("wayback", wayback.answer),
    "wikidata": ("wikidata", wikidata.answer),
    "wikidata-query": ("wikidata-query", wikidata.answer_query),
}


class Server:
    """`with Server() as server:` listens on a free port until the end; `server.world` is what it knows."""

    def __init__(self, port: int = 0) -> None:
        self.world = World()
        self._http = _Http(("127.0.0.1", port), _Handler)
        self._http.world = self.world
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)
        self.url = f"http://127.0.0.1:{self._http.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.world.stopped.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def at(self, name: str) -> str:
        """Return the base address of a local platform."""
        return f"{self.url}/{name}"

    @property
    def settings(self) -> dict[str, dict[str, str]]:
        """Return what settings.COLLECTORS must be for this server to stand in for every platform."""
        return {
            "telegram": {"page_url": self.at("telegram"), "api_url": self.at("telegram-api")},
            "youtube": {"api_url": self.at("youtube"), "key": youtube.KEY},
            "bluesky": {"api_url": self.at("bluesky")},
            "facebook": {"api_url": self.at("facebook"), "token": graph.TOKEN},
            "instagram": {"api_url": self.at("instagram"), "token": graph.TOKEN, "user_id": graph.USER_ID},
            "threads": {"api_url": self.at("threads"), "token": graph.TOKEN},
            "x": {"api_url": self.at("x"), "token": x.TOKEN},
            "vk": {"api_url": self.at("vk"), "token": vk.TOKEN},
            "mastodon": {"api_url": self.at("mastodon") + "/{host}"},
            "ok": {
                "api_url": self.at("ok"),
                "application_key": ok.APPLICATION_KEY,
                "secret_key": ok.SECRET_KEY,
                "access_token": ok.ACCESS_TOKEN,
            },
        }


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 256
    world: World

    def handle_error(self, *whose: Any) -> None:
        """Clients that hang up are what some tests are about."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(*whose)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Http

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers.get("Content-Length") or 0)))

    def _answer(self, body: bytes) -> None:
        path, _, query = self.path.partition("?")
        name, _, rest = path.lstrip("/").partition("/")
        if name == "control":
            return self._send(control(self.server.world, json.loads(body)))
        request = Request(
            self.command,
            f"/{rest}",
            parse_qs(query, keep_blank_values=True),
            parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True),
            {key.lower(): value for key, value in self.headers.items()},
            f"http://{self.headers.get('Host', '')}/{name}",
        )
        platform, answer = PLATFORMS[name]
        fault = self.server.world.take(platform, request)
        if fault is None and not rest:  # check_platforms asks whether anybody is there
            fault = as_json({"error": "nothing is here"}, 404)
        return self._send(fault or answer(self.server.world, request))

    def _send(self, reply: Reply) -> None:
        if reply.wait and self.server.world.stopped.wait(reply.wait):
            self.close_connection = True
            return
        if reply.hang_up:
            self.close_connection = True
            return
        if reply.send is not None or reply.drip:
            self.close_connection = True
        head = [f"HTTP/1.1 {reply.status} -", f"Content-Type: {reply.content_type}"]
        head += [f"{name}: {value}" for name, value in reply.headers.items()]
        if not {name.lower() for name in reply.headers} & {"content-length", "transfer-encoding"}:
            head.append(f"Content-Length: {len(reply.body)}")
        top = ("\r\n".join(head) + "\r\n\r\n").encode("latin-1")
        try:
            if reply.drip:
                self._drip(top + reply.body, reply.drip)
            else:
                whole = reply.body[: reply.send]
                self.wfile.write(top + whole[:CHUNK])  # one packet where it fits
                for start in range(CHUNK, len(whole), CHUNK):
                    self.wfile.write(whole[start : start + CHUNK])
        except OSError:
            self.close_connection = True  # the client has gone, which is what some tests are about

    def _drip(self, everything: bytes, pause: float) -> None:
        for byte in everything:
            self.wfile.write(bytes([byte]))
            self.wfile.flush()
            time.sleep(pause)
            if self.server.world.stopped.is_set():
                return

    def log_message(self, *_: Any) -> None:
        pass


def control(world: World, command: dict[str, Any]) -> Reply:
    """Return a change from outside, for servers that run as a process of their own: {"do": "set", ...}; answers what
    stands."""
    done = command.pop("do")
    if done == "set":
        world.set(**command)
    elif done == "forget":
        world.forget(**command)
    elif done == "fail":
        world.fail(command["platform"], *command["faults"], always=command.get("always", False))
    elif done == "spoil":
        for name in command["names"]:
            world.spoil(command["platform"], name, command["fault"])
    elif done == "recover":
        world.recover(command["platform"])
    elif done == "reset":
        world.reset()
    elif done == "tune":
        for name in ("latency", "invents", "keeps_log"):
            if name in command:
                setattr(world, name, command[name])
    elif done != "ask":
        return as_json({"error": f"{done} is not known"}, 400)
    return as_json({"requests": dict(world.requests), "latency": world.latency, "invents": world.invents})


def free_port() -> int:
    """Return a port on which nobody listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
