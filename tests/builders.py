"""Short functions that make rows for tests. Names that are not given are made from a counter."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from itertools import count

from apps.registry.models import Account, Actor, Group, Source
from apps.snapshots.models import Precision, Snapshot, Span, State

_number = count(1)

RECORDED = datetime(2026, 1, 1, 12, tzinfo=UTC)


def make_source(key: str = "test-source", kind: str = Source.Kind.API, **fields: object) -> Source:
    """Return the source of this key; made where there is none."""
    return Source.objects.get_or_create(key=key, defaults={"kind": kind, "title": f"Source {key}", **fields})[
        0
    ]


def make_actor(slug: str = "", kind: str = "state_body", **fields: object) -> Actor:
    """Return an actor whose names are made from its slug unless given."""
    slug = slug or f"actor-{next(_number)}"
    names = {f"name_{language}": f"{slug} {language}" for language in ("en", "ru", "kk")}
    return Actor.objects.create(slug=slug, kind=kind, **{**names, **fields})


def make_account(
    actor: Actor | str = "", platform: str = "facebook", handle: str | None = None, **fields: object
) -> Account:
    """Return an account; of a new actor where a slug or nothing is given. handle="" leaves the address missing."""
    if isinstance(actor, str):
        actor = make_actor(actor)
    if handle is None:
        handle = f"{actor.slug}-{next(_number)}"
    return Account.objects.create(actor=actor, platform=platform, handle=handle, **fields)


def snapshot(
    account: Account, observed: str | date, followers: int | None = None, **fields: object
) -> Snapshot:
    """Return a snapshot that is not saved. observed: a date, or "2022-05-01", "2022-05" (month), "2022" (year).

    followers None without a state means absent.
    """
    span = Span.DAY
    if isinstance(observed, str):
        span = {4: Span.YEAR, 7: Span.MONTH, 10: Span.DAY}[len(observed)]
        observed = date.fromisoformat(observed + "-01-01"[: 10 - len(observed)])
    state = State.ABSENT if followers is None else State.COUNTED
    values: dict[str, object] = {
        "day": observed,
        "span": span,
        "state": state,
        "followers": followers,
        "precision": Precision.EXACT,
        "recorded_at": RECORDED,
        **fields,
    }
    if "source" not in values and "source_id" not in values:
        values["source"] = make_source()
    return Snapshot(account=account, **values)


def make_snapshot(
    account: Account, observed: str | date, followers: int | None = None, **fields: object
) -> Snapshot:
    """Return a saved snapshot, written straight into the table; see snapshot()."""
    made = snapshot(account, observed, followers, **fields)
    made.save(force_insert=True)
    return made


def make_snapshots(account: Account, values: dict[str, int | None], **fields: object) -> list[Snapshot]:
    """Return many at once: {"2017": 39000, "2022-01-05": 64000}."""
    return Snapshot.objects.bulk_create(
        [snapshot(account, observed, followers, **fields) for observed, followers in values.items()]
    )


def make_group(
    slug: str = "", members: Iterable[Actor] = (), reference: Actor | None = None, **fields: object
) -> Group:
    slug = slug or f"group-{next(_number)}"
    titles = {f"title_{language}": f"{slug} {language}" for language in ("en", "ru", "kk")}
    group = Group.objects.create(slug=slug, reference=reference, **{**titles, **fields})
    group.members.set(members)
    return group
