"""Public pages are made once in a generation of the data, and kept.

A page is kept under its address, the day, the language and the number that the database changes with every write of a
person at the desk; what a person writes is on the pages at once. What programs write changes the generation too, every
second while accounts are being read: a page then stands for PAGE_LAG_SECONDS, some longer than others lest all be made
anew at one time, and while one makes it anew the others get it as it was, never one made more than PAGE_CACHE_SECONDS ago.
Kept in Redis where that answers, else in the memory of the process. Who has a session is never given a kept page, nor
is theirs kept.

An address counts by what its page depends on: parameters that the page does not know are left out before anything is made,
values are spelt in one way, and a page with a value that is none is made and not kept.

Where many ask for a page that is not kept, one makes it and the others wait for that; and a process makes one of a kind
at a time, or all of them would be late. Networks take turns at that.
"""

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import wraps
from typing import NamedTuple, Self
from urllib.parse import urlencode

from django.conf import settings
from django.core.cache import caches
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers
from redis.exceptions import RedisError
from zlib_ng import zlib_ng

from apps.common import clients, reading
from apps.common.breaker import redis_breaker
from apps.common.reading import View
from apps.common.turns import FairTurns
from apps.dashboard.forms import QueryForm, is_left_out
from apps.exports.negotiation import accepts_gzip
from apps.standings import cache_version

LONGEST_QUERY = 500  # longer ones are made up; they would fill the memory
LONGEST = 20  # seconds that anybody waits for a turn, or for another's page
GZIP = 31  # window bits that mean gzip, to zlib
PAUSE = 0.05  # seconds between two looks whether it is there

anew = FairTurns()  # a process makes one page anew at a time: the others stand as they are meanwhile


class Page(NamedTuple):
    """A page as it is kept: `key` tells it from any other, and it is not looked at again before `stands_until`."""

    key: str
    stands_until: int  # seconds since 1970
    packed: bytes

    def dumps(self) -> bytes:
        return f"{self.key}{self.stands_until:012d}".encode() + self.packed

    @classmethod
    def loads(cls, packed: bytes) -> Self:
        return cls(packed[:64].decode(), int(packed[64:76]), packed[76:])


def public_page(view: View, form: type[QueryForm] = QueryForm, also: str = "") -> View:
    """Return the view of a public page that depends on nothing but its address, the day and the data.

    form: what its address may say; also: a parameter beside it.
    """
    turn = FairTurns()  # of each view: pages that are quickly made do not wait for those that are not

    @reading.for_readers
    @wraps(view)
    def wrapper(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if settings.PAGE_CACHE_SECONDS <= 0 or not reading.is_anybodys(request):
            response = view(request, *args, **kwargs)
            if settings.SESSION_COOKIE_NAME in request.COOKIES:
                patch_cache_control(response, private=True, no_cache=True)
            return response
        if not is_canonical(request, form, also):
            return view(request, *args, **kwargs)
        every, by_hand = cache_version.sum_of_all_and_by_hand()
        request.generation = every  # type: ignore[attr-defined]  # what is made need not ask again
        key = cache_version.key_of(request, generation=(every, by_hand))
        address = cache_version.key_of(request, generation=("newest", by_hand))
        page = page_at(address)
        if page and (page.key == key or time.time() < page.stands_until):
            return response_to(request, page)
        if unchanged := get_conditional_response(request, etag=etag_of(key)):
            return public(unchanged, key)
        with turn_to_make(
            address, anew if page else turn, clients.network_of(request), is_awaited=page is None
        ) as is_mine:
            found = None if is_mine else page_at(address)
            if found is None:
                is_left_out.set(False)
                made = view(request, *args, **kwargs)
                if is_left_out.get():  # a group, say, that is none
                    return made
                if made.status_code != 200 or not isinstance(made, HttpResponse):
                    return made
                stands = settings.PAGE_LAG_SECONDS * random.uniform(0.5, 1)  # noqa: S311 no secret
                found = Page(key, int(time.time() + stands), pack(made.content))
                keep(address, found.dumps())
        return response_to(request, found)

    return wrapper


def page_at(address: str) -> Page | None:
    found = recall(address)
    return Page.loads(found) if found else None


@contextmanager
def turn_to_make(address: str, turn: FairTurns, network: str, *, is_awaited: bool) -> Iterator[bool]:
    """Yield whether this process is to make the page; where another makes it, wait for that first if `is_awaited`."""
    mark = f"{address}-making"
    if not call_cache("add", mark, b"1", LONGEST):
        if is_awaited:
            wait_while(mark)
        yield False
        return
    has_turn = turn.acquire(network, LONGEST if is_awaited else 0)
    try:
        yield has_turn or is_awaited
    finally:
        if has_turn:
            turn.release()
        call_cache("delete", mark)


def wait_while(mark: str) -> None:
    until = time.monotonic() + LONGEST
    while call_cache("get", mark) and time.monotonic() < until:
        time.sleep(PAUSE)


def is_canonical(request: HttpRequest, form: type[QueryForm], also: str) -> bool:
    """Reduce the request's query to what the page depends on; tell whether a page for it may be cached."""
    pairs, is_valid = form.canonical(request.GET)
    if also and (value := request.GET.get(also)):
        pairs.append((also, value))
    query = urlencode(pairs)
    if query != request.META.get("QUERY_STRING", ""):
        request.META["QUERY_STRING"] = query
        request.GET = QueryDict(query)
    return is_valid and len(query) <= LONGEST_QUERY


def response_to(request: HttpRequest, page: Page) -> HttpResponse:
    unchanged = get_conditional_response(request, etag=etag_of(page.key))
    return public(unchanged or unpack(request, page.packed), page.key)


def etag_of(key: str) -> str:
    return f'W/"{key[:32]}"'


def public(response: HttpResponse, key: str) -> HttpResponse:
    """Let any cache store the response and revalidate it; sessions are told apart by their cookie (Vary)."""
    response.headers["ETag"] = etag_of(key)
    response.headers["Cache-Control"] = "public, no-cache"
    patch_vary_headers(response, ["Accept-Encoding", "Cookie"])
    return response


def pack(content: bytes) -> bytes:
    return zlib_ng.compress(content, 6, GZIP)


def unpack(request: HttpRequest, packed: bytes) -> HttpResponse:
    """Return the stored page, unpacked unless the reader takes gzip. It holds no secret (no CSRF token) that
    compression could leak."""
    if not accepts_gzip(request.headers.get("Accept-Encoding", "")):
        return HttpResponse(zlib_ng.decompress(packed, GZIP))
    response = HttpResponse(packed)
    response.headers["Content-Encoding"] = "gzip"
    return response


def recall(key: str) -> bytes | None:
    found = call_cache("get", key) or caches["memory"].get(key)  # what was kept while Redis was away
    return found if isinstance(found, bytes) else None


def keep(key: str, what: bytes) -> None:
    call_cache("set", key, what, settings.PAGE_CACHE_SECONDS)


def call_cache(name: str, *args: object) -> object:
    """Call one of the cache's functions in Redis where that answers, else in the memory of the process."""
    if not redis_breaker.is_open:
        try:
            return getattr(caches["pages"], name)(*args)
        except RedisError:
            redis_breaker.trip()
    return getattr(caches["memory"], name)(*args)


class Raw:
    """Bytes go into Redis as they are: nothing that comes out of it is ever run."""

    def dumps(self, value: bytes) -> bytes:
        return value

    def loads(self, value: bytes) -> bytes:
        return value
