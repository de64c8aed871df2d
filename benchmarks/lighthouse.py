"""What Lighthouse says of the pages that people open most: `make bench`, on a database that pages can be made of.

gunicorn serves them as an installation does; every page is asked for once, so that it is kept, then measured as a slow
phone by Lighthouse (benchmarks/package.json) in the Chromium of this machine: three runs, their median. 95 is asked for
in each of the three categories. With --why, what it holds against a page is printed too.
"""

# ruff: noqa: T201, S603  the answer is printed; our own words

import argparse
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import Any

import httpx
from pages import addresses, prepare, site

HERE = Path(__file__).parent
LIGHTHOUSE = HERE / "node_modules/lighthouse/cli/index.js"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
CATEGORIES = ("performance", "accessibility", "best-practices")
PAGES = ("overview", "standings", "actor", "compare, six")
LEAST = 95
RUNS = 3
PATIENCE = 120  # seconds of one run


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="pages whose name begins with this")
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--why", action="store_true", help="print what is held against a page")
    asked = parser.parse_args()
    chromium = next((path for name in CHROMIUM if (path := shutil.which(name))), None)
    node = shutil.which("node")
    if not (chromium and node and LIGHTHOUSE.exists()):
        print("Lighthouse is left out: it needs Node, Chromium, and `npm ci` in benchmarks/.")
        return 0
    prepare()
    print(f"{'':16}" + "".join(f"{name:>16}" for name in CATEGORIES), flush=True)
    low = False
    with site() as base:
        for name, address in addresses().items():
            if name not in PAGES or not name.startswith(asked.only):
                continue
            there = base + address.format("ru")
            httpx.get(there, timeout=60, follow_redirects=True, trust_env=False)
            found = [run(node, chromium, there) for _ in range(asked.runs)]
            scores = [median(score(one, category) for one in found) for category in CATEGORIES]
            low = low or min(scores) < LEAST
            print(
                f"{name:16}" + "".join(f"{made:16.0f}" for made in scores) + "   " + times(found[-1]),
                flush=True,
            )
            if asked.why:
                print("\n".join(f"    {line}" for line in against(found[-1])))
    return int(low)


def run(node: str, chromium: str, address: str) -> dict[str, Any]:
    made = subprocess.run(
        [
            node,
            str(LIGHTHOUSE),
            address,
            "--quiet",
            "--output=json",
            f"--only-categories={','.join(CATEGORIES)}",
            "--chrome-flags=--headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage",
        ],
        env={**os.environ, "CHROME_PATH": chromium},
        capture_output=True,
        check=True,
        timeout=PATIENCE,
    )
    report: dict[str, Any] = json.loads(made.stdout)
    return report


def score(report: dict[str, Any], category: str) -> float:
    return 100 * float(report["categories"][category]["score"] or 0)


def times(report: dict[str, Any]) -> str:
    """Return first and largest paint, blocking, shift: what performance is made of."""
    names = (
        "first-contentful-paint",
        "largest-contentful-paint",
        "total-blocking-time",
        "cumulative-layout-shift",
    )
    return ", ".join(f"{name.replace('-', ' ')} {report['audits'][name]['displayValue']}" for name in names)


def against(report: dict[str, Any]) -> list[str]:
    """Return everything that is not as it should be, with the first things it was found at."""
    found = []
    for audit in report["audits"].values():
        if audit.get("score") is not None and audit["score"] < 1:
            items = list((audit.get("details") or {}).get("items") or [])
            found.append(
                f"{audit['score']:.2f} {audit['id']}: {audit['title']} {audit.get('displayValue', '')}"
            )
            found += [f"         {json.dumps(item, ensure_ascii=False)[:300]}" for item in items[:3]]
    return found


if __name__ == "__main__":
    sys.exit(main())
