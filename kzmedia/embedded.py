"""PostgreSQL and a Redis-protocol server from PyPI wheels, for machines that have none."""

import hashlib
import secrets
import tempfile
from pathlib import Path
from typing import Any

SOCKET_LIMIT = 90  # sun_path holds 107 bytes; the servers append a name


def run_dir(var: Path) -> Path:
    """Where the sockets live: var/run, or a short private directory when that path is too long for a socket."""
    if len(str(var / "run").encode()) <= SOCKET_LIMIT:
        return var / "run"
    digest = hashlib.sha256(str(var).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"kzmedia-{digest}"


def database(var: Path) -> dict[str, Any]:
    """Django's settings for the embedded PostgreSQL: a unix socket, no password, only its owner gets in."""
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "kzmedia",
        "USER": "kzmedia",
        "HOST": str(run_dir(var)),
    }


def redis_url(var: Path) -> str:
    return f"unix://{run_dir(var)}/valkey.sock?db=0"


def celery_url(redis: str) -> str:
    """Celery spells a unix socket its own way."""
    return redis.replace("unix://", "redis+socket://").replace("?db=", "?virtual_host=")


def secret_key(var: Path) -> str:
    """A key of this installation, made at the first start and kept beside the data."""
    file = var / "secret_key"
    if not file.exists():
        var.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(50))
    return file.read_text()
