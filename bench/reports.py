"""What the week grid and the report of a district take with 1 and 10 million viewings in the records.

python -m bench.reports            prints the table, after some minutes and 3 GB in the folder for temporary files
python -m bench.reports --write    writes it into docs/performance.md too
python -m bench.reports --small    with 100,000 and 400,000 viewings, to try the script

A district of 55 schools and 2,000 classes, of which each opens five sessions a week: 400,000 viewings a year. This year is
the same in both records; the others are earlier years with classes of their own. SQL is what the engine takes to answer the
very statements of the page, sent again by themselves and read to the last row; all of it has the work in Python with it.
Beside them stands the plainest count of the same year straight from the viewings, which the kept weeks of the classes save.
Each is the median of several, in memory that is warm.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import event, insert, text

from bench import tables
from wellness.domain import Role, School, SchoolYear
from wellness.records import Reading, Records, Writing, people, schema, schools, week_summaries
from wellness.school.reporting import GridFilter, make_report, week_grid

SCHOOLS, CLASSES, WEEKS, A_WEEK = 55, 2_000, 40, 5
A_YEAR = CLASSES * WEEKS * A_WEEK
SIZES, SMALL = (1_000_000, 10_000_000), (A_YEAR // 4, A_YEAR)
TIMES = 25
GRADES = ("K", "1", "2", "3", "4", "5")
BEGINS = date(2026, 8, 24)
TODAY = BEGINS + timedelta(weeks=WEEKS)
AT = datetime(2026, 8, 1, 12, tzinfo=UTC)

# Fifty sessions take turns; most are delivered, some shortened, not done, or only opened. One in five was planned.
_VIEWINGS = """
INSERT INTO viewing (classroom_id, slug, revision, language, on_day, week_on, state, extent, reason, minutes, coverage,
    opened_at, entered_at, entered_role, is_late)
WITH RECURSIVE weeks(w) AS (SELECT 0 UNION ALL SELECT w + 1 FROM weeks WHERE w + 1 < :weeks),
    days(d) AS (SELECT 0 UNION ALL SELECT d + 1 FROM days WHERE d < 4),
    shown AS (
        SELECT c.id, c.rowid AS n, w, d, (c.rowid * 7 + w * 3 + d) % 20 AS fate
        FROM classroom c CROSS JOIN weeks CROSS JOIN days WHERE c.year_id = :year ORDER BY c.id, w, d
    )
SELECT id, 'session-' || ((w + d * 9) % 50), 'r1', 'en',
    date(:begins, (w * 7 + d) || ' days'), date(:begins, (w * 7) || ' days'),
    CASE WHEN fate < 12 THEN 'delivered' WHEN fate < 14 THEN 'not done' WHEN fate < 17 THEN 'played' ELSE 'opened' END,
    CASE WHEN fate < 9 THEN 'whole' WHEN fate < 12 THEN 'shortened' END,
    CASE WHEN fate BETWEEN 12 AND 13 THEN 'assembly' END,
    CASE WHEN fate < 12 THEN 8 + fate END, 0.5, :at,
    CASE WHEN fate < 14 THEN :at END, CASE WHEN fate < 14 THEN 'teacher' ELSE 'auto' END, 0
