"""Format of a line of the log: plain, or as JSON with the request or task that it belongs to (LOG_FORMAT=json)."""

import logging
import time
from contextvars import ContextVar
from typing import Any

from celery import current_task
from pythonjsonlogger.json import JsonFormatter

request_id: ContextVar[str] = ContextVar("request_id", default="")

FIELDS = {"time", "level", "logger", "message", "exception"}
OURS = {"request_id", "task", "task_id", "method", "route", "status", "seconds"}


class Ids(logging.Filter):
    """Adds request_id, or task and task_id, where there is one; it lets every record pass."""

    def filter(self, record: logging.LogRecord) -> bool:
        if found := request_id.get():
            record.request_id = found
        if current_task and current_task.request.id:  # type: ignore[truthy-bool]  # a proxy of none
            record.task, record.task_id = current_task.name, current_task.request.id
        return True


class JsonLineFormatter(JsonFormatter):
    """One object a line. What libraries hang on a record (requests, sockets) is left out: it may hold anything."""

    def __init__(self) -> None:
        super().__init__(
            "{asctime}{levelname}{name}{message}",
            style="{",
            rename_fields={
                "asctime": "time",
                "levelname": "level",
                "name": "logger",
                "exc_info": "exception",
            },
            json_ensure_ascii=False,
        )
        self.converter = time.gmtime  # UTC
        self.default_time_format, self.default_msec_format = "%Y-%m-%dT%H:%M:%S", "%s.%03dZ"

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        return {name: found for name, found in log_data.items() if name in FIELDS | OURS}
