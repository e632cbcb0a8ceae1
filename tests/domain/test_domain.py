"""The words of the product as plain values: breath patterns, coverage, the school week."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wellness.domain import (
    GRADES,
    MAX_BREATH_COUNT,
    MAX_HOLD_COUNT,
    PRE_K,
    Band,
    BreathPattern,
    Completeness,
    Need,
    NotDoneReason,
    Outcome,
    ViewingState,
    coverage_of,
    is_played,
    merge_ranges,
    played_threshold,
    school_day,
    week_of,
    weeks_between,
)

NEW_YORK = ZoneInfo("America/New_York")

# --- Breathing --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "counts", "has_holds", "seconds"),
    [
        ("4-4-4-4", (4, 4, 4, 4), True, 16),
        ("4-0-6-0", (4, 0, 6, 0), False, 10),
        (" 3-1-3-0 ", (3, 1, 3, 0), True, 7),
        ("08-07-08-07", (8, 7, 8, 7), True, 30),
    ],
)
def test_a_pattern_is_four_counts(text: str, counts: tuple[int, ...], has_holds: bool, seconds: int) -> None:
    pattern = BreathPattern.parse(text)
    assert (pattern.counts, pattern.has_holds, pattern.seconds) == (counts, has_holds, seconds)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "four numbers"),
        ("4-4-4", "four numbers"),
        ("4-4-4-4-4", "four numbers"),
        ("4,4,4,4", "four numbers"),
        ("4 - 4 - 4 - 4", "four numbers"),
        ("-4-4-4-4", "four numbers"),
        ("4.5-4-4-4", "four numbers"),
        ("four", "four numbers"),
        ("4-4-4-4\n4-4-4-4", "four numbers"),
        ("4-4-4-444", "four numbers"),
        ("0-4-4-4", "must each be 1 to 8"),
        ("4-4-0-4", "must each be 1 to 8"),
        ("9-4-4-4", "must each be 1 to 8"),
        ("4-8-4-4", "a hold can be at most 7"),
        ("4-4-4-12", "a hold can be at most 7"),
    ],
)
def test_a_pattern_that_is_none_or_too_long_is_refused_with_a_sentence(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        BreathPattern.parse(text)


breaths, holds = st.integers(1, MAX_BREATH_COUNT), st.integers(0, MAX_HOLD_COUNT)


@given(st.builds(BreathPattern, breaths, holds, breaths, holds))
def test_a_pattern_reads_back_as_it_is_written(pattern: BreathPattern) -> None:
    assert BreathPattern.parse(str(pattern)) == pattern


@given(st.text(alphabet="0123456789-", max_size=14))
def test_whatever_is_written_as_a_pattern_is_one_within_the_limits_or_is_refused(text: str) -> None:
    try:
        pattern = BreathPattern.parse(text)
    except ValueError:
        return
    assert 2 <= pattern.seconds <= 2 * MAX_BREATH_COUNT + 2 * MAX_HOLD_COUNT


# --- Coverage ---------------------------------------------------------------------------------------------------------

ranges = st.lists(st.tuples(st.integers(-50, 400), st.integers(-50, 400)), max_size=30)
durations = st.integers(0, 300)


def seconds_in(listed: list[tuple[int, int]], duration: int) -> set[int]:
    return {second for start, end in listed for second in range(max(0, start), min(end, duration))}


@given(ranges, durations)
def test_merged_ranges_hold_exactly_the_seconds_that_ran(listed: list[tuple[int, int]], duration: int) -> None:
    merged = merge_ranges(listed, duration)
    assert seconds_in(list(merged), duration) == seconds_in(listed, duration)
    assert all(start < end for start, end in merged)
    assert all(earlier[1] < later[0] for earlier, later in pairwise(merged)), "sorted, not touching"
    assert merge_ranges(merged, duration) == merged


@given(ranges, ranges, durations)
def test_coverage_never_falls_when_more_is_seen_and_never_leaves_nought_to_one(
    first: list[tuple[int, int]], more: list[tuple[int, int]], duration: int
) -> None:
    before = coverage_of(merge_ranges(first, duration), duration)
    after = coverage_of(merge_ranges(first + more, duration), duration)
    assert 0.0 <= before <= after <= 1.0


def test_seconds_that_ran_twice_count_once() -> None:
    assert merge_ranges([(10, 20), (0, 5), (5, 12), (30, 30), (40, 35)], 60) == ((0, 20),)
    assert coverage_of(((0, 20),), 60) == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ("duration", "threshold"), [(0, 0.70), (60, 0.725), (240, 0.80), (300, 0.825), (600, 0.95), (3600, 0.95)]
)
def test_what_counts_as_played_grows_with_the_length_up_to_ten_minutes(duration: int, threshold: float) -> None:
    assert played_threshold(duration) == pytest.approx(threshold)


@pytest.mark.parametrize(("ran", "played"), [(191, False), (192, True), (240, True), (0, False)])
def test_four_minutes_are_played_from_eight_tenths_on(ran: int, played: bool) -> None:
    assert is_played(((0, ran),), 240) is played


def test_nothing_of_nothing_is_not_played() -> None:
    assert not is_played((), 0)
    assert coverage_of((), 0) == 0.0


# --- The school week --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "zone", "day"),
    [
        (datetime(2026, 9, 19, 3, 59, tzinfo=UTC), "America/New_York", date(2026, 9, 18)),
        (datetime(2026, 9, 19, 4, 0, tzinfo=UTC), "America/New_York", date(2026, 9, 19)),
        (datetime(2026, 11, 1, 3, 59, tzinfo=UTC), "America/New_York", date(2026, 10, 31)),
        (datetime(2026, 11, 2, 4, 30, tzinfo=UTC), "America/New_York", date(2026, 11, 1)),
        (datetime(2026, 11, 2, 5, 0, tzinfo=UTC), "America/New_York", date(2026, 11, 2)),
        (datetime(2027, 3, 14, 4, 59, tzinfo=UTC), "America/New_York", date(2027, 3, 13)),
        (datetime(2027, 3, 15, 3, 59, tzinfo=UTC), "America/New_York", date(2027, 3, 14)),
        (datetime(2026, 9, 18, 23, 30, tzinfo=UTC), "Pacific/Kiritimati", date(2026, 9, 19)),
        (datetime(2026, 9, 18, 9, 59, tzinfo=UTC), "Pacific/Honolulu", date(2026, 9, 17)),
        (datetime(2026, 12, 31, 23, 30, tzinfo=UTC), "Asia/Kathmandu", date(2027, 1, 1)),
    ],
)
def test_the_school_day_is_the_date_on_the_schools_own_clock(at: datetime, zone: str, day: date) -> None:
    assert school_day(at, ZoneInfo(zone)) == day


def test_an_instant_without_a_zone_has_no_school_day() -> None:
    with pytest.raises(ValueError, match="time zone"):
        school_day(datetime(2026, 9, 18, 12, 0), NEW_YORK)  # noqa: DTZ001 - that is what is refused


@pytest.mark.parametrize("change", [date(2026, 11, 1), date(2027, 3, 14)], ids=["clocks back", "clocks forward"])
def test_every_minute_around_a_change_of_the_clocks_has_the_day_that_the_clock_shows(change: date) -> None:
    midnight = datetime(change.year, change.month, change.day, tzinfo=NEW_YORK).astimezone(UTC)
    next_midnight = datetime(change.year, change.month, change.day, tzinfo=NEW_YORK) + timedelta(days=1)
    length = next_midnight.astimezone(UTC) - midnight
    assert length in (timedelta(hours=23), timedelta(hours=25))
    minutes = int(length / timedelta(minutes=1))
    days = [school_day(midnight + timedelta(minutes=minute), NEW_YORK) for minute in range(-1, minutes + 1)]
    assert days[0] == change - timedelta(days=1)
    assert set(days[1:-1]) == {change}
    assert days[-1] == change + timedelta(days=1)


@given(st.dates(date(1971, 1, 1), date(2099, 12, 31)))
def test_a_week_is_named_by_its_monday(day: date) -> None:
    monday = week_of(day)
    assert monday.weekday() == 0
    assert monday <= day < monday + timedelta(days=7)
    assert week_of(monday) == monday


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(0, 400))
def test_the_weeks_between_two_days_are_all_that_touch_them(first: date, length: int) -> None:
    last = first + timedelta(days=length)
    days = {week_of(first + timedelta(days=n)) for n in range(length + 1)}
    assert weeks_between(first, last) == tuple(sorted(days))


def test_there_is_no_week_between_a_day_and_an_earlier_week() -> None:
    assert weeks_between(date(2026, 9, 14), date(2026, 9, 13)) == ()


# --- Grades, needs, outcomes ------------------------------------------------------------------------------------------


def test_every_grade_belongs_to_exactly_one_band() -> None:
    school_grades = [grade for grade in GRADES if grade != PRE_K]
    assert [grade for band in Band for grade in band.grades] == school_grades
    assert all(grade in Band.of(grade).grades for grade in school_grades)
    assert Band.of(PRE_K) is Band.K_2


@pytest.mark.parametrize("grade", ["", "13", "0", "k", "K-2", "６"])
def test_what_is_no_grade_has_no_band(grade: str) -> None:
    with pytest.raises(ValueError, match="not a grade"):
        Band.of(grade)


def test_a_need_is_found_by_its_address_and_by_its_words() -> None:
    for need in Need:
        assert Need.from_key(need.key) is need
        assert Need.from_key(need.value) is need
        assert " " not in need.key
    assert Need.from_key("calm-down") is None


@pytest.mark.parametrize(
    ("state", "extent", "reason"),
    [
        (ViewingState.DELIVERED, None, None),
        (ViewingState.DELIVERED, Completeness.WHOLE, NotDoneReason.DRILL),
        (ViewingState.NOT_DONE, None, None),
        (ViewingState.NOT_DONE, Completeness.WHOLE, NotDoneReason.DRILL),
        (ViewingState.OPENED, None, None),
        (ViewingState.PLAYED, Completeness.WHOLE, None),
    ],
)
def test_an_outcome_that_nobody_could_mean_cannot_be_said(
    state: ViewingState, extent: Completeness | None, reason: NotDoneReason | None
) -> None:
    with pytest.raises(ValueError, match=r"session|person"):
        Outcome(state, extent, reason)
