"""Turning the school year over: the guided page with its preview, what a rollover made, and undoing it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, flash, render_template, request, url_for
from flask import redirect as go_to
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response
from wtforms import HiddenField
from wtforms.validators import Length

from ...domain import Classroom, ClassRule, School, SchoolYear
from ...errors import Invalid, NotFound, worded
from ...policy import Action
from ...records import Reading, classrooms, door_cards, rollovers, schools
from ...school import presenting, rollover, rollover_undo
from ...school.rollover import Choices, Facts, NewYear, Turnover
from .. import labels
from ..access import requires
from ..forms import WordedForm, answer_form
from ..request import now, signed_in, site, today
from ..teach.classes import door_qr
from ..translations import in_words
from .forms import ChangeYearForm


class TurnForm(WordedForm):
    """The fingerprint of the preview; schools, classes and no-school days have fields of their own in the page."""

    seen = HiddenField(validators=[Length(max=64)])


class TurnToNewForm(ChangeYearForm, TurnForm):
    """The same with name, days and terms of the year that is to be made."""


@dataclass(frozen=True, slots=True)
class ClassRow:
    """One class of the old year in the form."""

    before: Classroom
    name: str
    grade: str
    is_copied: bool
    teachers: tuple[str, ...]
    leavers: tuple[str, ...]
    error: str


@dataclass(frozen=True, slots=True)
class SchoolRow:
    """One school in the form."""

    school: School
    rule: ClassRule
    with_teachers: bool
    with_plan: bool
    classes: tuple[ClassRow, ...]

    @property
    def has_error(self) -> bool:
        """Whether one of its classes has a wrong name."""
        return any(one.error for one in self.classes)


def register(bp: Blueprint) -> None:
    """Add the pages to the blueprint of the years."""
    bp.add_url_rule("/turn", view_func=turn)
    bp.add_url_rule("/turn", view_func=turn_over, methods=["POST"])
    bp.add_url_rule("/turns/<rollover_id>", view_func=turned)
    bp.add_url_rule("/turns/<rollover_id>/undo", view_func=undo_turn, methods=["POST"])
    bp.add_url_rule("/<year_id>/door-cards", view_func=year_door_cards)
    bp.add_url_rule("/<year_id>/door-cards", view_func=make_year_door_cards, methods=["POST"])


# --- The guided page --------------------------------------------------------------------------------------------------


@requires(Action.RUN_SITE)
def turn() -> Response | str:
    """Show what the old year proposes for the new one."""
    with site().records.reading() as tx:
        year_id, into_id = _asked_years(tx)
        if not year_id:
            flash(_("There’s no school year yet. Add one first."), "caution")
            return go_to(url_for("admin.overview"), code=303)
        facts = rollover.load_facts(tx, year_id, into_id)
    choices = rollover.propose(facts)
    form = _form(facts)
    if isinstance(form, TurnToNewForm) and choices.new_year is not None:
        _fill(form, choices.new_year)
    return _page(facts, choices, form, None)


def _asked_years(tx: Reading) -> tuple[str, str]:
    """Return the ids of the year to copy and of the one that takes the copies; the latter empty for a new one.

    Without an answer in the address: the latest year with classes, into the year after it.
    """
    asked = request.args.get("from", "")
    year = schools.get_year(tx, asked) if asked else rollover.find_year_to_copy(tx, today())
    if year is None:
        return "", ""
    later = [one.id for one in schools.list_years(tx) if one.starts_on > year.ends_on]
    into_id = request.args.get("into", "")
    if into_id == "new":
        return year.id, ""
    return year.id, into_id if into_id in later else next(iter(later), "")


def _form(facts: Facts) -> TurnForm:
    if request.method == "POST":
        return TurnForm() if facts.into is not None else TurnToNewForm()
    return TurnForm(formdata=None) if facts.into is not None else TurnToNewForm(formdata=None)


def _fill(form: TurnToNewForm, year: NewYear) -> None:
    form.name.data, form.starts_on.data, form.ends_on.data = year.name, year.starts_on, year.ends_on
    for (name, day), term in zip(((form.term_name_1, None), *form.later_terms), year.terms, strict=False):
        name.data = term[0]
        if day is not None:
            day.data = term[1]


@requires(Action.RUN_SITE)
def turn_over() -> Response | tuple[str, int] | str:
    """Show what the choices would make; or make it, when that was seen."""
    with site().records.reading() as tx:
        year_id, into_id = _asked_years(tx)
        facts = rollover.load_facts(tx, year_id, into_id)
    form = _form(facts)
    is_valid = form.validate()
    choices, errors = _chosen(facts, form)
    if not is_valid or errors:
        form.refuse(Invalid(rollover.NOT_TURNED, errors))
        return _page(facts, choices, form, None, errors), 422
    try:
        if "see" not in request.form and form.seen.data:
            return _press(year_id, into_id, choices, form.seen.data)
        facts, turnover = _preview(year_id, into_id, choices)
    except rollover.PreviewNeeded as error:
        form.refuse(error)
        facts, turnover = _preview(year_id, into_id, choices)
        return _page(facts, choices, form, turnover), 422
    except Invalid as error:
        form.refuse(error)
        return _page(facts, choices, form, None, error.fields), 422
    return _page(facts, choices, form, turnover)


def _press(year_id: str, into_id: str, choices: Choices, seen: str) -> Response:
    made = rollover.turn_over(
        site().records, signed_in(), year_id, into_id, choices,
        seen=seen, known_slugs=_known_slugs(), at=now(), today=today(),
    )  # fmt: skip
    site().plan_edits += 1
    return go_to(url_for("years.turned", rollover_id=made), code=303)


def _known_slugs() -> frozenset[str]:
    return frozenset(site().catalogue.list_slugs())


def _preview(year_id: str, into_id: str, choices: Choices) -> tuple[Facts, Turnover]:
    known, day = _known_slugs(), today()
    with site().records.reading() as tx:
        return rollover.preview(tx, year_id, into_id, choices, known_slugs=known, today=day)


def _chosen(facts: Facts, form: TurnForm) -> tuple[Choices, dict[str, str]]:
    """Return what was chosen and what is wrong with the days of no-school days."""
    sent = request.form
    copied = set(sent.getlist("copy"))
    typed = ((one.id, rollover.changed_name(one, sent.get(f"name-{one.id}", ""))) for one in facts.classes)
    closures, errors = {}, {}
    for one in facts.closures:
        if one.key in sent.getlist("closure"):
            first_on, last_on = _day(sent.get(f"first-{one.key}", "")), _day(sent.get(f"last-{one.key}", ""))
            if first_on is None or last_on is None:
                errors[f"first-{one.key}"] = worded("%(reason)s: choose both days.", reason=one.before.reason)
            closures[one.key] = (first_on or one.first_on, last_on or one.last_on)
    choices = Choices(
        new_year=_new_year(form),
        rules={school.id: _rule(sent.get(f"rule-{school.id}", "")) for school in facts.schools},
        left_out=frozenset(one.id for one in facts.classes if one.id not in copied),
        names={classroom_id: name for classroom_id, name in typed if name is not None},
        with_teachers=frozenset(sent.getlist("teachers")),
        with_plan=frozenset(sent.getlist("plan")),
        closures=closures,
    )
    return choices, errors


def _new_year(form: TurnForm) -> NewYear | None:
    """Return the year to be made; None when there is one, or while its days are missing."""
    if not isinstance(form, TurnToNewForm) or form.starts_on.data is None or form.ends_on.data is None:
        return None
    return NewYear((form.name.data or "").strip(), form.starts_on.data, form.ends_on.data, tuple(form.terms))


def _rule(typed: str) -> ClassRule:
    return ClassRule(typed) if typed in set(ClassRule) else ClassRule.LEAVE_OUT


def _day(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        return None


def _page(
    facts: Facts, choices: Choices, form: TurnForm, turnover: Turnover | None, errors: dict[str, str] | None = None
) -> str:
    """The page with these choices; `turnover` is the preview, `errors` is what is wrong beside classes and days."""
    wrong = {name: in_words(message) for name, message in (errors or {}).items()}
    form.seen.data = turnover.seen if turnover is not None else ""
    with site().records.reading() as tx:
        years = schools.list_years(tx)
    later = [year for year in years if year.starts_on > facts.year.ends_on]
    gone = turnover.plan.gone if turnover is not None else ()
    return render_template(
        "admin/turn.html",
        facts=facts,
        form=form,
        years=years,
        later=later,
        rows=list(_school_rows(facts, choices, wrong)),
        closures=[
            (one, *choices.closures.get(one.key, (one.first_on, one.last_on)), one.key in choices.closures,
             wrong.get(f"first-{one.key}", ""))
            for one in facts.closures
        ],
        rules=labels.CLASS_RULES,
        turnover=turnover,
        missing=rollover.grades_without_class(facts, turnover) if turnover is not None else [],
        gone=[(site().catalogue.list_titles().get(slug, slug), number) for slug, number in gone],
    )  # fmt: skip


def _school_rows(facts: Facts, choices: Choices, wrong: dict[str, str]) -> Iterator[SchoolRow]:
    for school in facts.schools:
        rule = choices.rules.get(school.id, ClassRule.LEAVE_OUT)
        yield SchoolRow(
            school,
            rule,
            school.id in choices.with_teachers,
            school.id in choices.with_plan,
            tuple(_class_row(facts, choices, one, rule, wrong) for one in facts.classes_of(school.id)),
        )


def _class_row(facts: Facts, choices: Choices, one: Classroom, rule: ClassRule, wrong: dict[str, str]) -> ClassRow:
    taught = facts.teaching.get(one.id, ())
    return ClassRow(
        one,
        choices.names.get(one.id) or rollover.proposed_name(one, rule),
        rollover.proposed_grade(one, rule) or "",
        one.id not in choices.left_out,
        tuple(teaching.name for teaching in taught if teaching.is_active),
        tuple(teaching.name for teaching in taught if not teaching.is_active),
        wrong.get(f"name-{one.id}", ""),
    )


# --- What a rollover made, and undoing it -----------------------------------------------------------------------------


@requires(Action.RUN_SITE)
def turned(rollover_id: str) -> str:
    """Show what a rollover made, what to do next, and what undoing it would remove."""
    return _turned_page(rollover_id, WordedForm(formdata=None))


def _turned_page(rollover_id: str, form: WordedForm) -> str:
    day = today()
    with site().records.reading() as tx:
        found = rollovers.get_rollover(tx, rollover_id)
        names = {year.id: year.name for year in schools.list_years(tx)}
        items = rollovers.list_items(tx, rollover_id)
        try:
            undo, why_not = rollover_undo.work_out_undo(tx, found, day), ""
        except Invalid as error:
            undo, why_not = None, in_words(error.message)
    counts: Counter[str] = Counter()
    for one in items:
        counts[one.table] += one.made.get("entries", 1)
    return render_template(
        "admin/turned.html",
        rollover=found,
        from_name=names.get(found.from_year_id or "", ""),
        into_name=names.get(found.to_year_id or "", ""),
        made=[labels.made_label(table, counts[table]) for table in labels.MADE if counts[table]],
        undo=undo,
        goes=_goes(undo),
        why_not=why_not,
        reasons=labels.WHY_STAYS,
        form=form,
    )


def _goes(undo: rollover_undo.Undo | None) -> list[str]:
    if undo is None:
        return []
    counts = {"classroom": undo.classes, "closure": undo.closures, "plan_entry": undo.plan}
    goes = [labels.made_label(table, len(rows)) for table, rows in counts.items() if rows]
    return [labels.made_label("school_year", 1), *goes] if undo.removes_year else goes


@requires(Action.RUN_SITE)
def undo_turn(rollover_id: str) -> Response | tuple[str, int]:
    """Remove what the rollover made and nobody has changed since."""
    form = WordedForm()

    def act() -> Response:
        rollover_undo.undo(
            site().records, signed_in(), rollover_id, seen=request.form.get("seen", ""), at=now(), today=today()
        )
        site().plan_edits += 1
        flash(_("Undone. Whatever you changed by hand is still there."), "good")
        return go_to(url_for("years.turned", rollover_id=rollover_id), code=303)

    return answer_form(form, act, lambda: _turned_page(rollover_id, form))


# --- Door cards of a year ---------------------------------------------------------------------------------------------


@requires(Action.RUN_SITE)
def year_door_cards(year_id: str) -> str:
    """Show all door cards of a school’s classes in a year as one print."""
    with site().records.reading() as tx:
        year = schools.get_year(tx, year_id)
        listed = schools.list_schools(tx)
        chosen = _asked_school(listed)
        own = _classes_of(tx, year, chosen)
        doors = door_cards.list_doors(tx, [one.id for one in own])
    cards = [(one, doors[one.id].code) for one in own if one.id in doors]
    addresses = {code: url_for("door.door", code=code, lang=None, _external=True) for _one, code in cards}
    return render_template(
        "admin/door_cards.html",
        year=year,
        school=chosen,
        schools=listed,
        cards=[(one, door_cards.show_code(code), door_qr(addresses[code])) for one, code in cards],
        without=len(own) - len(cards),
        typed_address=url_for("door.enter", lang=None, _external=True),
    )


def _asked_school(listed: Sequence[School]) -> School | None:
    """Return the school that the address asks for, else the first one."""
    asked = request.args.get("school", "")
    return next((one for one in listed if one.id == asked), next(iter(listed), None))


def _classes_of(tx: Reading, year: SchoolYear, school: School | None) -> list[Classroom]:
    if school is None:
        return []
    return classrooms.list_classrooms(
        tx, year_id=year.id, on_day=year.nearest_day(today()), last_on=year.ends_on, school_id=school.id
    )


@requires(Action.RUN_SITE)
def make_year_door_cards(year_id: str) -> Response:
    """Make a door card for each class of the school that has none."""
    with site().records.reading() as tx:
        year = schools.get_year(tx, year_id)
        school = _asked_school(schools.list_schools(tx))
    if school is None:
        raise NotFound("We couldn’t find that school.")
    made = presenting.issue_missing_doors(site().records, signed_in(), year, school, now(), today())
    flash(ngettext("%(num)s door card made.", "%(num)s door cards made.", made), "good")
    return go_to(url_for("years.year_door_cards", year_id=year_id, school=school.id), code=303)
