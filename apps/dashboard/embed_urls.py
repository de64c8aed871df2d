"""Addresses without a language in front: charts for other sites."""

from django.urls import path, re_path

from apps.dashboard.views import embeds
from apps.dashboard.views.editions import package as edition_package
from apps.dashboard.views.ledger import mail_link as ledger_mail_link

app_name = "embeds"
urlpatterns = [
    path("embed/<path:path>", embeds.embed, name="embed"),
    re_path(r"^picture/(?P<path>.+)\.(?P<ending>png|svg|pdf)$", embeds.picture, name="picture"),
    re_path(r"^picture/(?P<path>.+)\.json$", embeds.about_picture, name="about_picture"),
    re_path(r"^export/editions/(?P<key>[-\w]{1,80})\.zip$", edition_package, name="edition_package"),
    path("data/ledger/mail/<str:token>/", ledger_mail_link, name="ledger_mail_link"),
    path("oembed", embeds.oembed, name="oembed"),
]
