"""What each sentence claims, held against the record by the plain rules of tests/standings/oracle.py.

CHECKS: text -> whether its clauses hold. ELSEWHERE: texts that claim nothing of several counts, or are held by the test named.
Numbers are read back from the text with their bounds, so that a bound that is dropped shows.
"""

import re
from datetime import date, timedelta

from apps.figures import formats
from tests.standings import oracle, oracle_lines

FRESH = 30
NUMBER = re.compile(
    r"(more than |at least |less than |at most |about )?([+\u2212]?[\d,]+(?:\.\d+)?)%?(?: follow\w*)?"
)
BOUNDS = {"more than ": ">", "at least ": ">", "less than ": "<", "at most ": "<", "about ": "~", None: "="}


def read(text):
    """Return a number and its bound as they stand in a text."""
    bound, digits = NUMBER.fullmatch(text).groups()
    return float(digits.replace(",", "").replace(formats.MINUS, "-")), BOUNDS[bound]


def whole(text):
    return int(text.replace(",", ""))


def shown(day, span):
    return formats.span(day, span).replace(formats.NO_BREAK, " ")


def when(value):
    """The time of a value, as it is written: of readings far apart the oldest and the newest."""
    first, last = value["oldest"], value["newest"]
    if first and (end_of(*last) - end_of(*first)).days > FRESH and shown(*first) != shown(*last):
        return f"{shown(*first)} {formats.DASH} {shown(*last)}"
    return shown(value["day"], value["span"])


def end_of(day, span):
    return oracle.Snap(day, span, "counted", 0, "=", "exact", "", "").end


def is_counted(value):
    return value is not None and value["followers"] is not None


def width(value):
    return 0 if value["precision"] == "exact" else value["step"]


class Record:
    """A world on two days, reckoned by the oracle."""

    def __init__(self, world, on, since, is_period, ranked_days):
        self.world, self.on, self.since, self.is_period = world, on, since, is_period
        self.league = oracle.league(world, on=on, since=since, platform="facebook", is_period=is_period)
        self.rows = {line["actor"].slug: line for line in self.league["rows"]}
        self.ranked_days = ranked_days  # which they are, test_ranks.py holds
        self.lines = {
            actor.slug: oracle_lines.line(actor.accounts, since, on, "day") for actor in world.actors
        }
        self.passes = oracle_lines.overtakes(self.lines_of_all())

    def lines_of_all(self):
        return {
            actor.slug: oracle_lines.line(actor.accounts, date.min, self.on, "day")
            for actor in self.world.actors
        }

    def now(self, slug):
        return self.rows[slug]["now"]

    def then(self, slug):
        return self.rows[slug]["then"]

    def counted(self):
        return [line for line in self.rows.values() if line["rank"]]

    def states(self):
        return [line["now"]["state"] if line["now"] else "unknown" for line in self.rows.values()]


def is_gap(text, more, less):
    """Whether a distance is that of two values, its bound too; "about" is claimed only far beyond the doubt."""
    if not is_counted(more) or not is_counted(less):
        return False
    gap, bound = read(text)
    off = more["followers"] - less["followers"]
    expected = oracle.merge([more["bound"], oracle.FLIPPED[less["bound"]]])
    about = "~" in (more["bound"], less["bound"]) and off > more["followers"] // 5
    beyond_rounding = more["precision"] == less["precision"] == "exact" or off >= more["step"] + less["step"]
    return gap == off > 0 and bound == expected and beyond_rounding and (bound in "=>" or about)


def dates_of(*values):
    return ", ".join(dict.fromkeys(when(value) for value in values))


def leads(record, platform, leader, other, gap, when, then="", gap_then="", is_turned=False):
    ahead, behind = record.now(leader), record.now(other)
    holds = (
        platform == "Facebook"
        and record.rows[leader]["rank"] == 1
        and is_gap(gap, ahead, behind)
        and when == dates_of(ahead, behind)
    )
    if gap_then:
        pair = record.then(other), record.then(leader)
        holds = holds and is_gap(gap_then, *(pair if is_turned else pair[::-1]))
        holds = holds and all(one["day"].strftime("%Y") in then for one in pair)
    return holds


