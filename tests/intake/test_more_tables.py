"""Tables as strangers bring them, each kind in a few lines: what goes in, what is left out, what is asked."""

import io
from datetime import date

import pytest

from apps.common import grids
from apps.intake.answers import Answers, Questions
from apps.intake.doubts import Point, find_doubts
from apps.intake.headings import is_total, read_heading, unit_of_cell
from apps.intake.links import NotALink, read_account
from apps.intake.names import of_one_script
from apps.intake.table import look, read_counts
from tests.intake.books import xlsx
from tests.intake.test_reading import TRACKED, TestNames, folders

MURAT = "Мурат Абенов;Facebook"
DAY = date(2018, 12, 1)


def read(folder, content, **answers):
    """Return the good rows as (account, day, span, followers), the kinds of the others, and the kinds of questions."""
    content = content if isinstance(content, bytes) else content.encode()
    kept = grids.keep(io.BytesIO(content), folder / str(next(folders)))
    questions = Questions()
    table = look(kept, Answers.from_json(answers), knows=lambda name: bool(TRACKED.actors.find(name)))
    rows = list(read_counts(table, TRACKED, {"": 1}, questions, date(2026, 1, 1)))
    good = [(row.account_id, row.day, row.span, row.followers) for row in rows if not row.kind]
    return good, [row.kind for row in rows if row.kind], [question.kind for question in questions.all()]


@pytest.mark.parametrize(
    "text",
    [
        # Beside the followers stands what is not all of them, or not of that day.
        f"Участник;Сеть;Дата;Подписчики план;Подписчики факт\n{MURAT};01.12.2018;50000;41301\n",
        f"Участник;Сеть;Дата;Доля подписчиков;Подписчики\n{MURAT};01.12.2018;12;41301\n",
        f"Участник;Сеть;Дата;Подписчики (пред. период);Подписчики\n{MURAT};01.12.2018;41000;41301\n",
        f"Участник;Сеть;Дата;Подписчики-мужчины;Всего подписчиков\n{MURAT};01.12.2018;20000;41301\n",
        f"Name;Network;Date;Target followers;Average followers;Followers\n{MURAT};01.12.2018;50000;40000;41301\n",
        f"Қатысушы;Желі;Күні;Жоспар бойынша жазылушылар;Жазылушылар\n{MURAT};01.12.2018;50000;41301\n",
        f"Участник;Сеть;Дата;Подписчики за период;Подписчики всего\n{MURAT};01.12.2018;41000;41301\n",
        f"Name;Network;Date;Daily followers;Total followers\n{MURAT};01.12.2018;41000;41301\n",
        f"Участник;Сеть;Дата;Охват подписчиков;Подписчиков\n{MURAT};01.12.2018;41000;41301\n",
        # In each row it is said what is counted.
        f"Участник;Сеть;Дата;Показатель;Количество\n{MURAT};01.12.2018;Подписчики;41301\n{MURAT};01.12.2018;Лайки;41000\n",
        f"Name;Network;Date;Metric;Value\n{MURAT};2018-12-01;Followers;41301\n{MURAT};2018-12-01;Posts;41000\n",
        # Another's name beside the actor's, and names above the platforms.
        "ФИО ответственного;Орган;Сеть;Дата;Подписчики\nОфис;Мурат Абенов;Facebook;01.12.2018;41301\n",
        ";Мурат Абенов;;labor;\nДата;Facebook;Telegram;VK;Telegram\n01.12.2018;41301;–;–;–\n",
        # The end of a period, not its beginning.
        f"Участник;Сеть;Период с;Период по;Подписчики\n{MURAT};01.11.2018;01.12.2018;41301\n",
        f"Name;Network;Start date;End date;Followers\n{MURAT};2018-11-01;2018-12-01;41301\n",
        # Beside the day of the count another day.
        f"Участник;Сеть;Дата создания аккаунта;Дата замера;Подписчики\n{MURAT};01.12.2010;01.12.2018;41301\n",
        f"Name;Network;Date joined;Date;Followers\n{MURAT};2010-01-02;2018-12-01;41301\n",
        # A date in several columns.
        f"Год;Месяц;День;Участник;Сеть;Подписчики\n2018;12;1;{MURAT};41301\n",
        f"Day;Month;Year;Name;Network;Followers\n1;December;2018;{MURAT};41301\n",
        f"Жыл;Ай;Күн;Қатысушы;Желі;Жазылушылар\n2018;желтоқсан;1;{MURAT};41301\n",
        # The day stands above the rows.
        f"Участник;Сеть;Подписчики\n01.12.2018;;\n{MURAT};41301\n",
        f"Участник;Сеть;Подписчики\nна 1 декабря 2018 года;;\n{MURAT};41301\n",
        # Headings in other languages, and none.
        "Nombre,Red social,Fecha,Seguidores\nMurat Abenov,Facebook,2018-12-01,41301\n",
        "Name;Netzwerk;Datum;Abonnenten\nMurat Abenov;Facebook;01.12.2018;41.301\n",
        "Ad;Ağ;Tarih;Takipçi\nMurat Abenov;Facebook;01.12.2018;41.301\n",
        "Nomi;Tarmoq;Sana;Obunachilar\nMurat Abenov;Facebook;01.12.2018;41 301\n",
        "Назва;Соцмережа;Дата;Підписники\nМурат Абенов;Facebook;01.12.2018;41 301\n",
        f"{MURAT};01.12.2018;41301\n",
        # Two rows of heading, the upper one a word for platforms.
        "Дата;Участник;Социальные сети;\n;;Facebook;Telegram\n01.12.2018;Мурат Абенов;41301;–\n",
    ],
)  # fmt: skip
def test_one_count_is_read_and_nothing_else(tmp_path, text):
    good, _others, asked = read(tmp_path, text)
    assert good == [(10, DAY, 3, 41301)]
    assert asked == []


