"""Places of the embedded PostgreSQL and Valkey: directories, sockets and the user they run as.

Every process works the same places out from VAR_DIR alone, so another shell reaches the running servers.
kzmedia.processes.servers starts them; nothing here does.
"""

import hashlib
import importlib.util
import os
import pwd
import secrets
import ssl
import stat
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

BASE_DIR = Path(__file__).resolve().parent.parent.parent
PLACE = "EMBEDDED_SERVERS"  # set by the supervisor for its parts, which as other users would work out another place
SOCKET_LIMIT = 85  # sun_path holds 103 to 107 bytes; PostgreSQL appends 16
UNPRIVILEGED = "nobody"


def var_dir() -> Path:
    """Return VAR_DIR as an absolute path: everything that runs or grows; `var` beside the code where it is not set."""
    return Path(os.environ.get("VAR_DIR") or BASE_DIR / "var").resolve()


def site_url(var: Path) -> str:
    """Return where the site of this installation was last started, as http://host:port; the usual place before that.

    Whoever invites from another terminal does not know which PORT the site was given.
    """
    written = address_file(var)
    return written.read_text().strip() if written.exists() else "http://127.0.0.1:8000"


def address_file(var: Path) -> Path:
    """Return the file in which `manage.py up` leaves the site's address."""
    return var / "run" / "address"


def server_user(var: Path) -> pwd.struct_passwd | None:
    """Return the user the servers run as when root starts them; None when they run as whoever starts them.

    PostgreSQL refuses root. Data that an ordinary user has begun stays theirs.
    """
    if os.geteuid() != 0:
        return None
    cluster = var / "postgres"
    if cluster.exists() and (uid := cluster.stat().st_uid) != 0:
        return pwd.getpwuid(uid)
    return pwd.getpwnam(UNPRIVILEGED)


def server_dir(var: Path) -> Path:
    """Return where the servers keep their files: VAR_DIR, or below /var/lib when their user cannot get into VAR_DIR."""
    if place := os.environ.get(PLACE):
        return Path(place)
    user = server_user(var)
    if user is None:
        return var
    var.mkdir(parents=True, exist_ok=True)
    return var if is_reachable(var, user) else Path(f"/var/lib/kzmedia-{_digest(var)}")


def run_dir(var: Path) -> Path:
    """Return where the sockets live: beside the data, or a short private directory when that path is too long."""
    place = server_dir(var) / "sockets"
    if len(str(place).encode()) <= SOCKET_LIMIT:
        return place
    # Not tempfile.gettempdir(): another shell may have another TMPDIR. kzmedia.processes.servers checks whose it is.
    return Path(f"/tmp/kzmedia-{_digest(var)}")  # noqa: S108


def database(var: Path) -> dict[str, Any]:
    """Return Django's settings for the embedded PostgreSQL: a unix socket, no password, only its owner gets in."""
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "kzmedia",
        "USER": "kzmedia",
        "HOST": str(run_dir(var)),
    }


def redis_url(var: Path) -> str:
    return f"unix://{run_dir(var)}/valkey.sock?db=0"


def celery_url(redis: str) -> str:
    """Spell a unix socket as Celery does."""
    return redis.replace("unix://", "redis+socket://").replace("?db=", "?virtual_host=")


def celery_tls(redis: str) -> dict[str, Any] | None:
    """Return how Celery speaks TLS to a rediss:// server, whose certificate and name are verified; None without TLS.

    A certificate authority of one's own is named in the address: rediss://host:6380/0?ssl_ca_certs=/path.
    """
    split = urlsplit(redis)
    if split.scheme != "rediss":
        return None
    authority = {name: path for name, path in parse_qsl(split.query) if name == "ssl_ca_certs"}
    return {"ssl_cert_reqs": ssl.CERT_REQUIRED, "ssl_check_hostname": True, **authority}


def secret_key(var: Path) -> str:
    """Return a key of this installation, made at the first start and kept beside the data."""
    file = var / "secret_key"
    if not file.exists():
        var.mkdir(parents=True, exist_ok=True)
        draft = var / f"secret_key.{os.getpid()}"
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(50))
        try:
            os.link(draft, file)  # whoever comes first wins, and nobody reads half a key
        except FileExistsError:
            pass
        draft.unlink()
    return file.read_text()


def package_dir(name: str) -> Path:
    """Return where an installed package lies, without importing it. Raises ModuleNotFoundError."""
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(name)
    return Path(spec.submodule_search_locations[0])


def is_reachable(path: Path, user: pwd.struct_passwd) -> bool:
    """Tell whether the user may enter (a directory) or run (a file) the path and enter everything above it."""
    return all(may_enter(step, user) for step in (path, *path.parents))


def may_enter(path: Path, user: pwd.struct_passwd) -> bool:
    """Tell whether the user may enter this folder, or run this file, once there."""
    state = path.stat()
    if state.st_uid == user.pw_uid:
        return bool(state.st_mode & stat.S_IXUSR)
    if state.st_gid == user.pw_gid:
        return bool(state.st_mode & stat.S_IXGRP)
    return bool(state.st_mode & stat.S_IXOTH)


def _digest(var: Path) -> str:
    return hashlib.sha256(str(var).encode()).hexdigest()[:12]
