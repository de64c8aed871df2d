"""The companion asks the browser for no more than its documentation says, and packs the same way twice."""

import json
import shutil
from zipfile import ZipFile

import pytest

from extension import build


@pytest.fixture
def copy(tmp_path):
    return shutil.copytree(build.SOURCE, tmp_path / "companion")


def test_nothing_is_wrong():
    assert build.problems() == []


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("point.js", "document.cookie"),
        ("popup.js", "part('who').innerHTML = text"),
        ("desk.js", 'fetch("https://collector.example/")'),
        ("point.js", "document.querySelector('script[type=\"application/ld+json\"]')"),
        ("popup.js", "setInterval(look, 1000)"),
        ("popup.html", "<script>look()</script>"),
        ("popup.js", 'word("nowhere")'),
    ],
)
def test_what_it_may_not_have_is_named(copy, file, text):
    with (copy / file).open("a") as opened:
        opened.write(f"\n{text}\n")
    assert build.problems(copy) != []


@pytest.mark.parametrize(
    "more",
    [
        {"background": {"service_worker": "alone.js"}},
        {"content_scripts": [{"matches": ["https://*/*"], "js": ["point.js"]}]},
        {"host_permissions": ["https://*/*"]},
        {"permissions": ["activeTab", "scripting", "storage", "cookies"]},
        {"optional_host_permissions": ["<all_urls>"]},
    ],
)
def test_a_manifest_that_asks_for_more_is_refused(copy, more):
    manifest = json.loads((copy / "manifest.json").read_text())
    (copy / "manifest.json").write_text(json.dumps({**manifest, **more}))
    assert len(build.problems(copy)) == 1


@pytest.mark.parametrize("language", build.LANGUAGES)
def test_each_language_has_all_words(copy, language):
    path = copy / f"_locales/{language}/messages.json"
    messages = json.loads(path.read_text())
    del messages["record"]
    path.write_text(json.dumps({**messages, "name": {"message": ""}, "leftover": {"message": "x"}}, indent=1))
    assert build.problems(copy) == [
        f"{language} lacks the words 'record'.",
        f"{language} has unused words 'leftover'.",
        f"{language} has no text for 'name'.",
    ]


def test_the_archive_holds_the_companion_alone_and_is_the_same_twice(tmp_path):
    first, second = build.pack(tmp_path / "a"), build.pack(tmp_path / "b")
    assert first.read_bytes() == second.read_bytes()
    names = ZipFile(first).namelist()
    assert "manifest.json" in names
    assert len(names) == len(build.files(build.SOURCE))
