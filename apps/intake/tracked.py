"""All actors and accounts as tables may name them, in a few statements however many there are."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from django.utils.translation import override

from apps.intake.names import LONGEST_NAME, ActorIndex, Named, name_key
from apps.intake.sheet_reader import Tracked
from apps.registry.addressed import ByAddress
from apps.registry.models import Account, Actor, Alias, HandleChange, OldSlug
from apps.snapshots.models import Bound, Snapshot, Span, State


def load(*, with_spans: bool = False) -> Tracked:
    """Return what is tracked now; `with_spans` also which months, years and bounds stand, for files that have lost them."""
    named, slugs, names = _actors()
    owners: dict[int, int] = {}
    platforms: dict[int, str] = {}
    accounts: dict[tuple[int, str], list[int]] = defaultdict(list)
    handles: dict[int, set[str]] = defaultdict(set)
    by_address = ByAddress[int]()
    servers: set[str] = set()
    rows = Account.objects.order_by("pk").values_list("pk", "actor", "platform", "handle", "platform_id")
    for pk, actor, platform, handle, platform_id in rows:
        owners[pk], platforms[pk] = actor, platform
        accounts[actor, platform].append(pk)
        by_address.add(platform, handle, platform_id, pk)
        if handle:
            handles[pk].add(handle.lower())
        if platform == "mastodon" and "@" in handle:
            servers.add(handle.lower().rpartition("@")[2])
    for pk, old in HandleChange.objects.order_by().values_list("account", "old"):
        handles[pk].add(old.lower())
    spans = _wider_spans() if with_spans else {}
    bounds = _bounds() if with_spans else {}
    return Tracked(
        ActorIndex(named),
        slugs,
        owners,
        accounts,
        platforms,
        handles,
        by_address,
        servers,
        names,
        spans,
        bounds,
    )


def _actors() -> tuple[list[Named], dict[str, int], dict[int, str]]:
    """Return the actors with all their names, slug -> actor, and actor -> slug."""
    others: dict[int, list[str]] = defaultdict(list)
    for actor, text in Alias.objects.order_by().values_list("actor", "text"):
        others[actor].append(text)
    named, names = [], {}
    fields = ("pk", "slug", "kind", "name_en", "name_ru", "name_kk")
    for pk, slug, kind, *languages in Actor.objects.order_by("pk").values_list(*fields):
        named.append(Named(pk, slug, kind, (*languages, *others[pk])))
        names[pk] = slug
    slugs = dict(OldSlug.objects.values_list("slug", "actor"))
    slugs |= {slug: pk for pk, slug in names.items()}
    return named, slugs, names


def _wider_spans() -> dict[tuple[int, date], int]:
    rows = Snapshot.objects.filter(span__lt=Span.DAY).order_by("span").values_list("account", "day", "span")
    return {(account, day): span for account, day, span in rows}


def _bounds() -> dict[tuple[int, date, int, int], str]:
    rows = Snapshot.objects.exclude(bound=Bound.EXACTLY).filter(followers__isnull=False)
    fields = rows.values_list("account", "day", "span", "followers", "bound")
    return {(account, day, span, followers or 0): bound for account, day, span, followers, bound in fields}


def learn(aliases: Iterable[tuple[str, str | None]], source: int | None = None) -> None:
    """Keep the names that were answered with an actor as other names of it; what is known already stays as it is."""
    slugs = dict(Actor.objects.values_list("slug", "pk"))
    Alias.objects.bulk_create(
        [
            Alias(actor_id=slugs[slug], text=" ".join(text.split())[:LONGEST_NAME], source_id=source)
            for text, slug in aliases
            if slug in slugs and name_key(text)
        ],
        ignore_conflicts=True,
    )


def labels_of_states() -> dict[str, str]:
    """Return the words that pages use for the states, in each language -> state."""
    words: dict[str, str] = {}
    for language in ("en", "ru", "kk"):
        with override(language):
            words |= {str(state.label).casefold(): state.value for state in State}
    return words
