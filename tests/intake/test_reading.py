"""The parts of the reading by themselves, and one table in every guise: the same readings come out."""

import csv
import io
from datetime import date
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.common import grids
from apps.intake.answers import Answers, BadAnswer, Questions
from apps.intake.column_roles import read_column
from apps.intake.dates import DateQuestion, DateRules, NotADate, read_when, span_of_format
from apps.intake.doubts import Point, find_doubts
from apps.intake.headings import read_heading, unit_of_title
from apps.intake.links import NotALink, pieces, read_account
from apps.intake.names import ActorIndex, Named
from apps.intake.platform_words import NotAPlatform, read_platform
from apps.intake.sheet_reader import Tracked
from apps.intake.table import look, read_counts
from apps.registry.addressed import ByAddress

SAID = DateRules("dmy", "20yy", "1900", 0)


class TestDates:
    @pytest.mark.parametrize(
        ("text", "first", "span"),
        [
            ("2018", "2018-01-01", 1), ("2018 ж.", "2018-01-01", 1), ("2018 жылы", "2018-01-01", 1), ("2018-06", "2018-06-01", 2),
            ("05.2018", "2018-05-01", 2), ("ноя.18", "2018-11-01", 2), ("Dec-18", "2018-12-01", 2), ("октябрь 2018 г.", "2018-10-01", 2),
            ("2021 жылдың ақпаны", "2021-02-01", 2), ("2021 жылғы қаңтар", "2021-01-01", 2), ("01.12.18", "2018-12-01", 3),
            ("02.12.2018г.", "2018-12-02", 3), ("03.12.2018 14:30", "2018-12-03", 3), ("43439", "2018-12-05", 3),
            ("на 6 декабря 2018 года", "2018-12-06", 3), ("по состоянию на 08.12.2018", "2018-12-08", 3), ("Mon, Dec 10, 2018", "2018-12-10", 3),
            ("2018 жылғы 11 желтоқсан", "2018-12-11", 3), ("2021 жылғы 11 желтоқсандағы жағдай бойынша", "2021-12-11", 3),
            ("03/05/2019", "2019-05-03", 3), ("1-ші желтоқсан 2018", "2018-12-01", 3), ("20181201", "2018-12-01", 3),
            ("2018-12-14T20:30:00Z", "2018-12-15", 3), ("2024-02-28T18:30:00Z", "2024-02-29", 3), ("2024-03-01T18:30:00Z", "2024-03-01", 3),
        ],
    )  # fmt: skip
    def test_what_people_write_is_read(self, text, first, span):
        when = read_when(text, SAID)
        assert (when.day.isoformat(), when.span) == (first, span)

    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("", "empty"), ("31.11.2018", "no_such_day"), ("17.12", "no_year"), ("март", "no_year"), ("IV кв. 2018", "quarter"),
            ("3 тоқсан 2018", "quarter"), ("I полугодие 2018", "half"), ("конец 2018", "vague"), ("вчера", "relative"),
            ("2018-2019", "range"), ("Dec 01, 2018 - Dec 07, 2018", "range"), ("41 260", "shape"), ("Facebook", "shape"),
        ],
    )  # fmt: skip
    def test_what_is_no_date_is_refused(self, text, code):
        with pytest.raises(NotADate) as refused:
            read_when(text, SAID)
        assert refused.value.code == code

    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("03/05/2019", "day_order"),
            ("01.12.18", "short_years"),
            ("Dec-18", "short_years"),
            ("43439", "serials"),
        ],
    )
    def test_what_has_two_readings_is_a_question(self, text, code):
        with pytest.raises(DateQuestion) as asked:
            read_when(text)
        assert asked.value.code == code
        assert asked.value.likely

    @pytest.mark.parametrize(
        ("code", "span"),
        [("mmm yy", 2), ("yyyy", 1), ("dd.mm.yyyy hh:mm", 3), ("[$-419]mmmm\\ yyyy;@", 2), ("h:mm", 0)],
    )
    def test_a_format_shows_so_much_of_a_date(self, code, span):
        assert span_of_format(code) == span

    @given(st.text(max_size=30) | st.text("0123456789 .-/:TZянварь", max_size=24))
    def test_no_text_raises_anything_else(self, text):
        try:
            when = read_when(text, SAID)
        except NotADate:
            return
        assert when.span in (1, 2, 3)


