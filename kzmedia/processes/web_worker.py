"""The process that serves pages: a gunicorn worker whose connections waitress reads and writes.

gunicorn keeps the processes (loaded once, forked, started again when they die); waitress holds the connections in one loop, so that
a request takes a thread only once all of it is here, and an answer gives its thread back as soon as it is written into buffers.
What is added: deadlines for headers, bodies and readers that stop reading, and the most that one network may hold at a time.
Behind a proxy of our own a network is the one that the proxy names; connections themselves are then the proxy's.
"""

import logging
import os
import resource
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from django.conf import settings
from gunicorn.workers.base import Worker
from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.server import TcpWSGIServer

from apps.common import clients

HEADER_SECONDS: Final = 10.0  # from a request's first byte to the end of its headers
IDLE_SECONDS: Final = 15.0  # that a connection stays open without a request
BODY_BYTES_A_SECOND: Final = 8192  # the slowest that a body may come, beyond HEADER_SECONDS
BODIES: Final = 16  # that one network may be sending at a time, to one process
CONNECTIONS: Final = 2000  # of one process, as far as the machine lets it open so many
SHARE: Final = 4  # one network may hold one in so many of them
OTHER_FILES: Final = 200  # that a process has open beside connections

logger = logging.getLogger(__name__)


class Threads:
    """Does requests in threads, of which no more are made than are needed at a time.

    Waitress's own makes all of them at the start, and takes turns: each would keep a connection to the database.
    """

    def __init__(self, count: int) -> None:
        self._pool = ThreadPoolExecutor(count, thread_name_prefix="request")

    def add_task(self, task: HTTPChannel) -> None:
        self._pool.submit(task.service)

    def shutdown(self, cancel_pending: bool = True, timeout: float = 5) -> bool:
        self._pool.shutdown(wait=False, cancel_futures=cancel_pending)
        return True


class Channel(HTTPChannel):  # type: ignore[misc]  # waitress ships no types
    """One connection. Its loop calls all of this but service(), which a thread calls."""

    def __init__(self, server: "Server", sock: Any, addr: Any, adj: Adjustments, map: Any = None) -> None:
        # When the first byte of a request came that is not whole yet (monotonic).
        self.begun_at: float | None = None
        self.body_of = ""  # the network that a body is being taken from
        self.peer_network = clients.network_of_address(str(addr[0]) if addr else "")
        super().__init__(server, sock, addr, adj, map=map)
        server.connections_of[self.peer_network] += 1

    def received(self, data: bytes) -> bool:
        if self.begun_at is None:
            self.begun_at = time.monotonic()
        is_taken = bool(super().received(data))
        if self.request is None:
            self._end_of_request()
        elif self.request.headers_finished and not self.body_of:
            self._begin_body()
        return is_taken

    def is_late(self, now: float) -> bool:
        """Tell whether the request that is coming has missed its deadline."""
        if self.begun_at is None:
            return False
        length = self.request.content_length if self.request is not None else 0
        return now - self.begun_at > HEADER_SECONDS + length / BODY_BYTES_A_SECOND

    def del_channel(self, map: Any = None) -> None:
        if self._fileno in self.server.active_channels:
            self.server.connections_of[self.peer_network] -= 1
            self._end_of_request()
        super().del_channel(map)

    def _begin_body(self) -> None:
        forwarded = self.request.headers.get("X_FORWARDED_FOR", "")
        network = clients.network_of_environ(
            {"REMOTE_ADDR": str(self.addr[0]), "HTTP_X_FORWARDED_FOR": forwarded}
        )
        if self.server.bodies_of[network] >= BODIES:
            self.will_close = True
            return
        self.body_of = network
        self.server.bodies_of[network] += 1

    def _end_of_request(self) -> None:
        self.begun_at = None
        if self.body_of:
            self.server.bodies_of[self.body_of] -= 1
            self.body_of = ""


