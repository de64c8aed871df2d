"""Lists of accounts that programs send: looked at first, then saved or undone. intake/bulk_add.py does the work."""

import io
from typing import Any

from django.db import IntegrityError
from django.utils.translation import gettext as _
from rest_framework import serializers

from apps.api.errors import BadParameters
from apps.api.importing import Asked, ReadSheet, answers_of, content_of, question_of, sheet_of
from apps.api.row import NULL, Shape, counts, many, platform, some, text, whole, yes
from apps.api.sent import Strict
from apps.collecting import tasks
from apps.common.grids import NoTable
from apps.intake import additions, bulk_add, kept_lists
from apps.intake.answers import Answers
from apps.intake.bulk_add import Judged, LineVerdict, ListedAccount
from apps.intake.models import Addition
from apps.registry.models import ActorKind, Group, Source
from apps.users import audit
from apps.users.models import User

ACTIONS = ("look", "save", "undo")


class SentList(Strict):
    """A list of accounts, or what an earlier call has made of one."""

    table = text("The list as text: lines, CSV or TSV.", required=False, max_length=2_000_000)
    file = text("Or a file (.xlsx, .ods, .csv) in base64.", required=False, max_length=2_000_000)
    list = text(
        "The list of an earlier call, instead of a table.", required=False, min_length=1, max_length=200
    )
    seen = text(
        "The verdicts of that call; they must still hold to be saved.", required=False, max_length=100
    )
    kind = some(ActorKind.values, "Of new actors.", required=False, default=ActorKind.STATE_BODY)
    group = text("The slug of a group for all of them.", required=False, min_length=1, max_length=80)
    source = text("The key of the source of the list.", required=False, min_length=1, max_length=60)
    answers = serializers.JSONField(
        required=False, help_text="What a person says of the list: docs/intake.md."
    )
    addition = whole(
        "What an earlier call saved; to be undone.", required=False, min_value=1, max_value=2**63 - 1
    )
    do = some(
        ACTIONS,
        "look: nothing is saved; save needs list and seen, undo an addition.",
        required=False,
        default="look",
    )


class ListedRow(serializers.Serializer[Any]):
    line = whole("Of the list.")
    cell = text("The column, where a row names several accounts; may be empty.")
    content = text("What stands there.")
    verdict = some([verdict.value for verdict in LineVerdict], "What becomes of it.")
    problem = text("Why nothing is added; may be empty.")
    platform = platform(**NULL)
    handle = text("May be empty.")
    platform_id = text("May be empty.")
    actor = text("The slug of the actor that it joins or is of.", **NULL)
    names = many(text("A name."), "Of a new actor: in Kazakh, Russian and English.")


class LookedAtList(serializers.Serializer[Any]):
    list = text("Named again to save it; empty where nothing is left to do.")
    seen = text("Stands for these verdicts.")
    sheets = ReadSheet(many=True)
    questions = Asked(many=True)
    counts = counts("How many rows had which verdict.")
    numbers = many(whole("A line."), "Lines with numbers beside addresses: they are left out.")
    rows = ListedRow(many=True)
    is_whole = yes(f"The list had no more than {bulk_add.MOST_LINES} rows.")
    addition = whole("What was saved; undone by it.", **NULL)
    staying = whole("After an undo: accounts that stay, as something is recorded for them.", **NULL)


def handle(sent: Any, user: User) -> Shape:
    """Look at a list, save it as it was looked at, or take an addition back. Raises BadParameters."""
    body = SentList(data=sent)
    if not body.is_valid():
        raise BadParameters({str(name): [str(one) for one in errors] for name, errors in body.errors.items()})
    asked = body.validated_data
    with audit.acting(user):
        if asked["do"] == "undo":
            return _undo(asked, user)
        answers = answers_of(asked) or Answers()
        judged, token = _judge(asked, answers, user)
        if asked["do"] == "look":
            return _answer(judged, token, kept_lists.seal(judged.lines, answers, kind=asked["kind"]))
        return _save(asked, answers, judged, user)


def _judge(asked: dict[str, Any], answers: Answers, user: User) -> tuple[Judged, str]:
    try:
        if "list" in asked:
            found, token = kept_lists.find(asked["list"], user.pk), asked["list"]
            if found is None:
                raise BadParameters({"list": [_("There is no such list of yours.")]})
            kept = found
        elif asked["do"] != "look":
            raise BadParameters({"list": [_("Look at the list first, then name it.")]})
        else:
            kept, token = kept_lists.keep(io.BytesIO(content_of(asked)), user.pk)
        return bulk_add.judge_list(kept, answers, kind=asked["kind"]), token
    except NoTable as refused:
        raise BadParameters({"file" if "file" in asked else "table": [str(refused)]}) from None


def _save(asked: dict[str, Any], answers: Answers, judged: Judged, user: User) -> Shape:
    if asked.get("seen") != kept_lists.seal(judged.lines, answers, kind=asked["kind"]):
        raise BadParameters({"seen": [_("The verdicts are other ones by now. Look at the list again.")]})
    source = _find_named(Source, "key", asked, "source", _("There is no source with the key “%(key)s”."))
    group = _find_named(Group, "slug", asked, "group", _("There is no group “%(key)s”."))
    try:
        addition = additions.save(judged.lines, by=user, source=source, group=group, aliases=answers.aliases)
    except IntegrityError:
        raise BadParameters(
            {"seen": [_("The verdicts are other ones by now. Look at the list again.")]}
        ) from None
    tasks.wake()
    return {**_answer(judged, "", ""), "addition": addition.pk if addition else None}


def _find_named(model: Any, field: str, asked: dict[str, Any], name: str, sentence: str) -> Any:
    if name not in asked:
        return None
    one = model.objects.filter(**{field: asked[name]}).first()
    if one is None:
        raise BadParameters({name: [sentence % {"key": asked[name]}]})
    return one


def _undo(asked: dict[str, Any], user: User) -> Shape:
    addition = Addition.objects.filter(pk=asked.get("addition", 0), by=user).first()
    if addition is None:
        raise BadParameters({"addition": [_("There is no such addition of yours.")]})
    return {**_answer(Judged([]), "", ""), "addition": addition.pk, "staying": additions.undo(addition)}


def _answer(judged: Judged, token: str, seen: str) -> Shape:
    verdicts = [line.verdict for line in judged.lines]
    return {
        "list": token,
        "seen": seen,
        "sheets": [sheet_of(layout) for layout in judged.layouts],
        "questions": [question_of(question.as_json()) for question in judged.questions],
        "counts": {verdict.value: verdicts.count(verdict) for verdict in LineVerdict if verdict in verdicts},
        "numbers": judged.numbers,
        "rows": [_row(line) for line in judged.lines],
        "is_whole": len(judged.lines) < bulk_add.MOST_LINES,
        "addition": None,
        "staying": None,
    }


def _row(line: ListedAccount) -> Shape:
    target, actor = line.target, line.tracked.actor if line.tracked else line.actor
    return {
        "line": line.number,
        "cell": line.place,
        "content": line.text,
        "verdict": line.verdict.value,
        "problem": line.problem,
        "platform": target.platform if target else None,
        "handle": target.handle if target else "",
        "platform_id": target.platform_id if target else "",
        "actor": actor.slug if actor else None,
        "names": list(line.names),
    }
