"""Two accounts, or two actors, that turn out to be one. One of them stays, and has the history of both.

Nothing recorded is lost: counts of days that only one of the two has are kept as they are; where both have one, the
better stands and the other is set aside, where readers find it. A merger is one transaction, and final.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core import serializers
from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.registry.models import Account, Actor, HandleChange, OldSlug
from apps.registry.services import lock_accounts
from apps.snapshots import latest
from apps.snapshots.models import (
    Correction,
    CorrectionRequest,
    Doubt,
    Merger,
    Screenshot,
    Snapshot,
    State,
    SupersededSnapshot,
)
from apps.snapshots.recording import value_as_json
from apps.users.models import User

Why = SupersededSnapshot.Why
VALUE = ("state", "followers", "bound", "precision")
READ = (*VALUE, "observed_at", "source_id", "locator", "note", "edited_by_id")


class CannotMerge(ValueError):
    """They cannot be one; the text says why."""


@dataclass(frozen=True)
class Clash:
    """A day, month or year that both accounts have a value for."""

    kept: Snapshot
    gone: Snapshot
    why: Why
    gone_stands: bool

    @property
    def is_same(self) -> bool:
        return value_as_json(self.kept) == value_as_json(self.gone)


@dataclass(frozen=True)
class Outlook:
    """What merging two accounts would come to."""

    kept: Account
    gone: Account
    kept_count: int
    gone_count: int
    clashes: tuple[Clash, ...]  # newest first

    @property
    def moved(self) -> int:
        """Count the values for which only the account that goes has a day."""
        return self.gone_count - len(self.clashes)

    @property
    def conflicts(self) -> list[Clash]:
        return [clash for clash in self.clashes if not clash.is_same]


def look(kept: Account, gone: Account) -> Outlook:
    """Show what merging the two would come to. Raises CannotMerge."""
    _refuse(kept, gone)
    return Outlook(
        kept=kept,
        gone=gone,
        kept_count=kept.snapshots.count(),
        gone_count=gone.snapshots.count(),
        clashes=tuple(_clashes(kept, gone)),
    )


def _refuse(kept: Account, gone: Account) -> None:
    if kept.pk == gone.pk:
        raise CannotMerge(_("Choose two different ones."))
    if kept.platform != gone.platform:
        raise CannotMerge(_("They are on different platforms."))
    if kept.platform_id and gone.platform_id:
        raise CannotMerge(_("The platform gives them different ids, so they are two."))
    if kept.actor.hidden != gone.actor.hidden:
        raise CannotMerge(_("One of them is hidden from the public and the other is not."))


def _clashes(kept: Account, gone: Account) -> list[Clash]:
    own = {(row.day, row.span): row for row in kept.snapshots.all()}
    others = gone.snapshots.order_by("-day", "-span")
    return [_judge(own[row.day, row.span], row) for row in others if (row.day, row.span) in own]


def _judge(kept: Snapshot, gone: Snapshot) -> Clash:
    """Choose which of two values of one day stands: an editor's, then a number, then the later reading, then the kept
    one's."""
    for why, mine, other in (
        (Why.EDITOR, kept.edited_by_id is not None, gone.edited_by_id is not None),
        (Why.NUMBER, kept.state == State.COUNTED, gone.state == State.COUNTED),
    ):
        if mine != other:
            return Clash(kept, gone, why, gone_stands=other)
    if kept.observed_at and gone.observed_at and kept.observed_at != gone.observed_at:
        return Clash(kept, gone, Why.LATER, gone_stands=gone.observed_at > kept.observed_at)
    return Clash(kept, gone, Why.STAYS, gone_stands=False)


def merge_accounts(kept: Account, gone: Account, reason: str, by: User) -> Merger:
    """Give `kept` the history of both; `gone` is no more, and its name and number lead to the other. Raises
    CannotMerge."""
    if not reason.strip():
        raise CannotMerge(_("Write why they are one."))
    with transaction.atomic():
        both = [kept.pk, gone.pk]
        lock_accounts(both, for_removal=True)
        rows = Account.objects.select_related("actor").in_bulk(both)
        if len(rows) < len(set(both)):
            raise CannotMerge(_("One of them is gone already."))
        kept, gone = rows[kept.pk], rows[gone.pk]
        list(Snapshot.objects.select_for_update().filter(account__in=both).order_by("pk").values_list("pk"))
        latest.lock(both)
        seen = look(kept, gone)
        merger = Merger.objects.create(
            actor=kept.actor,
            account=kept,
            gone=gone.pk,
            row=_columns(gone),
            moved=seen.moved,
            same=len(seen.clashes) - len(seen.conflicts),
            reason=reason.strip(),
            by=by,
            at=timezone.now(),
        )
        for clash in seen.clashes:
            _settle(clash, merger)
        _take_over(kept, gone)
    return merger


