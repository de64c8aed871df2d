"""A chart in a frame on another site: it tells its height, follows the scheme, and works in a sandbox and without scripts."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.runtime.processes import wait_for

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

HOST = """<!doctype html><title>News</title><p>Before</p>
<iframe {sandbox} src="{site}/embed/groups/abenov-vs-agencies?lang=kk{more}" width="100%" height="150"></iframe>
<script async src="{site}/static/js/embed-host.js"></script><p>After</p>"""


class News(BaseHTTPRequestHandler):
    page = b""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(self.page)

    def log_message(self, *_args):
        """Nobody reads it."""


@pytest.fixture
def news():
    """Provide another site."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), News)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


class Errors:
    def __init__(self):
        self.heard = []

    def hear(self, error):
        self.heard.append(str(error))


@pytest.fixture
def host(empty_page, reference, live_server, news):
    """Open a page of another site that holds a frame: gives the page and the frame."""
    opened = []

    def start(sandbox="", more="", width=800, scheme="light", **options):
        page = empty_page(width, scheme, **options)
        errors = Errors()
        page.on("pageerror", errors.hear)
        opened.append((page, errors))
        News.page = HOST.format(site=live_server.url, sandbox=sandbox, more=more).encode()
        page.goto(news)
        frame = page.wait_for_selector("iframe").content_frame()
        if options.get("java_script_enabled", True):
            frame.wait_for_load_state()
            frame.evaluate("dispatchEvent(new Event('pointermove'))")  # Plotly waits for the reader to begin
            frame.locator(".main-svg").first.wait_for(state="attached")
        return page, frame

    yield start
    for page, errors in opened:
        page.remove_listener("pageerror", errors.hear)
    assert [error for _page, errors in opened for error in errors.heard] == []


@pytest.mark.parametrize("sandbox", ["", 'sandbox="allow-scripts"'])
@pytest.mark.parametrize("width", [800, 360])
def test_the_frame_gets_the_height_of_what_is_in_it(host, sandbox, width):
    page, frame = host(sandbox, width=width)
    page.wait_for_function("parseFloat(document.querySelector('iframe').style.height) > 300")
    own = "Math.ceil(document.body.getBoundingClientRect().height)"
    given = "parseFloat(document.querySelector('iframe').style.height)"
    wait_for(lambda: page.evaluate(given) == frame.evaluate(own), 60, "the frame to have the page's height")
    assert frame.evaluate("document.documentElement.scrollWidth <= innerWidth")
    before = frame.evaluate(own)
    frame.locator("details.twin summary").click()
    page.wait_for_function(f"parseFloat(document.querySelector('iframe').style.height) > {before} + 50")
    assert page.context.cookies() == []


@pytest.mark.parametrize(
    ("scheme", "theme", "ground"),
    [("light", "", "rgb(255, 255, 255)"), ("dark", "", "rgb(20, 23, 26)"), ("dark", "light", "rgb(255, 255, 255)"), ("light", "dark", "rgb(20, 23, 26)")],
)  # fmt: skip
def test_page_and_chart_have_the_same_scheme(host, scheme, theme, ground):
    _page, frame = host(more=f"&theme={theme}" if theme else "", scheme=scheme)
    assert frame.evaluate("getComputedStyle(document.body).backgroundColor") == ground
    assert frame.evaluate("document.querySelector('.main-svg').style.background").startswith(ground[:12])


def test_without_scripts_the_table_is_open(host):
    _page, frame = host(java_script_enabled=False)
    assert frame.locator("details.twin table").is_visible()
    assert not frame.locator(".chart").is_visible()


def test_wordpress_hears_the_height_with_its_secret(host):
    page, frame = host('sandbox="allow-scripts"', more="#?secret=abc123")
    page.evaluate(
        "addEventListener('message', (event) => { if (event.data.secret) window.heard = event.data; })"
    )
    frame.locator("details.twin summary").click()
    page.wait_for_function("window.heard")
    heard = page.evaluate("window.heard")
    assert (heard["message"], heard["secret"]) == ("height", "abc123")
    assert heard["value"] > 300
