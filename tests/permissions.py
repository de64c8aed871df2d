"""The table: method, statuses of each kind of person, addresses. Filled in and read by test_permissions.py.

In the order of PEOPLE: reader, viewer, press officer of the body, press officer of another, editor, admin. 302 leads to
signing in, or on from a page that is not for whoever is signed in; 405 means that only a form is sent there.
An address is its route, or is told beside it where the route has places to fill; names in braces are keys of rows.
"""

BY_STATUS: list[tuple[str, str, list[str | tuple[str, str]]]] = [
    (
        "GET",
        "200 200 200 200 200 200",
        [
            "healthz",
            "robots.txt",
            "sitemap.xml",
            ("sitemap-<slug:section>.xml", "/sitemap-actors.xml"),
            "opensearch.xml",
            "data/catalog.jsonld",
            "feeds/corrections.atom",
            "feeds/site.atom",
            "feeds/ledger.atom",
            "data/ledger/",
            "data/package.zip",
            ("data/package/<str:name>", "/data/package/datapackage.json"),
            "data/ledger/ledger.json",
            "data/ledger/ledger.txt.gz",
            "data/ledger/verify.py",
            ("data/ledger/<int:number>.json", "/data/ledger/1.json"),
            ("data/ledger/<int:number>.txt.gz", "/data/ledger/1.txt.gz"),
            ("feeds/actors/<slug:slug>.atom", "/feeds/actors/ministry.atom"),
            ("feeds/groups/<slug:slug>.atom", "/feeds/groups/bodies.atom"),
            "export/snapshots.csv",
            "export/snapshots.xlsx",
            "export/snapshots.json",
            "export/snapshots.zip",
            "export/snapshots.parquet",
            "export/standings.csv",
            "export/standings.xlsx",
            "export/standings.json",
            "export/standings.zip",
            "export/standings.parquet",
            "export/indicators.csv",
            "export/indicators.xlsx",
            "export/indicators.json",
            "export/indicators.zip",
            "export/indicators.parquet",
            "export/trend.csv",
            "export/trend.xlsx",
            "export/trend.json",
            "export/trend.zip",
            "export/trend.parquet",
            "api/v1/",
            "api/v1/actors/",
            ("api/v1/actors/<slug:slug>/", "/api/v1/actors/ministry/"),
            "api/v1/accounts/",
            ("api/v1/accounts/<int:pk>/", "/api/v1/accounts/{account}/"),
            "api/v1/groups/",
            ("api/v1/groups/<slug:slug>/", "/api/v1/groups/bodies/"),
            "api/v1/snapshots/",
            ("api/v1/snapshots/<int:pk>/proof/", "/api/v1/snapshots/{snapshot}/proof/"),
            "api/v1/standings/",
            "api/v1/trends/",
            "api/v1/overtakes/",
            "api/v1/milestones/",
            "api/v1/corrections/",
            "api/v1/indicators/",
            ("api/v1/indicators/<slug:key>/values/", "/api/v1/indicators/i/values/"),
            "api/v1/events/",
            "api/v1/claims/",
            "api/v1/sources/",
            ("api/v1/sources/<slug:key>/", "/api/v1/sources/test-source/"),
            "api/v1/schema/",
            "accounts/inactive/",
            "accounts/confirm-email/",
            "accounts/password/reset/",
            ("accounts/^confirm-email/(?P<key>[-:\\w]+)/$", "/accounts/confirm-email/made-up/"),
            "accounts/password/reset/key/done/",
            (
                "accounts/^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
                "/accounts/password/reset/key/1-made-up/",
            ),
            "accounts/password/reset/done/",
            "data/api/",
            "",
            "standings/",
            "groups/",
            ("groups/<slug:slug>/", "/groups/bodies/"),
            "actors/",
            ("actors/<slug:slug>/", "/actors/ministry/"),
            "compare/",
            "check/",
            "context/",
            "context/events/",
            "corrections/",
            ("corrections/ask/", "/corrections/ask/?actor=ministry"),
            ("corrections/asked/<uuid:key>/", "/corrections/asked/{asked}/"),
            "suggest/",
            "data/",
            "editions/",
            "search/",
            "method/",
            "status/",
        ],
    ),
    (
        "GET",
        "404 404 404 404 404 404",
        [
            ("unsubscribe/<str:token>/", "/unsubscribe/made-up/"),
            ("confirm/<str:token>/", "/confirm/made-up/"),
            ("data/ledger/mail/<str:token>/", "/data/ledger/mail/made-up/"),
            "data/ledger/mail/",
            (
                "export/^editions/(?P<key>[-\\w]{1,80})\\.(?P<ending>csv|csv\\.gz)$",
                "/export/editions/none.csv",
            ),
            ("embed/<path:path>", "/embed/actors/nobody/"),
            ("^picture/(?P<path>.+)\\.(?P<ending>png|svg|pdf)$", "/picture/actors/nobody.png"),
            ("^picture/(?P<path>.+)\\.json$", "/picture/actors/nobody.json"),
            ("^export/editions/(?P<key>[-\\w]{1,80})\\.zip$", "/export/editions/none.zip"),
            "oembed",
            ("invitation/<str:token>/", "/invitation/made-up/"),
            ("editions/<slug:key>/", "/editions/test-source/"),
            ("corrections/merged/<int:pk>/", "/corrections/merged/0/"),
        ],
    ),
    (
        "GET",
        "302 302 302 302 302 302",
        [
            "api/v1/docs/",
            "accounts/password/change/",
            "accounts/login/code/confirm/",
            "accounts/2fa/authenticate/",
            "accounts/2fa/webauthn/login/",
        ],
    ),
    (
        "GET",
        "302 302 302 302 301 301",
        [("admin/^tracking/(?P<model>[a-z]+)/(?P<rest>.*)$", "/admin/tracking/account/")],
    ),
    (
        "GET",
        "302 302 302 302 200 200",
        [
            "admin/add/",
            ("admin/add/template-<slug:lang>.<slug:kind>", "/admin/add/template-kk.csv"),
            ("admin/import/template-<slug:lang>.<slug:kind>", "/admin/import/template-kk.csv"),
            "admin/proposals/",
            "admin/round/",
            "admin/companion/",
            "admin/publish/",
            "admin/history/",
            ("admin/round/echo/", "/admin/round/echo/?text=76K"),
            "admin/import/",
            ("admin/merge/<slug:what>/", "/admin/merge/accounts/"),
            ("admin/merge/<slug:what>/", "/admin/merge/actors/"),
            "admin/",
            "admin/password_change/",
            "admin/jsi18n/",
            ("admin/registry/account/<int:pk>/read/", "/admin/registry/account/{account}/read/"),
            ("admin/^(?P<app_label>users|registry|collecting|context|snapshots|api)/$", "/admin/registry/"),
            "admin/password_change/done/",
        ],
    ),
    (
        "GET",
        "302 302 302 302 405 405",
        [
            ("admin/add/<int:pk>/undo/", "/admin/add/0/undo/"),
            ("admin/invite/<int:pk>/replace/", "/admin/invite/0/replace/"),
            ("admin/invite/<int:pk>/withdraw/", "/admin/invite/0/withdraw/"),
            "admin/logout/",
        ],
    ),
    (
        "GET",
        "302 302 302 302 403 200",
        [
            "admin/invite/",
            ("admin/users/user/<id>/password/", "/admin/users/user/{user}/password/"),
        ],
    ),
    (
        "GET",
        "302 302 302 302 404 404",
        [
            ("admin/screenshots/<uuid:pk>/", "/admin/screenshots/{nobody}/"),
            ("admin/import/<uuid:pk>/", "/admin/import/{nobody}/"),
            ("admin/preview/<slug:kind>/<int:pk>/", "/admin/preview/actors/{actor}/"),
            ("admin/r/<path:content_type_id>/<path:object_id>/", "/admin/r/{type}/{actor}/"),
            ("admin/(?P<url>.*)$", "/admin/nowhere"),
        ],
    ),
    (
        "GET",
        "302 403 403 403 302 302",
        [
            "admin/login/",
        ],
    ),
    (
        "GET",
        "302 302 302 302 403 403",
        [
            "admin/autocomplete/",
        ],
    ),
    (
        "GET",
        "200 302 302 302 302 302",
        [
            "accounts/login/",
            "accounts/signup/",
        ],
    ),
    (
        "GET",
        "302 200 200 200 200 200",
        [
            "accounts/logout/",
            "accounts/email/",
            "accounts/password/set/",
            "accounts/2fa/",
            "accounts/2fa/totp/activate/",
            "accounts/2fa/recovery-codes/generate/",
            "accounts/2fa/webauthn/",
            "accounts/2fa/webauthn/add/",
            "me/security/",
            "me/alerts/",
            "me/alerts/rules/new/",
            ("me/alerts/rules/<int:pk>/", "/me/alerts/rules/0/"),
            "me/",
        ],
    ),
    (
        "GET",
        "302 403 403 403 403 403",
        [
            "accounts/reauthenticate/",
            "accounts/2fa/reauthenticate/",
            "accounts/2fa/webauthn/reauthenticate/",
        ],
    ),
    (
        "GET",
        "302 404 404 404 404 404",
        [
            "accounts/2fa/totp/deactivate/",
            "accounts/2fa/recovery-codes/",
            "accounts/2fa/recovery-codes/download/",
            ("accounts/2fa/webauthn/keys/<int:pk>/remove/", "/accounts/2fa/webauthn/keys/0/remove/"),
            ("accounts/2fa/webauthn/keys/<int:pk>/edit/", "/accounts/2fa/webauthn/keys/0/edit/"),
        ],
    ),
    (
        "GET",
        "302 405 405 405 405 405",
        [
            "me/security/sessions/end/",
            ("me/security/sessions/<int:pk>/end/", "/me/security/sessions/0/end/"),
            ("me/alerts/rules/<int:pk>/<slug:what>/", "/me/alerts/rules/0/delete/"),
            "me/alerts/destinations/new/",
            ("me/alerts/destinations/<int:pk>/<slug:what>/", "/me/alerts/destinations/0/delete/"),
            "me/alerts/digests/new/",
            ("me/alerts/digests/<int:pk>/<slug:what>/", "/me/alerts/digests/0/delete/"),
            ("me/alerts/log/<int:pk>/again/", "/me/alerts/log/0/again/"),
        ],
    ),
    (
        "GET",
        "302 403 200 403 200 200",
        [
            ("me/reply/", "/me/reply/?actor=ministry"),
        ],
    ),
    (
        "GET",
        "403 403 403 403 200 200",
        [
            "status/unusual/",
        ],
    ),
    (
        "POST",
        "200 200 200 200 200 200",
        [
            ("corrections/ask/", "/corrections/ask/?actor=ministry"),
            "suggest/",
        ],
    ),
    (
        "POST",
        "302 404 422 404 404 404",  # of one's own organisation alone; a name is missing
        [
            ("me/peers/", "/me/peers/?actor=ministry"),
        ],
    ),
    (
        "POST",
        "302 403 200 403 200 200",
        [
            ("me/reply/", "/me/reply/?actor=ministry"),
        ],
    ),
    (
        "POST",
        "401 403 403 403 415 415",  # a form is no JSON
        [
            "api/v1/imports/",
            "api/v1/lists/",
        ],
    ),
    (
        "POST",
        "404 404 404 404 404 404",  # of no chart
        [
            "editions/freeze/",
        ],
    ),
    (
        "GET",
        "404 404 404 404 404 404",
        [
            "editions/freeze/",
        ],
    ),
    (
        "POST",
        "302 422 422 422 422 422",
        [
            "me/alerts/destinations/new/",
        ],
    ),
    (
        "POST",
        "302 404 404 404 404 404",
        [
            ("me/alerts/rules/<int:pk>/<slug:what>/", "/me/alerts/rules/0/delete/"),
        ],
    ),
    (
        "POST",
        "302 302 302 302 200 200",
        [
            "admin/add/",
            "admin/import/",
            ("admin/merge/<slug:what>/", "/admin/merge/accounts/"),
            ("admin/registry/account/<int:pk>/read/", "/admin/registry/account/{account}/read/"),
            (
                "admin/snapshots/snapshot/<path:object_id>/change/",
                "/admin/snapshots/snapshot/{snapshot}/change/",
            ),
            (
                "admin/snapshots/correctionrequest/<path:object_id>/change/",
                "/admin/snapshots/correctionrequest/{correctionrequest}/change/",
            ),
            ("admin/registry/actor/<path:object_id>/change/", "/admin/registry/actor/{actor}/change/"),
            ("admin/registry/group/<path:object_id>/change/", "/admin/registry/group/{group}/change/"),
            "admin/context/event/add/",
        ],
    ),
    (
        "POST",
        "302 302 302 302 404 404",
        [
            ("admin/add/<int:pk>/undo/", "/admin/add/0/undo/"),
        ],
    ),
    (
        "POST",
        "302 302 302 302 403 200",
        [
            "admin/invite/",
            "admin/registry/membership/add/",
            ("admin/users/user/<path:object_id>/change/", "/admin/users/user/{user}/change/"),
            "admin/api/apitoken/add/",
        ],
    ),
    (
        "POST",
        "302 302 302 302 403 404",
        [
            ("admin/invite/<int:pk>/replace/", "/admin/invite/0/replace/"),
            ("admin/invite/<int:pk>/withdraw/", "/admin/invite/0/withdraw/"),
        ],
    ),
    (
        "POST",
        "302 302 302 302 302 302",
        [
            "admin/proposals/",
            "admin/round/",
            "admin/publish/",
        ],
    ),
    (
        "POST",
        "200 302 302 302 302 302",
        [
            "accounts/signup/",
        ],
    ),
    ("GET", "302 302 302 302 405 405", ["admin/round/seen/", "admin/round/seen/look/"]),
    (
        "GET",
        "302 302 302 302 405 405",
        [("admin/proposals/look/<int:pk>/", "/admin/proposals/look/{actor}/")],
    ),
    (
        "POST",
        "302 302 302 302 302 302",
        ["admin/proposals/", ("admin/proposals/look/<int:pk>/", "/admin/proposals/look/{actor}/")],
    ),
    ("POST", "302 302 302 302 400 400", ["admin/round/seen/", "admin/round/seen/look/"]),
    # 503: in a test nobody has beaten, collected or backed up.
    ("GET", "503 503 503 503 503 503", ["readyz"]),
    (
        "GET",
        "404 404 404 404 404 404",
        ["metrics", ("^data/package-(?P<month>\\d{4}-\\d\\d)\\.zip$", "/data/package-2020-01.zip")],
    ),
]
ROWS = [
    (row, method, f"/{row}", statuses) if isinstance(row, str) else (row[0], method, row[1], statuses)
    for method, statuses, addresses in BY_STATUS
    for row in addresses
]

