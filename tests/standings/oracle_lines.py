"""Lines over time and what follows from them, in plain Python and written from the rules alone; see oracle.py.

A line is a list of Points in order of time: of one account, or of an actor's accounts on a platform together.
"""

import math
import statistics
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations

from tests.standings.oracle import FLIPPED, ORDER, merge, step


@dataclass(frozen=True)
class Point:
    day: date
    end: date
    span: str
    state: str
    followers: int | None
    bound: str
    precision: str
    step: int
    source: str
    note: str
    parts: int
    of: int
    accounts: tuple


THERE = ("counted", "hidden", "private")
TELLING = ["hidden", "private", "suspended", "absent"]


def bucket(snap, by):
    if snap.span != "day" or by == "day":
        return (snap.day, snap.span)
    monday = snap.day - timedelta(days=snap.day.weekday())
    return (monday if by == "week" else snap.day.replace(day=1), "day")


def line(accounts, first, last, by):
    """Return the line's points: the sum where every account that has begun and is there was read; elsewhere it breaks."""
    read = {}
    for account in accounts:
        for snap in sorted(account.snaps, key=lambda snap: snap.day):
            if snap.day <= last and snap.end >= first and (snap.span != "day" or snap.day >= first):
                read.setdefault(bucket(snap, by), {})[account.pk] = snap
    points, expected = [], set()
    for _, parts in sorted(
        read.items(), key=lambda one: (one[0][0], ["year", "month", "day"].index(one[0][1]))
    ):
        absent = {pk for pk, snap in parts.items() if snap.state not in THERE}
        whole = expected <= set(parts)
        expected = (expected | set(parts)) - absent
        if whole:
            points.append(
                add({pk: parts[pk] for pk in sorted(parts) if pk not in absent} or parts, len(accounts) > 1)
            )
    return sorted(points, key=lambda point: (point.day, ["year", "month", "day"].index(point.span)))


def add(parts, is_sum):
    snaps = list(parts.values())
    counted = [snap for snap in snaps if snap.state == "counted"]
    there = [snap for snap in snaps if snap.state in THERE]
    bounds = [snap.bound for snap in counted] + [">"] * (len(counted) < len(there))
    return Point(
        day=max(snap.day for snap in snaps),
        end=max(snap.end for snap in snaps),
        span=snaps[0].span,
        state="counted" if counted else min((snap.state for snap in snaps), key=TELLING.index),
        followers=sum(snap.followers for snap in counted) if counted else None,
        bound=merge(bounds) if counted else "",
        precision=max((snap.precision for snap in counted or snaps), key=ORDER.index),
        step=sum(step(snap.followers, snap.precision) for snap in counted),
        source=" ".join(sorted({snap.source for snap in counted or snaps})),
        note="; ".join(sorted({snap.note for snap in snaps if snap.note})),
        parts=len(counted),
        of=len(there),
        accounts=tuple(pk for pk, snap in parts.items() if snap.state == "counted") if is_sum else (),
    )


def at(points, day):
    """Return the count as of a day; None without one."""
    known = [point for point in points if point.day <= day]
    return known[-1].followers if known else None


def base(lines):
    firsts = [next((p.day for p in points if p.followers is not None), None) for points in lines]
    return max((day for day in firsts if day), default=None)


def view(name, points, lines, base_day, reference):
    """Return one number for each point of a line, in one of the views."""
    found = []
    begin = at(points, base_day) if base_day else None
    begun = [point for point in points if base_day and point.day <= base_day][-1:]
    for point in points:
        count, number = point.followers, None
        if name in ("change", "percent", "index") and begun and begun[0].accounts != point.accounts:
            count = None  # a change is one of the same accounts
        if count is not None:
            if name == "followers":
                number = count
            elif name == "change" and begin is not None:
                number = count - begin
            elif name == "percent" and begin:
                number = 100 * (count - begin) / begin
            elif name == "index" and begin:
                number = 100 * count / begin
            elif name == "share":
                total = count + sum(beside(point, other) for other in lines if other is not points)
                number = 100 * count / total if total else None
            elif name == "gap" and reference is not None and at(reference, point.day) is not None:
                number = count - at(reference, point.day)
        found.append(number)
    return found


def beside(point, other):
    """Return what another line adds to the sum that a point is a share of: its own month or year, or a fresh day's
    count."""
    if point.span != "day":
        same = [p for p in other if (p.day, p.span) == (point.day, point.span)]
    else:
        same = [p for p in other if p.span == "day" and p.day <= point.day][-1:]
        same = [p for p in same if (point.day - p.day).days <= 30]
    return sum(p.followers or 0 for p in same)