FROM shown
"""

_PLAINLY = """
SELECT c.school_id, c.grade, v.week_on, count(DISTINCT v.classroom_id), sum(v.minutes)
FROM viewing v JOIN classroom c ON c.id = v.classroom_id
WHERE c.year_id = :year AND v.week_on BETWEEN :first AND :last AND v.state = 'delivered' GROUP BY 1, 2, 3
"""


@dataclass(slots=True)
class Measured:
    """What one size took, in seconds."""

    viewings: int
    grid: float
    grid_all: float
    report: float
    report_all: float
    plainly: float
    verified: float
    rebuilt: float
    megabytes: float


def make_district(records: Records, viewings: int) -> SchoolYear:
    """The schools, the years and their classes, the plan and so many viewings. Returns this year."""
    with records.writing() as tx:
        made = [schools.add_school(tx, f"School {number:02}") for number in range(SCHOOLS)]
    years = []
    for back in range(-(-viewings // A_YEAR)):
        weeks = min(WEEKS, viewings // (CLASSES * A_WEEK) - WEEKS * back)
        with records.writing() as tx:
            years.append(make_year(tx, made, back, weeks))
    return years[0]


def make_year(tx: Writing, made: Sequence[School], back: int, weeks: int) -> SchoolYear:
    """The classes, the plan and the viewings of the year so many years ago, in its first weeks."""
    begins = BEGINS - timedelta(weeks=52 * back)
    year = schools.add_year(tx, f"Year {-back}", begins, begins + timedelta(weeks=WEEKS))
    rooms = [
        {
            "id": f"{back:02}-{n:05}",
            "school": made[n % SCHOOLS].id,
            "year": year.id,
            "name": f"Room {n}",
            "grade": grade,
        }
        for n in range(CLASSES)
        if (grade := GRADES[n // SCHOOLS % len(GRADES)])
    ]
    tx.execute(text("INSERT INTO classroom VALUES (:id, :school, :year, :name, :grade, 24, 1)"), rooms)
    planned = [
        {"school_id": school.id, "week_on": begins + timedelta(weeks=week), "grade": grade, "slug": f"session-{week}"}
        for school in made
        for week in range(WEEKS)
        for grade in GRADES
    ]
    entry = {"says": "session", "role": "auto", "at": AT, "batch_id": "bench"}
    tx.execute(insert(schema.plan_entry), [{**one, **entry} for one in planned])
    when = {"begins": begins.isoformat(), "at": "2026-08-01 12:00:00"}
    tx.execute(text(_VIEWINGS), {"year": year.id, "weeks": weeks, **when})
    return year


def measure(folder: Path, viewings: int) -> Measured:
    """Make records with so many viewings and ask them."""
    file = folder / "records.db"
    records = Records(f"sqlite:///{file}", busy_timeout=600)
    records.migrate()
    year = make_district(records, viewings)
    with records.writing() as tx:
        person = people.add_person(tx, email="c@demo.test", name="Coach", role=Role.COACH, password_hash="!", at=AT)
    began = time.perf_counter()
    with records.writing() as tx:
        week_summaries.rebuild(tx)
    rebuilt = time.perf_counter() - began
    began = time.perf_counter()
    with records.reading() as tx:
        assert not list(week_summaries.list_disagreements(tx))
    verified = time.perf_counter() - began
    with records.reading() as tx:
        (school, *_) = schools.list_schools(tx)
        week_on = BEGINS + timedelta(weeks=WEEKS // 2)
        grid = ask(tx, lambda: week_grid(tx, person, year, GridFilter(week_on, week_on, school.id), TODAY))
        whole_year = GridFilter(BEGINS, TODAY)
        report = ask(tx, lambda: make_report(tx, person, year, whole_year, TODAY))
        span = {"year": year.id, "first": BEGINS.isoformat(), "last": TODAY.isoformat()}
        plainly = statistics.median(answer(tx, [(_PLAINLY, span)]) for _ in range(5))
    records.close()
    return Measured(viewings, *grid, *report, plainly, verified, rebuilt, file.stat().st_size / 1e6)


def ask(tx: Reading, work: Callable[[], object]) -> tuple[float, float]:
    """The medians of the engine's part and of the whole, in seconds."""
    sent: list[tuple[str, Any]] = []

    def note(connection: object, cursor: object, statement: str, parameters: Any, *rest: object) -> None:
        sent.append((statement, parameters))

    event.listen(tx, "before_cursor_execute", note)
    work()
    event.remove(tx, "before_cursor_execute", note)
    engine, whole = [], []
    for _ in range(TIMES):
        engine.append(answer(tx, sent))
        began = time.perf_counter()
        work()
        whole.append(time.perf_counter() - began)
    return statistics.median(engine), statistics.median(whole)


def answer(tx: Reading, statements: Sequence[tuple[str, Any]]) -> float:
    """Seconds until the engine has given every row of these statements."""
    cursor = tx.connection.cursor()
    began = time.perf_counter()
    for statement, parameters in statements:
        cursor.execute(statement, parameters).fetchall()
    took = time.perf_counter() - began
    cursor.close()
    return took


def table(found: Sequence[Measured]) -> str:
    """Milliseconds by size; the last column is the largest beside the smallest."""
    lines: list[tuple[str, Callable[[Measured], float], str]] = [
        ("week grid of a school, SQL", lambda one: one.grid, "2 ms"),
        ("week grid of a school, all of it", lambda one: one.grid_all, ""),
        ("report of the district's year, SQL", lambda one: one.report, "60 ms"),
        ("report of the district's year, all of it", lambda one: one.report_all, ""),
        ("the year's delivered sessions counted from viewings, SQL", lambda one: one.plainly, ""),
    ]
    head = ("median", *(f"{one.viewings:,} viewings" for one in found), "ratio", "goal")
    body = [
        (name, *(f"{of(one) * 1000:.1f} ms" for one in found), f"{of(found[-1]) / of(found[0]):.2f}", goal)
        for name, of, goal in lines
    ]
    slow: list[tuple[str, Callable[[Measured], str]]] = [
        ("every week verified (`wellness check`)", lambda one: f"{one.verified:.0f} s"),
        ("every week recalculated (`wellness records rebuild`)", lambda one: f"{one.rebuilt:.0f} s"),
        ("the file", lambda one: f"{one.megabytes:,.0f} MB"),
    ]
    body += [(name, *map(of, found), "", "") for name, of in slow]
    return tables.rows(head, body)


def main() -> None:
    """Measure each size in records of its own."""
    parser = tables.parser_of(__doc__)
    parser.add_argument("--small", action="store_true", help="only try the script")
    arguments = parser.parse_args()
    found = []
    for size in SMALL if arguments.small else SIZES:
        with tempfile.TemporaryDirectory(prefix="wellness-reports-") as folder:
            found.append(measure(Path(folder), size))
    tables.show("reports", table(found), arguments)


if __name__ == "__main__":
    main()