class Server(TcpWSGIServer):  # type: ignore[misc]  # waitress ships no types
    """One listening socket of a process."""

    channel_class = Channel

    def __init__(self, application: Callable[..., Any], **options: Any) -> None:
        self.connections_of: Counter[str] = Counter()  # by network
        self.bodies_of: Counter[str] = Counter()  # by network
        super().__init__(application, bind_socket=False, **options)
        self.most_of_one: int = self.adj.connection_limit // SHARE

    def accept(self) -> Any:
        """Take a connection in; a network that holds its share already is not heard, proxies of our own always are."""
        accepted = super().accept()
        if accepted is None:
            return None
        connection, address = accepted
        peer = str(address[0]) if address else ""
        if (
            not (settings.PROXIES and clients.is_proxy(peer))
            and self.connections_of[clients.network_of_address(peer)] >= self.most_of_one
        ):
            connection.close()
            return None
        return accepted

    def maintenance(self, now: float) -> None:
        """Do nothing: let_go() is called once a second, and not in the middle of a look at all sockets."""

    def let_go(self) -> None:
        """Close connections that keep others waiting: late, idle, or taking nothing of their answer."""
        now, monotonic = time.time(), time.monotonic()  # waitress notes by the wall clock what was last done
        for channel in list(self.active_channels.values()):
            quiet = now - channel.last_activity
            if channel.total_outbufs_len:
                is_over = quiet > settings.EXPORT_STALL_SECONDS
            elif channel.requests:
                is_over = False
            else:
                is_over = channel.is_late(monotonic) or (channel.begun_at is None and quiet > IDLE_SECONDS)
            if is_over:
                channel.handle_close()
        for counts in (self.connections_of, self.bodies_of):
            for network in [network for network, count in counts.items() if count <= 0]:
                del counts[network]


class WebWorker(Worker):  # type: ignore[misc]  # gunicorn ships no types
    """Runs waitress's loop where gunicorn's own workers run theirs."""

    def run(self) -> None:
        """Serve until the master asks for the end or is gone; what has begun is finished within graceful_timeout."""
        sockets: dict[int, Any] = {}
        adjustments = Adjustments(
            threads=self.cfg.threads,
            ident=None,
            connection_limit=connection_limit(),
            max_request_header_size=16_384,
            max_request_body_size=settings.LARGEST_REQUEST + 1,
            inbuf_overflow=65_536,  # what comes beyond, and what waits to be read, lies on the disk
            outbuf_overflow=131_072,
            outbuf_high_watermark=262_144,
            send_bytes=1,
            clear_untrusted_proxy_headers=False,  # apps/common/clients.py says whose word counts
            asyncore_use_poll=True,
        )
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # admission sends away what is too much
        threads = Threads(self.cfg.threads)
        servers = []
        for listener in self.sockets:
            listener.sock.setblocking(False)
            servers.append(
                Server(self.wsgi, map=sockets, _sock=listener.sock, dispatcher=threads, adj=adjustments)
            )
        next_look = 0.0
        while self.alive and os.getppid() == self.ppid:
            self.notify()
            wasyncore.loop(timeout=1, use_poll=True, map=sockets, count=1)
            if time.monotonic() > next_look:
                next_look = time.monotonic() + 1
                for server in servers:
                    server.let_go()
        for server in servers:
            server.accepting = False
            server.del_channel(sockets)
        end = time.monotonic() + self.cfg.graceful_timeout
        while time.monotonic() < end and any(is_busy(server) for server in servers):
            self.notify()
            wasyncore.loop(timeout=0.1, use_poll=True, map=sockets, count=1)
        threads.shutdown()

    def handle_quit(self, sig: int, frame: Any) -> None:
        self.alive = False


def is_busy(server: Server) -> bool:
    """Tell whether a request is being answered, or part of an answer is still to be sent."""
    return any(channel.requests or channel.total_outbufs_len for channel in server.active_channels.values())


def connection_limit() -> int:
    """Return how many connections a process may hold, after asking the system for as many as it grants."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = CONNECTIONS + OTHER_FILES
    granted = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < granted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (granted, hard))
        soft = granted
    open_files = wanted if soft == resource.RLIM_INFINITY else min(wanted, soft)
    return max(open_files - OTHER_FILES, 50)