def together(lines, sample, since):
    """Sum and median of the lines: (day, total, median, counted); and how many lines are in them."""
    days = sorted({point.day for points in lines for point in points})
    if sample == "constant" and days:
        if since is None:
            firsts = sorted(
                f for points in lines if (f := next((p.day for p in points if p.followers is not None), None))
            )
            since = firsts[(len(firsts) - 1) // 2] if firsts else None
        both = [since, days[-1]]
        lines = [points for points in lines if since and all(at(points, day) is not None for day in both)]
        days = [day for day in days if since and day >= since]
    found = []
    for day in days:
        counts = [at(points, day) for points in lines if at(points, day) is not None]
        if not counts or (sample == "constant" and len(counts) < len(lines)):
            found.append((day, None, None, len(counts)))
        else:
            found.append((day, sum(counts), statistics.median(counts), len(counts)))
    return found, len(lines)


def order(one, other):
    """Return 1 or -1 where one count is beyond doubt above or below the other, else 0."""
    if one.followers is None or other.followers is None:
        return 0
    ahead = one.followers - other.followers
    open_ = 0 if one.precision == other.precision == "exact" else one.step + other.step
    if ahead == 0 or abs(ahead) < open_:
        return 0
    bound = merge([one.bound, FLIPPED[other.bound]])
    if ahead > 0:
        return 1 if bound in "=>" else 0
    return -1 if bound in "=<" else 0


def overtakes(lines):
    """Return those between lines, by slug: (winner, loser, after, by, the day it shows)."""
    found = []
    for (one, mine), (other, theirs) in combinations(sorted(lines.items()), 2):
        before, passed_by = None, date.min
        for day in sorted({point.day for point in [*mine, *theirs]}):
            newest = [[p for p in points if p.day <= day][-1:] for points in (mine, theirs)]
            if not all(newest):
                continue
            (a,), (b,) = newest
            sign = order(a, b)
            if not sign or any((day - point.end).days > 30 for point in (a, b)):
                continue
            if before and before[0] != sign:
                winner, loser = (one, other) if sign > 0 else (other, one)
                by = max(a.end, b.end)
                found.append((winner, loser, min(max(before[1], passed_by), by), by, day))
                passed_by = by
            before = (sign, max(a.day, b.day))
    return found


def projection(gaps, on, open_):
    """Return, from what was missing on each day, oldest first: why not, or earliest, likely and latest day and the
    pace."""
    if len(gaps) < 30:
        return "too_few_days"
    day, missing = gaps[-1]
    if (on - day).days > 30:
        return "stale"
    if missing <= 0:
        return "there_already"
    if abs(missing - gaps[0][1]) < open_:
        return "within_rounding"
    step = math.ceil(len(gaps) / 122)
    taken = [one for n, one in enumerate(gaps) if (len(gaps) - 1 - n) % step == 0]
    slopes = [((g - h) / (e - d).days, (e - d).days) for (d, g), (e, h) in combinations(taken, 2)]
    pace = statistics.median(slope for slope, _ in slopes)
    apart = sorted(slope for slope, days in slopes if days >= 30)
    slow, fast = (min(tenth(apart, 1), pace), max(tenth(apart, 9), pace)) if len(apart) > 1 else (pace, pace)
    if pace <= 0:
        return "not_closing"
    if missing / fast > 5 * 365.25:
        return "too_far"

    def reached(speed):
        if speed <= 0 or missing / speed > 5 * 365.25:
            return None
        whole = int(missing // speed)
        return day + timedelta(days=whole + (whole * speed < missing))

    return reached(fast), reached(pace), reached(slow), pace


def tenth(ordered, which):
    """Return the quantile of a sorted list, between neighbours where it falls between them."""
    place = (len(ordered) - 1) * which / 10
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def unusual(accounts, first, last):
    """Return single (pk, day, change, score) and platforms' days.

    accounts: pk -> (platform, {day: (followers, precision)}).
    """
    since = min(first, last - timedelta(days=364))
    found, changed = {}, {}
    for pk, (platform, counts) in accounts.items():
        known = {day: count for day, count in counts.items() if since <= day <= last}
        changes = {
            day: (count - known[before][0], before)
            for day, (count, _) in known.items()
            if (before := day - timedelta(days=1)) in known
        }
        if len(changes) < 30:
            continue
        middle = statistics.median(change for change, _ in changes.values())
        away = [abs(change - middle) for change, _ in changes.values()]
        if not sum(away):
            continue
        unit = statistics.median(away) / 0.6745 or 1.2533 * statistics.fmean(away)
        for day, (change, before) in changes.items():
            if day < first:
                continue
            changed.setdefault((platform, day), set()).add(pk)
            pair = [known[day], known[before]]
            exact = all(precision == "exact" for _, precision in pair)
            score = (change - middle) / unit
            if abs(score) > 3.5 and (exact or abs(change) >= sum(step(*one) for one in pair)):
                found.setdefault((platform, day, score < 0), []).append((pk, day, change, score))
    wide = {
        key: days
        for key, days in found.items()
        if len(days) >= 3 and len(days) >= 0.3 * len(changed[key[:2]])
    }
    single = [one for key, days in found.items() if key not in wide for one in days]
    return single, {key: (days, len(changed[key[:2]])) for key, days in wide.items()}
