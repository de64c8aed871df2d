"""One rule says which account an address means, for forms, lists, imports, programs and warnings."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.collectors.types import Target
from apps.registry.addressed import ByAddress
from apps.registry.services import find_accounts
from tests.builders import make_account

pytestmark = pytest.mark.django_db


def test_id_goes_before_handle_and_case_does_not_matter():
    renamed = make_account(platform="x", handle="old_name", platform_id="1")
    heir = make_account(platform="x", handle="New_Name", platform_id="2")
    elsewhere = make_account(platform="vk", handle="new_name", platform_id="1")
    found = {
        Target("x", "new_name", "1"): renamed,
        Target("x", "NEW_NAME"): heir,
        Target("x", "new_name", "9"): heir,
        Target("vk", platform_id="1"): elsewhere,
    }
    unknown = [Target("x"), Target("x", "nobody", "9"), Target("ok", "new_name", "1")]
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert find_accounts([*found, *unknown]) == found
    assert len(queries) == 1


def test_row_that_is_known_under_no_name_is_never_found():
    rows = ByAddress[str]()
    rows.add("x", "", "", "nameless")
    assert rows.find(Target("x")) is None
