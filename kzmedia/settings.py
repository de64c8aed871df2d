"""All settings, read from the environment; README.md has the table of names, tests/test_readme.py holds it true."""

import sys
from pathlib import Path
from typing import Any

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _
from kombu import Queue
from redis.backoff import NoBackoff
from redis.retry import Retry

from apps.collectors.platforms import PLATFORMS
from apps.common.secrecy import Blank
from kzmedia import platform_access, schedule, secret_files
from kzmedia.environment import LOG_LEVELS, PRIVATE_NETWORKS, Environment, WrongSettings
from kzmedia.monitoring import error_reports, log_settings
from kzmedia.processes import embedded

BASE_DIR = Path(__file__).resolve().parent.parent
TESTING = "pytest" in sys.modules

try:
    secret_files.read()
except ImproperlyConfigured as error:
    raise WrongSettings(str(error)) from None
env = Environment()

# Tests never touch an installation's data, whatever the environment says.
VAR_DIR = BASE_DIR / "var" / "test" if TESTING else embedded.var_dir()

# Safety

DEBUG = env.flag("DEBUG")
SECRET_KEY = env.text("SECRET_KEY") or embedded.secret_key(VAR_DIR)
SECRET_KEY_FALLBACKS = env.texts("SECRET_KEY_FALLBACKS")
ALLOWED_HOSTS = env.hosts("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.origins("CSRF_TRUSTED_ORIGINS")
BEHIND_TLS = env.flag("BEHIND_TLS")
PROXIES = env.whole(
    "PROXIES", default=1 if BEHIND_TLS else 0, most=10
)  # of our own, whose X-Forwarded-For is believed
PROXY_NETWORKS = env.networks("PROXY_NETWORKS", default=PRIVATE_NETWORKS)
HSTS_SECONDS = env.whole("HSTS_SECONDS", default=31_536_000, most=315_360_000)
if BEHIND_TLS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz|metrics)$"]  # asked from inside, without TLS
    SECURE_HSTS_SECONDS = HSTS_SECONDS
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    # Bound to this host and this path, and to nothing a neighbouring name could set.
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = BEHIND_TLS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
# Whether browsers are to know the name before the first visit is for the owner of the domain to decide.
SILENCED_SYSTEM_CHECKS = ["security.W021"]
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
FILE_UPLOAD_PERMISSIONS, FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o640, 0o770
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
LARGEST_REQUEST = 64 * 1024 * 1024  # bytes, files included; each page that takes files asks for less

# How often a network (/24, /56) may ask without having signed in (https://limits.readthedocs.io)

PAGE_RATES = {
    "PAGES": env.rate("RATE_PAGES", default="900/minute"),
    "SEARCH": env.rate("RATE_SEARCH", default="120/minute"),
    "FILES": env.rate("RATE_FILES", default="120/minute"),
    "FREEZE": env.rate("RATE_FREEZE", default="5/hour;10/day"),
    "SIGN_IN": env.rate("RATE_SIGN_IN", default="60/minute;600/hour"),
}

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],  # Plotly draws a PNG by way of a blob
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# Apps

INSTALLED_APPS = [
    "allauth",  # before apps.users, which takes their tables out of the admin: they hold secrets
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "kzmedia",
    "apps.users",
    "apps.tracking",  # migrations of before its tables moved into the four rooms below and the desk
    "apps.registry",
    "apps.snapshots",
    "apps.collecting",
    "apps.intake",
    "apps.ledger",
    "apps.context",
    "apps.standings",
    "apps.figures",
    "apps.exports",
    "apps.alerts",
    "apps.backoffice",
    "apps.dashboard",
    "apps.api",
    "kzmedia.admin_site.DeskConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sitemaps",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "csp",
]

