"""A table that was published stays what was published: its dates, its numbers, its citation."""

import json
import re
from datetime import timedelta

import pytest

from apps.figures import formats
from apps.registry.models import Group
from tests.builders import make_account, make_actor, make_group, make_snapshots, make_source

pytestmark = pytest.mark.django_db

COUNTS = {"abenov": (39_000, 64_000), "president": (31_000, 76_000), "labor": (570, 10_000)}


@pytest.fixture
def study(today):
    """Make a group of a publication whose members are collected every month now."""
    source = make_source("koshkenov2022")
    actors = [make_actor(slug) for slug in COUNTS]
    for actor, (then, now) in zip(actors, COUNTS.values(), strict=True):
        account = make_account(actor)
        make_snapshots(account, {"2017": then, "2022": now}, source=source, precision="printed")
        make_snapshots(account, {today - timedelta(days=30 * n): now * 2 + n for n in range(1, 5)})
    group = make_group("study", actors, actors[0], platform="facebook", title_en="The study of 2022")
    Group.objects.filter(pk=group.pk).update(source=source)
    return group


def words(html):
    return " ".join(re.sub(r"<[^>]+>", " ", html).replace("\xa0", " ").split())


def test_what_was_collected_since_is_not_drawn_under_the_study_s_name(client, study):
    """Of a group, on its page and in its frame: 2017 and 2022, not last month."""
    for address in ("/en/groups/study/", "/embed/groups/study"):
        page = words(client.get(address).content.decode())
        assert "76,000" in page, address
        assert "152,0" not in page, address
    drawn = json.loads(client.get("/picture/groups/study.json").content)
    assert "152" not in json.dumps(drawn)


def test_the_dates_of_the_address_are_those_that_are_drawn(client, study, today):
    assert "152,001" in words(client.get(f"/en/groups/study/?since=2022&on={today}").content.decode())


def test_a_citation_names_the_day_of_what_is_cited(client, study, today):
    cited = re.compile(r'<p class="cited">(.*?)</p>', re.DOTALL)
    (of_table,) = cited.findall(client.get("/en/groups/study/").content.decode())
    assert "Data as of 2022." in words(of_table)
    (of_standings,) = cited.findall(client.get("/en/standings/?platform=facebook").content.decode())
    month_ago = formats.day(today - timedelta(days=30)).replace("\xa0", " ")
    assert f"Data as of {month_ago}." in words(of_standings)
