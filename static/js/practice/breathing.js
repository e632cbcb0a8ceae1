/** The breathing pacer: a dot goes round a square, a shape grows and shrinks, a word and a count say the same. */

import { Widget, minutesAndSeconds, openAll } from "./widget.js";

const LEAD_IN = 3;
/** After a gap like this (a sleeping laptop) the practice stands still; it never catches up in a burst. */
const LOST_SECONDS = 2;
const SIDES = ["in", "full", "out", "empty"];
const MAX_ROUNDS = 8;

/** The figure's frame, in units of its 400 × 400 view box. */
const [LEFT, RIGHT, TOP, BOTTOM, MIDDLE] = [26, 374, 26, 374, 200];
const SHOULDER = 88;
const ROUNDING = 44;
const [SMALL, LARGE] = [0.34, 0.9];

/**
 * @typedef {[number, number]} Point
 * @typedef {{side: number, length: number, count: number, share: number}} Phase
 */

/**
 * Which side a second of one round lies on; sides without counts are passed over.
 * @param {number[]} counts in, hold, out, hold
 * @param {number} second since the round began
 * @returns {Phase} `count` begins at 1, `share` runs from 0 to 1
 */
export function phaseAt(counts, second) {
  let begins = 0;
  for (const [side, length] of counts.entries()) {
    if (second < begins + length) {
      const within = second - begins;
      return { side, length, count: Math.floor(within) + 1, share: within / length };
    }
    begins += length;
  }
  return { side: 0, length: counts[0], count: 1, share: 0 };
}

/**
 * The corners of each side. A hold is a level line; where there is none its line closes to a point, so that four sides
 * become a square and two a tall hexagon: up is always in, down is always out.
 * @param {number[]} counts
 * @returns {Array<Point[]>} per side, from its first corner to its last
 */
function cornersOf([, full, , empty]) {
  const foot = (x) => (empty ? [[x, BOTTOM]] : [[MIDDLE, BOTTOM], [x, BOTTOM - SHOULDER]]);
  const head = (x) => (full ? [[x, TOP]] : [[x, TOP + SHOULDER], [MIDDLE, TOP]]);
  const up = [...foot(LEFT), ...head(LEFT)];
  const down = [...foot(RIGHT), ...head(RIGHT)].reverse();
  return [up, full ? [up.at(-1), down[0]] : [], down, empty ? [down.at(-1), up[0]] : []];
}

/** @param {Point} a @param {Point} b @param {number} share @returns {Point} */
const between = (a, b, share) => [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share];

/** @param {Point} corner @param {Point} towards @returns {Point} where the rounding of a corner begins */
function roundingFrom(corner, towards) {
  const length = Math.hypot(towards[0] - corner[0], towards[1] - corner[1]);
  return between(corner, towards, Math.min(0.5, ROUNDING / length));
}

/**
 * Each side as SVG path data with rounded corners; two sides meet in the middle of their corner's curve.
 * @param {number[]} counts
 * @returns {string[]} '' for a side without counts
 */
export function sidesOf(counts) {
  const sides = cornersOf(counts);
  const drawn = sides.filter((corners) => corners.length);
  return sides.map((corners) => {
    if (!corners.length) return "";
    const at = drawn.indexOf(corners);
    const before = drawn.at(at - 1).at(-2);
    const after = drawn[(at + 1) % drawn.length][1];
    return sidePath(corners, before, after);
  });
}

/** @param {Point[]} corners @param {Point} before @param {Point} after */
function sidePath(corners, before, after) {
  const around = [before, ...corners, after];
  const curves = corners.map((corner, index) => {
    const [enters, leaves] = [roundingFrom(corner, around[index]), roundingFrom(corner, around[index + 2])];
    const [first, last] = [between(enters, corner, 0.5), between(corner, leaves, 0.5)];
    return { enters, leaves, first, last, middle: between(first, last, 0.5), corner };
  });
  const [start, end] = [curves[0], curves.at(-1)];
  const inner = curves.slice(1, -1).map(({ enters, corner, leaves }) => `L${enters}Q${corner} ${leaves}`);
  return `M${start.middle}Q${start.last} ${start.leaves}${inner.join("")}L${end.enters}Q${end.first} ${end.middle}`;
}

