/**
 * What every practice on a page shares: a clock that cannot drift, the seconds that ran, the words the template
 * brought, one polite voice for screen readers, soft tones, and the full screen.
 */

const REPORT_EVERY = 5;

const lessMotion = matchMedia("(prefers-reduced-motion: reduce)");

/** A stopwatch on a monotonic clock. Its reading never depends on how often it is looked at. */
export class Clock {
  #now;
  #startedAt = null;
  #kept = 0;

  /** @param {() => number} [now] milliseconds that only grow */
  constructor(now = () => performance.now()) {
    this.#now = now;
  }

  get isRunning() {
    return this.#startedAt !== null;
  }

  /** Seconds on the clock. */
  get seconds() {
    const running = this.isRunning ? this.#now() - this.#startedAt : 0;
    return (this.#kept + running) / 1000;
  }

  start() {
    this.#startedAt ??= this.#now();
  }

  pause() {
    this.#kept = this.seconds * 1000;
    this.#startedAt = null;
  }

  /** @param {number} seconds what the clock shall read; it goes on running if it ran */
  set(seconds) {
    this.#kept = seconds * 1000;
    if (this.isRunning) this.#startedAt = this.#now();
  }
}

/** The whole distinct seconds of a practice that actually ran. */
export class Ran {
  #seconds;

  /** @param {number} duration the whole practice, in seconds */
  constructor(duration) {
    this.#seconds = new Uint8Array(duration);
  }

  /**
   * @param {number} from
   * @param {number} to not included
   */
  mark(from, to) {
    this.#seconds.fill(1, Math.floor(from), Math.floor(to + 1e-6));
  }

  /** @returns {Array<[number, number]>} half-open ranges, in order */
  get ranges() {
    const ranges = [];
    this.#seconds.forEach((ran, second) => {
      const last = ranges.at(-1);
      if (ran && last?.[1] === second) last[1] = second + 1;
      else if (ran) ranges.push([second, second + 1]);
    });
    return ranges;
  }
}

/** Quiet sine tones; silent until somebody asks for them. */
class Tones {
  #context = null;

  /** Browsers give sound only after a press, so this is called from one. */
  wake() {
    this.#context ??= new AudioContext();
    this.#context.resume();
  }

  /**
   * @param {number} from hertz
   * @param {number} to hertz, reached by the end of the tone
   * @param {number} seconds
   */
  play(from, to, seconds) {
    const sound = this.#context;
    if (!sound) return;
    const [start, end] = [sound.currentTime, sound.currentTime + seconds];
    const pitch = sound.createOscillator();
    const volume = sound.createGain();
    pitch.frequency.setValueAtTime(from, start);
    pitch.frequency.linearRampToValueAtTime(to, end);
    volume.gain.setValueAtTime(0, start);
    volume.gain.linearRampToValueAtTime(0.08, start + seconds * 0.25);
    volume.gain.linearRampToValueAtTime(0, end);
    pitch.connect(volume).connect(sound.destination);
    pitch.start(start);
    pitch.stop(end);
  }
}

/**
 * One practice on the page. Subclasses say what `go`, `stop` and `advance` do; `data-state` on the element is one of
 * idle, running, paused, ended.
 */
export class Widget {
  #reportedAt = 0;
  #tones = new Tones();

