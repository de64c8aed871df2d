#!/usr/bin/env bash
# An installation with Docker: fetch the release, build it beside the running one, back up, change over. `make upgrade` calls it.
#
# Readers are answered by the old release until the tables are to be changed; from then on, for some seconds, the proxy shows its page
# in three languages. An upgrade that fails goes back by itself, to the old image and, where tables were changed, to the backup.
#   UPGRADE_TO   a tag or a commit; without it what `git pull` brings
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

BACKUP=var/backups/before-upgrade.tar
WAIT=${UPGRADE_SECONDS:-180} # until the new release has to be healthy

say() { printf '%s  %s\n' "$(date +%H:%M:%S)" "$*"; }
release_in_env() { sed -n 's/^RELEASE=//p' .env 2>/dev/null | tail -n 1; }
remember() { # the release whose image every later `docker compose up` takes
    touch .env
    sed -i '/^RELEASE=/d' .env
    printf 'RELEASE=%s\n' "$1" >>.env
    export RELEASE=$1
}
healthy() { docker compose up --detach --no-build --remove-orphans --wait --wait-timeout "$WAIT"; }
# Of these services alone: with the others Compose 2.26 makes the proxy anew too, and readers meet a refused connection.
change_over() { docker compose up --detach --no-build --no-deps --wait --wait-timeout "$WAIT" "$@"; }

undo_files() {
    git checkout --quiet "$old_commit" 2>/dev/null
    remember "$old"
}

# A function, which is read whole: the release that is fetched brings another file of this name.
main() {
    old_commit=$(git rev-parse HEAD)
    old=$(release_in_env)
    old=${old:-latest}
    if [[ -n ${UPGRADE_TO:-} ]]; then
        git fetch --quiet --tags
        git checkout --quiet "$UPGRADE_TO"
    else
        git pull --ff-only
    fi
    new=$(git rev-parse --short=12 HEAD)
    caddy_changed=$(git diff --name-only "$old_commit" HEAD -- Caddyfile)
    compose_changed=$(git diff --name-only "$old_commit" HEAD -- docker-compose.yml)

    say "Building kzmedia:$new ..."
    if ! RELEASE=$new docker compose build web postgres; then
        undo_files
        say "The image could not be built; nothing was changed."
        exit 1
    fi

    if ! docker compose ps --status running --services | grep -qx web; then
        remember "$new"
        healthy
        say "It runs $new; nothing was running before."
        exit 0
    fi

    changes_tables=no
    RELEASE=$new docker compose run --rm --no-deps -T migrate python manage.py migrate --check >/dev/null || changes_tables=yes
    say "Writing $BACKUP ..."
    RELEASE=$old docker compose stop --timeout 30 beat worker
    if ! RELEASE=$old docker compose run --rm --no-deps -T worker python manage.py backup "$BACKUP"; then
        undo_files
        docker compose up --detach --no-build worker beat
        say "The backup could not be written; the old release runs on."
        exit 1
    fi

    remember "$new"
    began=$(date +%s)
    verdict=0
    if [[ $changes_tables == yes ]]; then
        say "Changing over; readers see the proxy's page ..."
        docker compose stop --timeout 5 web
    fi
    docker compose run --rm --no-deps -T migrate || verdict=1
    [[ $verdict == 1 ]] || change_over web || verdict=1
    say "web: $(($(date +%s) - began)) s"
    [[ $verdict == 1 ]] || change_over worker beat pictures || verdict=1
    [[ $verdict == 1 || -z $compose_changed ]] || healthy || verdict=1

    if [[ $verdict == 1 ]]; then
        say "The new release does not run. Going back to $old ..."
        docker compose stop --timeout 5 web worker beat pictures
        undo_files
        if [[ $changes_tables == yes ]]; then
            docker compose run --rm --no-deps -T worker python manage.py restore "$BACKUP" --replace
        fi
        healthy
        say "The old release runs again. What went wrong: docker compose logs migrate web"
        exit 1
    fi
    # A file that is mounted alone stays the old one until its container starts anew.
    [[ -z $caddy_changed ]] || docker compose up --detach --no-build --no-deps --force-recreate proxy
    say "It runs $new. Back by hand: UPGRADE_TO=$old_commit make upgrade, and restore $BACKUP where tables were changed."
}

main
exit