class TestNames:
    INDEX = ActorIndex(
        [
            Named(1, "abenov", "blogger", ("Murat Abenov", "Мурат Абенов", "Мұрат Әбенов")),
            Named(
                2,
                "labor",
                "state_body",
                (
                    "Ministry of Labor",
                    "Министерство труда и социальной защиты населения Республики Казахстан",
                ),
            ),
            Named(
                3, "office", "state_body", ("Press office", "Пресс-служба Президента Республики Казахстан")
            ),
            Named(4, "fedor", "official", ("Fyodor", "Фёдор Йодов")),
        ]
    )

    @pytest.mark.parametrize(
        ("text", "pk"),
        [
            ("  МУРАТ\u00a0 АБЕНОВ ", 1), ("Абенов Мурат", 1), ("«Мұрат Әбенов»", 1), ("abenov", 1), ("Фе\u0308дор И\u0306одов", 4),
            ("Пресс\u2011служба Президента РК", 3), ("Пресс\u00ad-служба Президента Республики Казахстан", 3),
            ("Министерство труда и социальной защиты населения РК", 2),
        ],
    )  # fmt: skip
    def test_the_same_name_is_found_however_it_is_typed(self, text, pk):
        assert self.INDEX.find(text) == [pk]

    @pytest.mark.parametrize(
        ("text", "pk"), [("Абенов М.", 1), ("Минтруда", 2), ("Абенова Мурат", 1), ("🏛 Мурат Абенов", 1)]
    )
    def test_what_is_only_alike_is_offered_and_not_found(self, text, pk):
        assert self.INDEX.find(text) == []
        assert self.INDEX.likely(text) == [pk]

    def test_a_stranger_is_nobody(self):
        assert (self.INDEX.find("Газета «Тал»"), self.INDEX.likely("Газета «Тал»")) == ([], [])


class TestPlatformWords:
    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("Фейсбук желісі", "facebook"), ("Instagram (запрещена в РФ)", "instagram"), ("Twitter/X", "x"), ("X (Twitter)", "x"),
            ("Х (Twitter)", "x"), ("ok.ru", "ok"), ("YouTube-канал", "youtube"), ("Тик-ток", "tiktok"), ("https://vk.com", "vk"),
        ],
    )  # fmt: skip
    def test_words_that_mean_one_platform(self, text, code):
        assert read_platform(text) == code

    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("Х", "question"),
            ("Meta", "question"),
            ("FB+IG", "several"),
            ("Все сети", "sum"),
            ("Сайт", "unknown"),
        ],
    )
    def test_words_that_do_not(self, text, code):
        with pytest.raises(NotAPlatform) as refused:
            read_platform(text)
        assert refused.value.code == code


class TestHeadings:
    @pytest.mark.parametrize(
        ("text", "role", "unit"),
        [
            ("Подписчики, тыс.", "followers", 1000), ("Instagram (тыс. чел.)", "", 1000), ("YouTube, млн", "", 1_000_000),
            ("Follower Growth (#)", "change", 1), ("New followers", "change", 1), ("Total followers", "followers", 1), ("Page Likes", "left", 1),
            ("№", "number", 1), ("E-mail", "left", 1), ("Әлеуметтік желі", "platform", 1), ("Жазылушылар саны", "followers", 1),
            ("facebook_id", "platform_id", 1), ("Наименование госоргана", "actor", 1), ("Күні", "day", 1), ("October", "", 1),
            ("Account", "handle", 1), ("Country", "left", 1), ("X handle", "handle", 1), ("Владелец", "actor", 1),
            ("Количество аккаунтов", "left", 1),
        ],
    )  # fmt: skip
    def test_words_of_headings(self, text, role, unit):
        heading = read_heading(text)
        assert (heading.role, heading.unit) == (role, unit)

    def test_the_end_of_a_period_is_surer_than_its_start(self):
        start, end = map(read_heading, ("Подписчиков на начало периода", "Подписчиков на конец периода"))
        assert (start.role, end.role) == ("followers", "followers")
        assert start.confidence < end.confidence

    def test_a_title_may_give_the_unit(self):
        assert unit_of_title("Followers of state pages, in thousands") == 1000
        assert unit_of_title("О тысяче мелочей") == 1


