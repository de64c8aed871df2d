"""Filters for the cells of tables: including a template for every cell was most of a page's work."""

from collections.abc import Iterable
from functools import lru_cache
from html import escape

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from apps.dashboard.compare_form import Option
from apps.dashboard.downloads import Download, File
from apps.exports.dictionary import ColumnEntry
from apps.figures import formats, moves, sentences, twins
from apps.registry.models import Source
from apps.standings.types import Change, League, Row, Value

register = template.Library()


@register.filter
def counted(value: Value | None) -> str:
    """Return a count, or softly what stands in its place."""
    shown = formats.value(value)
    return (
        shown if value and value.followers is not None else format_html('<span class="soft">{}</span>', shown)
    )


@register.filter
def as_of(value: Value | None) -> str:
    """Return the date of a value, and whether it is rounded or no longer fresh."""
    if value is None:
        return ""
    shown = formats.when(value)
    if parts := formats.parts(value):
        shown = format_html("{} <small>{}</small>", shown, parts)
    if formats.is_rounded(value):
        shown = format_html("{} <small>{}</small>", shown, gettext("rounded"))
    if value.followers is not None and not value.is_fresh:
        shown = format_html('{} <small class="stale">{}</small>', shown, gettext("last known"))
    return shown


@register.filter
def dated(value: Value | None) -> str:
    """Write a value's date and marks as plain text, for below a name where a phone has no room for a column of it."""
    if value is None:
        return ""
    remarks = []
    if formats.is_rounded(value):
        remarks.append(gettext("rounded"))
    if value.followers is not None and not value.is_fresh:
        remarks.append(gettext("last known"))
    shown = formats.when(value)
    return f"{shown} ({', '.join(remarks)})" if remarks else shown


@register.filter
def side(value: Value | None) -> str:
    """Return a count above its date."""
    if value is None:
        return counted(value)
    return format_html("{}<br><small>{}</small>", counted(value), as_of(value))


@register.filter
def changed(item: Row | Change | None) -> str:
    """Write a change, and the accounts it leaves out; a dash, and for those who listen why, where there is none."""
    change = item.change if isinstance(item, Row) else item
    if change is None or change.nothing_new:
        is_same = change is not None or (isinstance(item, Row) and item.nothing_new)
        if isinstance(item, Row) and item.left_out:  # of other accounts there is a newer one
            is_same = False
        return _say("soft", "–", gettext("no newer count") if is_same else gettext("none"))
    shown = formats.change(change)
    if isinstance(item, Row) and (without := formats.left_out(item)):
        return format_html("{} <small>{}</small>", shown, without)
    return shown


@register.filter
def changed_between(row: Row, league: League) -> str:
    """Write a change with the days of its own readings, where two days were asked for and no period."""
    shown = changed(row)
    change = row.change
    if change is None or change.nothing_new or league.is_period:
        return shown
    return format_html("{}<br><small>{}</small>", shown, formats.between(change))


@register.filter
def ranked(row: Row) -> str:
    """Write the rank, marked where the record leaves it open."""
    return _rank(row.rank, is_open=row.rank_is_open)


@register.filter
def ranked_then(row: Row) -> str:
    """Write the rank of the earlier day."""
    return _rank(row.rank_then, is_open=row.rank_then_is_open)


def _rank(rank: int | None, *, is_open: bool) -> str:
    shown = "" if rank is None else formats.number(rank)
    return mark_safe(shown + _say("soft", "?", gettext("open"))) if shown and is_open else shown  # noqa: S308 digits


@register.filter
def open_ranks(league: League) -> str:
    """Say what the mark beside a rank means, where one is marked."""
    return sentences.open_ranks(league)


@register.filter
def gap_of(row: Row) -> str:
    """Write the gap to the reference, with its bound."""
    return "" if row.gap is None else formats.change_bounded(formats.signed(row.gap), row.gap_bound)


@register.filter
def times_of(row: Row) -> str:
    """Write how many times the reference's count, with its bound."""
    return "" if row.times is None else formats.bounded(formats.times(row.times), row.gap_bound)


@register.filter
def share_of(row: Row) -> str:
    """Write the share in all that is counted, with its bound."""
    if row.share_percent is None:
        return ""
    return formats.bounded(formats.percent(row.share_percent), row.share_bound)


@register.filter
def reach_of(row: Row) -> str:
    """Write the share in the platform's audience, with its bound."""
    return "" if row.reach is None else formats.bounded(formats.percent(row.reach.percent), row.reach.bound)


