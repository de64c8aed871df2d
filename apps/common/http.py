"""HTTP towards other people's servers: bounded in time and size, redirected nowhere else.

Nothing here says what an answer means. Every failure is a `Failed` with a code; no address (it may hold a key) is in it.
"""

import functools
import re
import socket
import ssl
import time
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import urlencode

import httpcore
import httpx

from apps.common.public_addresses import is_printable, is_public
from apps.common.version import VERSION

PHASE_SECONDS = 10.0  # connecting, one read, one write
TOTAL_SECONDS = 30.0  # one answer, redirects included
MAX_BYTES = 2_000_000  # of a body, after decompression
MAX_HOPS: Final = 3
REDIRECTS: Final = (301, 302, 303, 307, 308)


class Failed(Exception):
    """No answer could be had. `code`: timeout, connection, truncated, too_large, encoding, redirect, private_address, address."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail


@dataclass(frozen=True)
class Response:
    status: int
    headers: Mapping[str, str]  # names compared without case
    body: bytes
    at: datetime  # UTC instant at which the body was complete


class Client:
    """One open client; keeps connections, is used by one thread, closed after use (`with`).

    `public_only` refuses every address that is not on the public internet, after its name was resolved: for hosts
    that somebody typed in.
    """

    def __init__(
        self,
        contact: str = "",
        *,
        phase_seconds: float | None = None,
        total_seconds: float | None = None,
        max_bytes: int | None = None,
        public_only: bool = False,
    ) -> None:
        self._total_seconds = TOTAL_SECONDS if total_seconds is None else total_seconds
        self._max_bytes = MAX_BYTES if max_bytes is None else max_bytes
        self._network = _Network(public_only)
        self._client = httpx.Client(
            transport=_Transport(self._network),
            headers={"User-Agent": user_agent(contact), "Accept-Encoding": "gzip"},
            timeout=PHASE_SECONDS if phase_seconds is None else phase_seconds,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def send(
        self,
        method: str,
        url: str,
        *,
        params: list[tuple[str, str]] | None = None,
        form: dict[str, str] | None = None,
        content: bytes | None = None,
        headers: dict[str, str] | None = None,
        follow: bool = False,
    ) -> Response:
        """Return the answer, whatever its status; raises Failed. `follow` obeys redirects, but only to the same host."""
        if not is_printable(url):
            raise Failed("address", "signs that no address has")
        try:
            httpx.URL(url)
        except httpx.InvalidURL:
            raise Failed("address", "none that can be read") from None
        self._network.ends_at = time.monotonic() + self._total_seconds
        failure: Failed
        try:
            query = f"?{urlencode(params)}" if params else ""
            request = self._client.build_request(
                method, url + query, data=form, content=content, headers=headers
            )
            origin = _origin(request.url)
            for _ in range(MAX_HOPS + 1):
                response = self._client.send(request, stream=True)
                try:
                    target = response.headers.get("location", "")
                    if not (follow and response.status_code in REDIRECTS and target):
                        body = _read(response, self._max_bytes)
                        return Response(response.status_code, response.headers, body, datetime.now(UTC))
                finally:
                    response.close()
                request = self._client.build_request("GET", request.url.join(target), headers=headers)
                if _origin(request.url) != origin:
                    raise Failed("redirect", f"to {request.url.host}"[:100])
            raise Failed("redirect", f"more than {MAX_HOPS}")
        except httpcore.TimeoutException:
            failure = Failed("timeout")
        except httpcore.RemoteProtocolError as error:
            failure = Failed("truncated", str(error)[:100])
        except _PrivateAddressError:
            failure = Failed("private_address")
        except zlib.error as error:
            failure = Failed("encoding", str(error)[:100])
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol) as error:
            failure = Failed("connection", str(error)[:100])
        except (httpx.RemoteProtocolError, httpx.InvalidURL):  # httpx reads where an answer redirects to
            failure = Failed("redirect", "to what is no address")
        except (httpx.HTTPError, httpx.StreamError, UnicodeError, OSError) as error:
            failure = Failed("connection", type(error).__name__)
        # Raised outside the handler: the first error's request, address and all, does not travel along.
        raise failure


def user_agent(contact: str) -> str:
    """Return KZMedia/0.1.0 (+contact); what a header may not hold is left out of the contact."""
    known = re.sub(r"[^\x20-\x7e]", "", contact).strip()
    return f"KZMedia/{VERSION} (+{known})" if known else f"KZMedia/{VERSION}"


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _read(response: httpx.Response, limit: int) -> bytes:
    """Return the body, decompressed; raises Failed as soon as it is longer than the limit.

    The decompressing is done here and not by httpx, which would unfold a whole chunk (a thousandfold) before it can
    be measured.
    """
    encoding = response.headers.get("content-encoding", "").strip().lower()
    if encoding not in ("", "identity", "gzip", "x-gzip", "deflate"):
        raise Failed("encoding", encoding[:20])
    unfold = (
        None if encoding in ("", "identity") else zlib.decompressobj(wbits=47)
    )  # gzip or zlib, by its header
    body = bytearray()
    for chunk in response.iter_raw():
        body += chunk if unfold is None else unfold.decompress(chunk, limit + 1 - len(body))
        if len(body) > limit:
            raise Failed("too_large", f"more than {limit} bytes")
    if unfold is not None and body and not unfold.eof:
        raise Failed("truncated", "compressed body ends early")
    return bytes(body)


@functools.lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    """Load the certificates once a process: it takes some 30 ms."""
    return httpx.create_ssl_context()


class _PrivateAddressError(Exception):
    pass


class _Network(httpcore.SyncBackend):
    """Connections on which no phase lasts beyond the deadline of the whole answer."""

    def __init__(self, public_only: bool) -> None:
        self.public_only = public_only
        self.ends_at = 0.0

    def left(self, timeout: float | None) -> float:
        left = self.ends_at - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("deadline")
        return left if timeout is None else min(timeout, left)

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        # Resolved here, so that the address that was looked at is the one connected to.
        place = _public_address(host, port) if self.public_only else host
        stream = super().connect_tcp(place, port, self.left(timeout), local_address, socket_options)
        if self.public_only and not _reaches_public(stream):
            stream.close()
            raise _PrivateAddressError
        return _Stream(stream, self)


class _Stream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream, network: _Network) -> None:
        self._stream = stream
        self._network = network

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._network.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._network.left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Stream(
            self._stream.start_tls(ssl_context, server_hostname, self._network.left(timeout)), self._network
        )

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _public_address(host: str, port: int) -> str:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise httpcore.ConnectError(str(error)) from None
    addresses = [str(entry[4][0]) for entry in found]
    if not addresses or not all(is_public(address) for address in addresses):
        raise _PrivateAddressError
    return addresses[0]


def _reaches_public(stream: httpcore.NetworkStream) -> bool:
    """Tell whether the host at the other end is public, whatever the name was resolved to before."""
    connection = stream.get_extra_info("socket")
    try:
        return is_public(str(connection.getpeername()[0]))
    except (OSError, ValueError):
        return False


class _Transport(httpx.BaseTransport):
    """httpx's own transport with the network swapped, which httpx offers no way to do."""

    def __init__(self, network: _Network) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=_tls(), network_backend=network, max_connections=4, keepalive_expiry=30
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = httpcore.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        )
        response = self._pool.handle_request(
            httpcore.Request(
                request.method,
                url,
                headers=request.headers.raw,
                content=request.stream,
                extensions=request.extensions,
            )
        )
        return httpx.Response(
            response.status, headers=response.headers, stream=_Body(response), extensions=response.extensions
        )

    def close(self) -> None:
        self._pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, response: httpcore.Response) -> None:
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        yield from self._response.iter_stream()

    def close(self) -> None:
        self._response.close()