@pytest.mark.parametrize(
    ("text", "good"),
    [
        (f"Год;Месяц;Участник;Сеть;Подписчики\n2018;декабрь;{MURAT};41301\n2019;1;{MURAT};41302\n",
         [(DAY, 2, 41301), (date(2019, 1, 1), 2, 41302)]),
        (f"Год;Участник;Сеть;Янв;Фев\n2018;{MURAT};41301;41302\n2019;{MURAT};41303;41304\n",
         [(date(2018, 1, 1), 2, 41301), (date(2018, 2, 1), 2, 41302), (date(2019, 1, 1), 2, 41303), (date(2019, 2, 1), 2, 41304)]),
        (f"Участник;Сеть;Дата;Подписчики;Ед. изм.\n{MURAT};01.12.2018;41;тыс.\n{MURAT};02.12.2018;41301;чел.\n",
         [(DAY, 3, 41000), (date(2018, 12, 2), 3, 41301)]),
        (f"Год;Участник;Сеть;Подписчики\n2018;{MURAT};41301\n", [(date(2018, 1, 1), 1, 41301)]),
    ],
)  # fmt: skip
def test_what_stands_in_columns_of_its_own_is_put_together(tmp_path, text, good):
    rows, others, asked = read(tmp_path, text)
    assert rows == [(10, *row) for row in good]
    assert (others, asked) == ([], [])


def test_a_column_of_units_refuses_what_is_none(tmp_path):
    text = f"Участник;Сеть;Дата;Подписчики;Ед. изм.\n{MURAT};01.12.2018;41;%\n{MURAT};02.12.2018;41;пар\n"
    assert read(tmp_path, text) == ([], ["error", "error"], [])


