"""The addresses of the interface. docs/api.md says what is promised of them."""

from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from rest_framework import exceptions
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api import forms, importing, listing, reads, rows, schema, sorting, writing
from apps.api.authentication import MayAddAccounts, MayImport, MayRead, MayWriteSnapshots
from apps.api.base import ListView, ReadView, compute_page, page
from apps.api.examples import IMPORT, LIST, SNAPSHOT, STANDINGS, WRITE
from apps.api.reads import UNKNOWN
from apps.api.row import Shape, page_of
from apps.api.sent import RecordedSerializer, SentSerializer
from apps.api.sorting import SortColumn
from apps.context.models import Claim, Event, Indicator, IndicatorValue
from apps.ledger.reads import NotSealed, proof
from apps.registry.models import Account, AccountState, Actor, Group, OldSlug, Source
from apps.snapshots.models import Correction, State
from apps.standings import milestones, overtakes
from apps.standings.league import league
from apps.standings.league_totals import Window
from apps.standings.trends import first_day, trend


class ActorsView(ListView):
    """Hidden actors are nowhere. With a platform: those who have an account on it."""

    tag, summary = "who", "Actors"
    form_class, row = forms.ApiActorsForm, rows.ActorSerializer
    columns = {
        "slug": SortColumn("slug", str),
        "name": SortColumn("sort_{language}", str),
        "kind": SortColumn("kind", str),
        "region": SortColumn("region", str),
    }

    def rows(self, form: forms.ApiActorsForm) -> QuerySet[Actor]:
        return reads.actors(form.scope())


class ActorView(ReadView):
    """By its slug, today's or an earlier one."""

    tag, summary, answer = "who", "One actor", rows.ActorSerializer

    def read(self, form: forms.ReadForm, slug: str) -> Shape:
        public = reads.with_relations(Actor.objects.public())
        found = public.filter(slug=slug).first()
        if found is None:
            found = get_object_or_404(public, pk=get_object_or_404(OldSlug, slug=slug).actor_id)
        return rows.ActorSerializer.shape(found, form.language)


class AccountsView(ListView):
    """The accounts of actors on platforms."""

    tag, summary = "who", "Accounts"
    form_class, row = forms.AccountsForm, rows.AccountSerializer
    columns = {
        "id": SortColumn("pk", int),
        "actor": SortColumn("actor__slug", str),
        "platform": SortColumn("platform", str),
        "handle": SortColumn("handle", str),
        "state": SortColumn("state", str),
    }
    states = AccountState.values

    def rows(self, form: forms.AccountsForm) -> QuerySet[Account]:
        return reads.accounts(form.scope(), form.states)


class AccountView(ReadView):
    """By our own number, which never changes."""

    tag, summary, answer = "who", "One account", rows.AccountSerializer

    def read(self, form: forms.ReadForm, pk: int) -> Shape:
        known = reads.with_actor(Account.objects.public())
        found = known.filter(pk=pk).first()
        if found is None:  # the number of one that was merged into another leads to that
            found = get_object_or_404(known, mergers__gone=pk)
        return rows.AccountSerializer.shape(found)


class GroupsView(ListView):
    """Named sets of actors that are compared."""

    tag, summary = "who", "Groups"
    form_class, row = forms.AnyForm, rows.GroupSerializer
    columns = {"slug": SortColumn("slug", str)}

    def rows(self, form: forms.AnyForm) -> QuerySet[Group]:
        return reads.groups()


class GroupView(ReadView):
    """By its slug."""

    tag, summary, answer = "who", "One group", rows.GroupSerializer

    def read(self, form: forms.ReadForm, slug: str) -> Shape:
        return rows.GroupSerializer.shape(get_object_or_404(reads.groups(), slug=slug), form.language)


class SnapshotsView(ReadView):
    """Everything recorded, by account, day and span. A day on which nothing was recorded has no row."""

    tag, summary = "numbers", "Snapshots"
    form_class, answer = forms.ApiSnapshotsForm, page_of(rows.SnapshotSerializer)
    sorts = {"day": (date, int, int)}  # and account, span; in the list's own order account, day, span
    states = State.values
    sent, sent_answer, sent_summary = SentSerializer, RecordedSerializer, "Send snapshots"
    examples = {"GET": SNAPSHOT, "POST": WRITE}

    def get_permissions(self) -> list[BasePermission]:
        return [MayWriteSnapshots() if self.request.method == "POST" else MayRead()]

    def read(self, form: forms.ApiSnapshotsForm) -> Shape:
        account = form.cleaned_data["account"]
        chosen = reads.Chosen(form.scope(), form.first, form.last, account, tuple(form.states))
        found = reads.snapshots(chosen, form.sort, form.position, form.limit + 1)
        return page(
            self.request,
            form,
            found,
            lambda row: [row.day, row.account, row.span] if form.sort else [row.account, row.day, row.span],
            rows.SnapshotSerializer.shape,
        )

    def post(self, request: Request) -> Response:
        """For trusted collectors outside. Every row gets a verdict; the same rows again change nothing. What stands is
        replaced only by a later reading of the same day, never where an editor set it; a count too strange is held for
        an editor. All rows are written together or, if anything breaks, none. A body of the wrong shape is a 400, and
        nothing is written."""
        forms.ReadForm(request.query_params).check_values()
        user: Any = request.user
        token: Any = request.auth
        return Response(writing.record(request.data, user, token))


