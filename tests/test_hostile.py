"""Whatever stands in a query, a header or a cookie, no public address fails: what cannot be used is left out or refused.

A few tries of each address in `make test`; HOSTILE_EXAMPLES=300 for a long run with other tries each time.
"""

import os
from urllib.parse import quote_plus

import pytest
from django.conf import settings as configured
from django.test import Client
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from apps.api.schema import PARAMETERS
from tests.builders import make_account, make_actor, make_group, make_snapshots, make_source
from tests.permissions import ROWS

EXAMPLES = int(os.environ.get("HOSTILE_EXAMPLES", "0"))
PARTS = ("api/", "export/", "feeds/", "embed/", "picture/", "oembed")  # without a language in front

ADDRESSES = sorted({
    address
    for _route, method, address, statuses in ROWS
    if method == "GET" and statuses[:3] in ("200", "404", "302") and "{" not in address
    and not address.startswith(("/admin", "/me", "/metrics"))
} | {
    "/embed/standings", "/embed/compare", "/embed/actors/ministry", "/embed/groups/bodies", "/embed/overview",
    "/picture/standings.png", "/picture/compare.svg", "/picture/actors/ministry.png", "/picture/groups/bodies.svg",
})  # fmt: skip

NAMES = sorted({
    *PARAMETERS, "base", "ending", "format", "freeze", "highlight", "key", "layout", "next", "page", "preset", "range",
    "scale", "size", "sort", "state", "theme", "url", "v", "view", "maxwidth", "maxheight", "tab", "text", "csrfmiddlewaretoken",
})  # fmt: skip

# As they stand in the address.
VALUES = [
    *("%00", "a%00b", "ministry%00", "%ED%A0%80", "a%ED%BF%BF", "%FF%FE", "%C0%AF", "%", "%zz", "%F4%90%80%80"),
    *("0", "-1", "1", "00000", "9" * 19, "9" * 40, "-" + "9" * 30, "1e400", "1.5", "NaN", "Infinity", "0x10", "²", "٣", "1_000"),
    *("0001-01-01", "0001", "0001-01", "9999-12-31", "9999", "9999-12", "0000", "10000-01-01", "2022-02-30", "2022"),
    *("7d", "1y", "30d", "%2B1y", "ministry", "other", "bodies", "facebook", "actors", "accounts", "kk", "long", "wide"),
    *("a" * 10_000, "%D2%9B" * 3_000, "(" * 200, "%27%3B--", "%25", "_", "%5C", "%E2%80%AE", "%F0%9F%87%B0%F0%9F%87%BF"),
    *("%0D%0ASet-Cookie:a=b", "%09", "+", "", "http://[", "https://localhost/en/standings/%00", "//", "..%2F..%2Fetc"),
    *("%D0%B8%CC%86" * 40, "%EF%B7%BA" * 90, "%C7%B0" * 80, "[]", "{}", "[1", "WzBd", "bnVsbA==", "eyJhIjoxfQ"),
]  # fmt: skip
HEADERS = [
    *("if-none-match", "if-modified-since", "accept", "accept-language", "accept-encoding", "range"),
    *("x-forwarded-for", "referer", "authorization", "cookie", "user-agent", "origin", "x-request-id"),
]

pairs = st.lists(
    st.tuples(st.sampled_from(NAMES), st.sampled_from(VALUES) | st.text(max_size=20).map(lambda text: quote_plus(text, errors="surrogatepass"))),
    min_size=1,
    max_size=4,
)  # fmt: skip
everywhere = st.sampled_from(VALUES).map(lambda value: [(name, value) for name in NAMES])
told = st.dictionaries(
    st.sampled_from(HEADERS),
    st.sampled_from([
        "\x00", "\xff\xfe", "*", 'W/"', '"', "a" * 8000, "bytes=0-", "Sat, 99 Foo 99999 99:99:99 GMT", "Basic AAAA", "Bearer \x00",
        "Bearer " + "a" * 5000, "sessionid=\x00; messages=[", "messages=W10:x; sessionid=" + "a" * 300, "django_language=\x00",
        "kk-" * 200, "gzip;q=nan", "gzip;q=1e999", ";q=", "::1, 999.1.1.1, " + "a" * 500, "application/" + "x" * 300, "null",
    ]),
    max_size=2,
)  # fmt: skip


@pytest.fixture
def known(db):
    ministry, other = (
        make_actor("ministry", "state_body", region="Astana"),
        make_actor("other", "state_body"),
    )
    for number, actor in enumerate((ministry, other)):
        make_snapshots(make_account(actor), {"2017": 5 + number, "2022": 900, "2026-11-01": 1000 - number})
    make_group("bodies", [ministry, other], ministry)
    make_source()


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_query_makes_an_address_fail(known, address, monkeypatch):
    monkeypatch.setattr(configured, "API_RATES", dict.fromkeys(configured.API_RATES, "1000000/minute"))
    monkeypatch.setattr(configured, "PICTURES_A_MINUTE", 0)
    client = Client()
    place = address if address[1:].startswith(PARTS) else f"/kk{address}"

    @settings(
        max_examples=EXAMPLES or 2,
        derandomize=not EXAMPLES,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @example(query=[(name, "%00") for name in NAMES], headers={})
    @example(query=[("on", "0001-01-01"), ("since", "1y")], headers={})
    @example(query=[(name, "http://[") for name in NAMES], headers={})
    @given(query=pairs | everywhere, headers=told)
    def every(query, headers):
        asked = f"{place}?{'&'.join(f'{name}={value}' for name, value in query)}"
        answers(client, asked, headers)

    every()


def answers(client, address, headers=None):
    """Ask, and read to the end what streams."""
    response = client.get(address, headers=headers or {})
    if response.streaming:
        b"".join(response.streaming_content)
    # 501 is what oEmbed says of a format that is not known; 503 with a time is no fault.
    is_told = response.status_code == 501 or "Retry-After" in response.headers
    assert response.status_code < 500 or is_told, address[:200]
