"""The worker that reads platforms, sends messages and writes backups: python -m kzmedia.processes.worker

As `celery -A kzmedia worker` and its options, without Celery's command line: that brings a shell with a line editor, 11 MB and a
third of a second in each process.
"""

import gc
import os
import sys
from typing import Any

from celery import Celery
from celery.utils.nodenames import default_nodename, host_format


def run(app: Celery, *, name: str = "celery", **options: Any) -> int:
    """Work until stopped; the exit code. The options are those of Celery's worker."""
    worker = app.Worker(
        hostname=host_format(default_nodename(f"{name}@%h")),
        loglevel="INFO",
        without_gossip=True,
        without_mingle=True,
        **options,
    )
    worker.start()
    return worker.exitcode or 0


def provide_key() -> None:
    """See that the key which signs the ledger is there from the first start on: its public half can be kept from then."""
    from apps.ledger import keys

    try:
        keys.current()
    except OSError as error:
        print(f"The ledger's key cannot be made: {error}. Nothing is sealed until it can.", file=sys.stderr)  # noqa: T201


if __name__ == "__main__":
    gc.disable()  # until all is loaded (kzmedia/celery.py): looking through it again and again takes a tenth of the time
    import django

    from kzmedia import schema
    from kzmedia.celery import app

    django.setup()
    schema.wait_until_prepared("worker")
    provide_key()
    os.umask(0o027)  # what it writes is for its owner and group
    sys.exit(run(app, pool_cls="prefork"))
