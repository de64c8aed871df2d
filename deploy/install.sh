#!/usr/bin/env bash
# A host without Docker: KZMedia as a service of systemd, run as root:
#   git clone ADDRESS /opt/kzmedia && /opt/kzmedia/deploy/install.sh
#
# Makes the users of the parts, the Python environment, /etc/kzmedia.env and the units; starts the site. Run again after `git pull`, it
# upgrades: the environment first, while the site runs on, then the service starts anew. Data are in /var/lib/kzmedia.
#   ONLY=web,worker   the parts of this host, where several share the work (docs/operations.md)
set -euo pipefail
[[ $EUID == 0 ]] || { echo "Run it as root."; exit 1; }
code=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
data=${DATA:-/var/lib/kzmedia}
settings=${SETTINGS:-/etc/kzmedia.env}
units=${UNITS:-/etc/systemd/system}

case $code in /root/* | /home/*) echo "Clone it to /opt/kzmedia: $code is closed to the parts of the site."; exit 1 ;; esac
command -v make >/dev/null || { echo "make is missing: apt install make python3-venv"; exit 1; }
umask 022
cd "$code"
make setup
.venv/bin/python -m compileall -q apps kzmedia
.venv/bin/python -c "from kzmedia.processes import accounts; accounts.create()"
install -d -m 750 -g kzmedia-pictures "$data"
if [[ ! -e $settings ]]; then
    install -m 600 /dev/null "$settings"
    cat >"$settings" <<END
# README.md has the table of names. Behind a proxy with TLS: BEHIND_TLS=1, and the site's name.
ALLOWED_HOSTS=localhost
BEHIND_TLS=0
PORT=8000
VAR_DIR=$data
SECRET_KEY=$(.venv/bin/python -c "import secrets; print(secrets.token_urlsafe(50))")
END
fi
sed -e "s|@CODE@|$code|g" -e "s|@DATA@|$data|g" -e "s|@SETTINGS@|$settings|g" \
    -e "s|@ONLY@|${ONLY:+ --only $ONLY}|g" deploy/kzmedia.service >"$units/kzmedia.service"
if [[ -d /run/systemd/system ]]; then
    systemctl daemon-reload
    systemctl enable --quiet kzmedia
    systemctl restart kzmedia
    echo "It starts: systemctl status kzmedia; journalctl -u kzmedia; logs of the parts in $data/log."
else
    echo "systemd does not run here; the unit is $units/kzmedia.service."
fi
echo "First admin: set -a; . $settings; $code/.venv/bin/python $code/manage.py invite you@example.kz --role admin"