  /** @param {HTMLElement} element a `[data-practice]` */
  constructor(element) {
    this.element = element;
    this.duration = Math.max(1, Number(element.dataset.seconds));
    this.clock = new Clock();
    this.ran = new Ran(this.duration);
    this.stage = this.part("stage");
    this.press("go", () => this.go());
    this.press("stop", () => this.stop());
    this.#offerStill();
    this.#offerVoice();
    this.#offerTones();
    this.#offerFullScreen();
    this.stage.addEventListener("keydown", (event) => this.#spaceGoes(event));
    element.addEventListener("practice:pause", () => this.pause());
    element.addEventListener("practice:go", () => this.go());
    document.addEventListener("visibilitychange", () => document.hidden && this.hidden(), true);
  }

  /** Shows the widget; the written steps fold away when the widget says the same. */
  open() {
    this.stage.hidden = false;
    const steps = document.getElementById(`${this.element.dataset.key}-steps`);
    if (steps) steps.open = false;
    this.enter("idle");
    this.element.dataset.ready = "";
  }

  /** @param {string} name @returns {HTMLElement | SVGElement | null} */
  part(name) {
    return this.element.querySelector(`[data-part="${name}"]`);
  }

  /** @param {string} name @returns {HTMLButtonElement | null} */
  button(name) {
    return this.element.querySelector(`[data-do="${name}"]`);
  }

  /** @param {string} name @param {() => void} act */
  press(name, act) {
    this.button(name)?.addEventListener("click", act);
  }

  /** @param {string} name @returns {boolean} whether a toggle is on */
  isOn(name) {
    return this.button(name)?.getAttribute("aria-pressed") === "true";
  }

  /** @param {string} name @param {boolean} on */
  setOn(name, on) {
    this.button(name)?.setAttribute("aria-pressed", String(on));
  }

  /** @param {string} name @param {(on: boolean) => void} [act] */
  toggles(name, act = () => {}) {
    this.press(name, () => {
      this.setOn(name, !this.isOn(name));
      act(this.isOn(name));
    });
  }

  /**
   * A text from the template in `data-word-…`, with its {names} filled in.
   * @param {string} name in camel case
   * @param {Record<string, string | number>} [values]
   */
  word(name, values = {}) {
    const text = this.element.dataset[`word${name[0].toUpperCase()}${name.slice(1)}`] ?? "";
    return text.replace(/\{(\w+)\}/g, (_whole, key) => values[key] ?? "");
  }

  /** @param {string} name @param {string} text */
  write(name, text) {
    const part = this.part(name);
    if (part && part.textContent !== text) part.textContent = text;
  }

  get state() {
    return this.element.dataset.state;
  }

  /** @param {"idle" | "running" | "paused" | "ended"} state */
  enter(state) {
    this.element.dataset.state = state;
    const go = this.button("go");
    go.disabled = false;
    go.textContent = this.word({ idle: "start", running: "pause", paused: "goOn", ended: "again" }[state]);
    this.disable("stop", state === "idle" || state === "ended");
  }

  /** Hands the focus on when it would be lost. @param {string} name @param {boolean} isDisabled */
  disable(name, isDisabled) {
    const button = this.button(name);
    if (!button) return;
    if (isDisabled && document.activeElement === button) this.button("go").focus();
    button.disabled = isDisabled;
  }

  /** One message for screen readers; it waits its turn. @param {string} text */
  say(text) {
    this.write("voice", text);
  }

  /** @param {number} from @param {number} to @param {number} seconds */
  tone(from, to, seconds) {
    if (this.isOn("tones")) this.#tones.play(from, to, seconds);
  }

  get isStill() {
    return "still" in this.element.dataset;
  }

  go() {}
  stop() {}
  pause() {}

  /** The page went out of sight. */
  hidden() {
    this.pause();
    this.report();
  }

  /** Tells the page which seconds ran, every few seconds while they run. */
  reportNowAndThen() {
    if (Math.abs(this.clock.seconds - this.#reportedAt) >= REPORT_EVERY) this.report();
  }

  report() {
    this.#reportedAt = this.clock.seconds;
    const { key: part, state } = this.element.dataset;
    const detail = { part, duration: this.duration, ranges: this.ran.ranges, isOver: state === "ended" };
    if (detail.ranges.length) this.element.dispatchEvent(new CustomEvent("practice:ran", { bubbles: true, detail }));
  }

  #offerStill() {
    const follow = (still) => {
      this.setOn("still", still);
      this.element.toggleAttribute("data-still", still);
      this.redraw?.();
    };
    this.toggles("still", follow);
    lessMotion.addEventListener("change", () => follow(lessMotion.matches));
    this.setOn("still", lessMotion.matches);
    this.element.toggleAttribute("data-still", lessMotion.matches);
  }

  #offerVoice() {
    this.toggles("voice", (on) => this.part("voice").setAttribute("aria-live", on ? "polite" : "off"));
  }

  #offerTones() {
    this.toggles("tones", (on) => {
      if (!on) return;
      this.#tones.wake();
      this.tone(330, 330, 0.6);
    });
  }

  #offerFullScreen() {
    const button = this.button("full-screen");
    if (!button) return;
    button.hidden = !document.fullscreenEnabled;
    const isFull = () => document.fullscreenElement === this.stage;
    button.addEventListener("click", () => (isFull() ? document.exitFullscreen() : this.stage.requestFullscreen()));
    document.addEventListener("fullscreenchange", () => {
      button.textContent = this.word(isFull() ? "leaveFullScreen" : "fullScreen");
    });
  }

  /** Space starts and pauses when the focus is on the stage itself; on a button it presses that button, as ever. */
  #spaceGoes(event) {
    if (event.key !== " " || event.target !== this.stage || event.repeat) return;
    event.preventDefault();
    event.stopPropagation();
    this.go();
  }
}

/**
 * Opens every practice of one kind on the page.
 * @param {string} kind
 * @param {new (element: HTMLElement) => Widget} Practice
 */
export function openAll(kind, Practice) {
  for (const element of document.querySelectorAll(`[data-practice="${kind}"]:not([data-ready])`)) {
    new Practice(element).open();
  }
}

/** @param {number} seconds @returns {string} like 1:04 */
export function minutesAndSeconds(seconds) {
  return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
}
