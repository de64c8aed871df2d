"""What stood as "kind: code: detail" in one column becomes a code and a detail."""

from typing import Any

from django.db import migrations

TROUBLES = {
    "not_found", "held", "other_id", "same_as", "moved", "person", "bot", "not_a_channel", "not_a_group", "bad_handle",
    "server_error", "timeout", "connection", "rate", "refused", "no_permission", "bad_token", "guests_refused", "no_answer",
    "no_count", "unknown_text", "not_a_count", "not_home", "private_address",
}  # fmt: skip
PAUSES = {
    "rate", "window", "quota", "day_budget", "money_cap", "credit", "bad_token", "token_expired", "no_permission",
    "not_enabled", "not_configured", "bad_request", "server_error", "timeout", "connection",
}  # fmt: skip
SAME = {"bad_id": "bad_handle", "bad_request": "refused", "token_expired": "bad_token", "not_enabled": "bad_token"}


def trouble_of(text: str) -> tuple[str, str]:
    kind, _colon, rest = text.partition(": ")
    if kind in ("error", "stopped", "moved"):
        kind, _colon, rest = (rest if kind != "moved" else text).partition(": ")
    code = SAME.get(kind, kind)
    return (code, rest) if code in TROUBLES else ("error", f"{kind}: {rest}".rstrip(": "))


def pause_of(text: str) -> tuple[str, str]:
    code, _colon, rest = text.partition(": ")
    return (code, rest) if code in PAUSES else ("unreadable", text)


def split(apps: Any, schema_editor: Any) -> None:
    Collection = apps.get_model("collecting", "Collection")
    for text in Collection.objects.exclude(last_error="").values_list("last_error", flat=True).distinct().iterator():
        code, detail = trouble_of(text)
        Collection.objects.filter(last_error=text).update(error_code=code, error_detail=detail[:300])
    for state in apps.get_model("collecting", "PlatformState").objects.exclude(pause_reason=""):
        state.pause_code, state.pause_detail = pause_of(state.pause_reason)
        state.save(update_fields=["pause_code", "pause_detail"])


class Migration(migrations.Migration):
    dependencies = [("collecting", "0002_reasons_as_codes")]

    operations = [migrations.RunPython(split, migrations.RunPython.noop)]
