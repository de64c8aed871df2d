"""The variables of the environment, each read in the form that it has.

A value of another form is noted and its default stands in, so that all mistakes are told at once: `refuse_mistakes` ends
the start with a sentence for each, `manage.py check` shows them under their ids (kzmedia/checks.py, docs/running.md).
What is set but empty counts as not set. Light enough for the supervisor, which loads neither Django nor the settings.
"""

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from email.utils import parseaddr
from ipaddress import IPv6Address, ip_network
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import parse_qsl, urlsplit

from kzmedia.secret_files import SECRETS

T = TypeVar("T")

# By id: what is meant, as the sentence says it.
FORMS: Final = {
    "kzmedia.E001": "a whole number",
    "kzmedia.E002": "yes or no (1 or 0, true or false, on or off)",
    "kzmedia.E003": "a rate such as 120/minute, or several with a semicolon: 60/minute;600/hour",
    "kzmedia.E004": "a web address such as https://example.kz",
    "kzmedia.E005": "days on which tokens end, such as facebook=2027-01-05,threads=2027-02-01",
    "kzmedia.E006": "one word of a list",
    "kzmedia.E007": "a sum of US dollars a day, such as 5.00",
    "kzmedia.E008": "e-mail addresses such as someone@example.kz",
    "kzmedia.E009": "names of hosts without https:// and without a port, such as counts.example.kz",
    "kzmedia.E010": "origins such as https://counts.example.kz",
    "kzmedia.E011": "a PostgreSQL database such as postgres://user:password@host:5432/kzmedia",
    "kzmedia.E012": "a Redis or Valkey server such as redis://host:6379/0",
    "kzmedia.E013": "a mail server such as smtp+tls://user:password@host:587",
    "kzmedia.E014": "a number of seconds such as 3 or 0.5",
    "kzmedia.E015": "sites as in a Content-Security-Policy: https://news.kz,https://*.example.kz, or *",
    "kzmedia.E016": "one line of printable signs without blanks",
    "kzmedia.E017": "a program that exists and may be run",
    "kzmedia.E018": "a folder",
    "kzmedia.E019": "an address or a name to listen on, such as 127.0.0.1",
    "kzmedia.E020": "networks such as 10.0.0.0/8,fd00::/8",
    "kzmedia.E021": "a public key of age (age1...), or a file with one of age or GnuPG",
    "kzmedia.E022": "a file that can be read",
    "kzmedia.E023": "a bucket, or a folder in one, such as s3://bucket/folder",
}
TRUE: Final = {"1", "true", "on", "yes", "y", "ok"}
FALSE: Final = {"0", "false", "off", "no", "n"}
HOST: Final = re.compile(r"\*|\[[0-9a-f:.]+\]|\.?[a-z0-9_]([a-z0-9_-]*[a-z0-9])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9])?)*\.?", re.I)  # fmt: skip
ANCESTOR: Final = re.compile(
    r"\*|'self'|https?:|(https?://)?(\*\.)?[a-z0-9][a-z0-9.-]*(:(\d{1,5}|\*))?", re.I
)
MAIL: Final = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+")
PRIVATE_NETWORKS: Final = [
    "127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "::1/128", "fc00::/7", "fe80::/10",
]  # fmt: skip
LOG_LEVELS: Final = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


class Mistaken(ValueError):
    """The value has another form; the text says more closely what is meant, or nothing."""


@dataclass(frozen=True)
class Mistake:
    """A variable that holds something else than it may."""

    id: str  # of FORMS
    name: str
    given: str  # as it may be shown
    meant: str

    def __str__(self) -> str:
        return f"{self.name} was read as {self.given}; meant is {self.meant}."


class WrongSettings(SystemExit):
    """Ends the start of a part: Python prints the sentences and leaves with exit code 1."""