def leads_turned(record, **clauses):
    return leads(record, **clauses, is_turned=True)


def is_same(record, platform, leader, other, when):
    one, two = record.now(leader), record.now(other)
    return one["followers"] == two["followers"] and oracle.is_certain(one, two)


def is_close(record, platform, leader, other, when):
    one, two = record.now(leader), record.now(other)
    off = abs(one["followers"] - two["followers"])
    return (
        one["bound"] == two["bound"] == "="
        and off < one["step"] + two["step"]
        and not oracle.is_certain(one, two)
    )


def is_untold(record, platform, leader, other, when):
    one, two = record.now(leader), record.now(other)
    return not one["bound"] == two["bound"] == "=" and not oracle.is_certain(one, two)


def one_count(record, name, platform, followers, when):
    """A largest count: of a league's only one, or of the newest counts of lines."""
    number, bound = read(followers)
    values = [record.now(name)] if record.rows[name]["rank"] else []
    points = [point for point in record.lines[name] if point.followers is not None][-1:]
    return any(
        (number, bound) == (value["followers"], value["bound"]) and when == globals()["when"](value)
        for value in values
    ) or any(
        (number, bound) == (point.followers, point.bound) and when == shown(point.day, point.span)
        for point in points
    )


def gained(record, name, then, now, change):
    row = record.rows[name]["change"]
    if (then, now) != (shown(*row["since"]), shown(*row["until"])):
        return False
    number, bound = read(change)
    others = [line["change"] for slug, line in record.rows.items() if slug != name and line["change"]]
    return (
        number == row["absolute"] > 0
        and bound == row["bound"]
        and bound in "=>"
        and all(other["absolute"] + slack(other) < number - slack(row) for other in others)
        and all(other["bound"] in "=<" and of_one_time(row, other) for other in others)
    )


def slack(change):
    return change.get("slack", 0)


def of_one_time(one, other):
    length = (end_of(*one["until"]) - end_of(*one["since"])).days
    apart = max(abs((end_of(*one[side]) - end_of(*other[side])).days) for side in ("since", "until"))
    return apart <= max(3, length / 10)


def is_gone(record, name, when):
    value = record.now(name)
    return value["state"] == "absent" and str(value["day"].year) in when


def sample(record, then, now, change, counted, of, kind=""):
    kinds = {"Kind": lambda one: one["kind"] != "", "": lambda one: one["kind"] == ""}[kind]
    return any(
        (one["counted"], one["of"], one["then"], one["now"]) == (int(counted), int(of), read(then)[0], read(now)[0])
        and is_percent(change, one)
        for reference in ("", "actor-0")
        for one in oracle.league(
            record.world, on=record.on, since=record.since, platform="facebook", is_period=record.is_period,
            reference=reference,
        )["samples"]
        if kinds(one)
    )  # fmt: skip


def is_percent(text, one):
    change = one["change"]
    if change["within_rounding"]:
        return text == "within rounding"
    number, bound = read(text)
    expected = change["percent"] if text.endswith("%") else change["absolute"]
    return abs(number - expected) <= 0.51 and bound == change["bound"]


def left_out(record, names):
    return all(
        not is_counted(record.then(one)) or not is_counted(record.now(one)) for one in names.split("; ")
    )


def left_out_here(record, names):
    return all(
        is_counted(record.then(one))
        and is_counted(record.now(one))
        and not oracle.counted_in(record.then(one)) & oracle.counted_in(record.now(one))
        for one in names.split("; ")
    )


def many(state):
    return lambda record, count: record.states().count(state) == int(count)


def point_at(points, day):
    return next((point for point in reversed(points) if point.day <= day), None)


def is_behind_before(one, two):
    """Whether as of a day the first may be behind."""
    return oracle_lines.order(one, two) <= 0 and not (
        one.followers == two.followers
        and one.precision == two.precision == "exact"
        and one.bound == two.bound == "="
    )


