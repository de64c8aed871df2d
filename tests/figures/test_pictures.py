"""Pictures: drawn once, kept, pruned; and why there is none."""

import base64
import json
import os
import re
import shutil
import socket
import struct
import subprocess
import sys
import threading
import time
import zlib
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

import pytest
from django.conf import settings
from django.utils import translation
from redis import Redis

from apps.figures import chart_renderer, lines, pictures, style
from apps.figures.pictures import NotDrawn
from apps.figures.png_text import with_texts
from apps.figures.printing import CARD, FORMATS, Dress, Words, drawing
from apps.figures.slope import slope
from apps.figures.tasks import draw_picture
from kzmedia import vendor
from tests.browser.conftest import NAMES
from tests.builders import make_account, make_actor, make_group, make_snapshots
from tests.figures.made import points, series, trend
from tests.figures.made import table2 as made_table2

WORDS = Words(
    "Қазақстан: ә ғ қ ң ө ұ ү һ і", "A sentence over the chart. " * 8, ("As of 2022 · Source: X", "KZMedia")
)


@pytest.fixture(autouse=True)
def place(settings, tmp_path):
    """Provide an own place, and little patience."""
    settings.VAR_DIR = tmp_path
    settings.PICTURE_SECONDS = 3.0
    return tmp_path / "pictures"


@pytest.fixture
def worker(monkeypatch):
    """What is published is drawn at once, by a pencil that counts; the queue itself is Celery's."""
    drawn = []

    def publish(_self, name, args, **options):
        assert (name, options["queue"]) == (draw_picture.name, "pictures")
        threading.Thread(target=pictures.answer, args=args).start()

    def draw(figure, options, seconds=0):
        drawn.append(figure)
        time.sleep(0.2)
        return b"picture of " + str(options["width"]).encode()

    monkeypatch.setattr("celery.Celery.send_task", publish)
    monkeypatch.setattr(chart_renderer, "draw", draw)
    return drawn


def made():
    with translation.override("en"):
        return drawing(slope(made_table2()), WORDS, "png")


def test_asked_by_many_it_is_drawn_once_and_kept(worker, place, settings):
    found = []
    readers = [
        threading.Thread(target=lambda: found.append(pictures.picture("k", "png", made))) for _ in range(4)
    ]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert found == [b"picture of 1000"] * 4
    assert len(worker) == 1
    assert (place / "k.png").read_bytes() == b"picture of 1000"
    with Redis.from_url(settings.REDIS_URL) as store:
        store.delete(f"{pictures.PREFIX}:done:k")
    assert pictures.picture("k", "png", made) == b"picture of 1000"
    assert len(worker) == 1


def test_more_readers_than_may_wait_are_told_to_come_again(worker, monkeypatch):
    monkeypatch.setattr(pictures, "_waiting", threading.BoundedSemaphore(1))
    first = threading.Thread(target=pictures.picture, args=("k", "png", made))
    first.start()
    time.sleep(0.1)
    with pytest.raises(NotDrawn) as refused:
        pictures.picture("other", "png", made)
    assert (refused.value.code, refused.value.again) == ("busy", 5)
    first.join()
    assert pictures.picture("other", "png", made)


@pytest.mark.parametrize(
    ("error", "code", "again"),
    [(chart_renderer.NoBrowser(""), "no_browser", None), (chart_renderer.RenderingFailed("x"), "failed", 30)],
)
def test_why_it_is_not_drawn_comes_back(worker, monkeypatch, error, code, again):
    def fail(*_args, **_options):
        raise error

    monkeypatch.setattr(chart_renderer, "draw", fail)
    for _ in range(2):
        with pytest.raises(NotDrawn) as refused:
            pictures.picture("k", "png", made)
        assert (refused.value.code, refused.value.again) == (code, again)


def test_without_a_worker_it_is_late_and_without_a_queue_at_once(settings, monkeypatch):
    monkeypatch.setattr("celery.Celery.send_task", lambda *_args, **_options: None)
    settings.PICTURE_SECONDS = 1.0
    with pytest.raises(NotDrawn, match="late"):
        pictures.picture("k", "png", made)
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    began = time.monotonic()
    with pytest.raises(NotDrawn, match="no_queue"):
        pictures.picture("other", "png", made)
    assert time.monotonic() - began < 3