def test_a_unit_under_the_table_is_asked(tmp_path):
    text = f"Участник;Сеть;Дата;Подписчики\n{MURAT};01.12.2018;41\nПримечание: данные в тыс. подписчиков\n"
    assert read(tmp_path, text) == ([], ["asked", "left"], ["unit"])
    good, _others, _asked = read(tmp_path, text, unit={"*": 1000})
    assert good == [(10, DAY, 3, 41000)]


def sheet_rows(*rows):
    return "".join(
        f'<row r="{number}">{"".join(_cell(cell) for cell in row)}</row>'
        for number, row in enumerate(rows, 1)
    )


def _cell(value):
    return (
        f"<c><v>{value}</v></c>"
        if isinstance(value, int)
        else f'<c t="inlineStr"><is><t>{value}</t></is></c>'
    )


NAMED_SHEET = sheet_rows(("Участник", "Подписчики"), ("Мурат Абенов", 41301))


@pytest.mark.parametrize("answers", [{"platform": "facebook"}, {"platform": "facebook", "day": "2019-05-01"}])
def test_a_sheet_called_by_a_month_is_of_that_month(tmp_path, answers):
    book = xlsx(NAMED_SHEET, sheets=(("Декабрь 2018", "visible"),))
    assert read(tmp_path, book, **answers)[0] == [(10, DAY, 2, 41301)]


def test_a_day_within_the_month_of_the_sheet_says_more(tmp_path):
    book = xlsx(NAMED_SHEET, sheets=(("Декабрь 2018", "visible"),))
    assert read(tmp_path, book, platform="facebook", day="2018-12-05")[0] == [
        (10, date(2018, 12, 5), 3, 41301)
    ]


def test_a_month_says_less_than_the_day_of_the_sheet(tmp_path):
    book = xlsx(NAMED_SHEET, sheets=(("01.12.2018", "visible"),))
    assert read(tmp_path, book, platform="facebook", day="2018-12")[0] == [(10, DAY, 3, 41301)]


@pytest.mark.parametrize(("name", "asked"), [("Facebook", []), ("OK", ["platform"])])
def test_a_sheet_called_by_a_platform_is_of_that_platform(tmp_path, name, asked):
    book = xlsx(NAMED_SHEET, sheets=((name, "visible"),))
    good, _others, questions = read(tmp_path, book, day="2018-12-01")
    assert questions == asked
    assert bool(good) is (not asked)


def test_of_two_columns_of_followers_the_visible_one_counts(tmp_path):
    rows = sheet_rows(
        ("Участник", "Сеть", "Дата", "Подписчики", "Подписчики"),
        ("Мурат Абенов", "Facebook", "01.12.2018", 99, 41301),
    )
    book = xlsx(rows, before='<cols><col min="4" max="4" hidden="1"/></cols>')
    assert read(tmp_path, book)[0] == [(10, DAY, 3, 41301)]


def test_a_number_format_that_may_be_thousand_or_million_is_refused(tmp_path):
    head = sheet_rows(("Участник", "Сеть", "Дата", "Подписчики"))
    row = (
        '<row r="2">'
        + "".join(map(_cell, ("Мурат Абенов", "Facebook", "01.12.2018")))
        + '<c s="1"><v>41</v></c></row>'
    )
    book = xlsx(head + row, formats=("0&quot; м&quot;",))
    assert read(tmp_path, book)[:2] == ([], ["error"])


@pytest.mark.parametrize(
    ("text", "is_one"),
    [("Итог", True), ("Максимум", True), ("Min.", True), ("Барлығы", True), ("Всего по сети", True), ("Toplam", True),
     ("Total.kz", False), ("Макс Иванов", False), ("Минтруда", False), ("Итоги дня", False)],
)  # fmt: skip
def test_totals_are_told_from_names(text, is_one):
    assert is_total(text) is is_one


@pytest.mark.parametrize(
    ("text", "unit"), [("тыс.", 1000), ("тыс. чел.", 1000), ("мың адам", 1000), ("млн", 1_000_000), ("чел.", 1), ("м", 0), ("%", 0), ("кг", 0)]
)  # fmt: skip
def test_units_in_cells(text, unit):
    assert unit_of_cell(text) == unit


