"""The public pages: read the address, ask standings, let figures draw and say it."""

from apps.dashboard.views.actor import actor, actors
from apps.dashboard.views.check import check
from apps.dashboard.views.compare import compare
from apps.dashboard.views.correction_requests import ask, asked, reply, suggest
from apps.dashboard.views.corrections import corrections, merged
from apps.dashboard.views.country import context
from apps.dashboard.views.data import data
from apps.dashboard.views.editions import edition, editions, freeze
from apps.dashboard.views.events import events
from apps.dashboard.views.groups import group, groups
from apps.dashboard.views.ledger import ledger
from apps.dashboard.views.me import change_peers, me
from apps.dashboard.views.overview import overview
from apps.dashboard.views.search import search
from apps.dashboard.views.standings import standings
from apps.dashboard.views.texts import method, status
from apps.dashboard.views.unusual import unusual_days

__all__ = [
    "actor",
    "actors",
    "ask",
    "asked",
    "change_peers",
    "check",
    "compare",
    "context",
    "corrections",
    "data",
    "edition",
    "editions",
    "events",
    "freeze",
    "group",
    "groups",
    "ledger",
    "me",
    "merged",
    "method",
    "overview",
    "reply",
    "search",
    "standings",
    "status",
    "suggest",
    "unusual_days",
]
