"""The standings again, in plain Python and written from the rules alone: slow, without SQL, without the product's code.

Rules: docs/architecture.md, "Data" 4 and 5, "Derived numbers".
"""

import calendar
import statistics
from dataclasses import dataclass, field
from datetime import date
from itertools import combinations

FLIPPED = {"=": "=", "~": "~", ">": "<", "<": ">"}
ORDER = ["exact", "3sf", "abbrev", "printed"]


@dataclass(frozen=True)
class Snap:
    day: date
    span: str  # year | month | day
    state: str
    followers: int | None
    bound: str
    precision: str
    note: str
    source: str

    @property
    def end(self):
        if self.span == "day":
            return self.day
        if self.span == "year":
            return self.day.replace(month=12, day=31)
        return self.day.replace(day=calendar.monthrange(self.day.year, self.day.month)[1])

    @property
    def rank_of_span(self):
        return ["year", "month", "day"].index(self.span)


@dataclass
class Acc:
    platform: str
    snaps: list[Snap]
    pk: int = 0


@dataclass
class Act:
    slug: str
    kind: str
    hidden: bool
    accounts: list[Acc]
    pk: int = 0


@dataclass
class World:
    actors: list[Act]
    audience: list[tuple] = field(default_factory=list)  # platform, segment, day, value, bound


def step(value, precision):
    digits = str(value)
    second = max(len(digits) - 2, 0)
    ends_in = 0
    while value and value % 10 ** (ends_in + 1) == 0:
        ends_in += 1
    if precision == "exact" or value == 0:
        return 1
    if precision == "3sf":
        return 10 ** (len(digits) - 3) if value >= 1000 else 1
    if precision == "printed":
        return 10 ** min(ends_in, second)
    return 10 ** min(ends_in, second, 3 if value < 1_000_000 else 6)


def merge(bounds):
    kinds = set(bounds) - {"="}
    if not kinds:
        return "="
    return kinds.pop() if len(kinds) == 1 else "~"


def as_of(account, day, fresh):
    known = [snap for snap in account.snaps if snap.day <= day]
    if not known:
        return None
    newest = max(known, key=lambda snap: (snap.day, snap.rank_of_span))
    if fresh and (day - newest.end).days > 30:
        return None
    return newest


def code(snap):
    """Return a snapshot's day and span: what a sum's oldest and newest readings are told by."""
    return snap.day, snap.span


def value(accounts, day, fresh):
    """Return what a row shows of some accounts on a day: None or a dict."""
    if day is None:
        return None
    found = [(account.pk, snap) for account in accounts if (snap := as_of(account, day, fresh))]
    if not found:
        return None
    there = [
        account.pk
        for account in accounts
        if (snap := as_of(account, day, False)) and snap.state in ("counted", "hidden", "private")
    ]
    counted = [(pk, snap) for pk, snap in found if snap.state == "counted"]
    if counted:
        _, speaks = min(counted, key=lambda one: (one[1].end, one[1].day, one[1].rank_of_span, one[0]))
        used = counted
    else:
        telling = ["hidden", "private", "suspended", "absent"]
        _, speaks = min(
            found,
            key=lambda one: (
                telling.index(one[1].state),
                -one[1].end.toordinal(),
                one[1].day,
                one[1].rank_of_span,
                one[0],
            ),
        )
        used = found
    bounds = [snap.bound for _, snap in counted] + [">"] * (len(there) > len(counted))
    in_order = sorted((snap for _, snap in counted), key=lambda snap: (snap.day, snap.rank_of_span))
    return {
        "state": speaks.state,
        "followers": sum(snap.followers for _, snap in counted) if counted else None,
        "bound": merge(bounds) if counted else "",
        "precision": max((snap.precision for _, snap in used), key=ORDER.index),
        "step": sum(step(snap.followers, snap.precision) for _, snap in counted),
        "day": speaks.day,
        "span": speaks.span,
        "source": " ".join(sorted({snap.source for _, snap in used})),
        "age_days": max(0, (day - speaks.end).days),
        "note": "; ".join(sorted({snap.note for _, snap in found if snap.note})),
        "parts": len(counted),
        "of": len(there),
        "oldest": code(in_order[0]) if len(counted) > 1 else None,
        "newest": code(in_order[-1]) if len(counted) > 1 else None,
        "snaps": dict(found),
    }