MIDDLEWARE = [
    "kzmedia.monitoring.requests.Watch",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "apps.common.guard.Headers",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "apps.users.audit.AuditMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "apps.common.guard.Limits",
    "allauth.account.middleware.AccountMiddleware",
    "apps.users.middleware.SecondFactor",
    "apps.figures.short_names.ShortNames",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "kzmedia.urls"
WSGI_APPLICATION = "kzmedia.wsgi.application"
AUTH_USER_MODEL = "users.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

AUTHENTICATION_BACKENDS = [
    "allauth.account.auth_backends.AuthenticationBackend",
    "apps.users.roles.RolePermissions",
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "dashboard:me"
LOGOUT_REDIRECT_URL = "dashboard:overview"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_HASHERS = (
    ["django.contrib.auth.hashers.MD5PasswordHasher"]
    if TESTING
    else [
        "django.contrib.auth.hashers.ScryptPasswordHasher",
        "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    ]
)

# Signing in: by invitation only, with a second factor for editors and admins (docs/security.md)

INVITATION_DAYS = env.whole("INVITATION_DAYS", default=7, least=1)
ACCOUNT_ADAPTER = "apps.users.adapters.AccountAdapter"
ACCOUNT_FORMS = {"login": "apps.users.forms.SignInForm", "reset_password": "apps.users.forms.ResetForm"}
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_EMAIL_VERIFICATION = "none"  # an invitation has done it; addresses added later are asked to confirm
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # no mail to whoever somebody names
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_REDIRECT_URL = "dashboard:overview"
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if BEHIND_TLS else "http"
# Counted in the shared cache: "ip" is an address (of IPv6 its network), "key" a name or an e-mail address.
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/5m/key",
    "reset_password": "10/h/ip,3/h/key",
    "reset_password_from_key": "10/m/ip",
    "change_password": "5/m/user",
    "manage_email": "10/h/user",
    "reauthenticate": "10/m/user",
}
ALLAUTH_RATE_LIMIT_IPV6_PREFIX = 56
MFA_ADAPTER = "apps.users.adapters.MfaAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True  # the first admin may have none
MFA_TOTP_ISSUER = "KZMedia"
MFA_TOTP_TOLERANCE = 1  # of a code's half minute: clocks differ
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEBUG or TESTING  # http://localhost

# PostgreSQL and the Redis-protocol broker: those named, else the embedded ones

DATABASES: dict[str, dict[str, Any]] = {"default": env.database("DATABASE_URL") or embedded.database(VAR_DIR)}
# Pages, files and the interface for programs are read from it by whoever has not signed in (apps/common/reading.py).
if replica := env.database("READ_REPLICA_URL"):
    DATABASES["replica"] = replica
    DATABASES["replica"]["OPTIONS"] = {
        "connect_timeout": 3,
        **DATABASES["replica"].get("OPTIONS", {}),
        "options": "-c default_transaction_read_only=on",
    }
    DATABASES["replica"]["TEST"] = {"MIRROR": "default"}
REPLICA_LAG_SECONDS = env.whole("REPLICA_LAG_SECONDS", default=30, least=1)
DATABASE_ROUTERS = ["apps.common.reading.Router"]
for _database in DATABASES.values():
    _database["CONN_MAX_AGE"] = 60
    _database["CONN_HEALTH_CHECKS"] = True

REDIS_URL = env.redis("REDIS_URL") or embedded.redis_url(VAR_DIR)

# Public pages, made once and kept: in Redis, else in the memory of each process (apps/dashboard/page_cache.py)

PAGE_CACHE_SECONDS = 0 if TESTING or DEBUG else 240
PAGE_LAG_SECONDS = 0 if TESTING or DEBUG else 120  # that a kept page stands whatever programs write
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache"
        if TESTING
        else "apps.common.caching.SharedCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "kzmedia",
        "OPTIONS": {}
        if TESTING
        else {
            "serializer": "apps.common.caching.JsonSerializer",
            "socket_connect_timeout": 0.3,
            "socket_timeout": 0.5,
            "retry": Retry(NoBackoff(), 0),
        },
    },
    "memory": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "pages",
        "OPTIONS": {"MAX_ENTRIES": 200},
    },
    "pages": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "kzmedia-page",
        "OPTIONS": {
            "serializer": "apps.dashboard.page_cache.Raw",
            "socket_connect_timeout": 0.3,
            "socket_timeout": 0.5,
            "retry": Retry(NoBackoff(), 0),
        },
    },
}

# Exports: a client that takes nothing for so many seconds is let go, with its thread and its query.

EXPORT_STALL_SECONDS = env.whole("EXPORT_STALL_SECONDS", default=60, least=1)

# Pictures of charts, drawn by Chromium in a process of its own; frames of charts on other sites; editions

BROWSER_PATH = env.program("BROWSER_PATH")  # empty: the first Chromium or Chrome that is installed
PICTURES_MB = env.whole("PICTURES_MB", default=200)  # of drawn pictures that are kept under VAR_DIR/pictures
PICTURES_A_MINUTE = env.whole("PICTURES_A_MINUTE", default=20)  # newly drawn for one network
PICTURE_SECONDS = 20.0  # that a reader waits for a picture
EMBED_ANCESTORS = env.ancestors("EMBED_ANCESTORS", default=["*"])  # sites that may show charts in a frame

# The interface for programs: how often it may be asked (https://limits.readthedocs.io, several rates with ";")