def test_a_full_place_forgets_what_was_not_looked_at(place, settings, monkeypatch):
    settings.PICTURES_MB = 1
    monkeypatch.setattr(pictures, "PRUNED_ONCE_IN", float("inf"))
    for number in range(5):
        pictures.keep(f"p{number}", "png", b"x" * 300_000)
        os.utime(place / f"p{number}.png", (number, number))
    assert pictures.recall("p0", "png")  # looked at: it stays
    pictures.prune()
    assert sorted(file.name for file in place.iterdir()) == ["p0.png", "p3.png", "p4.png"]


def test_in_a_worker_it_is_drawn_there(worker, monkeypatch):
    monkeypatch.setattr(pictures, "current_task", True)
    monkeypatch.setattr("celery.Celery.send_task", lambda *_args, **_options: pytest.fail("published"))
    with translation.override("en"):
        assert pictures.png(slope(made_table2()), "Title") == b"picture of 1000"

    def fail(*_args, **_options):
        raise chart_renderer.NoBrowser

    monkeypatch.setattr(chart_renderer, "draw", fail)
    assert pictures.png(slope(made_table2()), "Another title") is None


def test_a_card_is_high_enough_for_what_stands_on_it():
    with translation.override("en"):
        small = drawing(slope(made_table2()), WORDS, "png", dress=Dress("card"))
    layout = small.figure["layout"]
    assert layout["width"] / layout["height"] == CARD[0] / CARD[1]
    assert int(layout["width"] * small.options["scale"]) == CARD[0]
    assert int(layout["height"] * small.options["scale"]) == CARD[1]
    plot = layout["height"] - layout["margin"]["t"] - layout["margin"]["b"]
    assert plot > 300
    assert any("Қазақстан" in note["text"] for note in layout["annotations"])


@pytest.mark.parametrize(("ratio", "across", "down"), [("wide", 16, 9), ("square", 1, 1), ("story", 9, 16)])
@pytest.mark.parametrize("width", [0, 320, 1081, 4000])
def test_a_ratio_is_kept_at_every_width(ratio, across, down, width):
    with translation.override("kk"):
        made = drawing(slope(made_table2()), WORDS, "png", dress=Dress(ratio, width))
    layout, scale = made.figure["layout"], made.options["scale"]
    assert layout["width"] * down == layout["height"] * across
    assert int(layout["width"] * scale) == (width or FORMATS[ratio].width)
    assert int(layout["height"] * scale) == int((width or FORMATS[ratio].width) * down / across)
    plot = layout["height"] - layout["margin"]["t"] - layout["margin"]["b"]
    assert plot > 300


def test_a_theme_changes_every_colour_or_none():
    with translation.override("en"):
        figure = slope(made_table2())
        drawn = {
            theme: json.dumps(drawing(figure, WORDS, "svg", dress=Dress("", 0, theme)).figure)
            for theme in ("light", "dark", "transparent")
        }
    of = {
        theme: {one.upper() for one in re.findall(r"#[0-9A-Fa-f]{6}", text)} for theme, text in drawn.items()
    }
    assert of["dark"] == {style.DARK.get(one, one) for one in of["light"]}
    assert not of["dark"] & set(style.DARK) - set(style.DARK.values())
    assert '"paper_bgcolor": "rgba(0,0,0,0)", "plot_bgcolor": "rgba(0,0,0,0)"' in drawn["transparent"]
    assert "rgba(0,0,0,0)" not in drawn["light"] + drawn["dark"]


def test_what_a_png_shows_travels_with_it():
    one_pixel = base64.b64decode(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="
    )
    labelled = with_texts(one_pixel, {"Title": "Қазақстан", "Description": "Мәтін", "Author": ""})
    chunks = chunks_of(labelled)
    assert [kind for kind, _content in chunks] == [b"IHDR", b"iTXt", b"iTXt", b"IDAT", b"IEND"]
    assert [content.decode() for kind, content in chunks if kind == b"iTXt"] == [
        "Title\0\0\0\0\0Қазақстан", "Description\0\0\0\0\0Мәтін",
    ]  # fmt: skip
    assert with_texts(b"<svg/>", {"Title": "x"}) == b"<svg/>"


