"""Accounts added by the hundred: a verdict for each line first, then the good ones at once, and their undoing.

The number of statements does not grow with the number of lines.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, ProtectedError, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import override

from apps.collecting import adapters
from apps.collecting.models import Attempt, Collection
from apps.collecting.services import ensure_collection
from apps.collectors.types import NotAnAccount, Refusal, Target
from apps.intake.models import Addition
from apps.registry.models import Account, Actor, ActorKind, OldSlug, Source
from apps.registry.names import fold, in_latin
from apps.registry.words import not_an_account
from apps.snapshots.models import Doubt, Snapshot
from apps.users.models import User

MOST_LINES = 2000
TEMPLATE = ("kk", "ru", "en", "address", "kind")
LONGEST_NAME = 200
NOT_ITS_NAME = {field.name for field in Account._meta.fields} - {"handle", "platform_id"}


class Verdict(StrEnum):
    JOINS = "joins"  # an actor that is there
    CREATES = "creates"  # a new actor
    TRACKED = "tracked"
    TWICE = "twice"
    UNREADABLE = "unreadable"


@dataclass
class Line:
    number: int
    text: str
    verdict: Verdict = Verdict.UNREADABLE
    target: Target | None = None
    names: tuple[str, str, str] = ("", "", "")  # kk, ru, en
    kind: str = ""
    actor: Actor | None = None  # whom it joins
    tracked: Account | None = None
    first: int = 0  # the line that names the same account
    named_by_handle: bool = False
    problem: str = ""

    @property
    def is_good(self) -> bool:
        return self.verdict in (Verdict.JOINS, Verdict.CREATES)

    @property
    def key(self) -> str:
        """By what two lines are seen to name one new actor."""
        return _folded(self.names[2])


@dataclass(frozen=True)
class _Known:
    """The actors as a line may name them: by slug or by a name in any language."""

    named: dict[str, list[Actor]] = field(default_factory=lambda: defaultdict(list))
    slugs: set[str] = field(default_factory=set)

    @classmethod
    def now(cls) -> "_Known":
        known = cls()
        for actor in Actor.objects.only("pk", "slug", "name_en", "name_ru", "name_kk").order_by("pk"):
            known.slugs.add(actor.slug)
            for name in {actor.slug, *(_folded(n) for n in (actor.name_en, actor.name_ru, actor.name_kk))}:
                known.named[name].append(actor)
        known.slugs.update(OldSlug.objects.values_list("slug", flat=True))
        return known


def judge(text: str, *, platform: str = "", kind: str = ActorKind.STATE_BODY) -> list[Line]:
    """A verdict for each line that is not blank. Nothing is saved, nothing is fetched."""
    kinds = _kinds()
    lines = [
        _read(number, line, platform, kind, kinds)
        for number, line in enumerate(text.splitlines()[:MOST_LINES], 1)
        if line.strip(" ;\t")
    ]
    if lines and [part.strip().lower() for part in _parts(lines[0].text)] == list(TEMPLATE):
        del lines[0]
    _find_tracked(lines)
    _find_twice(lines)
    _find_actors(lines)
    return lines


def _parts(line: str) -> list[str]:
    return [part.strip() for part in line.split("\t" if "\t" in line else ";")]


def _read(number: int, text: str, platform: str, kind: str, kinds: dict[str, str]) -> Line:
    line = Line(number, text, kind=kind)
    parts = _parts(text)
    while len(parts) > 1 and not parts[-1]:
        parts.pop()
    said = ""
    match parts:
        case [address]:
            names: tuple[str, ...] = ("", "", "")
        case [name, address]:
            names = (name, name, name)
        case [name, address, said] if said.lower() in kinds:
            names = (name, name, name)
        case [kk, ru, en, address, *rest]:
            names = (kk or ru or en, ru or kk or en, en or ru or kk)
            said = rest[0] if rest else ""
        case _:
            address, names = "", ("", "", "")
    line.names = (names[0], names[1], names[2])
    try:
        line.target = adapters.parse(address, platform)
        Account(handle=line.target.handle, platform_id=line.target.platform_id).clean_fields(
            exclude=NOT_ITS_NAME
        )
    except NotAnAccount as refused:
        line.problem = not_an_account(refused)
        return line
    except ValidationError:
        line.target, line.problem = None, not_an_account(NotAnAccount(Refusal.BAD_HANDLE, address))
        return line
    if said and said.lower() not in kinds:
        line.problem = "kind"
    elif any(len(name) > LONGEST_NAME or not _is_text(name) for name in names):
        line.problem = "name"
    line.kind = kinds.get(said.lower(), kind)
    if not names[2]:
        line.named_by_handle = True
        name = line.target.handle or line.target.platform_id
        line.names = (name, name, name)
    return line


def _is_text(name: str) -> bool:
    """A name is no formula of a spreadsheet and holds nothing that cannot be printed."""
    return name.isprintable() and not name.startswith(("=", "+", "@"))


def _kinds() -> dict[str, str]:
    """The codes, and the labels in each language."""
    found = {value: value for value in ActorKind.values}
    for language in ("en", "ru", "kk"):
        with override(language):
            found |= {str(kind.label).lower(): kind.value for kind in ActorKind}
    return found


def _find_tracked(lines: Sequence[Line]) -> None:
    """By handle and by platform id, in one statement."""
    targets = [line.target for line in lines if line.target]
    handles = {target.handle.lower() for target in targets if target.handle}
    ids = {target.platform_id for target in targets if target.platform_id}
    rows = (
        Account.objects.annotate(lower=Lower("handle"))
        .filter(Q(lower__in=handles) | Q(platform_id__in=ids))
        .select_related("actor")
        .order_by("pk")
    )
    by_handle: dict[tuple[str, str], Account] = {}
    by_id: dict[tuple[str, str], Account] = {}
    for row in rows:
        by_handle[row.platform, row.handle.lower()] = row
        by_id[row.platform, row.platform_id] = row
    for line in lines:
        if line.target is None:
            continue
        target = line.target
        line.tracked = (
            by_handle.get((target.platform, target.handle.lower())) if target.handle else None
        ) or (by_id.get((target.platform, target.platform_id)) if target.platform_id else None)
        if line.tracked:
            line.verdict = Verdict.TRACKED


def _find_twice(lines: Sequence[Line]) -> None:
    seen: dict[tuple[str, str, str], int] = {}
    for line in lines:
        if line.target is None or line.tracked or line.problem:
            continue
        target = line.target
        names = [("handle", target.handle.lower()), ("id", target.platform_id)]
        keys = [(target.platform, what, name) for what, name in names if name]
        line.first = next((seen[key] for key in keys if key in seen), 0)
        if line.first:
            line.verdict = Verdict.TWICE
        for key in keys:
            seen.setdefault(key, line.number)


def _find_actors(lines: Sequence[Line]) -> None:
    known = _Known.now()
    for line in lines:
        if line.target is None or line.problem or line.tracked or line.first:
            continue
        found = _meant(line, known)
        if len(found) > 1:
            line.problem = "ambiguous"
        elif found:
            line.actor, line.verdict = found[0], Verdict.JOINS
        else:
            line.verdict = Verdict.CREATES


def _meant(line: Line, known: _Known) -> list[Actor]:
    """Whom the names mean: a name alone may also be a slug."""
    for name in reversed(line.names):
        found = known.named.get(_folded(name)) or known.named.get(name, [])
        if found:
            return list({actor.pk: actor for actor in found}.values())
    return []


def _folded(name: str) -> str:
    return " ".join(fold(name).split())


def save(lines: Iterable[Line], *, by: User, source: Source | None = None, note: str = "") -> Addition | None:
    """Save the good lines in one transaction; None where there is none.

    Raises IntegrityError where somebody else added one of them since they were judged: judge them again.
    """
    good = [line for line in lines if line.is_good and line.target]
    if not good:
        return None
    with transaction.atomic():
        made = _make_actors(good, source, note)
        waiting = _waiting(good)
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
        return Addition.objects.create(
            by=by,
            at=timezone.now(),
            actors=[actor.pk for actor in made],
            accounts=[account.pk for account in new],
            filled=[account.pk for account in filled],
        )


def _make_actors(good: Sequence[Line], source: Source | None, note: str) -> list[Actor]:
    """One new actor for all the lines that name it alike."""
    slugs = _Known.now().slugs
    made: dict[str, Actor] = {}
    for line in good:
        if line.actor is not None:
            continue
        if line.key not in made:
            kk, ru, en = line.names
            made[line.key] = Actor(
                slug=_slug(en, slugs),
                kind=line.kind,
                name_kk=kk,
                name_ru=ru,
                name_en=en,
                source=source,
                note=note,
                hidden=True,
                is_draft=True,  # until an editor publishes it
            )
        line.actor = made[line.key]
    Actor.objects.bulk_create(made.values())
    return list(made.values())


def _slug(name: str, taken: set[str]) -> str:
    base = slugify(in_latin(fold(name)))[:70] or "actor"
    slug, number = base, 1
    while slug in taken:
        number += 1
        slug = f"{base}-{number}"
    taken.add(slug)
    return slug


def _waiting(good: Sequence[Line]) -> dict[tuple[int, str], list[Account]]:
    """Accounts whose address was missing, by actor and platform: they take the new address."""
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
        touched = Account.objects.filter(pk__in=[*row.accounts, *row.filled])
        list(
            touched.select_for_update().order_by("pk").values_list("pk")
        )  # a worker that records them ends first
        stay = mades.filter(recorded | Q(handle_changes__isnull=False)).distinct().count()
        gone = list(mades.exclude(recorded).filter(handle_changes=None).values_list("pk", flat=True))
        Attempt.objects.filter(account__in=gone).delete()
        Account.objects.filter(pk__in=gone).delete()
        filled = Account.objects.filter(pk__in=row.filled)
        stay += filled.filter(recorded).count()
        emptied = list(filled.exclude(recorded).values_list("pk", flat=True))
        Account.objects.filter(pk__in=emptied).update(handle="", platform_id="")
        Collection.objects.filter(account__in=emptied).delete()
        _remove_actors(row.actors)
        row.undone_at = timezone.now()
        row.save(update_fields=["undone_at"])
    return stay


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
