"""The ways by which a table comes in: the desk, the command, the API. Each looks, answers and writes as a person would."""

import base64
import json
from io import StringIO
from typing import NamedTuple

from django.core.management import CommandError, call_command
from django.test import Client

from apps.api import tokens
from apps.api.models import Scope
from apps.intake.models import ImportBatch, ImportedRow
from apps.registry.models import Source
from apps.users.models import User

MOST_ROUNDS = 5  # of questions, until nothing is left to say
WAYS = ("desk", "command", "api")


class Looked(NamedTuple):
    """What a way says of a table of counts: why it is refused, what is asked, (line, verdict, problem) of each row."""

    refused: str
    asked: set[str]
    rows: list[tuple[int, str, str]]

    def verdicts(self, lines):
        return {verdict for line, verdict, _problem in self.rows if line in lines}


def editor():
    return User.objects.filter(username="editor").first() or User.objects.create_superuser("editor")


def counts(way, path, answers, folder, write):
    """Bring a table of counts with a person's answers; what was said of it. It is written where `write` says so."""
    return {"desk": _desk, "command": _command, "api": _api}[way](path, answers, folder, write)


def _desk(path, answers, folder, write):
    client = Client()
    client.force_login(editor())
    with path.open("rb") as file:
        page = client.post("/admin/import/", {"file": file, "source": source().pk}, follow=True)
    assert page.status_code == 200
    batch = ImportBatch.objects.latest("at")
    address = f"/admin/import/{batch.pk}/"
    for _round in range(MOST_ROUNDS):
        told = _answers_of_page(page.context["reading"], answers)
        if not told:
            break
        page = client.post(address, {"do": "answer", **told}, follow=True)
    if answers.accept:
        page = client.post(address, {"do": "accept", "place": answers.accept}, follow=True)
    batch.refresh_from_db()
    looked = _of_batch(batch)
    if write and batch.stage == "checked":
        page = client.post(address, {"do": "write", "leave_out": "on"}, follow=True)
        batch.refresh_from_db()
        assert batch.stage == "written", page.content.decode()
    return looked


def _answers_of_page(reading, answers):
    """Return the fields of the page's form that say what has not been said yet; {} where nothing is left to say."""
    if reading is None:
        return {}
    before = reading.answers
    told = {}
    for layout in reading.layouts:
        for column in layout.columns:
            role = answers.columns.get(column.name)
            if role and role not in (before.columns.get(column.name), column.role):
                told[f"role-{layout.sheet}-{column.place}"] = role
    if answers.sheets and before.sheets != answers.sheets:
        told["sheets"] = answers.sheets
    if answers.hidden and before.hidden != answers.hidden:
        told["hidden"] = answers.hidden
    for view in reading.questions:
        given = _said_to(view, answers)
        if given is not None:
            told[
                f"{view.name}-text" if view.takes_text and given not in dict(view.choices) else view.name
            ] = given
    return told


def _said_to(view, answers):
    said = getattr(
        answers, {"actor": "aliases", "word": "words", "sheet": "sheets"}.get(view.kind, view.kind)
    )
    if isinstance(said, dict):
        key = view.value or "*"
        if key not in said:
            return None
        return "-" if said[key] is None else str(said[key])
    return said or None


def _command(path, answers, folder, write):
    given = folder / "answers.json"
    given.write_text(json.dumps(answers.as_json()), encoding="utf-8")
    standing = set(ImportBatch.objects.values_list("pk", flat=True))
    out, err = StringIO(), StringIO()
    options = {"source": "brought", "answers": given, "leave_out_mistakes": True, "yes": write}
    try:
        call_command("import_snapshots", str(path), stdout=out, stderr=err, **options)
    except CommandError as refused:
        assert not ImportBatch.objects.exclude(pk__in=standing)
        return Looked(str(refused), _asked(err.getvalue()), [])
    rows = [row for text in (out.getvalue(), err.getvalue()) for row in _told_rows(text, path.name)]
    return Looked("", _asked(err.getvalue()), rows)


def _asked(text):
    return {line.split()[1] for line in text.splitlines() if line.startswith("question ")}


