"""Query form of the claim check."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.dashboard.forms import PageDayField, QueryForm
from apps.figures import claim_words, formats, labels
from apps.registry.models import Actor, platform_choices
from apps.registry.search import actors_named
from apps.standings.claim_check import Claimed, ClaimKind

MOST_NAMES = 500  # offered while a name is typed


class ClaimForm(QueryForm):
    a = forms.CharField(label=_("About whom"), required=False, max_length=200)
    b = forms.CharField(label=_("Compared with whom (empty for a number)"), required=False, max_length=200)
    on = PageDayField(label=_("On which day"))
    claim = forms.CharField(label=_("What was claimed"), required=False, max_length=200)

    def __init__(self, query: QueryDict, **kwargs: Any) -> None:
        self.errors_beside: dict[str, str] = {}
        super().__init__(query, **kwargs)
        self.one = self.find_actor("a")
        self.other = self.find_actor("b")
        self.platform: str = self.value("platform", "")
        self.day: date = self.value("on") or timezone.localdate()
        self.claimed = self.read_claim()

    def add_fields(self) -> None:
        self.fields["platform"] = forms.ChoiceField(
            label=_("Platform"),
            required=False,
            choices=[("", _("All platforms")), *platform_choices()],
        )

    def find_actor(self, field: str) -> Actor | None:
        """Return the public actor of a slug or of a name as somebody typed it."""
        text: str = self.value(field, "").replace("\x00", "")
        if not text:
            return None
        exact = Actor.objects.public().filter(slug=text).first()
        if exact is not None:
            return exact
        likest = actors_named(text, formats.language(), 1)
        if not likest:
            self.errors_beside[field] = gettext("We track nobody under such a name.")
        return likest[0] if likest else None

    def read_claim(self) -> Claimed | None:
        """Return the claim in the text; note beside the field what is missing."""
        text: str = self.value("claim", "")
        if not text:
            return None
        claimed = claim_words.parse_claim(text)
        if claimed is None:
            self.errors_beside["claim"] = gettext(
                "We cannot read a claim in this. Write for example “63 times more”, “has passed”, “12,000 more” or “1.2 million”."
            )
        elif (
            claimed.kind != ClaimKind.COUNT
            and self.one
            and self.other is None
            and "b" not in self.errors_beside
        ):
            self.errors_beside["b"] = gettext("This claim compares two: say with whom.")
        elif self.one and self.one == self.other:
            self.errors_beside["b"] = gettext("These are the same.")
        return claimed

    @property
    def is_complete(self) -> bool:
        return bool(self.one and self.claimed and not self.errors_beside)

    @property
    def title(self) -> str:
        names = [labels.short(actor.name(formats.language())) for actor in (self.one, self.other) if actor]
        return f"{' / '.join(names)}: {formats.quote(self.value('claim', ''))}"

    @property
    def names(self) -> list[str]:
        """Return the names that are offered while one is typed."""
        code = formats.language()
        actors = Actor.objects.public().order_by(f"sort_{code}", "pk")[:MOST_NAMES]
        return [actor.name(code) for actor in actors]

    @property
    def shown(self) -> dict[str, str]:
        """Return the fields' values for display, with names instead of slugs."""
        code = formats.language()
        return {
            "a": self.one.name(code) if self.one else self.value("a", ""),
            "b": self.other.name(code) if self.other else self.value("b", ""),
        }

    def address(self) -> str:
        """Return the query that shows the same for ever: slugs instead of names, and the day."""
        pairs = [
            ("a", self.one.slug if self.one else self.value("a", "")),
            ("b", self.other.slug if self.other else self.value("b", "")),
            ("platform", self.platform),
            ("on", self.day.isoformat() if self.one or self.value("on") else ""),
            ("claim", self.value("claim", "")),
        ]
        return urlencode([pair for pair in pairs if pair[1]])
