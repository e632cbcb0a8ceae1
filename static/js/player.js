/**
 * What the browser's own player does not do: the author's pauses, the speed and the version in plain sight, a transcript
 * that follows and takes one there, and which distinct seconds ran.
 */

import { Ran } from "./practice/widget.js";

const FIRST_REPORT = 1.5;
const REPORT_EVERY = 5;
const LONGEST_STEP = 1.5;
const NEAR = 2;
const LONG_WAIT = 8_000;
const NO_SOURCE = 3;

/** @param {HTMLElement} element a `[data-player]` */
export function start(element) {
  const video = element.querySelector("video");
  const part = (name) => element.querySelector(`[data-part="${name}"]`);
  const press = (name, type, act) => element.querySelector(`[data-do="${name}"]`)?.addEventListener(type, act);

  part("choices").hidden = false;
  followRan(element, video);
  keepPauses(element, video);
  if (part("transcript")) followTranscript(video, part("transcript"));
  press("speed", "change", ({ target }) => (video.playbackRate = Number(target.value)));
  press("version", "change", ({ target }) => changeVersion(video, target.value));
  followReach(video, (isLost) => (part("note").textContent = isLost ? element.dataset.wordLost : ""));
  element.addEventListener("practice:pause", () => video.pause());
  element.addEventListener("practice:go", () => (video.paused ? video.play() : video.pause()));
  // A browser may forbid it; then the controls are there as ever.
  element.addEventListener("player:begin", () => video.currentTime === 0 && video.play().catch(() => {}));
  for (const [name, state] of Object.entries({ play: "running", pause: "paused", ended: "ended" })) {
    video.addEventListener(name, () => (element.dataset.state = video.ended ? "ended" : state));
  }
}

/**
 * Says when the video cannot be reached, refused or without any answer, and tries again: the browser's own player gives a
 * file up for good after one refusal.
 * @param {HTMLVideoElement} video @param {(isLost: boolean) => void} say
 */
function followReach(video, say) {
  let timer = null;
  const later = (act) => {
    clearTimeout(timer);
    timer = setTimeout(act, LONG_WAIT);
  };
  const again = () => {
    if (!video.error && video.networkState !== NO_SOURCE) return;
    const { currentTime } = video;
    video.load();
    video.currentTime = currentTime;
  };
  video.addEventListener("error", () => (say(true), later(again)), true);
  video.addEventListener("waiting", () => later(() => say(true)));
  for (const name of ["playing", "pause"]) video.addEventListener(name, () => clearTimeout(timer));
  video.addEventListener("playing", () => say(false));
}

/**
 * Seconds count when the video ran through them; a jump counts for nothing.
 * @param {HTMLElement} element @param {HTMLVideoElement} video
 */
function followRan(element, video) {
  const duration = Number(element.dataset.seconds);
  const ran = new Ran(duration);
  let last = null;
  let since = 0;
  let begun = null;
  let isFirst = true;

  const take = () => {
    const now = video.currentTime;
    const step = now - (last ?? now);
    // Between two looks the video runs at most a little more than a second, however fast it plays.
    if (step > 0 && step <= LONGEST_STEP * Math.max(1, video.playbackRate)) {
      begun ??= last;
      ran.mark(Math.ceil(begun - 1e-6), Math.floor(now + 1e-6));
      since += step;
    } else if (step !== 0) begun = null;
    last = now;
    if (since >= (isFirst ? FIRST_REPORT : REPORT_EVERY)) report();
  };
  const report = (isOver = false) => {
    since = 0;
    if (isOver && begun !== null) ran.mark(Math.ceil(begun - 1e-6), duration);
    const detail = { part: element.dataset.key, duration, ranges: ran.ranges, isOver, isFirst };
    isFirst = false;
    if (detail.ranges.length) element.dispatchEvent(new CustomEvent("practice:ran", { bubbles: true, detail }));
  };
  const restart = () => {
    last = video.currentTime;
    begun = null;
  };

  video.addEventListener("timeupdate", take);
  video.addEventListener("seeking", restart);
  video.addEventListener("seeked", restart);
  video.addEventListener("play", restart);
  video.addEventListener("pause", () => (take(), report()));
  video.addEventListener("ended", () => (take(), report(true)));
  document.addEventListener("visibilitychange", () => document.hidden && report(), true);
}

/**
 * The author's pauses: the video waits, and says what for, until somebody goes on.
 * @param {HTMLElement} element @param {HTMLVideoElement} video
 */