/** @param {number} share @returns {number} slow at both ends */
const eased = (share) => (1 - Math.cos(Math.PI * share)) / 2;

/** @param {Phase} phase @returns {number} how large the inner shape is */
function sizeAt({ side, share }) {
  const filled = [eased(share), 1, 1 - eased(share), 0][side];
  return SMALL + (LARGE - SMALL) * filled;
}

class Breathing extends Widget {
  #round = 0;
  #roundBegan = 0;
  #lastSeen = 0;
  #shown = "";
  #cued = "";
  #drawn = "";

  constructor(element) {
    super(element);
    this.pattern = element.dataset.pattern.split("-").map(Number);
    this.rounds = Math.min(MAX_ROUNDS, Number(element.dataset.rounds));
    this.tracks = SIDES.map((side) => this.part(`track-${side}`));
    this.trails = SIDES.map((side) => this.part(`trail-${side}`));
    this.marks = this.part("marks");
    this.counts = this.#chosen();
    this.toggles("no-holds", () => this.#choose());
    this.toggles("vibrate", (on) => on && navigator.vibrate(60));
    const vibrate = this.button("vibrate");
    if (vibrate) vibrate.hidden = !("vibrate" in navigator);
  }

  open() {
    super.open();
    this.#rest(this.word("ready"));
  }

  go() {
    if (this.state === "running") return this.pause();
    if (this.state === "ended") this.#toStart();
    // A breath that was interrupted begins again: nobody is put back into the middle of a hold.
    if (this.state === "paused") this.#toBreath();
    this.#shown = this.#cued = "";
    this.#lastSeen = this.clock.seconds;
    this.clock.start();
    this.enter("running");
    this.#frame();
  }

  pause() {
    if (this.state !== "running") return;
    this.clock.pause();
    this.enter("paused");
    this.write("note", this.word("paused"));
    this.say(this.word("paused"));
    this.report();
  }

  stop() {
    this.#finish(this.word("stopped"));
  }

  redraw() {
    this.#shown = "";
    if (this.state === "running" || this.state === "paused") this.#draw(this.#breath);
    else this.#rest(this.part("word").textContent);
  }

  /** Seconds since the first breath began; negative while the lead-in counts down. */
  get #breath() {
    return this.clock.seconds - LEAD_IN;
  }

