"""Claim check: what people write is read in three languages, and judged by what the record allows."""

import math
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import translation

from apps.figures import claim_words
from apps.standings.claim_check import Claimed, ClaimKind, ClaimVerdict, Range, VerdictReason, judge
from tests import reference
from tests.figures.made import value

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("count", "verdict"),
    [(4, ClaimVerdict.FAILS), (5, ClaimVerdict.HOLDS), (10, ClaimVerdict.HOLDS), (11, ClaimVerdict.FAILS)],
)
def test_both_ends_of_what_is_claimed_belong_to_it(count, verdict):
    assert judge(Claimed(ClaimKind.COUNT, Range(5, 10)), [value(count, precision="exact")])[0] == verdict


@pytest.mark.parametrize(
    ("text", "kind", "low", "high"),
    [
        ("63 times more", ClaimKind.TIMES, 62.5, 63.5),
        ("в 63 раза больше", ClaimKind.TIMES, 62.5, 63.5),
        ("63 есе көп", ClaimKind.TIMES, 62.5, 63.5),
        ("×2.5", ClaimKind.TIMES, 2.45, 2.55),
        ("more than 60 times as many", ClaimKind.TIMES, 60, math.inf),
        ("20% more", ClaimKind.TIMES, 1.195, 1.205),
        ("1.2 million", ClaimKind.COUNT, 1_150_000, 1_250_000),
        ("1,2 млн подписчиков", ClaimKind.COUNT, 1_150_000, 1_250_000),
        ("1,2 миллион жазылушы", ClaimKind.COUNT, 1_150_000, 1_250_000),
        ("76K", ClaimKind.COUNT, 75_500, 76_500),
        ("64,000 followers", ClaimKind.COUNT, 63_500, 64_500),
        ("более 12 000", ClaimKind.COUNT, 12_000, math.inf),
        ("12 000-нан астам", ClaimKind.COUNT, 12_000, math.inf),
        ("about 50 000", ClaimKind.COUNT, 45_000, 55_000),
        ("12,000 more", ClaimKind.MORE_BY, 11_500, 12_500),
        ("на 12 000 меньше", ClaimKind.FEWER_BY, 11_500, 12_500),
        ("138", ClaimKind.COUNT, 137.5, 138.5),
    ],
)
def test_a_claim_with_a_number_is_read(text, kind, low, high):
    claimed = claim_words.parse_claim(text)
    assert claimed.kind == kind
    assert (claimed.number.low, claimed.number.high) == (pytest.approx(low), pytest.approx(high))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("has passed", ClaimKind.PASSED),
        ("обогнала", ClaimKind.PASSED),
        ("озып кетті", ClaimKind.PASSED),
        ("has more", ClaimKind.AHEAD),
        ("впереди", ClaimKind.AHEAD),
        ("has fewer", ClaimKind.BEHIND),
        ("меньше", ClaimKind.BEHIND),
    ],
)
def test_a_claim_without_a_number_is_read(text, kind):
    assert claim_words.parse_claim(text) == Claimed(kind)


@pytest.mark.parametrize("text", ["", "followers", "красивая страница"])
def test_what_claims_nothing_is_not_guessed(text):
    assert claim_words.parse_claim(text) is None


@pytest.mark.parametrize(
    ("text", "kind", "low", "high"),
    [
        ("не более 5 тыс.", ClaimKind.COUNT, 0, 5000),
        ("no more than 5,000", ClaimKind.COUNT, 0, 5000),
        ("не менее 5 тыс.", ClaimKind.COUNT, 5000, math.inf),
        ("> 1.2m", ClaimKind.COUNT, 1_200_000, math.inf),
        ("12 мыңнан астам", ClaimKind.COUNT, 12_000, math.inf),
        ("12 мыңнан аз", ClaimKind.COUNT, 0, 12_000),
        ("12 мың көп", ClaimKind.MORE_BY, 11_500, 12_500),
        ("ровно 64 000", ClaimKind.COUNT, 63_999.5, 64_000.5),
        ("полтора миллиона", ClaimKind.COUNT, 1_450_000, 1_550_000),
        ("жарты миллион", ClaimKind.COUNT, 450_000, 550_000),
        ("в три раза больше", ClaimKind.TIMES, 2.5, 3.5),
        ("three times more", ClaimKind.TIMES, 2.5, 3.5),
        ("екі есе көп", ClaimKind.TIMES, 1.5, 2.5),
        ("втрое больше", ClaimKind.TIMES, 2.5, 3.5),
    ],
)
def test_bounds_and_numbers_in_words_are_understood(text, kind, low, high):
    """Half read, they would be other claims: of 12 followers, or of no more than being ahead."""
    claimed = claim_words.parse_claim(text)
    assert claimed.kind == kind
    assert (claimed.number.low, claimed.number.high) == pytest.approx((low, high))