def _told_rows(text, name):
    verdicts = set(ImportedRow.Verdict.values)
    for line in text.splitlines():
        verdict, _space, rest = line.strip().partition(f" {name}:")
        number, _colon, problem = rest.partition(":")
        for piece in number.split(",") if verdict in verdicts else ():
            first, _dash, last = piece.partition("-")
            if first.isdecimal():
                for line_number in range(int(first), int(last or first) + 1):
                    yield line_number, verdict, problem.strip()


def _api(path, answers, folder, write):
    first = {"file": base64.b64encode(path.read_bytes()).decode(), "name": path.name, "source": "brought"}
    answer = send("imports/", first)
    if "error" in answer:
        return Looked(json.dumps(answer["error"]), set(), [])
    if answers.as_json():
        answer = send("imports/", {"batch": answer["batch"], "answers": answers.as_json()})
    if write and answer["stage"] == "checked":
        assert send("imports/", {"batch": answer["batch"], "do": "write"})["stage"] == "written"
    rows = [(row["line"], row["verdict"], row["problem"]) for row in answer["rows"]]
    return Looked(answer["refused"], {one["kind"] for one in answer["questions"]}, rows)


def send(address, body):
    user = editor()
    key = tokens.make(user, "office", [Scope.WRITE_SNAPSHOTS], None)[1]
    sent = Client().post(
        f"/api/v1/{address}", json.dumps(body), content_type="application/json",
        headers={"authorization": f"Bearer {key}"},
    )  # fmt: skip
    assert sent.status_code in (200, 400), sent.content
    return sent.json()


def _of_batch(batch):
    rows = list(batch.rows.values_list("line", "verdict", "problem"))
    return Looked(batch.refused, {one["kind"] for one in batch.reading.get("questions", [])}, rows)


def source():
    return Source.objects.get(key="brought")


# Lists of accounts


class Listed(NamedTuple):
    """One account of a list, as a way tells it."""

    line: int
    verdict: str
    problem: str
    platform: str
    handle: str


def accounts(way, path, answers, folder):
    """Bring a list of accounts and save the good rows; return (refused, rows) as they were shown before."""
    return {"desk": _list_desk, "command": _list_command, "api": _list_api}[way](path, answers, folder)


def _list_desk(path, answers, folder):
    client = Client()
    client.force_login(editor())
    said = json.dumps(answers.as_json())
    with path.open("rb") as file:
        page = client.post("/admin/add/", {"file": file, "kind": "state_body", "answers": said}).context
    rows = [_listed(line.number, line.verdict, line.problem, line.target) for line in page["lines"]]
    fields = {name: page["form"].initial[name] for name in ("kept", "answers", "kind")}
    if page["good"]:
        client.post("/admin/add/", {**fields, "save": "1", "shown": page["shown"]})
    return rows


def _listed(number, verdict, problem, target):
    return Listed(
        number, str(verdict), problem, target.platform if target else "", target.handle if target else ""
    )


def _list_command(path, answers, folder):
    given = folder / "answers.json"
    given.write_text(json.dumps(answers.as_json()), encoding="utf-8")
    out, err = StringIO(), StringIO()
    try:
        call_command("add_accounts", str(path), answers=given, yes=True, stdout=out, stderr=err)
    except CommandError:
        pass
    rows = []
    for line in (out.getvalue() + err.getvalue()).splitlines():
        verdict, found, rest = line.partition(f" {path.name}:")
        number, _colon, said = rest.partition(": ")
        if found and number.isdecimal():
            where = said.partition(" -> ")[0].split()
            is_good = verdict in ("joins", "creates", "tracked")
            rows.append(
                Listed(int(number), verdict, "" if is_good else said, *(where if is_good else ("", "")))
            )
    return rows


def _list_api(path, answers, folder):
    first = {"file": base64.b64encode(path.read_bytes()).decode(), "answers": answers.as_json()}
    looked = send("lists/", first)
    assert "error" not in looked, looked
    saved = {"list": looked["list"], "seen": looked["seen"], "answers": answers.as_json(), "do": "save"}
    assert "error" not in send("lists/", saved)
    return [
        Listed(row["line"], row["verdict"], row["problem"], row["platform"] or "", row["handle"])
        for row in looked["rows"]
    ]