@register.filter
def moved(row: Row) -> str:
    """Write by how many places the rank changed: an arrow for those who see it, words for those who listen."""
    places = row.rank_change
    if places is None:
        return format_html('<span class="soft">{}</span>', gettext("new")) if row.is_new else ""
    if not places:
        return _say("soft", "=", gettext("unchanged"))
    number = formats.number(abs(places))
    is_open = row.rank_is_open or row.rank_then_is_open
    mark = "?" if is_open else ""
    heard = {"places": f"{number} ({gettext('open')})" if is_open else number}
    if places > 0:
        return _say("up", f"▲{number}{mark}", gettext("up %(places)s") % heard)
    return _say("down", f"▼{number}{mark}", gettext("down %(places)s") % heard)


@lru_cache(maxsize=1024)  # hundreds of cells say the same few words
def _say(look: str, shown: str, heard: str) -> SafeString:
    return format_html(
        '<span class="{}"><span aria-hidden="true">{}</span><span class="hidden">{}</span></span>',
        look,
        shown,
        heard,
    )


@register.filter
def number_rows(rows: Iterable[moves.RankLine | twins.TwinRow]) -> SafeString:
    """Return the rows of a table of numbers; there may be thousands of cells."""
    return _join(
        f'<tr><th scope="row">{escape(row.head)}</th>'
        + "".join([f'<td class="n">{escape(text)}</td>' for text in row.cells])
        + "</tr>"
        for row in rows
    )


@register.filter
def licence_rows(sources: Iterable[Source]) -> SafeString:
    """Return the rows of the table of sources and what each states of its licence."""
    none = f'<span class="soft">{escape(gettext("states none"))}</span>'
    labels = {kind: escape(str(label)) for kind, label in Source.Kind.choices}
    row = '<tr><th scope="row">{}<br><small>{}</small></th><td>{}</td><td>{}</td></tr>'
    return _join(
        row.format(
            f'<a href="{escape(one.url)}" rel="noopener">{escape(one.title)}</a>'
            if one.url
            else escape(one.title),
            escape(one.key),
            labels[one.kind],
            escape(one.licence) or none,
        )
        for one in sources
    )


@register.filter
def column_rows(entries: Iterable[ColumnEntry]) -> SafeString:
    """Return the rows of the table of what a file's columns hold."""
    row = '<tr><th scope="row"><code>{}</code></th><td>{}</td><td>{}</td></tr>'
    return _join(
        row.format(escape(one.name), escape(str(one.kind)), escape(str(one.means))) for one in entries
    )


@register.filter
def options(choices: Iterable[tuple[object, object]], chosen: object = None) -> SafeString:
    """Return the options of a select, of (value, name) pairs."""
    return _join(
        f'<option value="{escape(str(value))}"{" selected" if value == chosen else ""}>{escape(str(name))}</option>'
        for value, name in choices
    )


@register.filter
def switches(choices: Iterable[Option], prefix: str) -> SafeString:
    """Write links that change what the chart builder shows, without a whole new page; their ids are numbered."""
    here = ' aria-current="true"'
    return _join(
        f'<a id="{prefix}-{number}" data-swap href="{escape(one.href)}"{here if one.is_current else ""}>'
        f"{escape(str(one.name))}</a>"
        for number, one in enumerate(choices, 1)
    )


@register.filter
def kinds(file: File | Download) -> SafeString:
    """Return a link to each kind of a file; those who do not see what it stands beside are told which file it is."""
    names = {
        "plain": "CSV",
        "excel": gettext("CSV for Excel"),
        "xlsx": "XLSX",
        "json": "JSON",
        "parquet": "Parquet",
        "zip": gettext("ZIP with description"),
    }
    of = f'<span class="hidden">: {escape(file.title)}</span></a>'
    links = {kind: f'<a href="{escape(file.links[kind])}">{escape(name)}{of}' for kind, name in names.items()}
    if not file.fits_a_sheet:
        links["xlsx"] = f'<span class="soft">{escape(gettext("XLSX: more rows than a sheet holds"))}</span>'
    return mark_safe("\n".join(links.values()))  # noqa: S308 escaped


def _join(parts: Iterable[str]) -> SafeString:
    """Join parts in which all foreign text is escaped already."""
    return mark_safe("".join(parts))  # noqa: S308