function keepPauses(element, video) {
  const pauses = [...element.querySelectorAll('[data-part="pause"]')];
  const past = new Set();
  const at = (pause) => Number(pause.dataset.at);
  const hide = () => pauses.forEach((pause) => (pause.hidden = true));
  for (const pause of pauses) pause.querySelector("button").addEventListener("click", () => video.play());
  video.addEventListener("timeupdate", () => {
    const now = video.currentTime;
    const due = pauses.find((pause) => !past.has(pause) && now >= at(pause) && now < at(pause) + NEAR);
    if (!due || video.paused) return;
    past.add(due);
    video.pause();
    // Over a video that fills the screen by itself nothing of the page can be seen.
    if (document.fullscreenElement === video) document.exitFullscreen();
    due.hidden = false;
    due.querySelector("button").focus({ preventScroll: true });
  });
  video.addEventListener("seeked", () => {
    for (const pause of pauses) if (video.currentTime < at(pause)) past.delete(pause);
  });
  video.addEventListener("seeking", hide);
  video.addEventListener("play", hide);
}

/**
 * The spoken lines of the transcript become buttons that go there; the one that is spoken is marked. What the picture
 * shows stays as it is written.
 * @param {HTMLVideoElement} video @param {HTMLElement} place
 */
function followTranscript(video, place) {
  const element = [...video.querySelectorAll("track")].find((track) => track.srclang === place.lang);
  if (!element) return;
  const track = element.track;
  if (track.mode === "disabled") track.mode = "hidden";
  const follow = () => {
    if (place.dataset.isLive !== undefined || !track.cues?.length) return;
    place.dataset.isLive = "";
    const lines = weave(video, [...place.querySelectorAll("p")], [...track.cues]);
    track.addEventListener("cuechange", () => {
      const spoken = new Set([...track.activeCues].map((cue) => cue.startTime));
      for (const { cue, button } of lines) {
        if (!spoken.has(cue.startTime)) button.removeAttribute("aria-current");
        else if (!button.hasAttribute("aria-current")) {
          button.setAttribute("aria-current", "true");
          keepInSight(place, button);
        }
      }
    });
  };
  element.addEventListener("load", follow);
  follow();
}

/**
 * Finds each cue in the paragraphs, in order, and puts a button in its place. An edited transcript may lack some.
 * @param {HTMLVideoElement} video @param {HTMLElement[]} paragraphs @param {VTTCue[]} cues
 * @returns {Array<{cue: VTTCue, button: HTMLButtonElement}>}
 */
function weave(video, paragraphs, cues) {
  const texts = paragraphs.map((paragraph) => plain(paragraph.textContent));
  const pieces = texts.map(() => []);
  const lines = [];
  let [at, from] = [0, 0];
  for (const cue of cues) {
    const said = plain(cue.text.replace(/<[^>]*>/g, ""));
    const next = texts.findIndex((text, number) => number >= at && text.indexOf(said, number === at ? from : 0) >= 0);
    if (next < 0 || !said) continue;
    if (next > at) [at, from] = [next, 0];
    const start = texts[at].indexOf(said, from);
    const button = line(video, cue, said);
    pieces[at].push({ start, end: start + said.length, button });
    from = start + said.length;
    lines.push({ cue, button });
  }
  pieces.forEach((found, number) => {
    if (!found.length) return;
    const text = texts[number];
    const between = found.flatMap(({ start, button }, index) => [text.slice(found[index - 1]?.end ?? 0, start), button]);
    paragraphs[number].replaceChildren(...between, text.slice(found.at(-1).end));
  });
  return lines;
}

/** @param {string} text */
function plain(text) {
  return text.replace(/\s+/g, " ").trim();
}

/** @param {HTMLVideoElement} video @param {VTTCue} cue @param {string} said */
function line(video, cue, said) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "player-line";
  button.textContent = said;
  button.addEventListener("click", () => {
    // A hair later, so that the caption is there at once, whatever the browser rounds to.
    video.currentTime = cue.startTime + 0.01;
  });
  return button;
}

/** Scrolls the transcript alone, never the page. @param {HTMLElement} place @param {HTMLElement} button */
function keepInSight(place, button) {
  const top = button.offsetTop - place.offsetTop;
  if (top < place.scrollTop || top + button.offsetHeight > place.scrollTop + place.clientHeight) {
    place.scrollTop = top - place.clientHeight / 3;
  }
}

/** @param {HTMLVideoElement} video @param {string} address */
function changeVersion(video, address) {
  const { currentTime, paused, playbackRate } = video;
  video.src = address;
  video.addEventListener(
    "loadedmetadata",
    () => {
      video.currentTime = currentTime;
      video.playbackRate = playbackRate;
      if (!paused) video.play();
    },
    { once: true },
  );
  video.load();
}

for (const element of document.querySelectorAll("[data-player]")) start(element);
