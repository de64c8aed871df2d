"""Reading a body's site: five requests, robots.txt, only its own host, only the public internet."""

import socket
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise

import httpcore
import pytest

from apps.collectors.sites import reading, robots
from apps.collectors.sites.reading import Refusal, read_site
from apps.common import http
from apps.common.http import Client, Failed

HOME = '<footer class="social"><a href="https://t.me/bodygovkz"></a></footer><a href="/contacts">Контакты</a>'


class Site:
    """Plays a site: pages by address; counts what is asked."""

    def __init__(self, pages):
        self.pages = pages
        self.asked = []

    def __call__(self, contact="", **options):
        assert options["public_only"] is True
        return self

    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass

    def send(self, method, url, headers=None):
        self.asked.append(url)
        page = self.pages.get(url, (404, "", {}))
        if isinstance(page, Failed):
            raise page
        status, body, more = page if isinstance(page, tuple) else (200, page, {})
        return reading.Response(status, {"content-type": "text/html"} | more, body.encode(), None)


def to(place):
    return 302, "", {"location": place}


def refresh(place, seconds=0):
    return f'<meta http-equiv="Refresh" content="{seconds}; URL={place}">'


def read(pages, address="https://body.kz", **options):
    site = Site(pages)
    return read_site(address, open_client=site, **options), site


def refusal(pages, address="https://body.kz"):
    site = Site(pages)
    with pytest.raises(Refusal) as raised:
        read_site(address, open_client=site)
    assert len(site.asked) <= reading.MOST_REQUESTS
    return raised.value.code


def test_home_and_contacts_are_read():
    contacts = '<main><a href="https://www.facebook.com/bodykz">facebook.com/bodykz</a></main>'
    found, site = read({"https://body.kz/": HOME, "https://body.kz/contacts": contacts})
    assert site.asked == ["https://body.kz/robots.txt", "https://body.kz/", "https://body.kz/contacts"]
    assert [(one.target.handle, one.verdict) for one in found.accounts] == [
        ("bodygovkz", "own"),
        ("bodykz", "own"),
    ]
    assert found.pages == ("https://body.kz/", "https://body.kz/contacts")


def test_never_more_than_five_requests():
    many = HOME + "".join(f'<a href="/contact{number}">x</a>' for number in range(20))
    found, site = read({"https://body.kz/": many} | {f"https://body.kz/contact{n}": many for n in range(20)})
    assert found.requests == len(site.asked) <= reading.MOST_REQUESTS
    steps = {f"https://body.kz/{number}": to(f"/{number + 1}") for number in range(20)}
    assert refusal(steps | {"https://body.kz/": to("/0")}) == "too_many_redirects"


def test_a_redirect_inside_the_site_is_followed():
    found, _ = read(
        {"http://body.kz/": to("https://www.body.kz/kk/"), "https://www.body.kz/kk/": HOME}, "http://body.kz"
    )
    assert found.pages == ("https://www.body.kz/kk/",)


@pytest.mark.parametrize(
    ("place", "code"),
    [
        ("https://evil.example/", "other_host"),
        ("http://127.0.0.1/", "private_address"),
        ("http://[fd00::1]/", "private_address"),
        ("//localhost/", "private_address"),
        ("http://body.kz.evil.example/", "other_host"),
        ("https://body.kz:8443/", "bad_redirect"),
        ("file:///etc/passwd", "bad_redirect"),
        ("data:text/html,x", "bad_redirect"),
        ("http://user:word@body.kz/", "bad_redirect"),
    ],
)
def test_a_redirect_elsewhere_is_refused(place, code):
    assert refusal({"https://body.kz/": to(place), place: HOME}) == code
    assert refusal({"https://body.kz/": refresh(place), place: HOME}) == code


def test_a_page_that_sends_its_readers_on_is_followed_inside_the_site():
    found, _site = read({"https://body.kz/": refresh("/kk/"), "https://body.kz/kk/": HOME})
    assert found.pages == ("https://body.kz/kk/",)
    assert [account.target.handle for account in found.accounts] == ["bodygovkz"]
    assert (
        refusal({"https://body.kz/": refresh("/1"), "https://body.kz/1": refresh("/")})
        == "too_many_redirects"
    )
    assert read({"https://body.kz/": refresh("/news", seconds=600) + HOME})[0].pages == ("https://body.kz/",)


def test_two_moves_before_the_home_page_leave_a_request_for_the_contacts():
    hosts = ["https://body.kz", "https://b.body.kz", "https://www.body.kz"]
    pages = {
        f"{here}{path}": to(f"{there}{path}")
        for here, there in pairwise(hosts)
        for path in ("/", "/robots.txt")
    }
    pages |= {"https://www.body.kz/robots.txt": "User-agent: *\nDisallow: /admin\n"}
    pages |= {"https://www.body.kz/": HOME, "https://www.body.kz/contacts": HOME}
    assert read(pages)[0].pages == ("https://www.body.kz/", "https://www.body.kz/contacts")


def test_a_name_in_letters_of_its_own_is_one_site_with_its_form_on_the_net():
    found, _site = read(
        {
            "https://body.қаз/": to("https://www.body.xn--80ao21a./ru"),
            "https://www.body.xn--80ao21a./ru": HOME,
        },
        "https://body.қаз",
    )
    assert found.accounts


def test_a_page_of_scripts_alone_is_said_to_be_one():
    script = "<script>document.write('<a href=https://t.me/bodykz>')</script>"
    assert refusal({"https://body.kz/": f"{script}<div id=app></div>"}) == "scripts"
    assert read({"https://body.kz/": script + HOME})[0].accounts


