"""Search actors by name as somebody typed it: in any of three languages and two alphabets, with mistakes.

Other names (official, short and former ones, spellings) are names as good as those on the actor itself.
"""

from functools import reduce
from operator import add, or_

from django.contrib.postgres.search import TrigramSimilarity, TrigramWordSimilarity
from django.db import transaction
from django.db.models import (
    Case,
    Count,
    Expression,
    F,
    FloatField,
    Max,
    OuterRef,
    Q,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Greatest

from apps.common import reading
from apps.registry.models import Account, Actor, Alias, OldSlug
from apps.registry.names import fold, in_latin, in_other_layout, spellings

# One wrong letter in a word of four leaves 0.4 of its trigrams.
ALIKE = 0.4
# Beside somebody who is meant for certain, those who are merely alike are noise.
NEAR_THE_BEST = 0.6
FAINTLY_ALIKE = 0.03
MOST_WORDS = 8
SHORTEST_SLUG = 3


def actors_named(text: str, language: str, most: int = 50) -> list[Actor]:
    """Return public actors whose names are like the text, the likest first; at most `most` of them.

    Of those alike bodies that still exist come first. Each carries `alike` (0 to 1) and `account_count`. An old or present slug counts as a name, and so do other names.
    Empty where the text holds no letter and no digit. Six statements, of which three read.
    """
    words = fold(text).split()[:MOST_WORDS]
    if not words:
        return []
    slug = "-".join(in_latin(word) for word in words)
    with transaction.atomic(using=reading.database()):
        with reading.cursor() as cursor:  # the index asks this setting what is alike
            cursor.execute(f"SET LOCAL pg_trgm.word_similarity_threshold = {ALIKE}")
        by_alias = dict(
            Alias.objects.filter(_any_word(words), actor__hidden=False)
            .order_by()
            .values_list("actor")
            .annotate(likeness=Max(_alike(words)))
            .order_by("-likeness", "actor")[:most]
        )
        likeness: Expression = _alike(words)
        if by_alias:
            alikes: dict[float, list[int]] = {}
            for pk, alike in by_alias.items():
                alikes.setdefault(alike, []).append(pk)
            cases = [When(pk__in=pks, then=Value(alike)) for alike, pks in alikes.items()]
            likeness = Greatest(likeness, Case(*cases, default=Value(0.0), output_field=FloatField()))
        order = ("-whole", F("ended").desc(nulls_first=True), f"sort_{language}", "pk")
        whole = TrigramSimilarity("fold", " ".join(words))
        # Apart, by its keys: beside a search in slugs the index of trigrams is not used.
        by_slug = list(
            Actor.objects.public()
            .filter(Q(slug__contains=slug) | Q(pk__in=_old_slugs(slug).values("actor")))
            .annotate(whole=whole)
            .order_by(*order)
            .values_list("pk", flat=True)[: most if _long(slug) else 0]
        )
        found = (
            Actor.objects.public()
            .filter(_any_word(words) | Q(pk__in=[*by_slug, *by_alias]))
            .annotate(
                account_count=_account_count(),
                alike=Case(
                    When(pk__in=by_slug, then=Value(1.0)), default=likeness, output_field=FloatField()
                ),
                whole=whole,
            )
            .order_by("-alike", *order)[:most]
        )
        actors = list(found)
    best = actors[0].alike if actors else 0  # type: ignore[attr-defined]  # annotated above
    return [actor for actor in actors if actor.alike >= best * NEAR_THE_BEST]  # type: ignore[attr-defined]


def actors_nearest(text: str, language: str, most: int = 3) -> list[Actor]:
    """Return the public actors whose names are least unlike a text that nobody is named like, the nearest first.

    Those that it names in the other keyboard layout are nearest.
    """
    meant = actors_named(in_other_layout(text), language, most)
    if meant:
        return meant
    folded = " ".join(fold(text).split()[:MOST_WORDS])
    if not folded:
        return []
    likeness = TrigramSimilarity("fold", folded)
    nearest = Actor.objects.public().annotate(likeness=likeness).filter(likeness__gt=FAINTLY_ALIKE)
    return list(nearest.order_by("-likeness", f"sort_{language}", "pk")[:most])


def _long(slug: str) -> bool:
    return len(slug) >= SHORTEST_SLUG


def _account_count() -> Expression:
    """Count an actor's accounts: looked up for the few that are shown, where a join would be of all that are alike."""
    own = Account.objects.filter(actor=OuterRef("pk")).order_by().values("actor").annotate(count=Count("pk"))
    return Coalesce(Subquery(own.values("count")), 0)


def _old_slugs(slug: str):  # type: ignore[no-untyped-def]
    return OldSlug.objects.filter(slug__contains=slug)


def _any_word(words: list[str]) -> Q:
    """Match names that are like any word in any spelling: what the trigram index answers."""
    return reduce(or_, (Q(fold__trigram_word_similar=one) for word in words for one in spellings(word)))


def _alike(words: list[str]) -> Expression:
    """Return the words' likenesses, each in its best spelling, on average."""
    return reduce(add, (_likest(word) for word in words)) / Value(float(len(words)))


def _likest(word: str) -> Expression:
    likenesses = [TrigramWordSimilarity(one, F("fold")) for one in spellings(word)]
    return likenesses[0] if len(likenesses) == 1 else Greatest(*likenesses)