def chunks_of(png):
    """Return kind and content of each chunk of a PNG, whose checksums have to be right."""
    chunks, at = [], 8
    while at < len(png):
        size = int.from_bytes(png[at : at + 4], "big")
        body = png[at + 4 : at + 8 + size]
        assert png[at + 8 + size : at + 12 + size] == zlib.crc32(body).to_bytes(4, "big")
        chunks.append((body[:4], body[4:]))
        at += 12 + size
    return chunks


# By address


@pytest.fixture
def reasons(client, monkeypatch):
    """Provide what an address answers when drawing ends so."""

    def answer(error):
        def fail(*_args, **_options):
            raise error

        monkeypatch.setattr(pictures, "request_picture", fail)
        return client.get("/picture/overview.png?lang=ru")

    return answer


@pytest.fixture
def group(db):
    actor = make_actor("abenov", "blogger", name_en="Abenov")
    make_snapshots(make_account(actor), {"2017": 39000, "2022": 64000})
    return make_group("g", [actor], actor, platform="facebook", title_en="Title of the group")


@pytest.mark.parametrize(
    ("code", "again"), [("no_browser", None), ("failed", 30), ("late", 10), ("busy", 5), ("no_queue", 30)]
)
def test_what_cannot_be_drawn_is_a_503_that_says_why(group, reasons, code, again):
    response = reasons(NotDrawn(code, again))
    assert response.status_code == 503
    assert len(response.content) > 30
    assert code.encode() not in response.content
    assert response.get("Retry-After") == (str(again) if again else None)
    assert response["Cache-Control"] == "no-store"


@pytest.mark.parametrize(("ending", "kind"), [("png", "image/png"), ("svg", "image/svg+xml")])
def test_a_picture_has_an_etag_and_no_cookie(client, group, worker, ending, kind):
    response = client.get(f"/picture/overview.{ending}")
    assert (response.status_code, response["Content-Type"]) == (200, kind)
    assert "Cookie" not in response.get("Vary", "")
    assert not response.cookies
    assert ("sandbox" in response["Content-Security-Policy"]) is (ending == "svg")
    again = client.get(f"/picture/overview.{ending}", headers={"if-none-match": response["ETag"]})
    assert again.status_code == 304
    make_snapshots(make_account("new"), {"2022": 5})
    assert client.get(f"/picture/overview.{ending}")["ETag"] != response["ETag"]
    assert len(worker) == 2


def test_a_network_gets_so_many_new_pictures_a_minute(client, group, worker, settings):
    settings.PICTURES_A_MINUTE = 2
    for view, status in (("", 200), ("view=line", 200), ("scale=log", 429), ("view=line", 200)):
        response = client.get(f"/picture/overview.png?{view}", REMOTE_ADDR="10.1.2.3")
        assert response.status_code == status, view
    assert 0 < int(client.get("/picture/overview.png?scale=log", REMOTE_ADDR="10.1.2.4")["Retry-After"]) <= 60
    assert client.get("/picture/overview.png?scale=log", REMOTE_ADDR="10.1.3.4").status_code == 200


def test_words_and_date_are_printed_on_it(client, group, worker):
    client.get("/picture/overview.png")
    said = " ".join(note["text"] for note in worker[0]["layout"]["annotations"])
    assert "Title of the group" in said
    assert "As of 2022" in said
    assert "KZMedia · testserver/en/" in said


@pytest.mark.parametrize(
    "query",
    [
        "ratio=tall", "width=319", "width=4001", "width=1e3", "width=-800", "width=800.0", "theme=blue", "lang=de",
        "size=huge", "width=800&width=900", "ratio=wide&ratio=square", "size=card&width=800", "size=card&ratio=wide", "colour=red",
    ],
)  # fmt: skip
def test_a_dress_that_there_is_not_is_refused_by_name(client, group, worker, query):
    for ending in ("png", "svg", "pdf", "json"):
        response = client.get(f"/picture/overview.{ending}?{query}")
        assert response.status_code == 400
        assert query.split("=")[0 if "card" not in query else 1].split("&")[0] in response.content.decode()
    assert worker == []


def test_a_frame_has_no_width_and_is_not_transparent(client, group):
    for query in ("width=800", "ratio=wide", "theme=transparent"):
        assert client.get(f"/embed/overview?{query}").status_code == 400