# The desk's tables: what an editor and an admin get of the list, a new row, the history, a deletion, one row.
DESK = "302 302 302 302 {}"
MODELS = {
    "users/user": ("403 200", "403 200", "403 200", "403 200", "403 200"),
    "registry/account": ("200 200", "200 200", "302 302", "403 403", "200 200"),
    "registry/actor": ("200 200", "200 200", "302 302", "403 403", "200 200"),
    "registry/group": ("200 200", "200 200", "302 302", "200 200", "200 200"),
    "registry/source": ("200 200", "200 200", "302 302", "403 403", "200 200"),
    "registry/membership": ("403 200", "403 200", "403 302", "403 200", "403 200"),
    "registry/succession": ("200 200", "200 200", "302 302", "200 200", "200 200"),
    "registry/verification": ("200 200", "200 200", "302 302", "200 200", "200 200"),
    "registry/proposal": ("200 200", "403 403", "302 302", "403 403", "200 200"),
    "registry/impostor": ("200 200", "200 200", "302 302", "200 200", "200 200"),
    "registry/sitevisit": ("200 200", "403 403", "302 302", "403 403", "200 200"),
    "snapshots/correctionrequest": ("200 200", "403 403", "302 302", "403 403", "200 200"),
    "snapshots/reply": ("200 200", "200 200", "302 302", "403 403", "200 200"),
    "collecting/platformstate": ("200 200", "403 403", "302 302", "403 403", "200 200"),
    "users/change": ("200 200", "403 403", "302 302", "403 403", "200 200"),
    "snapshots/snapshot": ("200 200", "403 403", "302 302", "403 403", "200 200"),
    "snapshots/correction": ("200 200", "403 403", "302 302", "403 403", "200 200"),
    "snapshots/doubt": ("200 200", "403 403", "302 302", "403 403", "200 200"),
    "context/indicator": ("200 200", "200 200", "302 302", "200 200", "200 200"),
    "context/indicatorvalue": ("200 200", "200 200", "302 302", "200 200", "200 200"),
    "context/event": ("200 200", "200 200", "302 302", "200 200", "200 200"),
    "context/claim": ("200 200", "200 200", "302 302", "200 200", "200 200"),
    "api/apitoken": ("403 200", "403 200", "403 200", "403 403", "403 200"),
}
