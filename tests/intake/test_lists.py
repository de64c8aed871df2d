"""Lists of accounts by the command and by the API, their groups, and their undoing."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from apps.intake.answers import NEW
from apps.intake.models import Addition
from apps.registry.models import Account, Actor, Group
from tests.builders import make_account, make_actor, make_group
from tests.intake.ways import send

pytestmark = pytest.mark.django_db
LIST = (
    "Орган,Группа,Ссылка\n"
    "Министерство ветров,Силовой блок,https://t.me/vetry_kz\n"
    "Агентство мостов,Новая группа,https://t.me/mosty_kz\n"
    "Министерство ветров,Новая группа,https://vk.com/vetry_kz\n"
)


@pytest.fixture(autouse=True)
def world(settings, tmp_path, monkeypatch):
    settings.VAR_DIR = tmp_path
    monkeypatch.setattr("apps.collecting.tasks.wake", lambda: None)
    return make_group("power", title_ru="Силовой блок")


def command(tmp_path, text=LIST, **options):
    path = tmp_path / "list.csv"
    path.write_text(text, encoding="utf-8")
    out, err = StringIO(), StringIO()
    call_command("add_accounts", str(path), stdout=out, stderr=err, **options)
    return out.getvalue(), err.getvalue()


def test_the_command_shows_first_saves_with_yes_and_takes_back(tmp_path):
    out, err = command(tmp_path)
    assert "creates: 3" in out
    assert "question group [2]" in err
    assert not Account.objects.exists()
    out, _err = command(tmp_path, yes=True)
    assert Account.objects.count() == 3
    addition = Addition.objects.get()
    assert f"Addition {addition.pk}." in out
    call_command("add_accounts", undo=addition.pk, stdout=StringIO())
    assert not Account.objects.exists()
    assert not Actor.objects.exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"source": "nobody"}, "no source"),
        ({"group": "nobody"}, "no group"),
        ({"text": "Орган,Ссылка\nМинистерство ветров,\n", "yes": True}, "No row can be added"),
        ({"text": "\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"}, "no text"),
    ],
)
def test_the_command_says_what_it_cannot_do(tmp_path, options, words):
    with pytest.raises(CommandError, match=words):
        command(tmp_path, **options)
    with pytest.raises(CommandError, match="no addition"):
        call_command("add_accounts", undo=1)
    assert not Account.objects.exists()


def test_the_api_saves_only_what_was_seen_and_takes_it_back(world):
    member = make_actor("winds", name_ru="Министерство ветров")
    looked = send("lists/", {"table": LIST})
    assert looked["counts"] == {"joins": 2, "creates": 1}
    assert [(one["kind"], one["value"], one["rows"]) for one in looked["questions"]] == [
        ("group", "Новая группа", 2)
    ]
    assert not Account.objects.exists()
    answers = {"groups": {"Новая группа": NEW}}
    # With other answers the verdicts are other ones: they were not seen.
    refused = send(
        "lists/", {"list": looked["list"], "seen": looked["seen"], "answers": answers, "do": "save"}
    )
    assert "seen" in refused["error"]["fields"]
    seen = send("lists/", {"list": looked["list"], "answers": answers})["seen"]
    saved = send("lists/", {"list": looked["list"], "seen": seen, "answers": answers, "do": "save"})
    made = Group.objects.get(is_draft=True)
    assert made.title_ru == "Новая группа"
    assert set(made.members.values_list("slug", flat=True)) == {"winds", "agentstvo-mostov"}
    assert list(world.members.all()) == [member]
    undone = send("lists/", {"addition": saved["addition"], "do": "undo"})
    assert undone["staying"] == 0
    assert list(Actor.objects.all()) == [member]
    assert list(Group.objects.all()) == [world]
    assert not world.members.exists()


def test_what_stood_before_an_addition_stays_in_its_group(world):
    known = make_account("winds", "telegram", "vetry_kz").actor
    known.name_ru = "Министерство ветров"
    known.save()
    world.members.add(known)
    looked = send("lists/", {"table": LIST.replace("Новая группа", "power")})
    saved = send("lists/", {"list": looked["list"], "seen": looked["seen"], "do": "save"})
    send("lists/", {"addition": saved["addition"], "do": "undo"})
    assert list(world.members.all()) == [known]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"do": "save"}, "list"),
        ({"list": "nobody:1", "do": "look"}, "list"),
        ({"file": "***"}, "file"),
        ({"table": "a\n", "kind": "ministry"}, "kind"),
        ({"do": "undo"}, "addition"),
        ({"do": "undo", "addition": 1}, "addition"),
        ({"table": LIST, "answers": {"groups": {"a": 1}}}, "answers"),
        ({"table": LIST, "answers": {"kinds": {"a": "court"}}}, "answers"),
        ({"table": LIST, "extra": 1}, "extra"),
    ],
)
def test_what_cannot_be_used_is_named(body, field):
    assert field in send("lists/", body)["error"]["fields"]
    assert not Account.objects.exists()


@pytest.mark.parametrize(
    ("text", "accounts"),
    [
        (
            "Министерство ветров: https://www.facebook.com/vetrykz\nМинистерство мостов - t.me/mosty_kz ; instagram: @mosty_kz\n"
            "Агентство дорог — https://vk.com/dorogi_kz (офиц.)\n",
            [
                ("Агентство дорог", "vk", "dorogi_kz"),
                ("Министерство ветров", "facebook", "vetrykz"),
                ("Министерство мостов", "instagram", "mosty_kz"),
                ("Министерство мостов", "telegram", "mosty_kz"),
            ],
        ),
        (
            "1. [Министерство ветров](https://t.me/vetry_kz)\n2. [Агентство дорог](https://vk.com/dorogi_kz)\n",
            [("Агентство дорог", "vk", "dorogi_kz"), ("Министерство ветров", "telegram", "vetry_kz")],
        ),
        (
            "Министерство ветров https://t.me/vetry_kz.\nhttps://vk.com/dorogi_kz - Агентство дорог\n"
            "№3 Ministry/Agency X (https://x.com/agency_kz)\nСуд press@sud.kz facebook.com/sudkz, instagram.com/sudkz\n",
            [
                ("Ministry/Agency X", "x", "agency_kz"),
                ("Агентство дорог", "vk", "dorogi_kz"),
                ("Министерство ветров", "telegram", "vetry_kz"),
                ("Суд", "facebook", "sudkz"),
                ("Суд", "instagram", "sudkz"),
            ],
        ),
        (
            "Министерство ветров Telegram: https://t.me/vetry_kz\nАгентство дорог https://vk.com/dorogi_kz 12 000\n"
            "Telegram https://t.me/nameless_kz\nМы были на https://vk.com/words_kz вчера днём\n",
            [
                ("nameless_kz", "telegram", "nameless_kz"),
                ("Агентство дорог", "vk", "dorogi_kz"),
                ("Министерство ветров", "telegram", "vetry_kz"),
            ],
        ),
        (
            "№;Орган;Соцсети\n1;Министерство ветров;Официальная страница https://t.me/vetry_kz (12 000)\n"
            "2;Агентство дорог;FB: https://facebook.com/dorogi IG: https://instagram.com/dorogi\n3;Суд;нет\n",
            [
                ("Агентство дорог", "facebook", "dorogi"),
                ("Агентство дорог", "instagram", "dorogi"),
                ("Министерство ветров", "telegram", "vetry_kz"),
            ],
        ),
        ("* https://t.me/vetry_kz\n• https://vk.com/dorogi_kz\n", 2),
    ],
)
def test_lines_of_plain_text_are_read_with_their_names(tmp_path, text, accounts):
    """None of them is taken for a heading, which nothing would be made of."""
    out, err = command(tmp_path, text, yes=isinstance(accounts, list))
    if isinstance(accounts, int):
        assert f"unreadable: {accounts}" not in out
        assert "vetry_kz" in out + err
        assert "dorogi_kz" in out + err
        return
    assert sorted(Account.objects.values_list("actor__name_ru", "platform", "handle")) == accounts
