"""`python -m tests.platforms.serve --port N`: the local platforms as a process, steered by POST /control.

curl -d '{"do": "set", "platform": "bluesky", "handle": "a.bsky.social", "followers": 5400}' http://127.0.0.1:N/control
curl -d '{"do": "fail", "platform": "bluesky", "faults": ["500", "timeout"]}' http://127.0.0.1:N/control
curl -d '{"do": "tune", "latency": 0.02, "invents": true, "keeps_log": false}' http://127.0.0.1:N/control
curl -d '{"do": "ask"}' http://127.0.0.1:N/control
"""

import argparse
import signal
import sys

from tests.platforms.server import PLATFORMS, Server


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--port", type=int, default=0)
    options.add_argument("--latency", type=float, default=0.0, help="seconds before every answer")
    options.add_argument(
        "--invents", action="store_true", help="unknown accounts exist, counts made from names"
    )
    chosen = options.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with Server(chosen.port) as server:
        server.world.latency, server.world.invents = chosen.latency, chosen.invents
        server.world.keeps_log = False
        for name in PLATFORMS:
            sys.stdout.write(f"{name} {server.at(name)}\n")
        sys.stdout.flush()
        try:
            signal.pause()
        except KeyboardInterrupt:
            pass


if __name__ == "__main__":
    main()
