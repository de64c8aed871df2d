#!/usr/bin/env bash
# The service `archive`: a full copy at the first start and every week, what has changed every day; the log comes by archive_command.
set -euo pipefail
pause=${ARCHIVE_PAUSE:-86400} # seconds between two copies
rest() { sleep "$1" & wait $!; }
trap 'exit 0' TERM INT

until pgbackrest --stanza=kzmedia stanza-create; do rest 10; done
while true; do
    # the first is a full one, whatever is asked for
    type=incr
    [[ $(date +%u) != 1 ]] || type=full
    pgbackrest --stanza=kzmedia --type="$type" backup && rest "$pause" ||
        { echo "The copy failed; the next try is in ten minutes." >&2; rest 600; }
done
