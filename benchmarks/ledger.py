"""What checking a long past costs: `.venv/bin/python benchmarks/ledger.py [ACCOUNTS NIGHTS]`, without a database.

Writes a ledger of as many seals as nights, a count of every account in each and a late reading in every tenth, with the
snapshots.csv that it stands for, then lets tools/verify.py check both as readers do. More than 120 s of a processor or
300 MB end with status 1, and so does a verdict that is not "as it was sealed".
"""

# ruff: noqa: T201  the answer is printed

import gzip
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tools import verify  # noqa: E402  found by the line before

SECONDS, MEMORY = 120, 300  # of a processor; MB
FIRST = date(2016, 1, 1)
HEAD = "day,span,actor_slug,actor_name,kind,platform,handle,account_id,state,bound,followers,precision,observed_at,source,locator,note\n"


def main() -> int:
    accounts, nights = map(int, sys.argv[1:3] or ("4000", "3650"))
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as place:
        ledger, table = Path(place) / "ledger.txt.gz", Path(place) / "snapshots.csv"
        began = time.perf_counter()
        days = [(FIRST + timedelta(days=number)).isoformat() for number in range(nights + 1)]
        write_ledger(ledger, accounts, days)
        write_table(table, accounts, days)
        sizes = f"{ledger.stat().st_size / 1e6:,.0f} and {table.stat().st_size / 1e6:,.0f} MB"
        print(
            f"{nights:,} seals, {accounts:,} accounts: {sizes}, written in {time.perf_counter() - began:.0f} s"
        )
        return check(ledger, table)


def check(ledger: Path, table: Path) -> int:
    """Let the verifier check the file as a whole; return the exit status."""
    began = time.perf_counter()
    command = [
        sys.executable,
        "-I",
        "-S",
        str(ROOT / "tools" / "verify.py"),
        str(ledger),
        str(table),
        "--whole",
    ]
    done = subprocess.run(command, check=False)  # noqa: S603 our own words
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds, memory = used.ru_utime + used.ru_stime, used.ru_maxrss / 1024
    print(f"{seconds:.1f} s of a processor, {time.perf_counter() - began:.1f} s, {memory:.0f} MB at most"
          f"   limits {SECONDS} s, {MEMORY} MB")  # fmt: skip
    return int(done.returncode != 0 or seconds > SECONDS or memory > MEMORY)


def is_late(account: int, day: int) -> bool:
    """Tell whether the account was read again after the night that sealed the day."""
    return day % 10 == 0 and account == day % 977


def row(account: int, day: int, days: list[str], hour: str = "13") -> str:
    """Return the cells from day to note that a count has in both files."""
    followers = 1000 + account * 37 % 90_000 + day * (account % 7)
    return f"counted\t=\t{followers}\texact\t{days[day]}T{hour}:{account % 60:02}:07Z\tapi-facebook\t\t"


def write_ledger(file: Path, accounts: int, days: list[str]) -> None:
    private = Ed25519PrivateKey.generate()
    key = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()
    before = verify.NOTHING
    with gzip.open(file, "wb", compresslevel=1) as packed:
        for day in range(len(days) - 1):
            lines = sorted(lines_of_night(accounts, day, days))
            tree = verify.Tree()
            verify.add_all(tree, verify.leaves_of(lines))
            header = verify.Header(day + 1, days[day + 1], len(lines), tree.root().hex(), before, key)
            before = header.head
            told = {"header": header.text, "signature": private.sign(header.text.encode()).hex()}
            packed.write(f"=seal {json.dumps(told)}\n".encode() + b"".join(line + b"\n" for line in lines))
        for account in range(accounts):
            packed.write(f"=account {account} facebook:{account}\n".encode())


def lines_of_night(accounts: int, day: int, days: list[str]) -> Iterator[bytes]:
    for account in range(accounts):
        if day == 0:
            yield verify.line_of(["account", f"facebook:{account}", *described(account)])
        hour = "09" if is_late(account, day) else "13"
        yield f"row\tfacebook:{account}\t{days[day]}\tday\t{row(account, day, days, hour)}".encode()
        if day and is_late(account, day - 1):
            start = f"row\tfacebook:{account}\t{days[day - 1]}\tday\t"
            yield (start + row(account, day - 1, days)).encode()
            gone = verify.leaf((start + row(account, day - 1, days, "09")).encode())
            yield verify.line_of(["gone", gone.hex(), "later"])


def described(account: int) -> list[str]:
    return [
        "facebook",
        f"page{account}",
        str(account),
        f"actor-{account}",
        "blogger",
        *[f"Actor {account}"] * 3,
    ]


def write_table(file: Path, accounts: int, days: list[str]) -> None:
    last = len(days) - 2  # its late reading is not sealed yet
    with file.open("w", buffering=1 << 20) as table:
        table.write(HEAD)
        for account in range(accounts):
            middle = f",day,actor-{account},Actor {account},blogger,facebook,page{account},{account},"
            for day in range(last + 1):
                hour = "09" if day == last and is_late(account, day) else "13"
                table.write(f"{days[day]}{middle}{row(account, day, days, hour)}\n".replace("\t", ","))


if __name__ == "__main__":
    sys.exit(main())
