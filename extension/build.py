"""Check the companion and pack it: `make extension` puts one archive for Chromium and Firefox under var/extension.

What is checked here are the promises that docs/companion.md makes to editors: what it asks the browser for, that all its
words are there in three languages, and that nothing in it reaches for what it may not have.
"""

import json
import re
import sys
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

SOURCE = Path(__file__).resolve().parent / "companion"
LANGUAGES = ("kk", "ru", "en")
PERMISSIONS = {"activeTab", "scripting", "storage"}
OPTIONAL_HOSTS = {"https://*/*", "http://localhost/*", "http://127.0.0.1/*"}
# Parts of a manifest by which a program would act without a press, or on more than one page.
ACTS_ALONE = (
    "background",
    "content_scripts",
    "host_permissions",
    "externally_connectable",
    "web_accessible_resources",
)
# Cookies, stored data, embedded data, other frames' and servers' answers, markup made of text, programs from elsewhere.
FORBIDDEN = re.compile(
    r"\.cookie\b|chrome\.cookies|localStorage|sessionStorage|indexedDB|application/(?:ld\+)?json\"\]|__NEXT_DATA__"
    r"|XMLHttpRequest|sendBeacon|WebSocket|importScripts|innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b"
    r"|new Function|setInterval|MutationObserver|<script(?![^>]*\bsrc=\"[a-z]+\.js\")|\bon[a-z]+=\"|https?://(?!\*|counts\.example\.kz|localhost|127\.0\.0\.1)[a-z]"
)  # fmt: skip
WORD = re.compile(r"\bword\(\"(\w+)\"\)|data-word=\"(\w+)\"|__MSG_(\w+)__|NoDesk\(\"(\w+)\"\)|why: \"(\w+)\"")


def problems(source: Path = SOURCE) -> list[str]:
    """Return what is wrong with the companion, one sentence each."""
    manifest = json.loads((source / "manifest.json").read_text())
    wrong = [f"The manifest has {key}." for key in ACTS_ALONE if key in manifest]
    if set(manifest.get("permissions", [])) != PERMISSIONS:
        wrong.append("The manifest asks for other permissions than are documented.")
    if set(manifest.get("optional_host_permissions", [])) != OPTIONAL_HOSTS:
        wrong.append("The manifest may ask for other hosts than the desk's.")
    return [*wrong, *wrong_words(source), *wrong_code(source)]


def wrong_words(source: Path) -> list[str]:
    """Return the words that are missing, empty or of no use in a language."""
    texts = [path.read_text() for path in files(source) if path.suffix in (".js", ".html", ".json")]
    texts = [text for text in texts if '"message":' not in text]
    asked = {next(filter(None, groups)) for text in texts for groups in WORD.findall(text)}
    named = asked | {name for text in texts for name in re.findall(r"\"(\w+)\"", text)}
    wrong = []
    for language in LANGUAGES:
        messages = json.loads((source / f"_locales/{language}/messages.json").read_text())
        wrong += [f"{language} lacks the words {key!r}." for key in sorted(asked - set(messages))]
        wrong += [f"{language} has unused words {key!r}." for key in sorted(set(messages) - named)]
        wrong += [
            f"{language} has no text for {key!r}." for key, words in messages.items() if not words["message"]
        ]
    return wrong


def wrong_code(source: Path) -> list[str]:
    """Return where the code reaches for what it may not have."""
    return [
        f"{path.relative_to(source)}:{number} has {match[0]!r}."
        for path in files(source)
        if path.suffix in (".js", ".html")
        for number, line in enumerate(path.read_text().splitlines(), 1)
        for match in FORBIDDEN.finditer(line)
    ]


def files(source: Path) -> list[Path]:
    """Return all files of the companion, in a fixed order."""
    return sorted(path for path in source.rglob("*") if path.is_file())


def pack(into: Path, source: Path = SOURCE) -> Path:
    """Write the archive, the same bytes for the same files, and return its path."""
    version = json.loads((source / "manifest.json").read_text())["version"]
    into.mkdir(parents=True, exist_ok=True)
    archive = into / f"kzmedia-companion-{version}.zip"
    with ZipFile(archive, "w") as packed:
        for path in files(source):
            entry = ZipInfo(path.relative_to(source).as_posix(), (2026, 1, 1, 0, 0, 0))
            entry.external_attr = 0o644 << 16
            packed.writestr(entry, path.read_bytes(), ZIP_DEFLATED)
    return archive


def main() -> int:
    """Check, pack, and say where the archive is; 1 where something is wrong."""
    wrong = problems()
    for sentence in wrong:
        print(sentence, file=sys.stderr)  # noqa: T201
    if wrong:
        return 1
    print(pack(Path("var/extension")))  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
