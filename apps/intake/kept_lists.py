"""Lists of accounts between looking and saving: where they are kept, whose they are, and what was shown of them."""

import json
import shutil
import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.core.signing import BadSignature, Signer

from apps.common import grids
from apps.common.grids import Kept
from apps.intake import bulk_add
from apps.intake.answers import Answers
from apps.intake.bulk_add import ListedAccount

KEPT_SECONDS = 7 * 24 * 3600  # a list that was looked at and not saved
_SIGNER = Signer(salt="lines that have a verdict")


def keep(content: BinaryIO | str, owner: int) -> tuple[Kept, str]:
    """Keep a list for one person; return it with the token by which the next step finds it. Raises NoTable.

    Those of a week ago go.
    """
    lists = _lists()
    for old in lists.glob("*") if lists.exists() else ():
        if old.stat().st_mtime < time.time() - KEPT_SECONDS:
            shutil.rmtree(old, ignore_errors=True)
    folder = lists / uuid.uuid4().hex
    return bulk_add.keep_list(content, folder), _SIGNER.sign(f"{folder.name}:{owner}")


def find(token: str, owner: int) -> Kept | None:
    """Return the list of an earlier step; None where it is gone or another person's."""
    try:
        name, _colon, whose = _SIGNER.unsign(token).partition(":")
    except BadSignature:
        return None
    if whose != str(owner) or not (_lists() / name).exists():
        return None
    return grids.open_kept(_lists() / name)


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


def _lists() -> Path:
    return Path(settings.VAR_DIR) / "media" / "lists"