def lead(record, platform, leader, other, gap, when, since=""):
    one, two = record.lines[leader], record.lines[other]
    pairs = [
        (mine, theirs, max(mine.day, theirs.day))
        for day in sorted({point.day for point in [*one, *two]})
        if (mine := point_at(one, day)) and (theirs := point_at(two, day))
        if mine.followers is not None and theirs.followers is not None
    ]
    began = min(
        (point.day for point in [*one, *two] if shown(point.day, point.span) == since), default=date.min
    )
    now, then = pairs[-1][:2]
    number, bound = read(gap)
    return (
        number == now.followers - then.followers > 0
        and bound == oracle.merge([now.bound, oracle.FLIPPED[then.bound]])
        and oracle_lines.order(now, then) > 0
        and bool(since) == any(is_behind_before(mine, theirs) for mine, theirs, _ in pairs)
        and not any(is_behind_before(mine, theirs) for mine, theirs, day in pairs if day >= began)
    )


def plain_points(record, name):
    return [point for point in record.lines[name] if point.followers is not None and point.bound == "="]


def changed_most(record, name, then, now, change):
    moves = {}
    for slug in record.lines:
        points = plain_points(record, slug)
        if len(points) > 1 and points[0].accounts == points[-1].accounts:
            moves[slug] = points[-1].followers - points[0].followers, points[0], points[-1]
    moved, first, last = moves[name]
    own = point_width(first) + point_width(last)
    return (
        read(change) == (moved, "=")
        and (then, now) == (shown(first.day, first.span), shown(last.day, last.span))
        and all(
            abs(moved) - own > abs(other) + point_width(one) + point_width(two)
            for slug, (other, one, two) in moves.items()
            if slug != name
        )
    )


def point_width(point):
    return 0 if point.precision == "exact" else point.step


def ends_of(record):
    """The lines that are still counted, with their counts as of the base day and their newest ones."""
    begun = [
        next((point.day for point in line if point.followers is not None), None)
        for line in record.lines.values()
    ]
    base = max(day for day in begun if day)
    ends = {}
    for slug, line in record.lines.items():
        start = point_at(line, base)
        if start and start.followers and line[-1].followers is not None:
            same = [
                point for point in line if point.followers is not None and point.accounts == start.accounts
            ]
            ends[slug] = start, same[-1]
    return base, ends


def grown_most(record, base, name, value, when, hundred=0):
    _, ends = ends_of(record)
    begun, end = ends[name]
    ratio = end.followers / begun.followers
    others = [pair for slug, pair in ends.items() if slug != name]
    least = (end.followers - point_width(end)) / (begun.followers + point_width(begun))
    return (
        abs(read(value)[0] - (100 * ratio - 100 + hundred)) <= 0.51
        and ratio > 1
        and when == shown(end.day, end.span)
        and all(one.bound == "=" for pair in [(begun, end), *others] for one in pair)
        and all(
            (two.followers + point_width(two)) / max(one.followers - point_width(one), 0.001) < least
            for one, two in others
        )
    )


def stands_highest(record, base, name, value, when):
    return grown_most(record, base, name, value, when, hundred=100)


def nearest(record, reference, name, when, gap=""):
    measure = record.lines[reference]
    gaps = {}
    for slug, line in record.lines.items():
        if slug == reference or not line or line[-1].followers is None:
            continue
        pairs = [(point, point_at(measure, point.day)) for point in line if point.followers is not None]
        pairs = [(point, beside) for point, beside in pairs if beside and beside.followers is not None]
        if not pairs:
            continue  # the two were never counted together
        point, beside = pairs[-1]
        gaps[slug] = point.followers - beside.followers, point_width(point) + point_width(beside), point
        if point.bound != "=" or beside.bound != "=" or (point.end - beside.end).days > FRESH:
            return False
    own, off, point = gaps[name]
    is_level = point_width(point) and abs(own) < off
    return (
        when == shown(point.day, point.span)
        and (read(gap) == (own, "=") if gap else is_level)
        and all(abs(own) + off < abs(other) - wide for slug, (other, wide, _) in gaps.items() if slug != name)
    )


def nearest_level(record, reference, name, when):
    return nearest(record, reference, name, when)


