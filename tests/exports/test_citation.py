from datetime import date

import pytest
from django.utils import translation

from apps.exports.citation import Citation
from apps.standings.types import Reading

CITED = Citation("Standings on Facebook", "https://k.kz/en/?a=1&b=2", date(2026, 11, 22), date(2022, 12, 31))


def test_text_names_site_title_day_address_and_when_it_was_taken():
    with translation.override("en"):
        assert CITED.text == (
            "KZMedia (2026). Standings on Facebook. Data as of 31 Dec 2022. https://k.kz/en/?a=1&b=2 (accessed 22 Nov 2026)."
        )


@pytest.mark.parametrize(
    ("span", "english", "iso"),
    [("year", "Data as of 2022.", "2022"), ("month", "Data as of January 2022.", "2022-01")],
)
def test_the_day_is_said_with_its_span(span, english, iso):
    cited = Citation("T", "https://k.kz/", date(2026, 11, 22), Reading(date(2022, 1, 1), span))
    with translation.override("en"):
        assert english in cited.text.replace("\xa0", " ")
    assert f"note = {{Data as of {iso}}}" in cited.bibtex


def test_the_year_s_own_point_ends_the_russian_sentence():
    with translation.override("ru"):
        assert "г.." not in CITED.text
        assert "31 дек. 2022 г. https" in CITED.text


def test_an_edition_is_named():
    edition = Citation("Table", "https://k.kz/e", date(2026, 11, 22), edition="2026-11-dataset")
    with translation.override("en"):
        assert (
            edition.text
            == "KZMedia (2026). Table. Edition 2026-11-dataset. https://k.kz/e (accessed 22 Nov 2026)."
        )
    assert "  version = {2026-11-dataset}" in edition.bibtex


def test_bibtex():
    assert CITED.bibtex == (
        "@misc{kzmedia-standings-on-facebook-2026-11-22,\n  author = {{KZMedia}},\n  title = {{Standings on Facebook}},\n"
        "  year = {2026},\n  url = {https://k.kz/en/?a=1&b=2},\n  urldate = {2026-11-22},\n  note = {Data as of 2022-12-31}\n}"
    )


@pytest.mark.parametrize(
    ("title", "written"), [("50 % & {more}", r"{{50 \% \& \{more\}}}"), ("Ә_1", r"{{Ә\_1}}")]
)
def test_latex_takes_no_sign_of_a_title_for_its_own(title, written):
    assert f"title = {written}" in Citation(title, "https://k.kz/", date(2026, 1, 1)).bibtex
