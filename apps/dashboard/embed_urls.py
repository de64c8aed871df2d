"""Addresses without a language in front: charts for other sites."""

from django.urls import path, re_path

from apps.dashboard.views import embeds

app_name = "embeds"
urlpatterns = [
    path("embed/<path:path>", embeds.embed, name="embed"),
    re_path(r"^picture/(?P<path>.+)\.(?P<ending>png|svg|pdf)$", embeds.picture, name="picture"),
    re_path(r"^picture/(?P<path>.+)\.json$", embeds.about_picture, name="about_picture"),
    path("oembed", embeds.oembed, name="oembed"),
]