def over(value, pks):
    """Return the part of a value that some of its accounts make."""
    snaps = [value["snaps"][pk] for pk in pks]
    in_order = sorted(snaps, key=lambda snap: (snap.day, snap.rank_of_span))
    return {
        "followers": sum(snap.followers for snap in snaps),
        "step": sum(step(snap.followers, snap.precision) for snap in snaps),
        "precision": max((snap.precision for snap in snaps), key=ORDER.index),
        "bound": merge([snap.bound for snap in snaps]),
        "first": min(snap.day for snap in snaps),
        "last": max(snap.end for snap in snaps),
        "oldest": code(in_order[0]),
        "newest": code(in_order[-1]),
        "stalest": min(snap.end for snap in snaps),
    }


def counted_in(value):
    return {pk for pk, snap in value["snaps"].items() if snap.state == "counted"} if value else set()


def is_near(end, since, on):
    """Tell whether a reading may stand at the beginning of the period that is named."""
    return (since - end).days <= max(3, (on - since).days / 10)


def is_certain(one, other):
    """Tell whether it is beyond doubt who of two values has more, or that they have as many."""
    exact = one["precision"] == other["precision"] == "exact"
    if one["followers"] == other["followers"]:
        return exact and one["bound"] == other["bound"] == "="
    more, less = sorted([one, other], key=lambda value: -value["followers"])
    if not exact and more["followers"] - less["followers"] < more["step"] + less["step"]:
        return False
    return more["bound"] in "=>" and less["bound"] in "=<"


def growth(then, now):
    """Return the compound yearly growth in percent, least and greatest; then, now: (number, first day, last day)."""
    (v0, begin0, end0), (v1, begin1, end1) = then, now
    longest, shortest = (end1 - begin0).days, (begin1 - end0).days
    if v0 == 0 or shortest <= 0:
        return None, None
    try:
        both = [100 * ((v1 / v0) ** (365.25 / days) - 1) for days in (longest, shortest)]
    except OverflowError:
        return None, None
    return min(both), max(both)


def change(then, now):
    """Return the change between two values (dicts with followers, step, precision, bound, first, last)."""
    v0, v1 = then["followers"], now["followers"]
    exact = then["precision"] == now["precision"] == "exact"
    low, high = growth((v0, then["first"], then["last"]), (v1, now["first"], now["last"]))
    return {
        "absolute": v1 - v0,
        "percent": 100 * (v1 - v0) / v0 if v0 else None,
        "yearly_low": low,
        "yearly_high": high,
        "within_rounding": not exact and abs(v1 - v0) < then["step"] + now["step"],
        "bound": difference(now["bound"], then["bound"]),
        "since": then["oldest"],
        "until": now["newest"],
    }


def difference(bound, other):
    """Return the bound of a number less, or measured by, another."""
    return merge([bound, FLIPPED[other]])


def number(found):
    return None if found is None else found["followers"]


