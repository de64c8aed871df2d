import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.builders import make_account, make_actor, make_group, make_snapshots


@pytest.fixture
def count_queries(client):
    """Provide how many statements an address takes; the answer must be 200."""

    def count(address):
        client.get(address)  # warm: content types, templates
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        return len(captured)

    return count


@pytest.fixture
def table2(db):
    """Make four of the published table's actors: one leads after being behind, one is gone."""
    printed = {"precision": "printed"}
    members = []
    for slug, kind, values in [
        ("abenov", "blogger", {"2017": 39000, "2022": 64000}),
        ("president", "state_body", {"2017": 31000, "2022": 76000}),
        ("labor", "state_body", {"2017": 570, "2022": 10000}),
        ("defense", "state_body", {"2017": 9600, "2022": None}),
    ]:
        actor = make_actor(
            slug, kind, name_en=slug.title(), name_ru=f"{slug.title()} ру", name_kk=f"{slug.title()} қз"
        )
        account = make_account(actor, handle="")
        counted = {day: count for day, count in values.items() if count is not None}
        make_snapshots(account, counted, **printed)
        make_snapshots(account, {day: None for day in values if day not in counted}, precision="exact")
        members.append(actor)
    return make_group(
        "abenov-vs-agencies", members, members[0], platform="facebook", title_en="Abenov and agencies"
    )


@pytest.fixture
def today():
    return timezone.localdate()
