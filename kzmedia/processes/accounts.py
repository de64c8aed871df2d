"""The users that the parts of a site run as when root starts them, and what each of them owns.

    kzmedia            prepares the database and the static files
    kzmedia-web        serves pages and takes uploads
    kzmedia-worker     reads platforms, writes editions and backups
    kzmedia-beat       the clock
    kzmedia-pictures   draws: reaches the broker alone, neither the database nor what people have sent

PostgreSQL and Valkey run as `nobody` (kzmedia/processes/embedded.py). What several of the first four need belongs to the group
kzmedia. Whoever may reach the broker and the pictures is in the group kzmedia-pictures: it is the narrower right.
"""

import os
import pwd
import shutil
import stat
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from kzmedia.processes import embedded, starters
from kzmedia.secret_files import SECRETS

SITE, PICTURES, WORKER = "kzmedia", "kzmedia-pictures", "kzmedia-worker"
ROOT = 0
# Under VAR_DIR: whose each folder is. All of a group may write in them, others do not look in.
PLACES = {
    "run": SITE, "media": SITE, "editions": SITE, "packages": SITE, "backups": SITE, "static": SITE, "vendor": SITE,
    "pictures": PICTURES, "ledger": WORKER,
}  # fmt: skip
PARTS_OF = {PICTURES: "pictures", WORKER: "worker"}
SHARED = stat.S_ISGID | 0o770
OPEN = {
    "static": stat.S_ISGID | 0o775, "vendor": stat.S_ISGID | 0o775, "run": stat.S_ISGID | 0o775,
    "ledger": 0o700,  # the key that signs is the worker's alone
}  # fmt: skip


@dataclass(frozen=True)
class Account:
    """A user, and the groups it is in besides its own."""

    user: pwd.struct_passwd
    groups: tuple[int, ...] = ()


def create() -> None:
    """Create the users that are missing, without a home, a shell or a password; where that cannot be, `nobody` stands in."""
    if not shutil.which("useradd") or not shutil.which("groupadd"):
        return
    for name in (SITE, *(f"{SITE}-{part}" for part in starters.PARTS)):
        if not _known(name):
            group = name if name in (SITE, PICTURES) else SITE
            _run("groupadd", "--system", "--force", group)
            _run(
                "useradd", "--system", "--no-create-home", "--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin",
                "--gid", group, name,
            )  # fmt: skip
    embedded_group.cache_clear()


def of(part: str) -> Account:
    """Return who a part runs as; "prepare" is a part here."""
    name = SITE if part == "prepare" else f"{SITE}-{part}"
    user = _known(name)
    if user is None:
        return Account(pwd.getpwnam(embedded.UNPRIVILEGED))
    pictures = _known(PICTURES)
    return Account(user, (pictures.pw_gid,) if pictures and part != "pictures" else ())


def names() -> list[str]:
    """Return the names of the users that may speak to the database."""
    return sorted({of(part).user.pw_name for part in ("prepare", "web", "worker", "beat")})


@cache
def embedded_group() -> int | None:
    """Return the group that may reach the sockets of the embedded servers; None where there is none."""
    user = _known(PICTURES)
    return user.pw_gid if user else None


def hand_over(var: Path) -> None:
    """Give each user what it needs of VAR_DIR, also what was written when all ran as root."""
    site = of("prepare").user
    # Its group is the one that all parts are in.
    _own(var, ROOT, of("pictures").user.pw_gid, var.stat().st_mode | stat.S_IXGRP | stat.S_IRGRP)
    for name, owner in PLACES.items():
        user = of(PARTS_OF[owner]).user if owner in PARTS_OF else site
        place = (var / name).resolve()  # a link to storage that hosts share is as good
        place.mkdir(exist_ok=True)
        for folder in (place, *_folders(place)):
            _own(folder, user.pw_uid if _is_roots(folder) else -1, user.pw_gid, OPEN.get(name, SHARED))
        for file in _files(place):
            if _is_roots(file):
                with suppress(PermissionError):
                    os.chown(file, user.pw_uid, user.pw_gid, follow_symlinks=False)
                    if name == "run":  # written by more than one of them
                        file.chmod(stat.S_IMODE(file.stat().st_mode) | stat.S_IRGRP | stat.S_IWGRP)
    key = var / "secret_key"
    if key.exists():
        _own(key, ROOT, site.pw_gid, 0o640)
    backups = Path(os.environ.get("BACKUP_DIR") or var / "backups")
    if backups.is_dir() and _is_roots(backups):
        _own(backups, ROOT, site.pw_gid, SHARED)


def env(part: str, whole: Mapping[str, str]) -> dict[str, str]:
    """Return what of the environment a part is handed: the one that draws gets none of the secrets but its broker's."""
    if part != "pictures":
        return dict(whole)
    kept = {
        name: text for name, text in whole.items() if name not in set(SECRETS) - {"REDIS_URL", "SENTRY_DSN"}
    }
    return kept | {"SECRET_KEY": "of no use to drawing"}


def _own(place: Path, uid: int, gid: int, mode: int) -> None:
    """Give a place away, where that may be: storage of another host may not let its folders be given away by our root."""
    with suppress(PermissionError):
        os.chown(place, uid, gid, follow_symlinks=False)
        place.chmod(stat.S_IMODE(mode))


def _is_roots(place: Path) -> bool:
    return place.lstat().st_uid == ROOT


def _folders(root: Path) -> Iterator[Path]:
    for folder, names, _files_in in os.walk(root):
        for name in names:
            if not (path := Path(folder, name)).is_symlink():
                yield path


def _files(root: Path) -> Iterator[Path]:
    for folder, _names, files in os.walk(root):
        yield from (Path(folder, name) for name in files)


def _known(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def _run(*words: str) -> None:
    subprocess.run(words, check=False, capture_output=True)  # noqa: S603  our own words
