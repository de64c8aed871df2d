"""Saving a list that was looked at, and taking it back: accounts, the actors and groups made for them, what joined a group."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db import transaction
from django.db.models import Exists, OuterRef, ProtectedError, Q
from django.utils import timezone
from django.utils.text import slugify

from apps.collecting.models import Attempt, Collection
from apps.collecting.services import ensure_collection
from apps.intake import tracked
from apps.intake.answers import NEW
from apps.intake.bulk_add import ListedAccount
from apps.intake.models import Addition
from apps.intake.names import name_key
from apps.registry.models import Account, Actor, Group, OldSlug, Source
from apps.registry.names import fold, in_latin
from apps.registry.services import lock_accounts
from apps.snapshots.models import Doubt, Snapshot
from apps.users.models import User


def save(
    lines: Iterable[ListedAccount],
    *,
    by: User | None,
    source: Source | None = None,
    note: str = "",
    group: Group | None = None,
    aliases: dict[str, str | None] | None = None,
) -> Addition | None:
    """Save the good rows in one transaction; None where there is none. New actors are drafts: hidden until they are published.

    Raises IntegrityError where somebody else added one of them since they were judged: judge them again.
    """
    good = [line for line in lines if line.is_good and line.target]
    if not good:
        return None
    with transaction.atomic():
        made = _make_actors(good, source, note)
        waiting = _accounts_without_address(good)
        new: list[Account] = []
        filled: list[Account] = []
        for line in good:
            actor, target = line.actor, line.target
            if actor is None or target is None:
                continue
            empty = waiting.get((actor.pk, target.platform))
            account = (
                empty.pop(0)
                if empty
                else Account(actor=actor, platform=target.platform, source=source, note=note)
            )
            account.handle, account.platform_id = target.handle, target.platform_id
            (filled if account.pk else new).append(account)
        Account.objects.bulk_create(new)
        Account.objects.bulk_update(filled, ["handle", "platform_id"])
        ensure_collection([*new, *filled])
        made_groups, joined = _join_groups(good, group)
        tracked.learn(
            ((name, slug) for name, slug in (aliases or {}).items() if slug != NEW),
            source.pk if source else None,
        )
        return Addition.objects.create(
            by=by,
            at=timezone.now(),
            actors=[actor.pk for actor in made],
            groups=[one.pk for one in made_groups],
            joined=joined,
            accounts=[account.pk for account in new],
            filled=[account.pk for account in filled],
        )


def _make_actors(good: Sequence[ListedAccount], source: Source | None, note: str) -> list[Actor]:
    """Make one new actor for all the rows that name it alike: a draft, hidden from the public."""
    slugs = taken_slugs()
    made: dict[str, Actor] = {}
    for line in good:
        if line.actor is not None:
            continue
        if line.key not in made:
            kk, ru, en = line.names
            made[line.key] = Actor(
                slug=unused_slug(en, slugs),
                kind=line.kind,
                name_kk=kk,
                name_ru=ru,
                name_en=en,
                source=source,
                note=note,
                hidden=True,
                is_draft=True,
            )
        line.actor = made[line.key]
    Actor.objects.bulk_create(made.values())
    return list(made.values())


def _join_groups(good: Sequence[ListedAccount], group: Group | None) -> tuple[list[Group], list[list[int]]]:
    """Make the new actors and the old ones members of the groups that the rows name, and of the one for all rows.

    Returns the groups that were made, which are drafts, and [group, actor] for each new member.
    """
    slugs = {line.group_slug for line in good if line.group_slug}
    groups = {one.slug: one for one in Group.objects.filter(slug__in=slugs)}
    titles = {name_key(line.group): line.group for line in good if line.group_slug == NEW}
    taken = set(Group.objects.values_list("slug", flat=True)) if titles else set()
    made = {
        key: Group(
            slug=unused_slug(title, taken, "group"),
            title_en=title,
            title_ru=title,
            title_kk=title,
            is_draft=True,
        )
        for key, title in titles.items()
    }
    Group.objects.bulk_create(made.values())
    pairs = set()
    for line in good:
        named = made[name_key(line.group)] if line.group_slug == NEW else groups.get(line.group_slug)
        pairs |= {(one.pk, line.actor.pk) for one in (named, group) if one and line.actor}
    through = Group.members.through
    standing = set(
        through.objects.filter(group__in={pk for pk, _actor in pairs}).values_list("group", "actor")
    )
    new = sorted(pairs - standing)
    through.objects.bulk_create(
        [through(group_id=pk, actor_id=actor) for pk, actor in new], ignore_conflicts=True
    )
    return list(made.values()), [list(pair) for pair in new]


def taken_slugs() -> set[str]:
    """Return the names in addresses that actors have or had."""
    return {*Actor.objects.values_list("slug", flat=True), *OldSlug.objects.values_list("slug", flat=True)}


def unused_slug(name: str, taken: set[str], otherwise: str = "actor") -> str:
    """Return a name in addresses that is free, made of a name; it is taken then."""
    base = slugify(in_latin(fold(name)))[:70] or otherwise
    slug, number = base, 1
    while slug in taken:
        number += 1
        slug = f"{base}-{number}"
    taken.add(slug)
    return slug


def _accounts_without_address(good: Sequence[ListedAccount]) -> dict[tuple[int, str], list[Account]]:
    """Return the accounts whose address was missing, by actor and platform: they take the new address."""
    actors = {line.actor.pk for line in good if line.actor}
    found: dict[tuple[int, str], list[Account]] = defaultdict(list)
    for account in (
        Account.objects.without_address().filter(actor__in=actors).select_for_update().order_by("pk")
    ):
        found[account.actor_id, account.platform].append(account)
    return found


def undo(addition: Addition) -> int:
    """Take back what was added and has nothing recorded yet; how many accounts stay.

    Actors that were made for it go where nothing else holds them by now.
    """
    with transaction.atomic():
        row = Addition.objects.select_for_update().get(pk=addition.pk)
        if row.undone_at:
            return 0
        mine = OuterRef("pk")
        recorded = (
            Exists(Snapshot.objects.filter(account=mine, recorded_at__gte=row.at))
            | Exists(Doubt.objects.filter(account=mine))
            | Exists(Collection.objects.filter(account=mine, run__isnull=False))
        )
        mades = Account.objects.filter(pk__in=row.accounts)
        lock_accounts([*row.accounts, *row.filled], for_removal=True)  # a worker that records them ends first
        stay = mades.filter(recorded | Q(handle_changes__isnull=False)).distinct().count()
        gone = list(mades.exclude(recorded).filter(handle_changes=None).values_list("pk", flat=True))
        Attempt.objects.filter(account__in=gone).delete()
        Account.objects.filter(pk__in=gone).delete()
        filled = Account.objects.filter(pk__in=row.filled)
        stay += filled.filter(recorded).count()
        emptied = list(filled.exclude(recorded).values_list("pk", flat=True))
        Account.objects.filter(pk__in=emptied).update(handle="", platform_id="")
        Collection.objects.filter(account__in=emptied).delete()
        _leave_groups(row)
        _remove_actors(row.actors)
        row.undone_at = timezone.now()
        row.save(update_fields=["undone_at"])
    return stay


def _leave_groups(row: Addition) -> None:
    """Take the members out that came with the addition and have no account that stays, and the groups that are empty then."""
    through = Group.members.through
    staying = set(
        Account.objects.filter(pk__in=[*row.accounts, *row.filled])
        .exclude(handle="", platform_id="")
        .values_list("actor", flat=True)
    )
    gone = Q(pk__in=[])
    for group, actor in row.joined:
        if actor not in staying:
            gone |= Q(group=group, actor=actor)
    through.objects.filter(gone).delete()
    Group.objects.filter(pk__in=row.groups, is_draft=True, members=None).delete()


def drafts_of(addition: Addition) -> int:
    """Return how many of the actors that were made are still drafts."""
    return Actor.objects.filter(pk__in=addition.actors, is_draft=True).count()


def _remove_actors(keys: Sequence[int]) -> None:
    unused = Actor.objects.filter(pk__in=keys, accounts=None, memberships=None, groups=None, pinned_by=None)
    pks = list(unused.values_list("pk", flat=True))
    try:
        with transaction.atomic():
            Actor.objects.filter(pk__in=pks).delete()
    except ProtectedError:
        for pk in pks:
            try:
                with transaction.atomic():
                    Actor.objects.filter(pk=pk).delete()
            except ProtectedError:  # an event or a claim names it by now
                continue
