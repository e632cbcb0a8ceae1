"""Captions and transcript, straight from the timeline: they cannot say anything but what is spoken."""

from __future__ import annotations

from videos.timeline import Timeline

LINE_LENGTH = 37
SOUNDS = {"en": "[soft music]", "es": "[música suave]"}
WORDS = {
    "en": {"picture": "Picture", "transcript": "Transcript", "credits": "Credits"},
    "es": {"picture": "Imagen", "transcript": "Transcripción", "credits": "Créditos"},
}
CREDITS = {
    "en": "Voice: synthetic (CMU SLT, festival). Music and pictures: the Wellness team. License: CC BY 4.0.",
    "es": "Voz: sintética (CMU SLT, festival), en inglés. Música e imágenes: el equipo de Wellness. Licencia: CC BY 4.0.",
}


def webvtt(timeline: Timeline, language: str) -> str:
    """The captions file in one language."""
    lines = timeline.lines
    cues = [(0.3, min(3.5, lines[0].start - 0.1), SOUNDS[language])]
    cues += [(placed.start, placed.caption_end, wrapped(placed.line.texts[language])) for placed in lines]
    last = lines[-1].caption_end + 0.3
    if timeline.seconds - last > 1.5:
        cues.append((last, timeline.seconds - 0.2, SOUNDS[language]))
    blocks = [
        f"{number}\n{_clock(start)} --> {_clock(end)}\n{text}\n" for number, (start, end, text) in enumerate(cues, 1)
    ]
    return "\n".join([f"WEBVTT\nLanguage: {language}\n", *blocks])


def transcript(timeline: Timeline, language: str) -> str:
    """What is said and what the picture shows, as text."""
    words = WORDS[language]
    parts = [f"{timeline.video.titles[language]}\n{words['transcript']}, {_minutes(timeline.seconds)}\n"]
    for placed in timeline.scenes:
        said = "\n".join(line.texts[language] for line in placed.scene.lines)
        parts.append(f"{_minutes(placed.start)}\n[{words['picture']}: {placed.scene.shows[language]}]\n{said}\n")
    parts.append(f"{words['credits']}: {CREDITS[language]}\n")
    return "\n".join(parts)


def wrapped(text: str) -> str:
    """In one line, or in two that are as even as the words allow."""
    if len(text) <= LINE_LENGTH:
        return text
    words = text.split()
    splits = [(" ".join(words[:at]), " ".join(words[at:])) for at in range(1, len(words))]
    return "\n".join(min(splits, key=lambda pair: max(map(len, pair))))


def _clock(seconds: float) -> str:
    milliseconds = round(seconds * 1000)
    minutes, rest = divmod(milliseconds, 60_000)
    return f"00:{minutes:02}:{rest // 1000:02}.{rest % 1000:03}"


def _minutes(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"
