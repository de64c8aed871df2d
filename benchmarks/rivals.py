"""The same rows as CSV by the usual libraries of Django, for benchmarks/exports.py: gunicorn benchmarks.rivals:application.

/drf is the REST framework with djangorestframework-csv, /import-export is django-import-export; ?from= as in the product.
"""

# ruff: noqa: E402  Django is set up before its models are imported

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kzmedia.settings")

import django

django.setup()

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.urls import path
from import_export.fields import Field
from import_export.resources import ModelResource
from rest_framework import serializers
from rest_framework_csv.renderers import CSVStreamingRenderer

from apps.exports.columns import SNAPSHOTS
from apps.snapshots.models import Snapshot

NAMES = [column.name for column in SNAPSHOTS]


def rows(request: HttpRequest):
    found = Snapshot.objects.public().filter(day__gte=request.GET["from"])
    found = found.select_related("account__actor", "source").only(
        "day", "span", "account_id", "state", "bound", "followers", "precision", "observed_at", "locator", "note",
        "account__handle", "account__platform", "account__actor__slug", "account__actor__name_en",
        "account__actor__kind", "source__key",
    )  # fmt: skip
    return found.order_by("account__actor__slug", "account__platform", "account_id", "day", "-span")


class Line(serializers.ModelSerializer):
    actor_slug = serializers.CharField(source="account.actor.slug")
    actor_name = serializers.CharField(source="account.actor.name_en")
    kind = serializers.CharField(source="account.actor.kind")
    platform = serializers.CharField(source="account.platform")
    handle = serializers.CharField(source="account.handle")
    source = serializers.CharField(source="source.key")

    class Meta:
        model = Snapshot
        fields = NAMES


def drf(request: HttpRequest) -> HttpResponseBase:
    line = Line()  # one for all rows: making a serializer takes longer than using it
    lines = (line.to_representation(row) for row in rows(request).iterator(2000))
    renderer = CSVStreamingRenderer()
    renderer.header = NAMES
    return StreamingHttpResponse(renderer.render(lines), content_type="text/csv")


class SnapshotResource(ModelResource):
    account_id = Field("account_id")
    actor_slug = Field("account__actor__slug")
    actor_name = Field("account__actor__name_en")
    kind = Field("account__actor__kind")
    platform = Field("account__platform")
    handle = Field("account__handle")
    source = Field("source__key")

    class Meta:
        model = Snapshot
        fields = NAMES
        export_order = NAMES


def import_export(request: HttpRequest) -> HttpResponse:
    return HttpResponse(SnapshotResource().export(rows(request)).csv, content_type="text/csv")


urlpatterns = [
    path("", lambda _request: HttpResponse("")),
    path("drf", drf),
    path("import-export", import_export),
]
settings.ROOT_URLCONF = __name__
settings.MIDDLEWARE = []
application = WSGIHandler()
