"""Encrypting a backup while it is written, and opening it again: by age or GnuPG, for the holder of a private key.

BACKUP_RECIPIENT is a public key of age (age1...), or a file with one or more public keys, of age or as GnuPG exports them. The
host that makes backups needs no private key; the one that restores does.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from django.conf import settings

from kzmedia.backups.archive import BackupRefused

AGE, GPG = ".age", ".gpg"
OPENPGP = (b"-----BEGIN PGP", b"\x98", b"\x99", b"\xc6")  # how files of GnuPG's public keys begin


def ending() -> str:
    """Return what stands behind .tar in the names of backups: .age, .gpg, or nothing where they are not encrypted."""
    if not settings.BACKUP_RECIPIENT:
        return ""
    return GPG if _is_openpgp(settings.BACKUP_RECIPIENT) else AGE


@contextmanager
def sealed(output: IO[bytes], name: str) -> Iterator[IO[bytes]]:
    """Yield a stream whose content reaches the output encrypted, where the name of the file wants it. Raises BackupRefused."""
    if not name.endswith((AGE, GPG)):
        yield output
        return
    if not settings.BACKUP_RECIPIENT:
        raise BackupRefused(f"BACKUP_RECIPIENT names no public key to encrypt {name} for.")
    with tempfile.TemporaryDirectory(prefix="kzmedia-gpg-") as home:
        process = _started(_encrypting(name), home, stdin=subprocess.PIPE, stdout=output)
        pipe = _pipe(process.stdin)
        try:
            yield pipe
            pipe.flush()
        except BrokenPipeError:
            pass  # it has ended, and says why
        except BaseException:
            process.kill()
            raise
        finally:
            _, errors = process.communicate()  # which ends its input, broken or not
        _look_at(process, errors, "encrypted")


@contextmanager
def opened(place: Path, key: Path | None) -> Iterator[Path]:
    """Yield the backup as a file that can be read: itself, or a private copy decrypted with the key. Raises BackupRefused."""
    if place.suffix not in (AGE, GPG):
        yield place
        return
    if key is None:
        raise BackupRefused(
            f"{place} is encrypted; --key names the file with the private key (BACKUP_KEY for drills)."
        )
    scratch = tempfile.NamedTemporaryFile(dir=settings.VAR_DIR, prefix=".opened-", suffix=".draft")  # noqa: SIM115
    with tempfile.TemporaryDirectory(prefix="kzmedia-gpg-") as home, scratch as copy:
        if place.suffix == GPG:
            _ended(_started(["gpg", "--batch", "--quiet", "--import", str(key)], home), "decrypted")
        words = ["age", "--decrypt", "--identity", str(key), str(place)]
        if place.suffix == GPG:
            words = [
                "gpg",
                "--batch",
                "--quiet",
                "--pinentry-mode",
                "loopback",
                "--passphrase",
                "",
                "--decrypt",
                str(place),
            ]
        _ended(_started(words, home, stdout=copy.file), "decrypted")
        yield Path(copy.name)


def _encrypting(name: str) -> list[str]:
    recipient = settings.BACKUP_RECIPIENT
    if name.endswith(GPG):
        return [
            "gpg",
            "--batch",
            "--quiet",
            "--compress-algo",
            "none",
            "--recipient-file",
            recipient,
            "--encrypt",
        ]
    return ["age", "--recipients-file" if Path(recipient).exists() else "--recipient", recipient]


def _is_openpgp(recipient: str) -> bool:
    place = Path(recipient)
    if not place.is_file():
        return False
    with place.open("rb") as stream:
        return stream.read(16).startswith(OPENPGP)


def _started(
    words: list[str],
    home: str,
    stdin: int = subprocess.DEVNULL,
    stdout: "int | IO[bytes]" = subprocess.DEVNULL,
) -> "subprocess.Popen[bytes]":
    if not shutil.which(words[0]):
        raise BackupRefused(f"The program {words[0]} is not installed: it encrypts and opens backups.")
    return subprocess.Popen(  # noqa: S603  our own words
        words, stdin=stdin, stdout=stdout, stderr=subprocess.PIPE, env=os.environ | {"GNUPGHOME": home}
    )


def _ended(process: "subprocess.Popen[bytes]", what: str) -> None:
    _, errors = process.communicate()
    _look_at(process, errors, what)


def _look_at(process: "subprocess.Popen[bytes]", errors: bytes, what: str) -> None:
    if process.returncode != 0:
        lines = errors.decode(errors="replace").strip().splitlines()
        raise BackupRefused(
            f"The backup could not be {what}: {lines[-1] if lines else 'no reason was given'}"
        )


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise BackupRefused("There is no pipe to the program that encrypts.")
    return pipe
