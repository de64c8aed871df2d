from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path, re_path

from apps.alerts.views import confirm, unsubscribe
from apps.api import docs
from apps.api.index import IndexView
from apps.common.cross_origin import readable_anywhere
from apps.common.parameters import with_language
from apps.dashboard import sitemaps, structured
from apps.dashboard.feeds import CorrectionsFeed, LedgerFeed
from apps.dashboard.views.invitation import invitation
from apps.exports import package_views
from kzmedia.monitoring.health import healthz, prometheus, readyz

admin.autodiscover()  # before admin.site.urls is read

handler500 = "kzmedia.error_pages.failed"

urlpatterns = [
    path("healthz", healthz),
    path("readyz", readyz),
    path("metrics", prometheus),
    path("robots.txt", sitemaps.robots),
    path("opensearch.xml", structured.opensearch, name="opensearch"),
    path("data/catalog.jsonld", structured.dcat, name="dcat"),
    path("sitemap.xml", sitemaps.index, name="sitemap"),
    path("sitemap-<slug:section>.xml", sitemaps.section, name="sitemap_section"),
    path(
        "feeds/corrections.atom", readable_anywhere(with_language(CorrectionsFeed())), name="corrections_feed"
    ),
    path("feeds/", include("apps.alerts.feed_urls")),
    path("unsubscribe/<str:token>/", unsubscribe, name="unsubscribe"),
    path("confirm/<str:token>/", confirm, name="confirm"),
    path("feeds/ledger.atom", readable_anywhere(with_language(LedgerFeed())), name="ledger_feed"),
    path("data/package.zip", package_views.whole, name="package"),
    re_path(r"^data/package-(?P<month>\d{4}-\d\d)\.zip$", package_views.month, name="package_of_month"),
    path("data/package/<str:name>", package_views.description, name="package_description"),
    path("data/ledger/", include("apps.ledger.urls")),
    path("export/", include("apps.exports.urls")),
    path("api/v1", IndexView.as_view(schema=None)),
    path("api/v1/", include("apps.api.urls")),
    path("", include("apps.dashboard.embed_urls")),
    path("admin/", admin.site.urls),
]

urlpatterns += i18n_patterns(
    path("accounts/", include("allauth.account.urls")),
    path("accounts/2fa/", include("allauth.mfa.urls")),
    path("invitation/<str:token>/", invitation, name="invitation"),
    path("me/security/", include("apps.users.urls")),
    path("me/alerts/", include("apps.alerts.urls")),
    path("data/api/", docs.page, name="api_docs"),
    path("", include("apps.dashboard.urls")),
)