class TestDatesInHeadings:
    """A heading of counts may hold their date: all of it, and nothing that is no date."""

    @pytest.mark.parametrize(
        ("heading", "day", "span"),
        [
            ("Followers 30.12.2023", date(2023, 12, 30), 3),
            ("Подписчики (янв 2018)", date(2018, 1, 1), 2),
            ("Instagram, 31.12.2023 (тыс.)", date(2023, 12, 31), 3),
            ("Подписчики на 1 марта 2024 г.", date(2024, 3, 1), 3),
            ("Жазылушылар 2024 ж. қаңтар", date(2024, 1, 1), 2),
            ("Followers Dec 31, 2023", date(2023, 12, 31), 3),
            ("Followers 2018", date(2018, 1, 1), 1),
            ("2024-12-31 followers", date(2024, 12, 31), 3),
        ],
    )
    def test_all_of_the_date_is_read(self, heading, day, span):
        table = [["Actor", "Platform", heading], ["Мурат Абенов", "Facebook", "64000"]]
        (column,) = [column for column in columns_of(table) if column.role == "followers"]
        when = read_when(column.when)
        assert (when.day, when.span) == (day, span)

    @pytest.mark.parametrize(
        "heading",
        [
            "Подписчики с 01.01.2023 по 31.12.2023",
            "Followers Q1 2024",
            "Подписчики, 2 кв. 2024",
            "Followers 2017-2022",
        ],
    )
    def test_a_time_that_is_no_day_month_or_year_is_no_date(self, heading):
        table = [["Actor", "Platform", heading], ["Мурат Абенов", "Facebook", "64000"]]
        assert [column.when for column in columns_of(table)] == ["", "", ""]


def staged(folder, text, **answers):
    """Return the rows of a table of text and the kinds of questions that it leaves."""
    kept = grids.keep(io.BytesIO(text.encode()), folder / str(next(folders)))
    questions = Questions()
    table = look(kept, Answers.from_json(answers), knows=lambda name: bool(TRACKED.actors.find(name)))
    assert not table.refusal()
    rows = list(read_counts(table, TRACKED, {"": 1}, questions, date(2026, 1, 1)))
    return rows, {question.kind for question in questions.all()}


class TestTables:
    def test_handles_without_a_platform_ask_for_it_once(self, tmp_path):
        text = "account,followers,date\n@akordakz,120000,2024-03-01\n@minfin,35000,2024-03-01\n"
        rows, asked = staged(tmp_path, text)
        assert asked == {"platform"}
        assert [row.kind for row in rows] == ["asked", "asked"]
        rows, asked = staged(tmp_path, text, platform="instagram")
        assert asked == set()
        assert {row.problem for row in rows} == {"address: This account is not tracked. Add it first."}

    def test_accounts_called_by_names_are_actors(self, tmp_path):
        text = "Аккаунт;Соцсеть;Подписчики;Дата\nМурат Абенов;Facebook;64 000;01.03.2024\n"
        rows, asked = staged(tmp_path, text)
        assert [(row.account_id, row.followers, row.kind) for row in rows] == [(10, 64000, "")]
        assert not asked

    def test_a_row_with_a_platform_alone_begins_its_rows(self, tmp_path):
        text = "Имя;Подписчики;Дата\nFacebook;;\nМурат Абенов;100;01.03.2024\nВКонтакте;;\nlabor;200;01.03.2024\n"
        rows, asked = staged(tmp_path, text)
        assert [row.account_id for row in rows if not row.kind] == [10, 20]
        assert not asked
        # The platform of the whole table is not that of the rows below another one's name.
        rows, _ = staged(tmp_path, text, platform="vk")
        assert [row.account_id for row in rows if not row.kind] == [10, 20]

    def test_the_rule_of_a_table_drawn_in_text_is_no_row(self, tmp_path):
        text = (
            "| Name | Platform | Followers | Date |\n|---|:--:|---:|---|\n| labor | VK | 200 | 2024-03-01 |\n"
        )
        rows, asked = staged(tmp_path, text)
        assert [(row.kind, row.account_id) for row in rows] == [("left", None), ("", 20)]
        assert not asked


def columns_of(table):
    """The columns of a table, as they are recognised without a database."""
    return [
        read_column(place, [heading], [row[place] for row in table[1:]], lambda name: False, has_heading=True)
        for place, heading in enumerate(table[0])
    ]


class TestAddresses:
    @pytest.mark.parametrize(
        ("text", "platform", "code"),
        [
            ("press@winds.example", "", "email"), ("+7 000 000 00 00", "", "phone"), ("12 345", "facebook", "number"),
            ("https://www.youtube.com/@a_b 5 600", "", "beside"), ("https://medium.com/@a_b", "", "unknown_host"),
            ("https://social.example/@a_b", "", "unknown_host"), ("a_b", "", "needs_platform"),
        ],
    )  # fmt: skip
    def test_what_is_no_account(self, text, platform, code):
        with pytest.raises(NotALink) as refused:
            read_account(text, platform)
        assert refused.value.code == code

    def test_a_server_that_is_known_as_one_is_mastodon(self):
        assert (
            read_account("https://social.example/@a_b", servers=["social.example"]).handle
            == "a_b@social.example"
        )
        assert read_account("@a_b@social.example").platform == "mastodon"

    def test_several_in_a_cell(self):
        assert pieces("https://t.me/a, https://vk.com/b") == ["https://t.me/a", "https://vk.com/b"]


