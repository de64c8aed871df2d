"""What tests take for the reference dataset is what the command loads."""

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection

from apps.registry.models import Actor
from apps.snapshots.models import LatestSnapshot
from tests import reference, servers
from tests.builders import make_actor


def everything():
    """Return every row, but for instants and the numbers of rows; how many there are of those."""
    found = {}
    for app in reference.DATA_APPS:
        for model in apps.get_app_config(app).get_models(include_auto_created=True):
            told = [
                field.attname
                for field in model._meta.concrete_fields
                if not field.is_relation
                and not field.primary_key
                and field.get_internal_type() != "DateTimeField"
                and field.attname != "object_id"
            ]
            rows = model._base_manager.values_list(*told) if told else [()] * model._base_manager.count()
            if model is not LatestSnapshot:  # made of the snapshots by a trigger; it names them by number
                found[model._meta.label] = sorted(map(str, rows))
    return found


@pytest.mark.django_db(transaction=True)
def test_copied_rows_are_those_that_are_loaded():
    call_command("load_reference", verbosity=0)
    loaded = everything()
    assert len(loaded["registry.Actor"]) == 61
    for _turn in range(2):  # the first may be the one that saves them
        servers.empty(connection)  # not `flush`: editions refuse to be emptied
        reference.load()
        assert everything() == loaded
    call_command("load_reference", verbosity=0)
    assert everything() == loaded
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    make_actor("new")  # a number that no copied row has


@pytest.mark.django_db
def test_beside_rows_of_the_test_s_own_it_is_loaded():
    own = make_actor("abenov", "blogger", name_en="Somebody")
    reference.load()
    assert Actor.objects.get(slug="abenov") == own
    assert own.accounts.count() > 0
