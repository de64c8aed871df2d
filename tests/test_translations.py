"""Kazakh and Russian are whole: no text of the code is missing, empty, in doubt or with another placeholder."""

import re
import shutil

import pytest
from babel.messages.pofile import read_po
from django.conf import settings
from django.core.management import call_command

LANGUAGES = ("kk", "ru")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w*\}|%%")
CODE = ("apps", "kzmedia", "templates")


def catalogue(language):
    with (settings.BASE_DIR / "locale" / language / "LC_MESSAGES/django.po").open("rb") as file:
        return read_po(file, locale=language)


def messages(language):
    return [message for message in catalogue(language) if message.id]


def texts(value):
    return [value] if isinstance(value, str) else list(value)


def test_no_text_hides_behind_a_name_that_the_extractor_does_not_know():
    alias = re.compile(r"gettext(?:_lazy|_noop)? as (?!_\b)\w+")
    files = [path for room in CODE[:2] for path in (settings.BASE_DIR / room).rglob("*.py")]
    assert len(files) > 300
    assert [path.name for path in files if alias.search(path.read_text(encoding="utf-8"))] == []


# Where the people who run the site write or type: settings, commands, files.
OPERATORS_WORDS = re.compile(
    r"\b[A-Z]{2,}_[A-Z_]+\b|manage\.py|make run|\w\.md\b|\.env\b|(?<!\w)/(?:var|etc|admin)/"
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_of_a_page_names_a_setting_a_command_or_a_file(language):
    written = [
        text for message in messages(language) for text in (*texts(message.id), *texts(message.string))
    ]
    assert [text for text in written if OPERATORS_WORDS.search(text)] == []


# What no record can bear: an order over days that nobody counted, a now that has passed, a cause that nobody measured,
# a sum said as each of its parts, and that everything may be given out.
OVERCLAIMS = re.compile(
    r"in all the time|every number can|\bnot they\b|\bon all platforms\b|\bnow ahead\b"
    r"|за всё время, когда|каждое число можно|любое число можно|дело не в|на всех площадках|теперь впереди"
    r"|кез келген санды|барлық платформаларда|енді алда",
    re.IGNORECASE,
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_claims_more_than_a_record_can_hold(language):
    written = [
        text for message in messages(language) for text in (*texts(message.id), *texts(message.string))
    ]
    assert [text for text in written if OVERCLAIMS.search(text)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_empty_or_in_doubt(language):
    open_ones = [
        message.id for message in messages(language) if message.fuzzy or not all(texts(message.string))
    ]
    assert open_ones == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_plural_has_all_its_forms(language):
    forms = catalogue(language).num_plurals
    wrong = [
        message.id
        for message in messages(language)
        if message.pluralizable and len(texts(message.string)) != forms
    ]
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_placeholders_are_those_of_the_text(language):
    wrong = []
    for message in messages(language):
        allowed = [set(PLACEHOLDER.findall(text)) for text in texts(message.id)]
        wrong += [text for text in texts(message.string) if set(PLACEHOLDER.findall(text)) not in allowed]
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_spaces_around_a_text_stay(language):
    def edges(text):
        return text[:1].isspace(), text[-1:].isspace()

    wrong = [
        text
        for message in messages(language)
        for text in texts(message.string)
        if edges(text) != edges(texts(message.id)[0])
    ]
    assert wrong == []


def test_every_text_of_the_code_is_in_both(settings, tmp_path, monkeypatch):
    if shutil.which("xgettext") is None:
        pytest.skip("GNU gettext is not installed: whether a text of the code is missing is not looked for.")
    for name in CODE:
        (tmp_path / name).symlink_to(settings.BASE_DIR / name)
    settings.LOCALE_PATHS = [tmp_path / "locale"]
    settings.LOCALE_PATHS[0].mkdir()
    monkeypatch.chdir(tmp_path)
    call_command("makemessages", locale=["kk"], symlinks=True, no_location=True, verbosity=0)
    with (tmp_path / "locale/kk/LC_MESSAGES/django.po").open("rb") as file:
        in_code = {(message.context, message.id) for message in read_po(file) if message.id}
    assert len(in_code) > 500
    for language in LANGUAGES:
        known = {(message.context, message.id) for message in messages(language)}
        assert sorted(str(one) for one in in_code - known) == [], f"make messages, then translate: {language}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_catalogue_compiles_without_a_complaint(language):
    """As `make` does it: what Babel takes for a placeholder must be one on both sides."""
    wrong = [
        (message.id, str(problem))
        for message, problems in catalogue(language).check()
        for problem in problems
    ]
    assert wrong == []


# No suffix of Kazakh fits every value: a noun after it bears the case (күні, уақыты), and between two stands «және».
BARE_CASE = re.compile(
    r"%\(\w+\)s (?:дейін|бастап|бері|мен|пен|бен|ішінен)\b|%\(\w+\)s-?(?:ға|ге|қа|ке|да|де|та|те|дан|ден|нан|нен|тан|тен|ның|нің|дың|дің)\b"
)


def test_no_kazakh_suffix_touches_a_value():
    wrong = [text for message in messages("kk") for text in texts(message.string) if BARE_CASE.search(text)]
    assert wrong == []
