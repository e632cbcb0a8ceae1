"""Preview a half-written text as far as possible, so that the preview doesn't go blank while someone types.

What can't be read is left out or shown as plain text; the check tells what is wrong. A sketch is never published.
"""

from __future__ import annotations

import re
from dataclasses import replace

from ..domain import Block, Page, Section, Severity, Step, TrainingModule, VideoFacts
from .blocks import find_block_problems, is_for_everyone
from .body import cut_body
from .front_matter import OLD_KEYS, SessionFacts, list_facts, sketch_facts, split_front_matter
from .front_matter_edit import read_form
from .prepared import (
    MODULE_JSON,
    PAGE_JSON,
    SESSION_JSON,
    Outcome,
    Text,
    prepare,
    prepare_module,
    prepare_page,
    prepare_session,
)
from .session import MAX_SOURCE_BYTES, Session, arrange, is_session_heading, revision_of
from .training_module import arrange_parts, is_module_heading

_FACT = re.compile(r"^(?P<name>[a-z]+):[ \t]*(?P<value>.*?)[ \t]*$", re.MULTILINE)


def sketch(text: Text) -> Outcome:
    """Return what `prepare` returns; for a text with errors, as much as can be shown, with the same problems."""
    outcome = prepare(text)
    if outcome.document is not None or len(text.text.encode()) > MAX_SOURCE_BYTES:
        return outcome
    if text.kind == "sessions":
        document = SESSION_JSON.dump_json(prepare_session(_sketch_session(text)))
    elif text.kind == "training":
        document = MODULE_JSON.dump_json(prepare_module(_sketch_module(text)))
    else:
        document = PAGE_JSON.dump_json(prepare_page(_sketch_page(text)))
    return Outcome(document.decode(), "", outcome.problems, outcome.addresses)


def _sketch_session(text: Text) -> Session:
    _, lines, first = _open(text)
    parts, _ = cut_body(lines, first, text.file, is_session_heading)
    steps, sections, _ = arrange(parts, text.file)
    lengths = {"minutes": sum(step.minutes for step in steps), "short": sum(step.short_minutes for step in steps)}
    return Session(
        slug=text.slug,
        language=text.language,
        facts=_sketch_facts(text).model_copy(update=lengths),
        revision=revision_of(text.text),
        steps=tuple(_sound_step(step, text.videos) for step in steps),
        sections=tuple(_sound_section(section, text.videos) for section in sections),
    )


def _sketch_facts(text: Text) -> SessionFacts:
    """Return the facts of a session; a translation without a title has none, not its original's."""
    original = read_form(text.original).facts if text.original else {}
    own = {one.key for one in list_facts(SessionFacts) if one.fact.in_translation is not None}
    kept = {name: value for name, value in original.items() if name not in own}
    return sketch_facts(kept | dict(read_form(text.text).facts))


def _sketch_page(text: Text) -> Page:
    facts, lines, first = _open(text)
    blocks: list[Block] = []
    for part in cut_body(lines, first, text.file)[0]:
        if part.heading:
            blocks.append(Block("heading", part.heading, part.line, part.line))
        blocks += [_sound(block, text.videos) for block in part.blocks]
    title, summary = facts.get("title", ""), facts.get("summary", "")
    return Page(text.slug, text.language, title, summary, tuple(blocks), revision_of(text.text))


def _sketch_module(text: Text) -> TrainingModule:
    facts, lines, first = _open(text)
    parts, _ = arrange_parts(cut_body(lines, first, text.file, is_module_heading)[0], text.file)
    known = (dict(_read(text.original)) if text.original else {}) | facts
    return TrainingModule(
        slug=text.slug,
        language=text.language,
        title=facts.get("title", ""),
        summary=facts.get("summary", ""),
        minutes=sum(part.minutes for part in parts),
        author=known.get("author", ""),
        license=known.get("license", ""),
        sources=(),
        aliases=(),
        parts=tuple(replace(part, blocks=tuple(_sound(block, text.videos) for block in part.blocks)) for part in parts),
        revision=revision_of(text.text),
    )


def _open(text: Text) -> tuple[dict[str, str], tuple[str, ...], int]:
    source = split_front_matter(text.text)
    if source is None:
        return {}, tuple(text.text.split("\n")), 1
    return dict(_read(text.text)), source.body, source.body_line


def _read(text: str) -> list[tuple[str, str]]:
    source = split_front_matter(text)
    found = _FACT.finditer(source.facts) if source is not None else ()
    return [(OLD_KEYS.get(match["name"], match["name"]), match["value"].strip("\"'")) for match in found]


def _sound_step(step: Step, videos: tuple[VideoFacts, ...]) -> Step:
    return replace(step, blocks=tuple(_sound(block, videos) for block in step.blocks))


def _sound_section(section: Section, videos: tuple[VideoFacts, ...]) -> Section:
    return replace(section, blocks=tuple(_sound(block, videos) for block in section.blocks))


def _sound(block: Block, videos: tuple[VideoFacts, ...]) -> Block:
    """Return the block, or only its text while its options are invalid."""
    found = find_block_problems(block, None, "", videos)
    if any(problem.severity is Severity.ERROR for problem in found) and is_for_everyone(block.name):
        return Block("text", block.text, block.line, block.text_line)
    return block
