"""The reference data's own words in Russian and Kazakh."""

import csv

import pytest

from apps.context.reference import DIRECTORY
from apps.registry.models import Source
from apps.registry.texts import TABLE, citation_of, in_language, is_known


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.mark.parametrize("language", ["ru", "kk"])
@pytest.mark.parametrize("column", ["segment", "unit", "note", "locator"])
def test_every_word_of_the_indicators_is_known(column, language):
    words = {row[column] for row in rows_of(DIRECTORY / "indicators.csv")} - {""}
    assert len(words) > 3
    assert [word for word in sorted(words) if not is_known(word, language)] == []


@pytest.mark.parametrize("language", ["ru", "kk"])
@pytest.mark.parametrize("column", ["note", "locator"])
def test_every_word_about_the_counts_is_known(column, language):
    words = {row[column] for row in rows_of(DIRECTORY / "snapshots.csv")} - {""}
    assert [word for word in sorted(words) if not is_known(word, language)] == []


@pytest.mark.parametrize("language", ["ru", "kk"])
def test_every_proof_of_a_proposal_is_known(language):
    proofs = {row["note"] for row in rows_of(DIRECTORY / "proposals.csv")} - {""}
    assert [proof for proof in sorted(proofs) if not is_known(proof, language)] == []


@pytest.mark.parametrize("language", ["ru", "kk"])
@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("actors.csv", "note"),
        ("accounts.csv", "note"),
        ("successions.csv", "note"),
        ("successions.csv", "locator"),
        ("claims.csv", "note"),
        ("claims.csv", "locator"),
        ("groups.csv", "locator"),
        ("events.csv", "locator"),
        ("impostors.csv", "said_by"),
    ],
)
def test_every_word_that_a_page_shows_is_known(name, column, language):
    words = {row[column] for row in rows_of(DIRECTORY / name)} - {""}
    assert words
    assert [word for word in sorted(words) if not is_known(word, language)] == []


# Read from the address where the page's title was not at hand: a headline in its own language.
HEADLINES = ("inform2016", "astanatimes2026", "baq2025", "baqkz2025", "astanatimes2025", "azattyk2025")


@pytest.mark.parametrize("language", ["ru", "kk"])
def test_every_title_that_is_ours_is_known(language):
    """A title that a source does not have itself stands in brackets and is said in the page's language."""
    ours = {row["key"]: row["title"] for row in rows_of(DIRECTORY / "sources.csv") if row["title"][0] == "["}
    assert len(ours) > 30
    unknown = {key for key, title in ours.items() if not is_known(title, language)}
    assert unknown <= {*HEADLINES, "newstj2018"}
    source = Source(title="[Fake accounts of the Government]", container="KTK", url="https://ktk.kz/1")
    assert "Fake" not in citation_of(source, language)
    assert not [row for row in rows_of(DIRECTORY / "sources.csv") if "stored text" in row["title"]]


def test_numbers_stand_in_their_place():
    assert in_language("Section 3.1", "ru") == "Раздел 3.1"
    assert in_language("Section 3.1", "kk") == "3.1-бөлім"
    assert in_language("Row KAZ, year 2004", "ru") == "Строка KAZ, 2004 год"


def test_a_text_that_is_not_known_stands_as_it_is():
    assert in_language("Written by an editor", "kk") == "Written by an editor"
    assert not is_known("Written by an editor", "kk")
    assert in_language("Table 1 and 2", "ru") == "Table 1 and 2"


def test_the_table_is_whole():
    rows = rows_of(TABLE)
    assert all(row["ru"] and row["kk"] for row in rows)
    assert len({row["en"] for row in rows}) == len(rows)