  #frame() {
    if (this.state !== "running") return;
    this.#passOverGap();
    this.#nextRounds();
    if (this.#round >= this.rounds) return this.#finish(this.word("end"));
    this.#draw(this.#breath);
    this.reportNowAndThen();
    requestAnimationFrame(() => this.#frame());
  }

  #passOverGap() {
    const gap = this.clock.seconds - this.#lastSeen;
    if (gap > LOST_SECONDS) this.clock.set(this.#lastSeen);
    this.#lastSeen = this.clock.seconds;
  }

  #nextRounds() {
    const length = this.counts.reduce((sum, count) => sum + count);
    const share = Math.min(1, Math.max(0, (this.#breath - this.#roundBegan) / length));
    const second = (rounds) => (rounds / this.rounds) * this.duration;
    this.ran.mark(second(this.#round), second(this.#round + share));
    if (share < 1) return;
    this.#round += 1;
    this.#roundBegan += length;
    this.counts = this.#chosen();
    this.#shown = "";
    if (this.#round < this.rounds) this.#nextRounds();
  }

  /** The pattern with or without its holds, as the toggle says now. */
  #chosen() {
    const [breatheIn, full, breatheOut, empty] = this.pattern;
    return this.isOn("no-holds") ? [breatheIn, 0, breatheOut, 0] : [breatheIn, full, breatheOut, empty];
  }

  #choose() {
    if (this.state === "running" || this.state === "paused") {
      this.write("note", this.#noteWords());
      return;
    }
    this.counts = this.#chosen();
    this.#rest(this.part("word").textContent);
  }

  #draw(breath) {
    if (breath < 0) return this.#drawLeadIn(Math.ceil(-breath));
    const phase = phaseAt(this.counts, breath - this.#roundBegan);
    const shown = `${this.#round} ${phase.side} ${phase.count}`;
    if (shown !== this.#shown) this.#step(phase, shown);
    if (!this.isStill) this.#move(phase);
  }

  #drawLeadIn(count) {
    if (this.#shown === `lead ${count}`) return;
    if (!this.#shown) this.say(this.word("leadIn"));
    this.#shown = `lead ${count}`;
    this.#show("lead", this.word("leadIn"), String(count));
    this.write("note", this.#roundWords());
  }

  /** What changes once a count: the word, the number, the marks; and once a side: voice, tone, vibration. */
  #step(phase, shown) {
    this.#shown = shown;
    const side = SIDES[phase.side];
    this.#drawOutline();
    this.#drawMarks(phase);
    this.#show(side, this.word(side), String(phase.count));
    if (this.#cued === `${this.#round} ${side}`) return;
    this.#cued = `${this.#round} ${side}`;
    this.write("note", this.#noteWords());
    this.#cue(side, phase);
  }

  #cue(side, { side: index, length }) {
    const phase = this.word("phase", { word: this.word(side), count: length });
    this.say(index === 0 ? `${this.#roundWords()}. ${phase}` : phase);
    const tones = { in: [262, 330, 1.2], full: [392, 392, 0.5], out: [330, 262, 1.2], empty: [220, 220, 0.5] };
    this.tone(...tones[side]);
    if (this.isOn("vibrate")) navigator.vibrate({ in: 220, full: 60, out: [90, 90, 90], empty: 60 }[side]);
  }

  #noteWords() {
    const isWaiting = String(this.counts) !== String(this.#chosen());
    return isWaiting ? this.word("nextBreath") : this.#roundWords();
  }

  #roundWords() {
    return this.word("round", { round: Math.min(this.#round + 1, this.rounds), rounds: this.rounds });
  }

  /** @param {string} side what the style sheet draws by @param {string} word @param {string} count */
  #show(side, word, count) {
    this.element.dataset.side = side;
    this.write("word", word);
    this.write("count", count);
  }

  #drawOutline() {
    if (this.#drawn === String(this.counts)) return;
    this.#drawn = String(this.counts);
    const paths = sidesOf(this.counts);
    for (const lines of [this.tracks, this.trails]) {
      lines.forEach((line, side) => line.setAttribute("d", paths[side]));
    }
    this.part("inner").setAttribute("d", paths.map((path, side) => (side ? path.replace(/^M[^Q]+/, "") : path)).join(""));
  }

  /** The counts of a side as small marks on it; those already counted are filled. */
  #drawMarks({ side, length, count }) {
    const line = this.tracks[side];
    const all = line.getTotalLength();
    this.marks.replaceChildren(...Array.from({ length }, (_none, index) => {
      const mark = document.createElementNS("http://www.w3.org/2000/svg", "circle");
      const { x, y } = line.getPointAtLength(((index + 0.5) / length) * all);
      for (const [name, value] of Object.entries({ cx: x, cy: y, r: 11 })) mark.setAttribute(name, value);
      mark.classList.toggle("is-counted", index < count);
      return mark;
    }));
  }

  #move(phase) {
    const trail = this.trails[phase.side];
    const bead = this.part("bead");
    const { x, y } = trail.getPointAtLength(phase.share * trail.getTotalLength());
    bead.setAttribute("cx", x);
    bead.setAttribute("cy", y);
    trail.style.strokeDashoffset = String(1 - phase.share);
    this.part("inner").setAttribute("transform", `translate(200 200) scale(${sizeAt(phase).toFixed(4)}) translate(-200 -200)`);
  }

  /** The figure before the first breath and after the last. @param {string} words */
  #rest(words) {
    this.#shown = "";
    this.#drawOutline();
    this.marks.replaceChildren();
    this.#move({ side: 0, share: 0 });
    this.#show("none", words, "");
    const seconds = this.rounds * this.counts.reduce((sum, count) => sum + count);
    this.write("note", this.word("length", { rounds: this.rounds, time: minutesAndSeconds(seconds) }));
  }

  #finish(words) {
    this.clock.pause();
    this.enter("ended");
    this.#rest(words);
    this.say(words);
    this.report();
  }

  #toBreath() {
    if (this.#breath >= 0) this.clock.set(LEAD_IN + this.#roundBegan);
    this.counts = this.#chosen();
  }

  #toStart() {
    this.clock.set(0);
    this.#round = 0;
    this.#roundBegan = 0;
    this.counts = this.#chosen();
  }
}

openAll("four-square-breathing", Breathing);