API_RATES = {
    "ANONYMOUS": env.rate("API_RATE_ANONYMOUS", default="120/minute"),
    "SIGNED_IN": env.rate("API_RATE_SIGNED_IN", default="1200/minute"),
    "WRITES": env.rate("API_RATE_WRITES", default="120/minute"),
}
REST_FRAMEWORK = {
    "EXCEPTION_HANDLER": "apps.api.errors.answer",
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "KZMedia",
    "DESCRIPTION": "Followers of state bodies, officials, parties and bloggers of Kazakhstan, day by day.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "PREPROCESSING_HOOKS": ["apps.api.schema.with_slash"],
    "POSTPROCESSING_HOOKS": ["apps.api.schema.with_failures"],
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_ADD_EXPLICIT_BLANK_NULL_CHOICE": False,
}

# Languages, time

LANGUAGE_CODE = "en"
LANGUAGES = [("kk", _("Kazakh")), ("ru", _("Russian")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["kzmedia.formats"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Almaty"

# Static files: our own, and the packages' that `make` puts under var/vendor

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
VENDOR_DIR = VAR_DIR / "vendor"
VENDOR_DIR.mkdir(parents=True, exist_ok=True)
STATICFILES_DIRS = [BASE_DIR / "static", VENDOR_DIR]
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if TESTING or DEBUG
        else "kzmedia.static_files.Storage",
        # Everybody's, unlike uploads: whoever collects them may be another user than the site's.
        "OPTIONS": {"file_permissions_mode": 0o644, "directory_permissions_mode": 0o755},
    },
}
# Files that all hosts share: below VAR_DIR, or in a bucket (apps/common/file_store.py)
SHARED_FILES = env.bucket("SHARED_FILES")
S3_ENDPOINT = env.address("AWS_ENDPOINT_URL_S3")  # empty: Amazon's
S3_REGION = env.text("AWS_REGION")
if SHARED_FILES:
    STORAGES["shared"] = {"BACKEND": "apps.common.buckets.Bucket", "OPTIONS": {"address": SHARED_FILES}}
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = TESTING or DEBUG  # without collectstatic

# Celery

CELERY_BROKER_URL = embedded.celery_url(REDIS_URL)
CELERY_BROKER_USE_SSL = embedded.celery_tls(REDIS_URL)
CELERY_TASK_IGNORE_RESULT = True
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = "json"
CELERY_TIMEZONE = "UTC"
CELERY_TASK_ACKS_LATE = False  # the lease redelivers, not the broker
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CONCURRENCY = env.whole("WORKER_CONCURRENCY", default=2, least=1, most=256)
CELERY_WORKER_MAX_TASKS_PER_CHILD = 500
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
# Its reply queue is deleted on a connection that is gone, and the worker dies when the broker restarts under it.
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
# Messages are not kept in Redis until they are acknowledged: an acknowledgement that Redis does not hear takes from what
# the worker may fetch, and one that may fetch nothing never learns that Redis is back (kombu 5.7).
CELERY_BROKER_TRANSPORT_OPTIONS = {"ack_emulation": False, "socket_keepalive": True}
CELERY_TASK_DEFAULT_QUEUE = "celery"
CELERY_TASK_QUEUES = [Queue("celery"), *(Queue(f"collect.{platform}") for platform in PLATFORMS)]
CELERY_TASK_TIME_LIMIT = 300
CELERY_TASK_SOFT_TIME_LIMIT = 270
CELERY_BEAT_SCHEDULER = "kzmedia.processes.beat_scheduler:Scheduler"
CELERY_BEAT_SCHEDULE = schedule.TASKS

# Collecting: keys and addresses. An empty key leaves the platform unconfigured; an address is for test servers.

CONTACT = env.text("CONTACT")
COLLECTORS = platform_access.collectors(env)
# Archives that `manage.py backfill` reads; other addresses are for test servers.
WIKIDATA_URL = env.address("WIKIDATA_URL", default="https://www.wikidata.org")
WIKIDATA_QUERY_URL = env.address("WIKIDATA_QUERY_URL", default="https://query.wikidata.org")
WAYBACK_URL = env.address("WAYBACK_URL", default="https://web.archive.org")
# Off only where all the addresses are test servers': nobody is to be asked faster than their window allows.
COLLECT_WINDOWS = env.flag("COLLECT_WINDOWS", default=True)
# Of silence, then a platform's answer is given up
REQUEST_SECONDS = env.seconds("REQUEST_SECONDS", default=10.0)
YOUTUBE_TERMS = env.choice("YOUTUBE_TERMS", ["30d", "approved"])  # empty: YouTube does not start
X_TERMS = env.choice("X_TERMS", ["standard", "enterprise"])  # empty: X does not start
# Empty: not chosen, and the files say so (apps/exports/licensing.py)
DATA_LICENSE = env.choice("DATA_LICENSE", ["CC-BY-4.0", "CC-BY-SA-4.0", "CC0-1.0", "ODbL-1.0", "PDDL-1.0"])
X_DAILY_USD = env.dollars("X_DAILY_USD")  # None: not either
# Empty: on none. Platforms on whose pages editors may use the companion (extension/, docs/companion.md)
COMPANION_PLATFORMS = env.choices("COMPANION_PLATFORMS", list(PLATFORMS))
# Alerts: what is told unasked, and where from (docs/alerts.md)

# What links in messages begin with
SITE_URL = env.address("SITE_URL", default=embedded.site_url(VAR_DIR)).rstrip("/")
EMAIL_URL = env.mail("EMAIL_URL")
_mail_server = environ.Env.email_url_config(EMAIL_URL or "dummymail://")
vars().update(_mail_server)
MAIL_BACKEND = _mail_server["EMAIL_BACKEND"]
# Pages put mails into an outbox; whoever sends them speaks to the mail server (apps/common/mailing.py).
EMAIL_BACKEND = "apps.users.outbox.Backend"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.mailbox("EMAIL_FROM", default="kzmedia@localhost")
ALERT_EMAILS = env.mailboxes("ALERT_EMAILS")
TELEGRAM_ALERT_TOKEN = env.secret("TELEGRAM_ALERT_TOKEN")
TELEGRAM_ALERT_URL = env.address("TELEGRAM_ALERT_URL", default="https://api.telegram.org").rstrip("/")
WEBHOOK_ALLOW_LOCAL = env.flag("WEBHOOK_ALLOW_LOCAL")
HEARTBEAT_URL = env.address("HEARTBEAT_URL")
SILENT_HOURS = env.whole("SILENT_HOURS", default=30)
BACKUP_ALARM_HOURS = env.whole("BACKUP_ALARM_HOURS", default=30)
TOKEN_EXPIRES = env.ends("TOKEN_EXPIRES", list(PLATFORMS))

# Backups of every night (docs/operations.md)

BACKUP_DIR = env.folder("BACKUP_DIR", default=VAR_DIR / "backups")
env.folder("WAL_ARCHIVE", default=None)  # of the embedded server (kzmedia/processes/wal_archive.py)
BACKUP_DAYS = env.whole("BACKUP_DAYS", default=14)  # each of the last
BACKUP_WEEKS = env.whole("BACKUP_WEEKS", default=8)  # and one of each of the last
BACKUP_RECIPIENT = env.recipient("BACKUP_RECIPIENT")  # a public key; empty: backups are not encrypted
BACKUP_KEY = env.file("BACKUP_KEY")  # the private one, for the weekly drill
BACKUP_SEND_TO = env.text("BACKUP_SEND_TO") or (SHARED_FILES and f"{SHARED_FILES}/backups")

ATTEMPT_DAYS = env.whole("ATTEMPT_DAYS", default=90, least=1)  # how long the log of attempts and runs is kept

# Requests for corrections

ANSWER_DAYS = env.whole("ANSWER_DAYS", default=10, least=1)  # working days until one is to be answered
ASKER_DAYS = env.whole("ASKER_DAYS", default=30)  # after the answer, until who asked is forgotten
ASKS_AN_HOUR = env.whole("ASKS_AN_HOUR", default=5)  # from one network
ASKS_A_DAY = env.whole("ASKS_A_DAY", default=20)

# Secrets are blanked in all that is written down; errors go nowhere else unless an address is set.

SECRETS = [SECRET_KEY, *SECRET_KEY_FALLBACKS, *secret_files.secret_values()]
error_reports.start(env.address("SENTRY_DSN"), Blank(SECRETS))

METRICS_TOKEN = env.secret("METRICS_TOKEN")  # empty: there is no /metrics
SLOW_REQUEST_SECONDS = env.seconds("SLOW_REQUEST_SECONDS", default=3.0)
LOG_FORMAT = env.choice("LOG_FORMAT", ["line", "json"], default="line")

LOGGING = log_settings.logging_config(
    LOG_FORMAT, env.choice("LOG_LEVEL", LOG_LEVELS, default="INFO"), SECRETS
)

# A wrong value ends the start of whatever reads these settings; `manage.py check` tells all of them with their ids.
if sys.argv[1:2] != ["check"]:
    env.refuse_mistakes()
