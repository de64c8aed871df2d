"""Examples in the document of the interface, from the published table that comes with the product."""

from drf_spectacular.utils import OpenApiExample

_ROW = {
    "id": 7,
    "account": 3,
    "actor": "abenov",
    "platform": "facebook",
    "handle": "",
    "day": "2022-01-01",
    "span": "year",
    "state": "counted",
    "followers": 64000,
    "bound": "=",
    "precision": "printed",
    "observed_at": None,
    "source": "koshkenov2022",
    "locator": "Table 2",
    "note": "",
    "recorded_at": "2026-11-22T04:00:00Z",
    "edited": False,
}
_VALUE = {
    "state": "counted",
    "followers": 64000,
    "bound": "=",
    "precision": "printed",
    "day": "2022-01-01",
    "span": "year",
    "age_days": 0,
    "fresh": True,
    "accounts": 1,
    "parts": 1,
    "of": 1,
    "first_day": "2022-01-01",
    "first_span": "year",
    "last_day": "2022-01-01",
    "last_span": "year",
    "sources": ["koshkenov2022"],
    "note": "",
}

SNAPSHOT = [
    OpenApiExample(
        "A printed count",
        {
            "next": "https://example.org/api/v1/snapshots/?actor=abenov&limit=1&cursor=WzMsIjIwMjItMDEtMDEiLDFd",
            "left_out": [],
            "results": [_ROW],
        },
        response_only=True,
        status_codes=["200"],
        media_type="application/json",
    )
]
STANDINGS = [
    OpenApiExample(
        "At the end of 2022, against 2017",
        {
            "on": "2022-12-31",
            "since": "2017-12-31",
            "counted": 5,
            "counted_then": 6,
            "uncounted": {"absent": 1},
            "last_known": 0,
            "total": 240000,
            "total_bound": "=",
            "compared": 5,
            "new": 0,
            "dropped": 1,
            "reference": "abenov",
            "next": None,
            "left_out": [],
            "results": [
                {
                    "rank": 2,
                    "rank_then": 1,
                    "rank_change": -1,
                    "actor": "abenov",
                    "name": "Murat Abenov",
                    "kind": "blogger",
                    "platform": "facebook",
                    "account": 3,
                    "handle": None,
                    "accounts": 1,
                    "is_reference": True,
                    "now": _VALUE,
                    "then": _VALUE
                    | {
                        "followers": 39000,
                        "day": "2017-01-01",
                        "first_day": "2017-01-01",
                        "last_day": "2017-01-01",
                    },
                    "change": {
                        "absolute": 25000,
                        "percent": 64.1026,
                        "yearly_percent_low": 8.6,
                        "yearly_percent_high": 13.2,
                        "within_rounding": False,
                        "bound": "=",
                        "nothing_new": False,
                        "parts": 1,
                        "since": "2017-01-01",
                        "since_span": "year",
                        "until": "2022-01-01",
                        "until_span": "year",
                    },
                    "gap": 0,
                    "times": 1.0,
                    "share_percent": 26.6667,
                    "reach": None,
                    "rank_of": 5,
                    "rank_then_of": 6,
                    "rank_is_open": False,
                    "unread": 0,
                    "accounts_left_out": [],
                    "gap_bound": "=",
                    "share_bound": "=",
                    "rank_then_is_open": False,
                }
            ],
        },
        response_only=True,
        status_codes=["200"],
        media_type="application/json",
    )
]
WRITE = [
    OpenApiExample(
        "Two readings",
        {
            "rows": [
                {
                    "platform": "telegram",
                    "handle": "aqorda_resmi",
                    "day": "2026-11-22",
                    "followers": 76123,
                    "observed_at": "2026-11-22T13:05:09Z",
                },
                {
                    "account": 12,
                    "day": "2026-11-22",
                    "state": "hidden",
                    "observed_at": "2026-11-22T13:05:10Z",
                },
            ]
        },
        request_only=True,
        media_type="application/json",
    ),
    OpenApiExample(
        "One new, one in conflict",
        {
            "dry_run": False,
            "counts": {"new": 1, "conflict": 1},
            "rows": [
                {"row": 0, "verdict": "new", "account": 9, "reasons": [], "standing": None},
                {
                    "row": 1,
                    "verdict": "conflict",
                    "account": 12,
                    "reasons": [
                        {"field": "row", "message": "An editor's or a printed value stands; it was kept."}
                    ],
                    "standing": {"state": "counted", "followers": 5100, "bound": "=", "precision": "exact"},
                },
            ],
        },
        response_only=True,
        status_codes=["200"],
        media_type="application/json",
    ),
]

IMPORT = [
    OpenApiExample(
        "A table to look at",
        {
            "table": "Участник;Соцсеть;янв 18;фев 18\nМурат Абенов;Facebook;39,6 тыс.;39,9 тыс.\n",
            "source": "koshkenov2022",
            "answers": {"short_years": "20yy"},
        },
        request_only=True,
        media_type="application/json",
    ),
]

LIST = [
    OpenApiExample(
        "A list to look at",
        {"table": "Министерство ветров; https://t.me/vetry_kz\n", "kind": "state_body"},
        request_only=True,
        media_type="application/json",
    ),
]