def share(record, name, share, total, when, before="", then=""):
    points = [point for line in record.lines.values() for point in line]
    day = max(point.day for point in points if shown(point.day, point.span) == when)
    beside = {
        slug: point
        for slug, line in record.lines.items()
        if (point := point_at(line, day)) and point.followers is not None
        and (point.span == "day" or point.day == day) and (day - point.end).days <= FRESH
    }  # fmt: skip
    own = beside[name]
    parts = sum(point.followers for point in beside.values())
    bounds = [point.bound for slug, point in beside.items()]
    rest = oracle.merge([point.bound for slug, point in beside.items() if slug != name])
    percent, bound = read(share)
    return (
        read(total) == (parts, oracle.merge(bounds))
        and abs(percent - 100 * own.followers / parts) <= 0.051
        and bound == oracle.merge([own.bound, oracle.FLIPPED[rest]])
        and all(oracle_lines.order(own, point) > 0 for slug, point in beside.items() if slug != name)
    )


def progress(record, platform, followers, when, change="", then=""):
    for line in record.lines.values():
        points = [point for point in line if point.followers is not None]
        if not points or read(followers) != (points[-1].followers, points[-1].bound):
            continue
        if when != shown(points[-1].day, points[-1].span):
            continue
        if not then:
            return True
        first, last = points[0], points[-1]
        moved, off = last.followers - first.followers, point_width(first) + point_width(last)
        is_within = bool(off) and abs(moved) < first.step + last.step
        if (first.bound, last.bound, first.accounts, then) == (
            "=",
            "=",
            last.accounts,
            shown(first.day, first.span),
        ) and (read(change) == (moved, "=") and not is_within if change else is_within):
            return True
    return False


def within(record, platform, followers, when, then):
    return progress(record, platform, followers, when, "", then)


def ended(record, platform, when, state):
    return any(
        line[-1].followers is None
        and shown(line[-1].day, line[-1].span) == when
        and formats.state(line[-1].state) == state
        for line in record.lines.values()
        if line
    )


def pass_of(record, winner, loser):
    return [one for one in record.passes if set(one[:2]) == {winner, loser}]


def times_of(passed):
    """The two days of an overtake as they may be written: of whole years the years alone."""
    _, _, after, by, _ = passed
    years = (str(after.year), str(by.year)) if after.year < by.year else None
    return (shown(after, "day"), shown(by, "day")), years


def overtook(record, winner, loser, platform, after, by):
    return any(
        one[:2] == (winner, loser) and (after, by) in times_of(one) for one in pass_of(record, winner, loser)
    )


def again(record, platform, one, other, times, after, by, winner):
    found = sorted(pass_of(record, one, other), key=lambda item: item[3])[-int(times) :]
    return (
        len(found) == int(times) >= 3
        and found[-1][0] == winner
        and by in {last for _, last in filter(None, times_of(found[-1]))}
    )


OWN = "actor-0"


def rank(record, platform, rank, of, followers, when, is_open=False):
    row = record.rows[OWN]
    number, bound = read(followers)
    return (
        (int(rank), int(of)) == (row["rank"], len(record.counted()))
        and row["rank_is_open"] == is_open
        and (number, bound) == (row["now"]["followers"], row["now"]["bound"])
        and when == globals()["when"](row["now"])
    )


def about_rank(record, **clauses):
    return rank(record, **clauses, is_open=True)


def moved(sign, *, among_both):
    def check(record, places="0"):
        row = record.rows[OWN]
        won = row["rank_change"]
        same = row["rank_then"] is not None and row["rank_then"] - row["rank"] == won
        return won == sign * int(places) and same != among_both and not row["rank_is_open"]

    return check


def next_above(record, name, gap, gap_then=""):
    own, above = record.rows[OWN], record.rows[name]
    holds = is_gap(gap, above["now"], own["now"]) and above["rank"] <= own["rank"]
    if gap_then:
        holds = holds and is_gap(gap_then, above["then"], own["then"]) and is_honest(record, own, above)
    return holds


def next_below(record, name, gap):
    return (
        is_gap(gap, record.now(OWN), record.now(name))
        and record.rows[OWN]["rank"] <= record.rows[name]["rank"]
    )