class ProofView(ReadView):
    """That a row was sealed as it stands, checked offline by tools/verify.py. 404: it is not sealed yet, or not given
    out."""

    tag, summary, answer = "numbers", "Proof of a snapshot", rows.ProofSerializer

    def read(self, form: forms.ReadForm, pk: int) -> Shape:
        try:
            return rows.ProofSerializer.shape(proof(pk))
        except NotSealed:
            raise exceptions.NotFound from None


class ImportsView(ReadView):
    """Tables of past counts, as people have them."""

    tag, summary = "numbers", "Imports"
    sent, sent_answer, sent_summary = (
        importing.SentTable,
        importing.LookedThrough,
        "Send a table of past counts",
    )
    examples = {"POST": IMPORT}
    http_method_names = ["post", "options"]

    def get_permissions(self) -> list[BasePermission]:
        return [MayImport()]

    def read(self, form: forms.ReadForm) -> Shape:
        raise exceptions.MethodNotAllowed("GET")

    def post(self, request: Request) -> Response:
        """A table in any form is recognised and looked through; the answer says how each column is read, what is asked, and
        what would become of each row. Nothing is written by that. Called again with the batch and with answers it is looked
        through once more; with "do": "write" what is new is written, with "undo" it is taken back."""
        forms.ReadForm(request.query_params).check_values()
        user: Any = request.user
        return Response(importing.handle(request.data, user))


class ListsView(ReadView):
    """Lists of accounts, as people have them."""

    tag, summary = "who", "Lists"
    sent, sent_answer, sent_summary = listing.SentList, listing.LookedAtList, "Send a list of accounts"
    examples = {"POST": LIST}
    http_method_names = ["post", "options"]

    def get_permissions(self) -> list[BasePermission]:
        return [MayAddAccounts()]

    def read(self, form: forms.ReadForm) -> Shape:
        raise exceptions.MethodNotAllowed("GET")

    def post(self, request: Request) -> Response:
        """A list in any form is recognised; the answer says how each column is read, what is asked, and what would become
        of each account. Nothing is saved by that. With "do": "save", the list and what was seen of it, the good rows are
        added, new actors as drafts; with "undo" an addition is taken back."""
        forms.ReadForm(request.query_params).check_values()
        user: Any = request.user
        return Response(listing.handle(request.data, user))


class StandingsView(ReadView):
    """Who stands where on a day, compared with an earlier day, in order of rank; those without a number follow, by
    name. Ranks, totals and shares are of the whole scope, whatever page is shown. Without a platform an actor's
    accounts on all platforms are summed."""

    tag, summary = "numbers", "Standings"
    form_class, answer = forms.ApiStandingsForm, rows.LeaguePageSerializer
    sorts = dict.fromkeys(sorting.STANDINGS, (int, str))
    states = [*State.values, UNKNOWN]
    examples = {"GET": STANDINGS}

    def read(self, form: forms.ApiStandingsForm) -> Shape:
        chosen = form.cleaned_data
        start = max(0, int(form.position[0])) if form.position else 0
        found = league(
            form.scope(),
            chosen["on"],
            chosen["since"],
            form.reference_slug,
            is_period=form.is_period,
            window=Window(start=start, stop=start + form.limit + 2),
        )
        chosen_rows = compute_page(
            self.request,
            form,
            sorting.in_order(reads.of_states(found.rows, form.states), form.sort, sorting.STANDINGS),
            lambda row: f"{row.actor_id} {row.account_id or ''}",
            lambda row: rows.StandingSerializer.shape(row, form.language),
        )
        return {**rows.LeaguePageSerializer.shape(found), **chosen_rows}


class TrendsView(ReadView):
    """The lines of a chart: of an actor's accounts on a platform together, or of each account. At most 200 of them in
    all; everything is in snapshots."""

    tag, summary = "numbers", "Trends"
    form_class, answer = forms.TrendsForm, rows.TrendPageSerializer

    def read(self, form: forms.TrendsForm) -> Shape:
        found = trend(form.scope(), form.first, form.until)
        chosen_rows = compute_page(
            self.request,
            form,
            found.series,
            lambda line: f"{line.actor_slug} {line.platform} {line.account_id or ''}",
            lambda line: rows.LineSerializer.shape(line, form.language),
        )
        return {**rows.TrendPageSerializer.shape(found), **chosen_rows}