def test_each_dress_is_another_picture(client, group, worker):
    queries = ["", "width=700", "ratio=wide", "ratio=wide&width=700", "theme=dark", "lang=kk", "size=card"]
    tags = {client.get(f"/picture/overview.png?{query}")["ETag"] for query in queries}
    assert len(tags) == len(queries) == len(worker)
    again = client.get("/picture/overview.png?ratio=&width=&theme=")  # as a form sends what is left empty
    assert again["ETag"] in tags


def test_what_is_told_of_a_picture_needs_no_drawing(client, group, worker):
    told = client.get("/picture/overview.json?ratio=square&theme=dark&width=900&lang=en")
    assert (told.status_code, told["Access-Control-Allow-Origin"]) == (200, "*")
    about = told.json()
    assert about["alt"].startswith("Title of the group. ")
    assert about["alt"].endswith("As of 2022.")
    assert (about["width"], about["height"], about["language"]) == (900, 900, "en")
    assert about["files"]["pdf"].startswith("http://testserver/picture/overview.pdf?lang=en&ratio=square")
    assert client.get(about["files"]["svg"]).status_code == 200
    assert client.get("/picture/overview.json", headers={"if-none-match": ""}).json()["ledger"] is None
    assert worker[0]["layout"]["meta"]["alt"] == about["alt"]


def test_the_page_offers_every_dress_and_the_text(client, group):
    page = client.get("/en/groups/g/").content.decode()
    for word in ("wide", "square", "story", "dark", "transparent"):
        assert f'<option value="{word}">' in page
    for ending in ("png", "svg", "pdf"):
        assert f'formaction="/picture/groups/g.{ending}"' in page
    assert "Title of the group. " in page[page.index('-alt" rows') :]


# With a browser


@pytest.fixture(scope="module")
def browser():
    if not any(shutil.which(name) for name in NAMES):
        pytest.skip("No Chromium here: pictures are not drawn.")
    yield
    chart_renderer.put_down()


@pytest.mark.browser
def test_chromium_draws_png_card_and_svg(browser):
    with translation.override("kk"):
        figure = slope(made_table2())
    sizes = []
    for card in (False, True):
        what = drawing(figure, WORDS, "png", dress=Dress("card" if card else ""))
        png = chart_renderer.draw(what.figure, what.options)
        assert png.startswith(b"\x89PNG")
        sizes.append(struct.unpack(">II", png[16:24]))
    assert sizes == [(2000, 2 * made().figure["layout"]["height"]), CARD]
    what = drawing(figure, WORDS, "svg")
    svg = chart_renderer.draw(what.figure, what.options).decode()
    assert svg.startswith("<svg")
    assert "Қазақстан: ә ғ қ ң ө ұ ү һ і" in svg
    assert not re.findall(r'(?:href|src)="https?:', svg)


@pytest.mark.browser
def test_svg_and_pdf_hold_text_as_text(browser, tmp_path):
    """The PDF's letters can be found and copied, so they are no outlines; the SVG says what it shows."""
    with translation.override("kk"):
        figure = slope(made_table2())
    what = drawing(figure, WORDS, "svg", dress=Dress("square", 900), alt="Не көрсетілген: <ә>")
    svg = chart_renderer.draw(what.figure, what.options).decode()
    root = ElementTree.fromstring(svg)  # noqa: S314 our own
    assert (root.get("width"), root.get("height")) == ("900", "900")
    assert root.findtext("{http://www.w3.org/2000/svg}desc") == "Не көрсетілген: <ә>"
    what = drawing(figure, WORDS, "pdf", dress=Dress("wide", 1600, "transparent"))
    pdf = chart_renderer.draw(what.figure, what.options)
    assert pdf.startswith(b"%PDF")
    box = re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf)
    assert [round(float(side)) for side in box.groups()] == [1200, 675]  # points
    assert pdf.count(b"/ToUnicode") > 0
    assert b"/Subtype /Image" not in pdf
    if shutil.which("pdftotext"):
        done = subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True)  # noqa: S607
        assert "Қазақстан: ә ғ қ ң ө ұ ү һ і" in done.stdout.decode()