def league(
    world, *, on, since, platform="", kinds=(), rows="actors", fresh=False, reference="", is_period=False
):
    """Return rows as dicts, those shown in order; the totals beside them."""
    lines = []
    for actor in world.actors:
        accounts = [account for account in actor.accounts if platform in ("", account.platform)]
        if actor.hidden or not accounts:
            continue
        listed = not kinds or actor.kind in kinds
        if not listed and actor.slug != reference:
            continue
        for group in [accounts] if rows == "actors" else [[account] for account in accounts]:
            platforms = {account.platform for account in group}
            lines.append(
                {
                    "actor": actor,
                    "listed": listed,
                    "accounts": group,
                    "platform": platforms.pop() if len(platforms) == 1 else "",
                    "now": value(group, on, fresh),
                    "then": value(group, since, fresh),
                }
            )
    ranked = [line for line in lines if line["listed"]]
    counts_now = [number(line["now"]) for line in ranked if number(line["now"]) is not None]
    counts_then = [number(line["then"]) for line in ranked if number(line["then"]) is not None]
    counted_now = [line for line in ranked if number(line["now"]) is not None]
    for line in lines:
        v1, v0 = number(line["now"]), number(line["then"])
        inside = line["listed"]
        line["rank"] = 1 + sum(other > v1 for other in counts_now) if inside and v1 is not None else None
        line["rank_then"] = (
            1 + sum(other > v0 for other in counts_then) if inside and v0 is not None else None
        )
        line["rank_is_open"] = line["rank"] is not None and not all(
            is_certain(line["now"], other["now"]) for other in counted_now if other is not line
        )
        was, are = counted_in(line["then"]), counted_in(line["now"])
        line["rank_then_is_open"] = line["rank_then"] is not None and not all(
            is_certain(line["then"], other["then"])
            for other in ranked
            if number(other["then"]) is not None and other is not line
        )
        both = was & are
        line["left_out"] = len(was ^ are) if was and are and rows == "actors" else 0
        line["change"] = None
        if both:
            then, now = over(line["then"], both), over(line["now"], both)
            if not is_period or is_near(then["stalest"], since, on):
                line["sides"] = then, now
                line["change"] = change(then, now) | {
                    "nothing_new": all(line["now"]["snaps"][pk] == line["then"]["snaps"][pk] for pk in both),
                    "parts": len(both),
                }
        measures = [
            (number(other["now"]), ["=", ">", "<", "~"].index(other["now"]["bound"]))
            for other in lines
            if other["actor"].slug == reference
            and (rows == "actors" or other["platform"] == line["platform"])
            and number(other["now"]) is not None
        ]
        measure, place = max(measures, default=(None, None))
        line["gap"] = v1 - measure if v1 is not None and measure is not None else None
        line["gap_bound"] = line["share_bound"] = "="
        if line["gap"] is not None and (line["actor"].slug != reference or line["gap"]):
            line["gap_bound"] = difference(line["now"]["bound"], ["=", ">", "<", "~"][place])
        others = [other["now"]["bound"] for other in counted_now if other is not line]
        if v1 is not None and inside and others:
            line["share_bound"] = difference(line["now"]["bound"], merge(others))
        line["times"] = v1 / measure if v1 is not None and measure else None
        total = sum(counts_now)
        line["share"] = 100 * v1 / total if inside and v1 is not None and total else None
        line["reach"] = None
        if v1 is not None and line["platform"]:
            known = [
                (day, people, bound)
                for at, segment, day, people, bound in world.audience
                if at == line["platform"] and segment == "advertising reach" and day <= line["now"]["day"]
            ]
            if known:
                day, people, bound = max(known)
                line["reach"] = (100 * v1 / people, people, day, difference(line["now"]["bound"], bound))
    compared = [line for line in ranked if line["change"]]
    for line in lines:
        line["rank_change"] = None
        if line in compared:
            then, now = line["sides"]
            above_then = sum(other["sides"][0]["followers"] > then["followers"] for other in compared)
            above_now = sum(other["sides"][1]["followers"] > now["followers"] for other in compared)
            line["rank_change"] = above_then - above_now
    shown = [line for line in ranked if not fresh or line["now"] is not None]
    shown.sort(
        key=lambda line: (
            line["rank"] is None,
            line["rank"] or 0,
            line["actor"].slug,
            line["platform"],
            line["accounts"][0].pk,
        )
    )
    return {
        "rows": shown,
        "counted": len(counts_now),
        "counted_then": len(counts_then),
        "total": sum(counts_now) if counts_now else None,
        "new": sum(number(x["now"]) is not None and number(x["then"]) is None for x in ranked)
        if since
        else 0,
        "dropped": sum(number(x["now"]) is None and number(x["then"]) is not None for x in ranked)
        if since
        else 0,
        "compared": len(compared),
        "last_known": sum(number(line["now"]) is not None and line["now"]["age_days"] > 30 for line in shown),
        "samples": samples(shown, reference) if since else [],
    }


def by_time(code):
    return code[0], ["year", "month", "day"].index(code[1])


def samples(shown, reference):
    measured = [line for line in shown if line["actor"].slug != reference]
    kinds = [
        kind for kind in ("state_body", "party", "blogger") if kind in {x["actor"].kind for x in measured}
    ]
    return [sample(kind, [x for x in measured if kind in ("", x["actor"].kind)]) for kind in ["", *kinds]]


