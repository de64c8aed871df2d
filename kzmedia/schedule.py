"""The schedule of periodic tasks (UTC)."""

from typing import Any, Final

from celery.schedules import crontab

TASKS: Final[dict[str, dict[str, Any]]] = {
    "dispatch-due": {
        "task": "apps.collecting.tasks.dispatch_due",
        "schedule": crontab(),
        "options": {"expires": 50},  # shorter than the period: stale work is not done twice
    },
    "close-ended-bodies": {
        "task": "apps.collecting.tasks.close_ended",
        "schedule": crontab(hour=19, minute=5),  # UTC: after midnight in Almaty
        "options": {"expires": 3600},
    },
    "obey-terms": {
        "task": "apps.snapshots.tasks.obey_terms",
        "schedule": crontab(hour=20, minute=10),  # UTC: after midnight in Almaty
        "options": {"expires": 3600},
    },
    "seal-ledger": {
        "task": "apps.ledger.tasks.seal",
        # a quarter past one at night in Almaty, when obey-terms is through; an hour after midnight at the earliest
        "schedule": crontab(hour=20, minute=15),
        "options": {"expires": 6 * 3600},
    },
    "mail-ledger": {
        "task": "apps.ledger.tasks.tell",
        "schedule": crontab(minute=50),
        "options": {"expires": 3500},
    },
    "look-at-due-sites": {
        "task": "apps.intake.tasks.look_at_due_sites",
        "schedule": crontab(hour=4, minute=20),  # a weekday morning in Almaty finds sites awake
        "options": {"expires": 3600},
    },
    "freeze-dataset": {
        "task": "apps.exports.tasks.freeze_dataset",
        # six in the morning in Almaty; made once a month, the first day that it can be
        "schedule": crontab(hour=1, minute=0),
        "options": {"expires": 6 * 3600},
    },
    "make-package": {
        "task": "apps.exports.tasks.make_package",
        "schedule": crontab(hour=20, minute=30),  # after the night is sealed
        "options": {"expires": 6 * 3600},
    },
    "look-what-happened": {
        "task": "apps.alerts.tasks.look",
        "schedule": crontab(minute="*/5"),
        "options": {"expires": 290},
    },
    "send-messages": {
        "task": "apps.alerts.tasks.deliver",
        "schedule": crontab(),
        "options": {"expires": 50},
    },
    "send-mails": {
        "task": "apps.users.tasks.send_mails",
        "schedule": crontab(),
        "options": {"expires": 50},
    },
    "write-digests": {
        "task": "apps.alerts.tasks.write_digests",
        "schedule": crontab(minute=7),
        "options": {"expires": 3500},
    },
    "heartbeat": {
        "task": "apps.alerts.tasks.heartbeat",
        "schedule": crontab(minute="*/5"),
        "options": {"expires": 290},
    },
    "forget-askers": {
        "task": "apps.snapshots.tasks.forget_askers",
        "schedule": crontab(hour=20, minute=50),
        "options": {"expires": 3600},
    },
    "beat-heart": {
        "task": "kzmedia.tasks.beat_heart",
        "schedule": crontab(),
        "options": {"expires": 50},
    },
    "make-backup": {
        "task": "kzmedia.tasks.make_backup",
        "schedule": crontab(hour=21, minute=30),  # half past two at night in Almaty
        "options": {"expires": 6 * 3600},
    },
    "try-backup": {
        "task": "kzmedia.tasks.try_backup",
        "schedule": crontab(
            hour=22, minute=45, day_of_week="sunday"
        ),  # a quarter to four on Monday in Almaty
        "options": {"expires": 6 * 3600},
    },
    "prune-log": {
        "task": "apps.collecting.tasks.prune_log",
        "schedule": crontab(hour=20, minute=40),
        "options": {"expires": 3600},
    },
    "check-latest": {
        "task": "apps.snapshots.tasks.check_latest",
        "schedule": crontab(hour=21, minute=10),  # after the terms, before the backup
        "options": {"expires": 6 * 3600},
    },
    "prune-imports": {
        "task": "apps.intake.tasks.prune_imports",
        "schedule": crontab(hour=20, minute=45),
        "options": {"expires": 3600},
    },
}