class TestDoubts:
    def points(self, *counts, account=1, start=1):
        return [
            Point(account, date(2019, 3, day), 3, followers, day)
            for day, followers in enumerate(counts, start)
        ]

    @pytest.mark.parametrize(
        ("counts", "doubted"),
        [
            ((100, 110, 120), {}),
            ((42300, 423100, 42350, 4230, 42400), {2: "tenfold", 4: "tenth"}),
            ((42300, 423100, 423200, 42350), {2: "tenfold", 3: "tenfold"}),  # the level returns: all between
            ((1900, 0, 1905), {2: "zero"}),
            ((9, 104, 1100, 1105), {3: "tenfold"}),  # the level stays: its first alone; 9 to 104 is too small to matter
            ((60_000, 60_120_000), {2: "hundredfold"}),
        ],
    )  # fmt: skip
    def test_jumps(self, counts, doubted):
        assert {number: doubt.code for number, doubt in find_doubts(self.points(*counts)).items()} == doubted

    def test_two_accounts_that_swap(self):
        points = [
            *self.points(1000, 5020, account=1),
            *[point._replace(number=point.number + 10) for point in self.points(5000, 1010, account=2)],
        ]
        doubts = find_doubts(points)
        assert {number: (doubt.code, doubt.other) for number, doubt in doubts.items()} == {
            2: ("swapped", 2),
            12: ("swapped", 1),
        }


def test_an_answer_that_answers_nothing_is_refused():
    for given_ in (
        {"day_order": "ymd"},
        {"unit": {"a": 5}},
        {"platform": "myspace"},
        {"day": "soon"},
        {"x": 1},
        {"words": {"a": "b"}},
        {"aliases": []},
    ):
        with pytest.raises(BadAnswer):
            Answers.from_json(given_)


# One table in every guise

HEADINGS = {
    "en": ["Actor", "Network", "Date", "Followers", "Note"],
    "ru": ["Наименование", "Соцсеть", "Дата", "Подписчики", "Примечание"],
    "kk": ["Атауы", "Желі", "Күні", "Жазылушылар саны", "Ескерту"],
}
TRACKED = Tracked(
    TestNames.INDEX, {"abenov": 1, "labor": 2, "office": 3, "fedor": 4}, {10: 1, 20: 2}, {(1, "facebook"): [10], (2, "vk"): [20]},
    {10: "facebook", 20: "vk"}, {}, ByAddress(), (), {1: "abenov", 2: "labor"},
)  # fmt: skip
ROWS = [("Мурат Абенов", "Фейсбук", 10), ("labor", "ВК", 20)]
folders = count()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    counts=st.lists(
        st.tuples(
            st.sampled_from(ROWS), st.dates(date(2018, 1, 1), date(2025, 12, 31)), st.integers(0, 9_999_999)
        ),
        min_size=2,
        max_size=8,
    ),
    order=st.permutations(range(5)),
    language=st.sampled_from(["en", "ru", "kk"]),
    separator=st.sampled_from([",", ";", "\t", "|"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1251", "kz1048", "koi8-r"]),
    title=st.booleans(),
    total=st.booleans(),
)
def test_the_same_table_in_any_guise_gives_the_same_readings(
    tmp_path, counts, order, language, separator, encoding, title, total
):
    if language == "kk" and encoding in ("cp1251", "koi8-r"):
        encoding = "utf-8"
    rows = [
        HEADINGS[language],
        *(
            [name, network, f"{day:%d.%m.%Y}", str(followers), "из отчёта"]
            for (name, network, _account), day, followers in counts
        ),
    ]
    if total:
        rows.append(["Итого", "", "", "12", ""])
    rows = [[row[place] for place in order] for row in rows]
    if title:
        rows = [["Мониторинг страниц за все годы", "", "", "", ""], ["", "", "", "", ""], *rows]
    text = io.StringIO()
    csv.writer(text, delimiter=separator).writerows(rows)
    kept = grids.keep(io.BytesIO(text.getvalue().encode(encoding)), tmp_path / str(next(folders)))
    questions = Questions()
    table = look(kept, Answers(), knows=lambda name: bool(TRACKED.actors.find(name)))
    staged = list(read_counts(table, TRACKED, {"": 1}, questions, date(2026, 1, 1)))
    assert questions.all() == []
    assert [
        (row.account_id, row.day, row.span, row.followers, row.note) for row in staged if not row.kind
    ] == [(account, day, 3, followers, "из отчёта") for (_name, _network, account), day, followers in counts]
    assert {row.kind for row in staged} <= {"", "left"}