def sample(kind, lines):
    pairs = [line["sides"] for line in lines if line["change"]]
    then, now = [a["followers"] for a, _ in pairs], [b["followers"] for _, b in pairs]

    def total(values):
        return {
            "followers": sum(one["followers"] for one in values),
            "step": sum(one["step"] for one in values),
            "precision": max((one["precision"] for one in values), key=ORDER.index),
            "bound": merge([one["bound"] for one in values]),
            "first": min(one["first"] for one in values),
            "last": max(one["last"] for one in values),
            "oldest": min((one["oldest"] for one in values), key=by_time),
            "newest": max((one["newest"] for one in values), key=by_time),
        }

    return {
        "kind": kind,
        "then": sum(then),
        "now": sum(now),
        "median_then": statistics.median(then) if then else 0,
        "median_now": statistics.median(now) if now else 0,
        "counted": len(pairs),
        "of": len(lines),
        "change": change(total([a for a, _ in pairs]), total([b for _, b in pairs])) if pairs else None,
    }


def trend(account, first, last, by):
    """Return the snapshots that a line shows: (day, span) in order."""
    days = [snap for snap in account.snaps if snap.span == "day" and first <= snap.day <= last]
    if by != "day":
        bucket = (lambda day: day.isocalendar()[:2]) if by == "week" else (lambda day: (day.year, day.month))
        days = list({bucket(snap.day): snap for snap in sorted(days, key=lambda snap: snap.day)}.values())
    spans = [snap for snap in account.snaps if snap.span != "day" and snap.day <= last and snap.end >= first]
    return sorted([*days, *spans], key=lambda snap: (snap.day, snap.rank_of_span))


def sign(one, other):
    """Tell whether a count is beyond doubt above (1) or below (-1) another."""
    if one.state != "counted" or other.state != "counted":
        return 0
    if not (one.precision == other.precision == "exact"):
        open_ = step(one.followers, one.precision) + step(other.followers, other.precision)
        if abs(one.followers - other.followers) < open_:
            return 0
    if one.followers > other.followers and one.bound in "=>" and other.bound in "=<":
        return 1
    if one.followers < other.followers and one.bound in "=<" and other.bound in "=>":
        return -1
    return 0


def overtakes(world, platform):
    """Return all of them, for actors with one account each: (winner, loser, after, by, the day it shows)."""
    found = []
    public = [
        (actor.slug, a)
        for actor in world.actors
        if not actor.hidden
        for a in actor.accounts
        if a.platform == platform
    ]
    for (one, mine), (other, theirs) in combinations(public, 2):
        before, passed_by = None, date.min
        for day in sorted({snap.day for snap in [*mine.snaps, *theirs.snaps]}):
            a, b = as_of(mine, day, True), as_of(theirs, day, True)
            if not a or not b or not sign(a, b):
                continue
            now = (sign(a, b), max(a.day, b.day), max(a.end, b.end))
            if before and before[0] != now[0]:
                winner, loser = (one, other) if now[0] > 0 else (other, one)
                found.append((winner, loser, min(max(before[1], passed_by), now[2]), now[2], day))
                passed_by = now[2]
            before = now
    return found


def milestones(account):
    """Return all of them: (number, after, by, on)."""
    numbers = sorted(head * 10**power for head in (1, 2, 5) for power in range(9))
    by_day = {}
    for snap in sorted(account.snaps, key=lambda snap: (snap.day, snap.rank_of_span)):
        by_day[(snap.day, snap.span)] = snap
    counted = [snap for snap in by_day.values() if snap.state == "counted"]
    found = []
    for passed in numbers:
        there = next((snap for snap in counted if surely(snap)[0] >= passed), None)
        if there is None:
            continue
        below = [snap for snap in counted[: counted.index(there)] if surely(snap)[1] < passed]
        if below:
            found.append((passed, below[-1].day, there.end, there.day))
    return found


def surely(snap):
    off = 0 if snap.precision == "exact" else step(snap.followers, snap.precision)
    least = -1 if snap.bound in "<~" else snap.followers - (0 if snap.precision == "3sf" else off)
    most = float("inf") if snap.bound in ">~" else snap.followers + off
    return least, most