@pytest.mark.faults
@pytest.mark.browser
def test_a_browser_that_hangs_is_killed_and_the_next_one_draws(browser):
    what = made()
    chart_renderer.draw(what.figure, what.options)
    hung = chart_renderer._pencil
    os.killpg(hung._browser_group, 19)  # SIGSTOP
    began = time.monotonic()
    with pytest.raises(chart_renderer.RenderingFailed):
        chart_renderer.draw(what.figure, what.options, 1.0)
    assert time.monotonic() - began < 5
    assert not hung.is_alive
    with pytest.raises(ProcessLookupError):
        os.killpg(hung._process.pid, 0)
    assert chart_renderer.draw(what.figure, what.options).startswith(b"\x89PNG")


@pytest.mark.browser
def test_a_figure_that_cannot_be_drawn_harms_no_other(browser):
    with pytest.raises(chart_renderer.RenderingFailed):
        chart_renderer.draw(
            {"data": "nonsense", "layout": {}}, {"format": "png", "width": 100, "height": 100}
        )
    what = made()
    assert chart_renderer.draw(what.figure, what.options).startswith(b"\x89PNG")


@pytest.mark.browser
@pytest.mark.skipif(not Path("/proc").exists(), reason="reads /proc")
def test_the_browser_has_none_of_the_network(browser):
    """It draws what others have written, without a sandbox: the kernel refuses it and its children every connection."""
    what = made()
    chart_renderer.draw(what.figure, what.options)
    own = Path(f"/proc/{chart_renderer._pencil._browser_group}")
    members = [name for name in own.parent.glob("[0-9]*") if is_of_group(name, int(own.name))]
    assert len(members) > 1
    for member in members:
        assert "Seccomp:\t2" in (member / "status").read_text()


@pytest.mark.parametrize(
    "attempt",
    [
        "socket.create_connection(('127.0.0.1', 9))",
        "socket.socket(socket.AF_INET6)",
        "socket.socket(socket.AF_VSOCK)",
        "socket.socket(socket.AF_UNIX).connect(sys.argv[1])",  # of a server on this machine
    ],
)
def test_the_drawing_process_reaches_nobody(tmp_path, attempt):
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "server"))
        server.listen()
        code = f"""
import socket, sys
from apps.figures.offline import leave_networks
leave_networks() or sys.exit("no filter")
socket.socketpair()
try:
    {attempt}
except PermissionError:
    print("refused")
"""
        done = subprocess.run(  # noqa: S603 our own words
            [sys.executable, "-c", code, str(tmp_path / "server")], capture_output=True, text=True, check=True
        )
    assert done.stdout == "refused\n"


def is_of_group(process, group):
    try:
        return os.getpgid(int(process.name)) == group
    except ProcessLookupError:
        return False


def test_without_chromium_there_is_no_pencil(settings, monkeypatch):
    chart_renderer.put_down()
    settings.BROWSER_PATH = "/nowhere/chromium"
    with pytest.raises(chart_renderer.NoBrowser):
        chart_renderer.draw({"data": [], "layout": {}}, {})
    settings.BROWSER_PATH = ""
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(chart_renderer.NoBrowser):
        chart_renderer.browser()


@pytest.mark.parametrize(("language", "month", "foreign"), [("kk", "қаз", "окт"), ("ru", "окт", "қаз")])
@pytest.mark.skipif(not any(shutil.which(name) for name in NAMES), reason="No Chromium here to draw with.")
def test_a_picture_has_its_own_letters_and_the_months_of_its_language(monkeypatch, language, month, foreign):
    """Whatever fonts the server has: Kazakh letters are carried in the file; no month is English."""
    monkeypatch.setattr(settings, "VAR_DIR", settings.BASE_DIR / "var")
    plotly = vendor.provide(settings.VAR_DIR)
    with translation.override(language):
        line = series("a", points(date(2026, 9, 25), list(range(1000, 1060))))
        made = drawing(lines.lines(trend(line), focus="a"), WORDS, "svg")
        pencil = chart_renderer.Renderer(chart_renderer.browser(), plotly)
        try:
            svg = pencil.draw(made.figure, made.options, 60).decode()
        finally:
            pencil.end()
    assert svg.count("@font-face") == 3
    assert '"KZMedia Sans"' in svg or "KZMedia Sans" in svg
    text = re.sub(r"<style.*?</style>", "", svg, flags=re.DOTALL)
    assert f" {month}" in text.replace("\xa0", " ")
    assert foreign not in text
    assert not re.search(r"\b(Sep|Oct|Nov)\b", text)