def is_honest(record, *rows):
    """Whether earlier counts are of the same accounts, and near the beginning of the period."""
    return all(
        oracle.counted_in(row["then"]) == oracle.counted_in(row["now"])
        and oracle.is_near(min(snap.end for snap in row["then"]["snaps"].values()), record.since, record.on)
        for row in rows
    )


def course(sign, *, to_above):
    def check(record):
        own = record.rows[OWN]
        for other in record.rows.values():
            if other is own or not other["rank"] or not is_counted(other["then"]):
                continue
            ahead, behind = (other, own) if to_above else (own, other)
            values = [ahead["now"], behind["now"], ahead["then"], behind["then"]]
            if not all(is_counted(value) and value["bound"] == "=" for value in values):
                continue
            now, then = (pair[0]["followers"] - pair[1]["followers"] for pair in (values[:2], values[2:]))
            off = sum(width(value) for value in values)
            grown = 0 if abs(now - then) <= off else 1 if now > then else -1
            if grown == sign and now >= 0 and then >= 0 and is_honest(record, own, other):
                return True
        return False

    return check


def passed_after(is_winner):
    def check(record, day, names):
        for name in re.split(r", | and \d+ more", names):
            last = max(
                (one for one in pass_of(record, OWN, name) if one[3] >= record.since), key=lambda one: one[3]
            )
            if (last[0] == OWN) != is_winner or last[2] < record.since or day != shown(record.since, "day"):
                return False
        return True

    return check


def nobody_passed(record, day):
    return not [one for one in record.passes if OWN in one[:2] and one[3] > record.since]


def is_old(record, days):
    value = record.now(OWN)
    return int(days) == FRESH < value["age_days"]


# Ranks over time


def constant(record, first, last):
    """The world with the accounts alone that are counted as of both days."""
    ends = [parse(first), parse(last)]
    actors = [
        oracle.Act(
            actor.slug, actor.kind, actor.hidden,
            [
                account for account in actor.accounts
                if all((snap := oracle.as_of(account, day, False)) and snap.state == "counted" for day in ends)
            ],
        )
        for actor in record.world.actors
    ]  # fmt: skip
    return oracle.World([actor for actor in actors if actor.accounts])


def parse(text):
    for offset in range(1500):
        day = date(2022, 1, 1) + timedelta(days=offset)
        if shown(day, "day") == text:
            return day
    raise ValueError(text)


def ranks_on(world, day):
    rows = oracle.league(world, on=day, since=None, platform="facebook")["rows"]
    return {row["actor"].slug: row for row in rows if row["rank"]}


def days_of(record):
    return shown(record.ranked_days[0], "day"), shown(record.ranked_days[-1], "day")


def first_on(record, day, names="", is_open=False):
    table = ranks_on(constant(record, *days_of(record)), parse(day))
    leaders = {slug for slug, row in table.items() if row["rank"] == 1}
    if is_open:
        return any(table[slug]["rank_is_open"] for slug in leaders)
    return leaders == set(names.split("; ")) and not any(table[slug]["rank_is_open"] for slug in leaders)


def lead_is_open(record):
    rows = [row for row in record.rows.values() if row["rank"] == 1]
    return bool(rows) and any(row["rank_is_open"] for row in rows)


def first_is_open(record, day):
    return first_on(record, day, is_open=True)


def climbed(record, day, name, before, now):
    world = constant(record, *days_of(record))
    then, last = ranks_on(world, parse(day)), ranks_on(world, parse(days_of(record)[1]))
    rises = {slug: then[slug]["rank"] - last[slug]["rank"] for slug in then}
    return (
        (int(before), int(now)) == (then[name]["rank"], last[name]["rank"])
        and all(rise < rises[name] for slug, rise in rises.items() if slug != name)
        and not any(row["rank_is_open"] for table in (then, last) for row in table.values())
    )


def own_ranks(record, platform, rank, of, day, before="", before_of="", then=""):
    """Its accounts' ranks on one platform, with a mark where they are open."""
    first, last = days_of(record)
    world = constant(record, first, last)

    def is_rank(text, among, on):
        table = ranks_on(world, parse(on))
        row = table[OWN]
        return text == f"{row['rank']}{'?' if row['rank_is_open'] else ''}" and int(among) == len(table)

    return is_rank(rank, of, day) and (not then or is_rank(before, before_of, then))