@pytest.mark.parametrize("text", ["has not passed", "не обогнал", "hasn't overtaken", "озбады", "көп емес"])
def test_a_denial_is_no_claim_of_its_opposite(text):
    assert claim_words.parse_claim(text) is None


EXACT = {"precision": "exact", "step": 1}


@pytest.mark.parametrize(
    ("claim", "counts", "verdict", "reason"),
    [
        (Claimed(ClaimKind.AHEAD), [(200, EXACT), (100, EXACT)], "holds", "numbers"),
        (Claimed(ClaimKind.AHEAD), [(100, EXACT), (100, EXACT)], "fails", "numbers"),
        (Claimed(ClaimKind.BEHIND), [(200, EXACT), (100, EXACT)], "fails", "numbers"),
        (Claimed(ClaimKind.AHEAD), [(64_000, {}), (63_500, {})], "open", "rounding"),
        (Claimed(ClaimKind.AHEAD), [(200, {**EXACT, "bound": "<"}), (100, EXACT)], "open", "rounding"),
        (Claimed(ClaimKind.AHEAD), [(200, {**EXACT, "bound": ">"}), (100, EXACT)], "holds", "numbers"),
        (Claimed(ClaimKind.AHEAD), [(200, {**EXACT, "age_days": 31}), (100, EXACT)], "open", "old"),
        (Claimed(ClaimKind.AHEAD), [(None, {}), (100, EXACT)], "open", "no_count"),
        (Claimed(ClaimKind.TIMES, Range(62.5, 63.5)), [(6300, EXACT), (100, EXACT)], "holds", "numbers"),
        (Claimed(ClaimKind.TIMES, Range(62.5, 63.5)), [(6500, EXACT), (100, EXACT)], "fails", "numbers"),
        (Claimed(ClaimKind.TIMES, Range(2, 3)), [(5, EXACT), (0, EXACT)], "open", "zero"),
        (Claimed(ClaimKind.COUNT, Range(1_150_000, 1_250_000)), [(1_200_000, EXACT)], "holds", "numbers"),
        (Claimed(ClaimKind.COUNT, Range(1_150_000, 1_250_000)), [(1_300_000, EXACT)], "fails", "numbers"),
        (Claimed(ClaimKind.MORE_BY, Range(11_500, 12_500)), [(76_000, {}), (64_000, {})], "open", "rounding"),
    ],
)
def test_verdicts(claim, counts, verdict, reason):
    values = [None if count is None else value(count, **fields) for count, fields in counts]
    assert judge(claim, values) == (ClaimVerdict(verdict), VerdictReason(reason))


ADDRESS = "/{}/check/?a=president-press-office&b=abenov&platform=facebook&on=2022-12-31&claim={}"


@pytest.mark.parametrize(
    ("claim", "said"),
    [("has passed", "It holds"), ("1.2 times as many", "It holds"), ("63 times more", "It does not hold"), ("12,000 more", "It cannot be told")],
)  # fmt: skip
def test_the_page_says_whether_it_holds_and_why(client, claim, said):
    reference.load()
    page = client.get(ADDRESS.format("en", claim)).content.decode().replace("\xa0", " ")
    assert f'<h2 id="verdict-title">{said}</h2>' in page
    assert "76,000" in page
    assert "64,000" in page
    assert "/picture/compare.png?" in page
    assert '<option value="facebook" selected>' in page
    assert "“" + claim + "” · Facebook · 31 Dec 2022" in page
    assert "Cite" in page


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_names_become_an_address_that_stays(client, language):
    reference.load()
    with translation.override(language):
        answer = client.get(f"/{language}/check/", {"a": "Абенов", "claim": "64 000", "platform": "facebook"})
    assert answer.status_code == 302
    query = parse_qs(urlsplit(answer["Location"]).query)
    assert query["a"] == ["abenov"]
    assert len(query["on"][0]) == 10
    assert client.get(answer["Location"]).status_code == 200


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"a": "zzzzqqqq", "claim": "12"}, "We track nobody under such a name."),
        ({"a": "abenov", "claim": "nice"}, "We cannot read a claim in this."),
        ({"a": "abenov", "claim": "has passed"}, "This claim compares two: say with whom."),
        ({"a": "abenov", "b": "abenov", "claim": "has passed"}, "These are the same."),
    ],
)
def test_what_is_missing_stands_beside_its_field(client, query, said):
    reference.load()
    page = client.get("/en/check/", query, follow=True).content.decode()
    assert said in page
    assert "verdict-title" not in page


def test_the_studies_claims_are_examples_that_can_be_opened(client):
    reference.load()
    page = client.get("/en/check/").content.decode().replace("&amp;", "&")
    links = [part.split('"')[0] for part in page.split('href="?')[1:] if part.startswith("a=")]
    assert len(links) == 4
    for link in links:
        opened = client.get(f"/en/check/?{link}", follow=True).content.decode()
        assert "verdict-title" in opened