class OvertakesView(ReadView):
    """Who passed whom, newest first: those that show for the first time between the two days. At most 200 lines are
    compared."""

    tag, summary = "numbers", "Overtakes"
    form_class, answer = forms.LinesForm, page_of(rows.OvertakeSerializer)
    sorts = dict.fromkeys(sorting.OVERTAKES, (int, str))

    def read(self, form: forms.LinesForm) -> Shape:
        found = overtakes.within(form.scope(), form.first, form.until)
        return compute_page(
            self.request,
            form,
            sorting.in_order(found, form.sort, sorting.OVERTAKES),
            lambda one: _key(rows.OvertakeSerializer.shape(one)),
            rows.OvertakeSerializer.shape,
        )


class MilestonesView(ReadView):
    """Round numbers that were passed for the first time, newest first. At most 200 lines are looked at."""

    tag, summary = "numbers", "Milestones"
    form_class, answer = forms.LinesForm, page_of(rows.MilestoneSerializer)
    sorts = dict.fromkeys(sorting.MILESTONES, (int, str))

    def read(self, form: forms.LinesForm) -> Shape:
        scope = form.scope()
        first = form.first or first_day(scope) or form.until
        found = milestones.within(scope, first, form.until)
        return compute_page(
            self.request,
            form,
            sorting.in_order(found, form.sort, sorting.MILESTONES),
            lambda one: _key(rows.MilestoneSerializer.shape(one)),
            rows.MilestoneSerializer.shape,
        )


def _key(shape: Shape) -> str:
    return " ".join(str(cell) for cell in shape.values())


class IndicatorsView(ListView):
    """Context figures: users of a platform in Kazakhstan, population, budget."""

    tag, summary = "context", "Indicators"
    form_class, row = forms.AnyForm, rows.IndicatorSerializer
    columns = {"key": SortColumn("key", str)}

    def rows(self, form: forms.AnyForm) -> QuerySet[Indicator]:
        return Indicator.objects.all()


class IndicatorValuesView(ListView):
    """What an indicator was, oldest first, each value with its source."""

    tag, summary = "context", "Values of an indicator"
    form_class, row = forms.ValuesForm, rows.IndicatorValueSerializer
    columns = {
        "day": SortColumn("day", date),
        "geo": SortColumn("geo", str),
        "segment": SortColumn("segment", str),
    }
    fields = ("day", "span", "pk")

    def rows(self, form: forms.ValuesForm, key: str) -> QuerySet[IndicatorValue]:
        get_object_or_404(Indicator, key=key)
        return reads.indicator_values(key, form.cleaned_data)


class EventsView(ListView):
    """What charts are annotated with, oldest first: whatever touches the days."""

    tag, summary = "context", "Events"
    form_class, row = forms.ApiEventsForm, rows.EventSerializer
    columns = {"starts": SortColumn("starts", date), "key": SortColumn("key", str)}
    fields = ("starts", "pk")

    def rows(self, form: forms.ApiEventsForm) -> QuerySet[Event]:
        return reads.events(form.first, form.last)


class SourcesView(ListView):
    """Where numbers and facts come from."""

    tag, summary = "context", "Sources"
    form_class, row = forms.AnyForm, rows.SourceRowSerializer
    columns = {
        "key": SortColumn("key", str),
        "kind": SortColumn("kind", str),
        "title": SortColumn("title", str),
    }

    def rows(self, form: forms.AnyForm) -> QuerySet[Source]:
        return Source.objects.all()


class SourceView(ReadView):
    """By the key that values name."""

    tag, summary, answer = "context", "One source", rows.SourceRowSerializer

    def read(self, form: forms.ReadForm, key: str) -> Shape:
        return rows.SourceRowSerializer.shape(get_object_or_404(Source, key=key))


class CorrectionsView(ListView):
    """Recorded values that an editor changed, newest first, each with the old value, the new one and why."""

    tag, summary = "numbers", "Corrections"
    form_class, row = forms.CorrectionsForm, rows.CorrectionSerializer
    columns = {"id": SortColumn("pk", int), "day": SortColumn("snapshot__day", date)}
    fields = ("-pk",)

    def rows(self, form: forms.CorrectionsForm) -> QuerySet[Correction]:
        return reads.corrections(form.scope(), *form.instants())


class ClaimsView(ListView):
    """Published comparisons, as their sources make them: “138 times more subscribers”."""

    tag, summary = "context", "Claims"
    form_class, row = forms.ClaimsForm, rows.ClaimRowSerializer
    columns = {
        "id": SortColumn("pk", int),
        "actor": SortColumn("actor__slug", str),
        "comparator": SortColumn("comparator__slug", str),
        "platform": SortColumn("platform", str),
    }

    def rows(self, form: forms.ClaimsForm) -> QuerySet[Claim]:
        return reads.claims(form.cleaned_data["actor"], form.cleaned_data["platform"])


class SchemaView(ReadView):
    """This document, in OpenAPI 3.1."""

    tag, summary = "document", "The document of the interface"
    schema = None  # it does not describe itself

    def read(self, form: forms.ReadForm) -> Shape:
        return dict(schema.document())


class NowhereView(ReadView):
    """Whatever else is asked for under this address."""

    schema = None
    http_method_names = ["get", "head", "post", "put", "patch", "delete", "options", "trace"]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        raise exceptions.NotFound
