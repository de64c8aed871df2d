"""The key that signs: made at the first start, kept under VAR_DIR/ledger, exchanged in the open.

`key` is the one in use; `key.next` waits for the night that vouches for it; `key.until-N` has signed up to number N.
"""

import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from django.conf import settings

PRIVATE = 0o600


def place() -> Path:
    return Path(settings.VAR_DIR) / "ledger"


def current() -> Ed25519PrivateKey:
    """Return the key in use; made where there is none."""
    return _load(_provided("key"))


def announced() -> Ed25519PrivateKey | None:
    """Return the key that is to sign from the next seal on, where one waits."""
    file = place() / "key.next"
    return _load(file) if file.exists() else None


def announce() -> str:
    """Make a new key, which the next seal vouches for and the one after it is signed with; return its public one."""
    return public(_load(_provided("key.next")))


def take_over(number: int) -> None:
    """Put the announced key into use, after seal `number` has vouched for it."""
    (place() / "key").rename(place() / f"key.until-{number}")
    (place() / "key.next").rename(place() / "key")


def public(key: Ed25519PrivateKey) -> str:
    """Return the public key as 64 hexadecimal digits."""
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()


def hand_over(file: Path) -> None:
    """Give what a command of root has written to whom the folder belongs: the worker has to read it."""
    if os.geteuid() == 0:
        owner = place().stat()
        os.chown(file, owner.st_uid, owner.st_gid)


def _load(file: Path) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(file.read_text().strip()))


def _provided(name: str) -> Path:
    """Return the key's file; made, readable by its owner alone, where there is none."""
    file = place() / name
    if not file.exists():
        place().mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = place() / f"{name}.{os.getpid()}.draft"
        draft.touch(mode=PRIVATE)
        made = Ed25519PrivateKey.generate().private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
        draft.write_text(made.hex() + "\n")
        hand_over(draft)
        try:
            os.link(draft, file)  # whoever comes first wins, and nobody reads half a key
        except FileExistsError:
            pass
        draft.unlink()
    return file