class Environment:
    """Reads variables and notes what is wrong with them, and which form each has."""

    def __init__(self, values: Mapping[str, str] = os.environ) -> None:
        self._values = values
        self.mistakes: list[Mistake] = []
        self.forms: dict[str, str] = {}  # by variable: the id of its form

    def refuse_mistakes(self) -> None:
        """Raise WrongSettings with a sentence for each mistake, where there is one."""
        if self.mistakes:
            raise WrongSettings("\n".join(f"{mistake} ({mistake.id})" for mistake in self.mistakes))

    def text(self, name: str, default: str = "") -> str:
        """Return what is set, without blanks around it: a text of any form."""
        return self._values.get(name, "").strip() or default

    def texts(self, name: str) -> list[str]:
        """Return the parts between commas."""
        return _parts(self._values.get(name, ""))

    def whole(self, name: str, default: int, least: int = 0, most: int = 1_000_000) -> int:
        """Return a whole number from `least` to `most`."""

        def read(text: str) -> int:
            number = int(text) if re.fullmatch(r"-?[0-9]{1,9}", text) else least - 1
            if not least <= number <= most:
                raise Mistaken(f"a whole number from {least} to {most}")
            return number

        return self._read("kzmedia.E001", name, default, read)

    def flag(self, name: str, default: bool = False) -> bool:
        """Return yes or no; a misspelt word is neither."""

        def read(text: str) -> bool:
            if text.lower() not in TRUE | FALSE:
                raise Mistaken
            return text.lower() in TRUE

        return self._read("kzmedia.E002", name, default, read)

    def rate(self, name: str, default: str) -> str:
        """Return rates as the library `limits` reads them."""

        def read(text: str) -> str:
            from limits import parse_many  # by the settings alone: the supervisor does without

            if any(rate.amount < 1 for rate in parse_many(text)):  # raises ValueError
                raise Mistaken("a rate of at least one, such as 120/minute")
            return text

        return self._read("kzmedia.E003", name, default, read)

    def address(self, name: str, default: str = "") -> str:
        """Return an http or https address; "{host}" may stand for its host."""

        def read(text: str) -> str:
            split = urlsplit(text.replace("{host}", "host.example"))
            if split.scheme not in ("http", "https") or not HOST.fullmatch(_host(split.netloc)):
                raise Mistaken
            if split.port == 0 or not text.isprintable() or " " in text:
                raise Mistaken
            return text

        return self._read("kzmedia.E004", name, default, read)

    def ends(self, name: str, platforms: Sequence[str]) -> dict[str, str]:
        """Return the last day of each platform's token, as YYYY-MM-DD."""

        def read(text: str) -> dict[str, str]:
            pairs = [part.partition("=") for part in _parts(text)]
            for platform, _, day in pairs:
                if platform.strip() not in platforms:
                    raise Mistaken(
                        f"{FORMS['kzmedia.E005']}, for {', '.join(platforms)} (not {platform.strip()!r})"
                    )
                if not re.fullmatch(r"\d{4}-\d\d-\d\d", day.strip()):
                    raise Mistaken
                date.fromisoformat(day.strip())  # raises ValueError
            return {platform.strip(): day.strip() for platform, _, day in pairs}

        return self._read("kzmedia.E005", name, {}, read)

    def choice(self, name: str, choices: Sequence[str], default: str = "") -> str:
        """Return one of the words."""

        def read(text: str) -> str:
            for choice in choices:
                if text.lower() == choice.lower():
                    return choice
            raise Mistaken(" or ".join((", ".join(choices[:-1]), choices[-1])))

        return self._read("kzmedia.E006", name, default, read)

    def choices(self, name: str, choices: Sequence[str]) -> list[str]:
        """Return words of the list, in its order; none where none is set."""

        def read(text: str) -> list[str]:
            given = {part.lower() for part in _parts(text)}
            if unknown := sorted(given - set(choices)):
                raise Mistaken(f"one or more of {', '.join(choices)} (not {unknown[0]!r})")
            return [choice for choice in choices if choice in given]

        return self._read("kzmedia.E006", name, [], read)

    def dollars(self, name: str) -> Decimal | None:
        """Return a sum of money; None where none is set."""

        def read(text: str) -> Decimal | None:
            try:
                dollars = Decimal(text)
            except InvalidOperation:
                raise Mistaken from None
            if not dollars.is_finite() or dollars < 0:
                raise Mistaken
            return dollars

        return self._read("kzmedia.E007", name, None, read)

    def mailbox(self, name: str, default: str) -> str:
        """Return one address, with or without a name before it: KZMedia <kzmedia@example.kz>."""

        def read(text: str) -> str:
            if not MAIL.fullmatch(parseaddr(text)[1]) or not text.isprintable() or text.count("@") != 1:
                raise Mistaken("an e-mail address such as KZMedia <kzmedia@example.kz>")
            return text

        return self._read("kzmedia.E008", name, default, read)

    def mailboxes(self, name: str) -> list[str]:
        """Return addresses without names."""
        return self._each("kzmedia.E008", name, [], MAIL)

    def hosts(self, name: str, default: list[str]) -> list[str]:
        """Return names of hosts, those of a whole domain with a full stop before them."""
        return self._each("kzmedia.E009", name, default, HOST)

    def origins(self, name: str) -> list[str]:
        """Return a scheme and a host each, as browsers send them."""
        return self._each("kzmedia.E010", name, [], re.compile(r"https?://(\*\.)?[a-z0-9][a-z0-9.-]*(:\d{1,5})?", re.I))  # fmt: skip

    def ancestors(self, name: str, default: list[str]) -> list[str]:
        """Return sites as a Content-Security-Policy names them; what is set and empty is none at all."""
        if name in self._values and not self._values[name].strip():
            default = []
        return self._each("kzmedia.E015", name, default, ANCESTOR)

    def database(self, name: str) -> dict[str, Any] | None:
        """Return Django's settings of a PostgreSQL; None where none is set."""

        def read(text: str) -> dict[str, Any] | None:
            import environ  # by the settings alone

            if "://" not in text:
                raise Mistaken
            split: dict[str, Any] = environ.Env.db_url_config(
                text
            )  # raises ValueError for a port that is none
            if split.get("ENGINE") != "django.db.backends.postgresql" or not split.get("NAME"):
                raise Mistaken
            return split

        return self._read("kzmedia.E011", name, None, read)

    def redis(self, name: str) -> str:
        """Return the address of a server that speaks the protocol of Redis, by TCP, TLS or a unix socket."""

        def read(text: str) -> str:
            split = urlsplit(text)
            is_socket = split.scheme == "unix" and split.path.startswith("/")
            is_host = split.scheme in ("redis", "rediss") and bool(split.hostname) and split.port != 0
            if not is_socket and not (is_host and re.fullmatch(r"/?\d*", split.path)):
                raise Mistaken
            options = dict(parse_qsl(split.query))
            if options.get("ssl_cert_reqs", "required") not in ("required", "CERT_REQUIRED"):
                raise Mistaken("a server whose certificate is verified: without ssl_cert_reqs")
            if options.get("ssl_check_hostname", "true").lower() not in TRUE:
                raise Mistaken("a server whose name is verified: without ssl_check_hostname")
            return text

        return self._read("kzmedia.E012", name, "", read)

    def mail(self, name: str) -> str:
        """Return the address of a mail server."""

        def read(text: str) -> str:
            import environ  # by the settings alone

            split = urlsplit(text)
            if split.scheme not in environ.Env.EMAIL_SCHEMES or split.port == 0:
                raise Mistaken
            if split.scheme.startswith("smtp") and not split.hostname:
                raise Mistaken
            return text

        return self._read("kzmedia.E013", name, "", read)

    def seconds(self, name: str, default: float) -> float:
        """Return a number of seconds above 0."""

        def read(text: str) -> float:
            if not re.fullmatch(r"\d{1,6}(\.\d{1,6})?", text) or not float(text):
                raise Mistaken
            return float(text)

        return self._read("kzmedia.E014", name, default, read)

    def secret(self, name: str) -> str:
        """Return a key or a token, which goes into headers and addresses."""

        def read(text: str) -> str:
            if not (text.isascii() and text.isprintable()) or " " in text:
                raise Mistaken
            return text

        return self._read("kzmedia.E016", name, "", read)

    def program(self, name: str) -> str:
        """Return the path of a program."""

        def read(text: str) -> str:
            if not os.access(text, os.X_OK) or Path(text).is_dir():
                raise Mistaken
            return text

        return self._read("kzmedia.E017", name, "", read)

    def folder(self, name: str, default: T) -> Path | T:
        """Return the path of a folder, which may be made later."""

        def read(text: str) -> Any:
            if any(step.exists() and not step.is_dir() for step in (Path(text), *Path(text).parents)):
                raise Mistaken
            return Path(text).resolve()

        return self._read("kzmedia.E018", name, default, read)

    def recipient(self, name: str) -> str:
        """Return a public key of age, or the path of a file that holds public keys."""

        def read(text: str) -> str:
            if not re.fullmatch(r"age1[0-9a-z]{58}", text) and not Path(text).is_file():
                raise Mistaken
            return text

        return self._read("kzmedia.E021", name, "", read)

    def file(self, name: str) -> str:
        """Return the path of a file."""

        def read(text: str) -> str:
            if not os.access(text, os.R_OK) or not Path(text).is_file():
                raise Mistaken
            return text

        return self._read("kzmedia.E022", name, "", read)

    def bucket(self, name: str) -> str:
        """Return the address of a bucket of S3, or of a folder in one."""

        def read(text: str) -> str:
            if not re.fullmatch(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[\w.=-]+)*/?", text):
                raise Mistaken
            return text.rstrip("/")

        return self._read("kzmedia.E023", name, "", read)

    def bind(self, name: str, default: str) -> str:
        """Return what a server listens on."""

        def read(text: str) -> str:
            if ":" in text:
                return str(IPv6Address(text))  # raises ValueError
            if not HOST.fullmatch(text) or text == "*":
                raise Mistaken
            return text

        return self._read("kzmedia.E019", name, default, read)

    def networks(self, name: str, default: list[str]) -> list[str]:
        """Return networks of addresses, IPv4 and IPv6."""

        def read(text: str) -> list[str]:
            return [str(ip_network(part)) for part in _parts(text)]  # raises ValueError

        return self._read("kzmedia.E020", name, default, read)

    def _each(self, form: str, name: str, default: list[str], pattern: re.Pattern[str]) -> list[str]:
        def read(text: str) -> list[str]:
            for part in _parts(text):
                if not pattern.fullmatch(part):
                    raise Mistaken(f"{FORMS[form]} (not {part!r})")
            return _parts(text)

        return self._read(form, name, default, read)

    def _read(self, form: str, name: str, default: T, read: Callable[[str], T]) -> T:
        self.forms[name] = form
        text = self.text(name)
        if not text:
            return default
        try:
            return read(text)
        except ValueError as error:
            meant = (str(error) if isinstance(error, Mistaken) else "") or FORMS[form]
            self.mistakes.append(Mistake(form, name, show_value(name, text), meant))
            return default


def web_server(env: Environment) -> tuple[str, int, int]:
    """Return what the web server listens on (host and port), and the number of its processes."""
    return (
        env.bind("BIND", "127.0.0.1"),
        env.whole("PORT", 8000, least=1, most=65_535),
        env.whole("WEB_WORKERS", 2, least=1, most=64),
    )


def show_value(name: str, text: str) -> str:
    """Return what of a value may be told: of a secret its length alone."""
    if name in SECRETS:
        return f"a secret of {len(text)} signs, which is not shown"
    return repr(text if len(text) <= 80 else f"{text[:80]}…")


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _host(netloc: str) -> str:
    """Return the name or the address of a host, an IPv6 one in its brackets, without user and port."""
    host = netloc.rpartition("@")[2]
    return re.sub(r":\d*$", "", host)
