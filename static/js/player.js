/**
 * What the browser's own player does not do: the author's pauses, the speed and the version in plain sight, a transcript
 * that follows and takes one there, and which distinct seconds ran.
 */

import { Ran } from "./practice/widget.js";

const REPORT_EVERY = 5;
const LONGEST_STEP = 1.5;

/** @param {HTMLElement} element a `[data-player]` */
export function start(element) {
  const video = element.querySelector("video");
  const part = (name) => element.querySelector(`[data-part="${name}"]`);
  const press = (name, type, act) => element.querySelector(`[data-do="${name}"]`)?.addEventListener(type, act);

  part("choices").hidden = false;
  followRan(element, video);
  keepPauses(element, video, part);
  followTranscript(video, part("transcript"));
  press("speed", "change", ({ target }) => (video.playbackRate = Number(target.value)));
  press("version", "change", ({ target }) => changeVersion(video, target.value));
  video.addEventListener("error", () => (part("note").textContent = element.dataset.wordLost), true);
  video.addEventListener("playing", () => (part("note").textContent = ""));
  element.addEventListener("practice:pause", () => video.pause());
  element.addEventListener("practice:go", () => (video.paused ? video.play() : video.pause()));
  element.addEventListener("player:begin", () => video.currentTime === 0 && video.play().catch(() => {}));
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
    if (since >= REPORT_EVERY) report();
  };
  const report = (isOver = false) => {
    since = 0;
    if (isOver && begun !== null) ran.mark(Math.ceil(begun - 1e-6), duration);
    const detail = { part: element.dataset.key, duration, ranges: ran.ranges, isOver };
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
 * @param {HTMLElement} element @param {HTMLVideoElement} video @param {(name: string) => HTMLElement} part
 */
function keepPauses(element, video, part) {
  const pauses = element.dataset.pauses.split(",").filter(Boolean).map(Number);
  const past = new Set();
  const resume = () => {
    part("pause").hidden = true;
    video.play();
  };
  video.addEventListener("timeupdate", () => {
    const due = pauses.find((pause) => !past.has(pause) && video.currentTime >= pause && video.currentTime < pause + 2);
    if (due === undefined || video.paused) return;
    past.add(due);
    video.pause();
    part("pause-words").textContent = element.dataset.wordPause;
    part("pause").hidden = false;
    part("pause").querySelector("button").focus({ preventScroll: true });
  });
  video.addEventListener("seeked", () => {
    for (const pause of pauses) if (video.currentTime < pause) past.delete(pause);
  });
  video.addEventListener("play", () => (part("pause").hidden = true));
  part("pause").querySelector("button").addEventListener("click", resume);
}

/**
 * The captions become the transcript: each a button that goes there; the one that is spoken is marked.
 * @param {HTMLVideoElement} video @param {HTMLElement} place
 */
function followTranscript(video, place) {
  const element = [...video.querySelectorAll("track")].find((track) => track.srclang === place.lang);
  if (!element) return;
  const track = element.track;
  if (track.mode === "disabled") track.mode = "hidden";
  const show = () => {
    if (place.dataset.isLive !== undefined || !track.cues?.length) return;
    place.dataset.isLive = "";
    const lines = [...track.cues].map((cue) => [cue, line(video, cue)]);
    place.replaceChildren(...lines.map(([, button]) => button));
    track.addEventListener("cuechange", () => {
      for (const [cue, button] of lines) {
        const isSpoken = [...track.activeCues].includes(cue);
        if (isSpoken) button.setAttribute("aria-current", "true");
        else button.removeAttribute("aria-current");
        if (isSpoken) keepInSight(place, button);
      }
    });
  };
  element.addEventListener("load", show);
  show();
}

/** @param {HTMLVideoElement} video @param {VTTCue} cue */
function line(video, cue) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "player-line";
  button.textContent = cue.text.replace(/<[^>]*>/g, "").replace(/\s+/g, " ");
  button.addEventListener("click", () => {
    video.currentTime = cue.startTime;
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
