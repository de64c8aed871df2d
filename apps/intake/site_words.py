"""Sentences for what a look at a body's own site came to."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from apps.intake.site_addresses import Findings

PROBLEMS: Final[dict[str, str | Promise]] = {
    "not_a_site": _("The address of the website is none that may be read."),
    "private_address": _("The website leads to a private or local network, which is not read."),
    "other_host": _("The website redirects to another site. If that is the body's own, give its address."),
    "robots": _("The website's robots.txt does not allow programs to read it."),
    "too_large": _("The website's page is too large; it was not read to its end."),
    "timeout": _("The website took too long to answer."),
    "connection": _("The website cannot be reached."),
    "truncated": _("The website's answer broke off."),
    "encoding": _("The website's answer cannot be unpacked."),
    "too_many_redirects": _("The website redirects too often."),
    "bad_redirect": _("The website redirects to an address that is none of a site."),
    "scripts": _("The website's page consists of scripts, which are not run; it has no links to read."),
    "not_html": _("The website's address leads to a file, not to a page."),
    "status": _("The website answers with an error."),
    "wikidata": _("Wikidata does not answer."),
}
# What went wrong in a connection is for the log's reader; an address, a path or a status says something to an editor.
DETAILED: Final = frozenset(
    ("not_a_site", "private_address", "other_host", "bad_redirect", "not_html", "status")
)


def describe_problem(code: str, detail: str = "") -> str:
    """Say why a site was not read: a sentence, with the address or status where that says more."""
    sentence = str(PROBLEMS.get(code, code))
    return f"{sentence} ({detail})" if detail and code in DETAILED else sentence


def say(findings: Findings) -> list[str]:
    """Say in sentences what was proposed, what is gone and what went wrong."""
    said = []
    if findings.problem:
        said.append(describe_problem(findings.problem, findings.detail))
    count = len(findings.proposals)
    if count:
        words = ngettext("%(count)d address is proposed.", "%(count)d addresses are proposed.", count)
        said.append(words % {"count": count})
    elif not findings.problem:
        said.append(gettext("Nothing new is proposed."))
    if findings.gone:
        said.append(
            gettext("No longer named by the site: %(accounts)s.") % {"accounts": ", ".join(findings.gone)}
        )
    return said