def _settle(clash: Clash, merger: Merger) -> None:
    """Let one of the two values stand in the row of the account that stays; set the other aside."""
    kept, gone = clash.kept, clash.gone
    stands, loses = (gone, kept) if clash.gone_stands else (kept, gone)
    SupersededSnapshot.objects.create(
        merger=merger,
        snapshot=kept,
        is_of_gone=not clash.gone_stands,
        why=clash.why,
        row=_columns(loses),
        stood=value_as_json(stands),
    )
    for model in (Correction, CorrectionRequest, Screenshot):
        model._default_manager.filter(snapshot=gone).update(snapshot=kept)
    SupersededSnapshot.objects.filter(snapshot=gone).update(snapshot=kept)
    gone_values = {name: getattr(gone, name) for name in READ}
    Snapshot.objects.filter(pk=gone.pk).delete()
    if clash.gone_stands:
        before = value_as_json(kept)
        Snapshot.objects.filter(pk=kept.pk).update(**gone_values, recorded_at=merger.at)
        if not clash.is_same:
            Correction.objects.create(
                snapshot=kept,
                old=before,
                new=value_as_json(gone),
                reason=merger.reason,
                by=merger.by,
                at=merger.at,
            )


def _take_over(kept: Account, gone: Account) -> None:
    """Hang all that hangs on the account that goes on the other; then delete it, and keep its name and its id."""
    known = set(Doubt.objects.filter(account=kept).values_list("day", "followers"))
    for doubt in Doubt.objects.filter(account=gone):
        if (doubt.day, doubt.followers) in known:  # the same question about the same page
            doubt.delete()
    _rehang(gone, kept)
    if gone.handle and kept.handle:
        HandleChange.objects.create(account=kept, old=gone.handle, new=kept.handle, noticed_at=timezone.now())
    Account.objects.filter(pk=gone.pk).delete()
    for name in ("handle", "platform_id", "title", "note", "source_id"):
        if not getattr(kept, name):
            setattr(kept, name, getattr(gone, name))
    kept.save(update_fields=["handle", "platform_id", "title", "note", "source"])


def merge_actors(kept: Actor, gone: Actor, reason: str, by: User) -> Merger:
    """Give `kept` the accounts, the names in addresses and the company of both; `gone` is no more. Raises CannotMerge."""
    if not reason.strip():
        raise CannotMerge(_("Write why they are one."))
    with transaction.atomic():
        both = [kept.pk, gone.pk]
        rows = Actor.objects.select_for_update().in_bulk(both)
        if len(rows) < len(set(both)):
            raise CannotMerge(_("One of them is gone already."))
        kept, gone = rows[kept.pk], rows[gone.pk]
        refuse_actors(kept, gone)
        merger = Merger.objects.create(
            actor=kept,
            gone=gone.pk,
            row=_columns(gone),
            moved=gone.accounts.count(),
            reason=reason.strip(),
            by=by,
            at=timezone.now(),
        )
        if kept.succeeds_id in (gone.pk, None):
            kept.succeeds_id = None if gone.succeeds_id == kept.pk else gone.succeeds_id
        for name in ("description_en", "description_ru", "description_kk", "region", "wikidata_id", "note"):
            if not getattr(kept, name):
                setattr(kept, name, getattr(gone, name))
        kept.save()
        _rehang(gone, kept)
        Actor.objects.filter(pk=kept.pk, succeeds=kept).update(succeeds=None)
        kept.peers.remove(kept)
        Actor.objects.filter(pk=gone.pk).delete()
        OldSlug.objects.create(slug=gone.slug, actor=kept)
    return merger


def refuse_actors(kept: Actor, gone: Actor) -> None:
    """Raises CannotMerge where the two cannot be one."""
    if kept.pk == gone.pk:
        raise CannotMerge(_("Choose two different ones."))
    if kept.hidden != gone.hidden:
        raise CannotMerge(_("One of them is hidden from the public and the other is not."))
    line = {actor.pk for one in (kept, gone) for actor in _before(one)}
    if line & {kept.pk, gone.pk} and not {kept.succeeds_id, gone.succeeds_id} & {kept.pk, gone.pk}:
        raise CannotMerge(_("A body cannot follow itself."))


def _before(actor: Actor) -> Iterable[Actor]:
    """Yield whom it succeeds, all the way back."""
    line = actor.succeeds
    while line is not None:
        yield line
        line = line.succeeds


def _rehang(gone: models.Model, kept: models.Model) -> None:
    """Point every row that names the one to the other. One that the other has already, by a constraint, is not
    doubled."""
    for relation in gone._meta.get_fields(include_hidden=True):
        if not isinstance(relation, models.ManyToOneRel) or isinstance(relation, models.OneToOneRel):
            continue
        rows = relation.related_model._default_manager.filter(**{relation.field.name: gone})
        try:
            with transaction.atomic():
                rows.update(**{relation.field.name: kept})
        except IntegrityError:
            for row in rows:
                try:
                    with transaction.atomic():
                        rows.filter(pk=row.pk).update(**{relation.field.name: kept})
                except IntegrityError:
                    row.delete()


def _columns(row: models.Model) -> dict[str, Any]:
    """Return all columns as JSON holds them."""
    [found] = serializers.serialize("python", [row])
    columns: dict[str, Any] = {"id": row.pk, **found["fields"]}
    return {name: value for name, value in columns.items() if not isinstance(value, list)}
