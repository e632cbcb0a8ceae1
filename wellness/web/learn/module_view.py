"""What templates are given of a training module: its parts and questions, and where somebody stands, in words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import unescape

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_babel.speaklater import LazyString
from markupsafe import Markup, escape
from werkzeug.datastructures import MultiDict

from ...domain import CheckTry, Language, PartKind, QuestionKind, Reflection, TextKey, TextKind
from ...library.blocks.question import PreparedQuestion
from ...library.checks.wording import Hint, find_hints
from ...library.prepared import MODULE_JSON, PreparedModule, PreparedModulePart, PreparedPart
from ...records import Reading, publications
from ...training import check, reflections
from ...training.standing import ModuleState, PartState
from .. import labels
from ..public.session_view import as_html
from ..request import site

PART_KEYS = {kind: kind.value.replace(" ", "-") for kind in PartKind}
"""The parts as they stand in an address."""

QUESTION_KINDS: dict[QuestionKind, LazyString] = {
    QuestionKind.CHOOSE_ONE: _l("choose one"),
    QuestionKind.CHOOSE_SEVERAL: _l("choose all that fit"),
    QuestionKind.PUT_IN_ORDER: _l("put in order"),
    QuestionKind.WHAT_WOULD_YOU_SAY: _l("in your own words, not scored"),
}
UNANSWERED: dict[QuestionKind, LazyString] = {
    QuestionKind.CHOOSE_ONE: _l("Choose one of the answers."),
    QuestionKind.CHOOSE_SEVERAL: _l("Choose at least one answer."),
    QuestionKind.PUT_IN_ORDER: _l("Give each line its own number."),
}
_STARTER_SET = (
    "your-own-regulation-first",
    "what-tier-1-is",
    "running-a-friday-session",
    "four-square-breathing-safely",
    "trauma-sensitive-wording-and-choice",
    "when-a-student-discloses",
    "leading-a-two-minute-discussion",
    "adapting-for-every-student",
)
"""The order in which the modules that come with the site build on each other; others stand after them."""
_TAG = re.compile(r"<[^>]+>")


# --- Where somebody stands --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PartLine:
    """One part in a list. `is_later` is the real Friday, which nobody is waiting for."""

    kind: PartKind
    key: str
    label: str
    title: str
    minutes: int
    href: str
    is_done: bool
    is_current: bool
    is_closed: bool
    is_later: bool


@dataclass(frozen=True, slots=True)
class ModuleCard:
    """A module in the list. `asked` is who asks for it by when, `again` that it should be taken again, both mostly empty."""

    slug: str
    language: str
    title: str
    summary: str
    standing: str
    asked: str
    again: str
    is_settled: bool
    lines: tuple[PartLine, ...]


def part_lines(state: ModuleState) -> tuple[PartLine, ...]:
    """The parts of a module as a list shows them."""
    return tuple(_part_line(state, part) for part in state.parts)


def _part_line(state: ModuleState, part: PartState) -> PartLine:
    key = PART_KEYS[part.kind]
    return PartLine(
        kind=part.kind,
        key=key,
        label=str(labels.PART_KINDS[part.kind]),
        title=part.title,
        minutes=part.minutes,
        href=url_for("training.part", slug=state.module.slug, part=key),
        is_done=part.is_done,
        is_current=part.kind is state.current and state.is_begun,
        is_closed=not part.is_open,
        is_later=part.kind is PartKind.TRY and not part.is_done,
    )


def find_line(lines: Iterable[PartLine], kind: PartKind | None) -> PartLine | None:
    """The line of that part, or None."""
    return next((line for line in lines if line.kind is kind), None)


def show_modules(states: Iterable[ModuleState]) -> list[ModuleCard]:
    """The modules as a list shows them: those asked for first, then those begun, then the others in their order."""
    return [_show_card(state) for state in sorted(states, key=_rank)]


def _rank(state: ModuleState) -> tuple[int, str, int, str]:
    slug = state.module.slug
    place = _STARTER_SET.index(slug) if slug in _STARTER_SET else len(_STARTER_SET)
    if state.due_on is not None:
        return 0, state.due_on.isoformat(), place, slug
    if state.needs_refresher:
        return 1, "", place, slug
    is_under_way = state.is_begun and state.completion is None
    return (2 if is_under_way else 4 if state.completion is not None else 3), "", place, slug


def _show_card(state: ModuleState) -> ModuleCard:
    module = state.module
    return ModuleCard(
        slug=module.slug,
        language=module.language.value,
        title=module.title,
        summary=module.summary,
        standing=standing_words(state),
        asked=asked_words(state),
        again=again_words(state),
        is_settled=state.completion is not None and not state.needs_refresher,
        lines=part_lines(state),
    )


def standing_words(state: ModuleState) -> str:
    """How far somebody is: "3 of 7 parts, 7 minutes left", "Completed Nov 20", "Practised Nov 27"."""
    done = state.completion
    if done is not None and not state.needs_refresher:
        if state.done_parts < len(state.counted):
            return str(_("Completed %(day)s; taking it again", day=labels.short_day_label(done.completed_on)))
        if done.practised_on is not None:
            return str(_("Practiced %(day)s", day=labels.short_day_label(done.practised_on)))
        return str(_("Completed %(day)s", day=labels.short_day_label(done.completed_on)))
    if not state.is_begun or (done is not None and not state.done_parts):
        return str(_("%(count)s parts, %(minutes)s minutes", count=len(state.counted), minutes=state.minutes_left))
    return str(
        _(
            "%(done)s of %(count)s parts, %(minutes)s minutes left",
            done=state.done_parts,
            count=len(state.counted),
            minutes=state.minutes_left,
        )
    )


def asked_words(state: ModuleState) -> str:
    """By when somebody asks for it, in a kind way; empty when nobody does."""
    if state.due_on is None:
        return ""
    day = labels.short_day_label(state.due_on)
    return str(_("Was due %(day)s", day=day) if state.is_overdue else _("Due %(day)s", day=day))


def again_words(state: ModuleState) -> str:
    """That a completed module is to be taken again; empty mostly."""
    if not state.needs_refresher or state.completion is None:
        return ""
    day = labels.short_day_label(state.completion.completed_on)
    return str(_("This module changed after you completed it (%(day)s). Please take it again.", day=day))


def tries_words(state: ModuleState) -> str:
    """How many tries at the check there were, and the best; empty before the first."""
    if state.best is None:
        return ""
    count = ngettext("%(num)s try at the check", "%(num)s tries at the check", state.tries)
    best = _("best: %(right)s of %(graded)s", right=state.best.right, graded=state.best.graded)
    return f"{count}, {best}."


# --- Words of one's own -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OwnWords:
    """A place where a teacher writes, and what stands there. `has_check` where the words are meant for a class."""

    slug: str
    place: str
    label: str
    prompt: Markup
    language: str
    text: str
    is_shared: bool
    has_check: bool
    href: str
    hints: tuple[Hint, ...] = ()
    error: str = ""
    most: int = reflections.MAX_WORDS

    @property
    def hint_language(self) -> str:
        """The language in which the wording check speaks."""
        return self.language

    @property
    def plain_prompt(self) -> str:
        """The prompt as text, to be kept with what was written."""
        return unescape(_TAG.sub("", str(self.prompt))).strip()


Material = tuple[PreparedPart | None, OwnWords | None]
"""One block of a part: something to read, watch or do, or a place to write."""


def show_material(
    module: PreparedModule, part: PreparedModulePart, written: Mapping[str, Reflection]
) -> list[Material]:
    """The blocks of a part, with what somebody wrote where there is a place to write."""
    shown: list[Material] = []
    count = 0
    for block in part.parts:
        if block.name == "ask":
            count += 1
            shown.append((None, _own_words(module, part, f"{PART_KEYS[part.kind]}-{count}", block.html, written)))
        else:
            shown.append((block, None))
    if part.kind is PartKind.SAY and count == 0:
        shown.append((None, _own_words(module, part, PART_KEYS[part.kind], "", written)))
    return shown


def list_places(module: PreparedModule, written: Mapping[str, Reflection]) -> dict[str, OwnWords]:
    """Every place of a module where somebody can write, by its name, in the order of the module."""
    shown = (own for part in module.parts for _, own in show_material(module, part, written))
    return {own.place: own for own in shown if own is not None}


def _own_words(
    module: PreparedModule, part: PreparedModulePart, place: str, prompt: str, written: Mapping[str, Reflection]
) -> OwnWords:
    is_said = part.kind is PartKind.SAY
    kept = written.get(place)
    text = "" if kept is None else kept.text
    return OwnWords(
        slug=module.slug,
        place=place,
        label=str(_("Your sentences") if is_said else _("Your answer")),
        prompt=as_html(prompt),
        language=module.language.value,
        text=text,
        is_shared=kept is not None and kept.shared_at is not None,
        has_check=is_said,
        href=url_for("training.part", slug=module.slug, part=PART_KEYS[part.kind]),
        hints=find_hints(text, module.language) if is_said else (),
    )


def show_written(module: PreparedModule, written: Iterable[Reflection]) -> list[OwnWords]:
    """Everything somebody wrote in a module: in its order, then what stands at places it no longer has."""
    kept = {one.place: one for one in written}
    places = list_places(module, kept)
    shown = [_with_part(own, module) for place, own in places.items() if place in kept]
    return shown + [_left_over(module, one) for place, one in kept.items() if place not in places]


def _with_part(own: OwnWords, module: PreparedModule) -> OwnWords:
    part = next(part for part in module.parts if own.place.startswith(PART_KEYS[part.kind]))
    return OwnWords(
        own.slug, own.place, f"{labels.PART_KINDS[part.kind]}: {part.title}", own.prompt, own.language, own.text,
        own.is_shared, own.has_check, own.href,
    )  # fmt: skip


def _left_over(module: PreparedModule, one: Reflection) -> OwnWords:
    return OwnWords(
        one.slug, one.place, str(_("From an earlier version of this module")), escape(one.prompt), module.language.value,
        one.text, one.shared_at is not None, False, "",
    )  # fmt: skip


# --- The check --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ShownOption:
    """One answer before it is given: nothing here says whether it is right."""

    key: str
    html: Markup


@dataclass(frozen=True, slots=True)
class ShownQuestion:
    """A question to answer, with what was answered so far. `places` are those of what is being put in order."""

    key: str
    number: int
    kind: str
    kind_label: str
    prompt: Markup
    options: tuple[ShownOption, ...]
    chosen: tuple[str, ...] = ()
    places: Mapping[str, int] = field(default_factory=dict)
    words: str = ""
    most: int = check.MAX_WORDS


@dataclass(frozen=True, slots=True)
class AnsweredOption:
    """One answer after the check was handed in: what it was, and what is said to it."""

    html: Markup
    feedback: Markup
    is_right: bool
    is_chosen: bool
    said: str


@dataclass(frozen=True, slots=True)
class AnsweredQuestion:
    """A question after the check was handed in."""

    key: str
    number: int
    kind: str
    prompt: Markup
    options: tuple[AnsweredOption, ...]
    is_graded: bool
    is_right: bool
    words: str


Answers = dict[str, tuple[str, ...]]


def show_check(
    part: PreparedModulePart, answers: Mapping[str, Sequence[str]], typed: MultiDict[str, str] | None = None
) -> list[tuple[PreparedPart | None, ShownQuestion | None]]:
    """The blocks of a check with what was answered so far; `typed` is a form that came back, whole or not."""
    shown: list[tuple[PreparedPart | None, ShownQuestion | None]] = []
    number = 0
    for block in part.parts:
        question = block.get(PreparedQuestion)
        if question is None:
            shown.append((block, None))
            continue
        number += 1
        shown.append((None, _show_question(question, number, answers.get(question.key, ()), typed)))
    return shown


def _show_question(
    question: PreparedQuestion, number: int, answer: Sequence[str], typed: MultiDict[str, str] | None
) -> ShownQuestion:
    is_said = question.kind is QuestionKind.WHAT_WOULD_YOU_SAY
    places = {key: place for place, key in enumerate(answer, start=1)}
    if typed is not None and question.kind is QuestionKind.PUT_IN_ORDER:
        places = {key: int(value) for key, value in _typed_places(question, typed).items() if value.isdecimal()}
    return ShownQuestion(
        key=question.key,
        number=number,
        kind=question.kind.value,
        kind_label=str(QUESTION_KINDS[question.kind]),
        prompt=as_html(question.prompt),
        options=() if is_said else tuple(ShownOption(one.key, as_html(one.html)) for one in question.options),
        chosen=() if is_said else tuple(answer),
        places=places,
        words=answer[0] if is_said and answer else "",
    )


def read_answers(module: PreparedModule, typed: MultiDict[str, str]) -> Answers:
    """What a form of the check holds: nothing for a question that is not answered, or not put in order to the end."""
    return {question.key: _read_answer(question, typed) for question in module.questions}


def _read_answer(question: PreparedQuestion, typed: MultiDict[str, str]) -> tuple[str, ...]:
    if question.kind is not QuestionKind.PUT_IN_ORDER:
        return tuple(one for one in typed.getlist(question.key) if one.strip())
    places = _typed_places(question, typed)
    wanted = {str(place) for place in range(1, len(question.options) + 1)}
    if set(places.values()) != wanted or len(places) != len(wanted):
        return ()
    return tuple(sorted(places, key=lambda key: int(places[key])))


def _typed_places(question: PreparedQuestion, typed: MultiDict[str, str]) -> dict[str, str]:
    found = {option.key: typed.get(f"{question.key}-{option.key}", "")[:3] for option in question.options}
    return {key: value for key, value in found.items() if value}


def find_unanswered(module: PreparedModule, answers: Answers) -> dict[str, str]:
    """What is missing before the check can be handed in, by question. What somebody would say never is."""
    return {one.key: str(UNANSWERED[one.kind]) for one in module.graded if not answers[one.key]}


def show_answers(module: PreparedModule, one: CheckTry) -> list[AnsweredQuestion]:
    """The questions of a try with what was answered, what is right, and what is said to each answer."""
    return [
        _show_answered(question, number, one.answers.get(question.key, ()))
        for number, question in enumerate(module.questions, start=1)
    ]


def _show_answered(question: PreparedQuestion, number: int, answer: tuple[str, ...]) -> AnsweredQuestion:
    is_order = question.kind is QuestionKind.PUT_IN_ORDER
    options = []
    for place, option in enumerate(question.in_order, start=1):
        is_chosen = option.key in answer
        if is_order:
            was = answer.index(option.key) + 1 if is_chosen else None
            said = _place_said(place, was)
            is_right = was == place
        else:
            said = _option_said(option.is_right, is_chosen) if question.kind.is_graded else ""
            is_right = option.is_right
        options.append(AnsweredOption(as_html(option.html), as_html(option.feedback), is_right, is_chosen, said))
    is_all_right = (answer == question.right) if is_order else set(answer) == set(question.right)
    return AnsweredQuestion(
        key=question.key,
        number=number,
        kind=question.kind.value,
        prompt=as_html(question.prompt),
        options=tuple(options),
        is_graded=question.kind.is_graded,
        is_right=question.kind.is_graded and is_all_right,
        words=answer[0] if answer and not question.kind.is_graded else "",
    )


def _option_said(is_right: bool, is_chosen: bool) -> str:
    if is_right:
        return str(_("Right answer, and yours") if is_chosen else _("Right answer"))
    return str(_("Your answer")) if is_chosen else ""


def _place_said(place: int, was: int | None) -> str:
    if was is None:
        return ""
    return str(_("You put it here") if was == place else _("You put it at number %(place)s", place=was))


# --- A draft in the studio --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DraftPart:
    """One part of a draft as a teacher will see it, and what is said to the answers when the check was handed in."""

    label: str
    title: str
    minutes: int
    blocks: tuple[tuple[PreparedPart | None, OwnWords | None, ShownQuestion | None, AnsweredQuestion | None], ...]


def show_draft(module: PreparedModule) -> list[DraftPart]:
    """The parts of a module that is being written."""
    return [
        DraftPart(str(labels.PART_KINDS[part.kind]), part.title, part.minutes, tuple(_draft_blocks(module, part)))
        for part in module.parts
    ]


def _draft_blocks(
    module: PreparedModule, part: PreparedModulePart
) -> Iterator[tuple[PreparedPart | None, OwnWords | None, ShownQuestion | None, AnsweredQuestion | None]]:
    if not any(block.get(PreparedQuestion) for block in part.parts):
        for shown, own in show_material(module, part, {}):
            yield shown, own, None, None
        return
    for shown, question in show_check(part, {}):
        prepared = next((one for one in module.questions if question is not None and one.key == question.key), None)
        answered = (
            _show_answered(prepared, question.number, ()) if prepared is not None and question is not None else None
        )
        yield shown, None, question, answered


# --- The text that was shown ------------------------------------------------------------------------------------------


def find_shown(module: PreparedModule, revision: str) -> PreparedModule | None:
    """The module as it stood at that revision, in whichever language; from the log when it has changed. None without one."""
    here = site()
    for language in Language:
        standing = here.catalogue.find_module(module.slug, language)
        if standing is not None and standing.revision == revision:
            return standing
    with here.records.reading() as tx:
        found = _find_logged(tx, module, revision)
    if found is None:
        return None
    language, text = found
    document = here.catalogue.find_outcome(TextKey(TextKind.TRAINING, module.slug, language), text).document
    return None if document is None else MODULE_JSON.validate_json(document)


def _find_logged(tx: Reading, module: PreparedModule, revision: str) -> tuple[Language, str] | None:
    """Language and text of a revision from the log, under the names the module has had."""
    for slug in (module.slug, *module.aliases):
        for language in Language:
            entries = publications.list_revisions(tx, TextKey(TextKind.TRAINING, slug, language))
            seq = next((seq for seq, known in entries if known == revision), None)
            if seq is not None and (text := publications.get_publication(tx, seq).text) is not None:
                return language, text
    return None


def check_part(module: PreparedModule) -> PreparedModulePart:
    """The part with the questions: the check; in a text without one, an empty part."""
    found = next((part for part in module.parts if part.kind is PartKind.CHECK), None)
    return found or PreparedModulePart(PartKind.CHECK, "", 0, ())


def find_part(module: PreparedModule, key: str) -> PreparedModulePart | None:
    """The part with that key in an address, or None."""
    return next((part for part in module.parts if PART_KEYS[part.kind] == key), None)
