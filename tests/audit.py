"""`python -m tests.audit`: known weaknesses of the packages we install, asked for once a day.

Ends with 1 only where a weakness is known. Where the service that knows them cannot be reached, or does not know our
packages, that is said and nothing is claimed.
"""

import json
import subprocess
import sys
import time
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / "requirements.txt"
DAY = 24 * 3600
SECONDS = 60  # for the whole question


def stamp() -> Path:
    """Of these very packages; a change of any is asked about at once."""
    return ROOT / ".venv/stamps" / f"audited-{sha256(REQUIREMENTS.read_bytes()).hexdigest()[:16]}"


def ask() -> str:
    """Return what pip-audit prints; empty where it could not ask."""
    command = [
        sys.executable, "-m", "pip_audit", "-r", str(REQUIREMENTS), "--disable-pip", "--no-deps",
        "--format", "json", "--progress-spinner", "off", "--timeout", "5",
    ]  # fmt: skip
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False).stdout  # noqa: S603
    except subprocess.TimeoutExpired:
        return ""


def verdict(printed: str) -> tuple[int, str]:
    """Return the exit status, and what to say."""
    try:
        packages = json.loads(printed)["dependencies"]
    except (ValueError, KeyError):
        return (
            0,
            "pip-audit: the service of known weaknesses was not reached; nothing is known of our packages.",
        )
    weak = [
        f"{package['name']} {package['version']}: {one['id']}, mended in {', '.join(one['fix_versions']) or 'none yet'}"
        for package in packages
        for one in package.get("vulns", ())
    ]
    if weak:
        return 1, "\n".join(["pip-audit: known weaknesses.", *weak])
    asked = sum("vulns" in package for package in packages)
    if not asked:
        return (
            0,
            f"pip-audit: the service knows none of our {len(packages)} packages; nothing is known of them.",
        )
    return 0, f"pip-audit: {asked} of {len(packages)} packages asked about, no weakness known."


def main() -> int:
    place = stamp()
    if place.exists() and time.time() - place.stat().st_mtime < DAY:
        print(place.read_text())  # noqa: T201
        return 0
    status, said = verdict(ask())
    print(said)  # noqa: T201
    if status == 0:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(said)
    return status


if __name__ == "__main__":
    sys.exit(main())
