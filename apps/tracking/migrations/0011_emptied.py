"""The tables of this app belong to the rooms of the house now: registry, snapshots, collecting, intake, backoffice, users.

Nothing in the database changes but the names under which Django knows the tables' content types and permissions.
"""

from typing import Any

from django.db import migrations

MOVED = {
    "registry": ("account", "actor", "group", "handlechange", "membership", "oldslug", "source"),
    "snapshots": (
        "correction", "correctionrequest", "doubt", "merger", "removal", "reply", "screenshot", "setaside", "snapshot",
    ),
    "collecting": ("attempt", "collection", "platformstate", "run"),
    "intake": ("addition", "importbatch", "importedrow"),
    "backoffice": ("handturn",),
    "users": ("change",),
}
RENAMED = {"setaside": "supersededsnapshot", "handturn": "manualclaim"}


def follow(apps: Any, schema_editor: Any) -> None:
    """Content types and permissions follow their tables; whatever points to them goes with them."""
    types = apps.get_model("contenttypes", "ContentType").objects
    permissions = apps.get_model("auth", "Permission").objects
    for room, models in MOVED.items():
        for model in models:
            name = RENAMED.get(model, model)
            if types.filter(app_label=room, model=name).exists():
                continue
            types.filter(app_label="tracking", model=model).update(app_label=room, model=name)
            if name == model:
                continue
            for action in ("add", "change", "delete", "view"):
                mine = permissions.filter(content_type__app_label=room, codename=f"{action}_{model}")
                mine.update(codename=f"{action}_{name}")


class Migration(migrations.Migration):
    dependencies = [
        ("tracking", "0010_words_of_fields"),
        ("registry", "0001_from_tracking"),
        ("snapshots", "0001_from_tracking"),
        ("collecting", "0001_from_tracking"),
        ("intake", "0001_from_tracking"),
        ("backoffice", "0001_from_tracking"),
        ("users", "0003_change_from_tracking"),
        ("alerts", "0003_new_rooms"),
        ("context", "0006_new_rooms"),
        ("standings", "0006_by_hand"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[migrations.DeleteModel(name) for models in MOVED.values() for name in models]
        ),
        migrations.RunPython(follow, migrations.RunPython.noop),
    ]