@pytest.mark.parametrize("charset", ["undefined", "idna", "bz2_codec", "unicode_escape", "zip"])
def test_a_page_cannot_choose_what_reads_its_letters(charset):
    page = (200, HOME, {"content-type": f"text/html; charset={charset}"})
    assert read({"https://body.kz/": page})[0].accounts


def test_a_file_that_calls_itself_a_page():
    assert refusal({"https://body.kz/": "\x00\x01\x02" * 1000}) == "not_html"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ftp://body.kz",
        "data:text/html,x",
        "http://a:b@body.kz/",
        "http://body.kz:22/",
        "http://[::1",
        "body",
    ],
)
def test_what_is_no_address_of_a_site(address):
    assert refusal({}, address) == "not_a_site"


def test_robots_are_obeyed():
    rules = "User-agent: *\nDisallow: /\n"
    assert refusal({"https://body.kz/robots.txt": rules, "https://body.kz/": HOME}) == "robots"
    rules = "User-agent: *\nDisallow: /\n\nUser-agent: KZMedia\nDisallow: /contacts\n"
    found, _ = read({"https://body.kz/robots.txt": rules, "https://body.kz/": HOME})
    assert found.problems == (("https://body.kz/contacts", "robots"),)


@pytest.mark.parametrize("answer", [(500, "", {}), (429, "", {})])
def test_rules_that_cannot_be_had_allow_nothing(answer):
    assert refusal({"https://body.kz/robots.txt": answer, "https://body.kz/": HOME}) == "robots"


def test_the_site_may_ask_for_patience():
    waits = []
    pages = {"https://body.kz/robots.txt": "User-agent: *\nCrawl-delay: 3", "https://body.kz/": HOME}
    read(pages, wait=waits.append)
    assert waits == [3.0, 3.0]
    pages["https://body.kz/robots.txt"] = "User-agent: *\nCrawl-delay: 600"
    assert refusal(pages) == "robots"


@pytest.mark.parametrize("code", ["private_address", "too_large", "timeout", "truncated", "encoding"])
def test_failures_keep_their_code(code):
    assert refusal({"https://body.kz/": Failed(code)}) == code


def test_what_is_no_page():
    assert refusal({"https://body.kz/": (200, "%PDF", {"content-type": "application/pdf"})}) == "not_html"
    assert refusal({"https://body.kz/": (503, "", {})}) == "status"


@pytest.mark.parametrize(
    ("rules", "path", "allowed"),
    [
        ("User-agent: *\nDisallow:", "/", True),
        ("User-agent: *\nDisallow: /a\nAllow: /a/b", "/a/b/c", True),
        ("User-agent: *\nDisallow: /a\nAllow: /a/b", "/a/c", False),
        ("User-agent: *\nDisallow: /*.php$", "/x/y.php", False),
        ("User-agent: *\nDisallow: /*.php$", "/x/y.php?z", True),
        ("User-agent: *\nDisallow: /%D0%BA", "/к", False),
        ("User-agent: googlebot\nDisallow: /", "/", True),
        ("User-agent: kzmedia/1.0\nUser-agent: other\nDisallow: /", "/", False),
        ("User-agent: *\nDisallow: /\nUser-agent: kzmedia\nAllow: /", "/", True),
        ("# nothing\nnonsense\n: :\n", "/", True),
        ("User-agent: *\nDisallow: /" + "*a" * 5_000, "/" + "a" * 5_000, True),
    ],
)
def test_rules_of_robots(rules, path, allowed):
    assert robots.parse(rules).allows(path) is allowed


# On real sockets


class _Endless(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/robots.txt":
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        try:
            while True:
                self.wfile.write(b"<p>more</p>" * 10_000)
        except OSError:
            pass

    def log_message(self, *args):
        pass


@contextmanager
def local_site(handler):
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_an_endless_page_is_cut_off(monkeypatch):
    with local_site(_Endless) as port:
        real = httpcore.SyncBackend.connect_tcp
        monkeypatch.setattr(http, "_public_address", lambda host, port: "93.184.216.34")
        monkeypatch.setattr(http, "_reaches_public", lambda stream: True)
        monkeypatch.setattr(
            httpcore.SyncBackend,
            "connect_tcp",
            lambda self, host, _port, *args, **more: real(self, "127.0.0.1", port, *args, **more),
        )
        with pytest.raises(Refusal, match="too_large"):
            read_site("http://body.kz/")


@pytest.mark.parametrize(
    "address", ["10.0.0.7", "127.0.0.1", "169.254.169.254", "::1", "fd00::1", "::ffff:192.168.1.1"]
)
def test_a_name_of_a_private_address_is_refused(monkeypatch, address):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **more: [(0, 0, 0, "", (address, 80))])
    with pytest.raises(Refusal, match="private_address"):
        read_site("http://body.kz/", open_client=Client)


def test_a_name_that_changes_its_mind_is_asked_once_a_connection(monkeypatch):
    answers = iter(["93.184.216.34", "127.0.0.1", "127.0.0.1"])
    connected = []

    def refuse(self, host, port, *args, **more):
        connected.append(host)
        raise httpcore.ConnectError("nobody there")

    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **more: [(0, 0, 0, "", (next(answers), 80))])
    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", refuse)
    with pytest.raises(Refusal, match="connection"):
        read_site("http://body.kz/")
    with pytest.raises(Refusal, match="private_address"):
        read_site("http://body.kz/")
    assert connected == ["93.184.216.34"]