def sampled(record, first, last):
    return (first, last) == days_of(record)


def is_none_counted(record, **_clauses):
    """Of a league, of lines or of ranks over time: on one of them nobody is counted."""
    return True


CHECKS = {
    # sentences.py
    "On %(platform)s, %(leader)s leads %(other)s by %(gap)s (%(when)s).": leads,
    "On %(platform)s, %(leader)s leads %(other)s by %(gap)s (%(when)s); %(then)s the lead was %(gap_then)s.": leads,
    "On %(platform)s, %(leader)s leads %(other)s by %(gap)s (%(when)s); %(then)s, %(other)s was %(gap_then)s ahead.": leads_turned,
    "On %(platform)s, %(leader)s and %(other)s have the same recorded count (%(when)s).": is_same,
    "On %(platform)s, %(leader)s and %(other)s are too close to call: the difference is smaller than the rounding of their counts (%(when)s).": is_close,
    "On %(platform)s, we cannot tell whether %(leader)s or %(other)s leads: at least one of the two counts is only “more than”, “less than” or “about” (%(when)s).": is_untold,
    "%(name)s, %(platform)s: %(followers)s (%(when)s).": one_count,
    "%(name)s gained the most between %(then)s and %(now)s: %(change)s.": gained,
    "%(name)s: the page did not exist %(when)s.": is_gone,
    "Total without the reference: %(then)s → %(now)s, %(change)s (%(counted)s of %(of)s have a count on both dates).": sample,
    "%(kind)s: %(then)s → %(now)s, %(change)s (%(counted)s of %(of)s counted on both dates).": sample,
    "Not in the total, because a count is missing on at least one date: %(names)s.": left_out,
    "Not in the total, because other accounts have a count on each of the two dates: %(names)s.": left_out_here,
    "%(count)s with a count": lambda record, count: len(record.counted()) == int(count),
    "%(count)s hides its count": many("hidden"),
    "%(count)s page that does not exist": many("absent"),
    "%(count)s suspended": many("suspended"),
    "%(count)s private": many("private"),
    "%(count)s without a count": many("unknown"),
    "%(count)s new": lambda record, count: int(count) == record.league["new"],
    "%(count)s dropped out": lambda record, count: int(count) == record.league["dropped"],
    "%(count)s of %(of)s counts is more than 30 days old.": lambda record, count, of: (
        (int(count), int(of)) == (record.league["last_known"], len(record.counted()))
    ),
    "A rank with a question mark is open: a bound, rounding or a missing account leaves open who has more.": lambda record: (
        True
    ),
    "%(platform)s: %(followers)s (%(when)s).": progress,
    "%(platform)s: %(followers)s (%(when)s), %(change)s since %(then)s.": progress,
    "%(platform)s: %(followers)s (%(when)s); since %(then)s, any change is within rounding.": within,
    "%(platform)s: no count recorded yet.": lambda record, platform: any(
        not line for line in record.lines.values()
    ),
    "%(platform)s, %(when)s: %(state)s.": ended,
    "%(winner)s overtook %(loser)s on %(platform)s between %(after)s and %(by)s.": overtook,
    "No counts have been recorded for this selection yet.": is_none_counted,
    # passes.py
    "On %(platform)s, %(one)s and %(other)s passed each other %(times)s time between %(after)s and %(by)s; ahead after the last: %(winner)s.": again,
    # comparing.py
    "On %(platform)s, %(leader)s leads %(other)s by %(gap)s (%(when)s) and has not been behind on any date shown.": lead,
    "On %(platform)s, %(leader)s leads %(other)s by %(gap)s (%(when)s) and has not been behind in any count since %(since)s.": lead,
    "%(name)s changed the most between %(then)s and %(now)s: %(change)s.": changed_most,
    "Highest percentage change since %(base)s: %(name)s, %(value)s (%(when)s).": grown_most,
    "With %(base)s as 100, %(name)s stands highest: %(value)s (%(when)s).": stands_highest,
    "Closest to %(reference)s: %(name)s, %(gap)s (%(when)s).": nearest,
    "Nearest to %(reference)s: %(name)s, level within rounding (%(when)s).": nearest_level,
    "There is no reference with a count to compare with.": lambda record: True,
    "%(name)s has the largest share: %(share)s of %(total)s follows in total (%(when)s).": share,
    "%(name)s has the largest share: %(share)s of %(total)s follows in total (%(when)s), compared with %(before)s (%(then)s).": share,
    # mine.py
    "On %(platform)s: rank %(rank)s of %(of)s, with %(followers)s (%(when)s).": rank,
    "On %(platform)s: about rank %(rank)s of %(of)s, with %(followers)s (%(when)s); a bound, rounding or a missing account leaves the rank open.": about_rank,
    "On %(platform)s, this organisation has no count that can be ranked today.": lambda record, platform: (
        OWN not in record.rows or not record.rows[OWN]["rank"]
    ),
    "Up %(places)s place in this period.": moved(1, among_both=False),
    "It is down %(places)s place since then.": moved(-1, among_both=False),
    "The rank is the same as at the start of this period.": moved(0, among_both=False),
    "Among those counted then and now it is up %(places)s place.": moved(1, among_both=True),
    "Among those counted then and now it is down %(places)s place.": moved(-1, among_both=True),
    "Among those counted then and now the rank is the same.": moved(0, among_both=True),
    "No newer count has been recorded in this period.": lambda record: (
        record.then(OWN)["snaps"] == record.now(OWN)["snaps"]
    ),
    "Next above: %(name)s, %(gap)s ahead.": next_above,
    "Next above: %(name)s, %(gap)s ahead (at the start of the period: %(gap_then)s).": next_above,
    # answers.py
    "Next below: %(name)s, %(gap)s behind.": next_below,
    "The gap is closing.": course(-1, to_above=True),
    "The gap is growing.": course(1, to_above=True),
    "The gap has hardly changed.": course(0, to_above=True),
    "The lead is shrinking.": course(-1, to_above=False),
    "The lead is growing.": course(1, to_above=False),
    "The lead has hardly changed.": course(0, to_above=False),
    "After %(day)s, overtook: %(names)s.": passed_after(is_winner=True),
    "After %(day)s, overtaken by: %(names)s.": passed_after(is_winner=False),
    "No overtake has been recorded after %(day)s among those in the table.": nobody_passed,
    "The latest count is more than %(days)s day old.": is_old,
    # moves.py
    "First on %(day)s: %(names)s.": first_on,
    "Who is first is open: a bound, rounding or a missing account leaves open who has more.": lead_is_open,
    "Who was first on %(day)s is open: a bound, rounding or a missing account leaves open who had more.": first_is_open,
    "Biggest climb since %(day)s: %(name)s, from rank %(before)s to rank %(now)s.": climbed,
    "%(platform)s: rank %(rank)s of %(of)s (%(day)s).": own_ranks,
    "%(platform)s: rank %(rank)s of %(of)s (%(day)s); earlier %(before)s of %(before_of)s (%(then)s).": own_ranks,
    "Ranks among those with a count on both %(first)s and %(last)s, over the same accounts.": sampled,
}

ELSEWHERE = {
    "%(names)s and %(count)s more": "the end of a list",
    "%(before)s is followed by %(after)s": "tests/dashboard/test_lineage.py",
    "%(platform)s, before %(day)s: the counts are those of %(before)s.": "tests/dashboard/test_lineage.py",
    "%(drawn)s of %(of)s line": "tests/figures/test_pictures.py",
    "%(name)s: no count since": "a label of a chart",
    "%(name)s: %(state)s %(when)s": "a label of a chart: tests/figures/test_charts.py",
    "The table below the chart holds the same numbers.": "of no count at all",
    "all platforms together": "test_claims_of_sentences.py",
    "earlier (%(dates)s)": "a part of who leads",
    "Biggest climb of those shown since %(day)s: %(name)s, from rank %(before)s to rank %(now)s.": "test_moves.py",
}
