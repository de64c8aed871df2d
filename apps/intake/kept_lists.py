"""Lists of accounts between looking and saving: where they are kept, whose they are, and what was shown of them."""

import json
import time
import uuid
from collections.abc import Sequence
from typing import Any, BinaryIO, Final

from django.core.signing import BadSignature, Signer

from apps.common import file_store, grids
from apps.common.grids import Kept
from apps.intake import bulk_add
from apps.intake.answers import Answers
from apps.intake.bulk_add import ListedAccount

LISTS: Final = "media/lists"
KEPT_SECONDS = 7 * 24 * 3600  # a list that was looked at and not saved
_SIGNER = Signer(salt="lines that have a verdict")


def keep(content: BinaryIO | str, owner: int) -> tuple[Kept, str]:
    """Keep a list for one person; return it with the token by which the next step finds it. Raises NoTable.

    Those of a week ago go.
    """
    lists = file_store.place_of(LISTS)
    for old in lists.glob("*") if lists.exists() else ():
        if old.stat().st_mtime < time.time() - KEPT_SECONDS:
            file_store.remove_folder(f"{LISTS}/{old.name}")
    name = uuid.uuid4().hex
    kept = bulk_add.keep_list(content, lists / name)
    file_store.share_folder(f"{LISTS}/{name}")
    return kept, _SIGNER.sign(f"{name}:{owner}")


def find(token: str, owner: int) -> Kept | None:
    """Return the list of an earlier step; None where it is gone or another person's."""
    try:
        name, _colon, whose = _SIGNER.unsign(token).partition(":")
    except BadSignature:
        return None
    if whose != str(owner):
        return None
    folder = file_store.fetch_folder(f"{LISTS}/{name}")
    return grids.open_kept(folder) if folder.exists() else None


def seal(lines: Sequence[ListedAccount], answers: Answers, *, kind: str) -> str:
    """Return a mark of the verdicts that are shown; it is another one as soon as any of them is."""
    said = [answers.as_json(), kind]
    shown: list[Any] = [
        [
            line.number,
            line.text,
            line.verdict,
            line.names,
            line.kind,
            line.group_slug,
            str(line.target),
            line.actor and line.actor.pk,
        ]
        for line in lines
    ]
    return _SIGNER.signature(json.dumps([said, shown], sort_keys=True, default=str))
