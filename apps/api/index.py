"""The index at /api/v1/."""

from typing import Any, Final

from django.urls import reverse
from rest_framework import serializers

from apps.api.base import ReadView
from apps.api.forms import ReadForm
from apps.api.row import Shape

LISTS: Final = (
    "actors", "accounts", "groups", "snapshots", "standings", "trends", "overtakes", "milestones", "corrections",
    "indicators", "events", "claims", "sources", "schema", "docs",
)  # fmt: skip


class IndexRowSerializer(serializers.Serializer[Any]):
    name: Any = serializers.ChoiceField(choices=LISTS, help_text="What is found there.")
    address: Any = serializers.CharField(help_text="The whole address.")


class IndexSerializer(serializers.Serializer[Any]):
    version: Any = serializers.CharField(help_text="1")
    addresses = IndexRowSerializer(many=True, help_text="Lists, the document of the interface, and its page.")


class IndexView(ReadView):
    """The addresses to begin from."""

    tag, summary, answer = "document", "What there is", IndexSerializer

    def read(self, form: ReadForm) -> Shape:
        return {
            "version": "1",
            "addresses": [
                {"name": name, "address": self.request.build_absolute_uri(reverse(f"api:{name}"))}
                for name in LISTS
            ],
        }