def test_a_plain_word_for_followers_is_surer_than_one_of_several():
    sure, less, least = (
        read_heading(text).confidence for text in ("Подписчики", "Подписчики факт", "Подписчики (было)")
    )
    assert sure > less > least


def test_a_total_within_a_period_is_a_count_and_what_came_within_it_none():
    assert read_heading("Всего подписчиков за год").role == "followers"
    assert read_heading("Подписчики за год").role == "change"


def test_letters_of_two_alphabets_in_a_name_are_seen_through_and_asked():
    assert TestNames.INDEX.find("Мурaт Aбeнoв") == []
    assert TestNames.INDEX.likely("Мурaт Aбeнoв")[0] == 1


@pytest.mark.parametrize(
    ("number", "is_one"), [("12500", False), ("2018", False), ("99999999", False), ("123456789", True)]
)
def test_a_number_in_a_column_of_addresses_is_an_id_only_where_it_is_as_long(number, is_one):
    if is_one:
        assert read_account(number, "facebook").platform_id == number
    else:
        with pytest.raises(NotALink) as refused:
            read_account(number, "facebook")
        assert refused.value.code == "number"


@pytest.mark.parametrize(
    ("counts", "are_changes"),
    [
        ((12, 3, 7, 5, 1, 3, 12, 9), True),
        ((120, 310, 70, 540, 10, 330), True),
        ((12, 3, 12, 3, 12), False),  # too few to tell
        ((41301, 41310, 41290, 41350, 41340, 41400, 41390), False),
        ((10, 14, 20, 30, 45, 70, 110), False),  # grows, never falls
        ((9, 10, 11, 10, 12, 11, 13), False),
        ((1000, 1010, 600, 1000, 1010, 1012, 1013, 600, 1000, 1001, 1003), False),  # two slips, not each day
    ],
)
def test_counts_that_sway_like_daily_changes_are_held_out(counts, are_changes):
    points = [Point(1, date(2018, 12, day), 3, count, day) for day, count in enumerate(counts, 1)]
    doubts = find_doubts(points)
    assert {number for number, doubt in doubts.items() if doubt.code == "changes"} == (
        set(range(1, len(counts) + 1)) if are_changes else set()
    )


@pytest.mark.parametrize(
    ("text", "good", "others"),
    [
        # Whose and which platform in one heading.
        ("Дата;Мурат Абенов (Facebook);labor (VK)\n01.12.2018;41301;7\n", [41301, 7], []),
        # The head again, as at the top of each printed page.
        (
            f"Участник;Сеть;Дата;Подписчики\n{MURAT};01.12.2018;41301\nУчастник;Сеть;Дата;Подписчики\n",
            [41301],
            ["left"],
        ),
        # One letter of the heading is of the other alphabet: O, then a.
        (f"Учaстник;Cеть;Дата;Подписчики\n{MURAT};01.12.2018;41301\n", [41301], []),
        # A part of a year is not the year.
        (f"Участник;Сеть;2018;2019 (янв-июнь)\n{MURAT};41301;7\n", [41301], []),
        # One of an actor's numbers is negative: they are changes, all of them.
        ("Дата;Мурат Абенов (Facebook)\n01.12.2018;5\n02.12.2018;-3\n", [], []),
    ],
)
def test_headings_that_a_person_understands(tmp_path, text, good, others):
    rows, kinds, asked = read(tmp_path, text)
    assert [followers for _account, _day, _span, followers in rows] == good
    assert (kinds, asked) == (others, [])


def test_of_two_alphabets_the_one_of_more_letters_is_meant():
    assert read_heading("Oрган").role == read_heading("Орган").role == "actor"  # O of two alphabets
    assert of_one_script("тpуда") == "труда"
    assert of_one_script("fоllowers") == "followers"
