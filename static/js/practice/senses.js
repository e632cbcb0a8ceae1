/** Five senses: one sense a screen, at the class's own pace. Nothing is typed and nothing is kept. */

import { Widget, openAll } from "./widget.js";

class Senses extends Widget {
  #at = 0;
  #beat = null;

  constructor(element) {
    super(element);
    this.screens = [...this.part("senses").children];
    this.press("back", () => this.#turn(-1));
    document.addEventListener("visibilitychange", () => document.hidden || this.#resume());
  }

  go() {
    if (this.state === "running") return this.#turn(1);
    this.#at = 0;
    this.clock.set(0);
    this.enter("running");
    this.#turn(0);
  }

  stop() {
    this.enter("ended");
    this.#label(this.word("end"));
    this.#rest();
  }

  /** The clock stands while nobody sees the screen; the screen itself needs no pausing. */
  pause() {
    this.#rest();
  }

  enter(state) {
    super.enter(state);
    this.disable("back", state !== "running" || this.#at === 0);
    if (state === "running") this.button("go").textContent = this.word(this.#isLast ? "finish" : "next");
  }

  get #isLast() {
    return this.#at === this.screens.length - 1;
  }

  #turn(by) {
    if (by > 0 && this.#isLast) return this.stop();
    this.#resume();
    this.#show(Math.max(0, this.#at + by));
    this.enter("running");
    this.#label(this.screens[this.#at].dataset.label);
  }

  #show(at) {
    this.#at = at;
    this.screens.forEach((screen, index) => screen.toggleAttribute("hidden", index !== at));
    this.write("note", this.word("round", { round: at + 1, rounds: this.screens.length }));
  }

  #label(text) {
    this.write("end", this.state === "ended" ? text : "");
    this.say(text);
  }

  #resume() {
    if (this.state !== "running" || this.#beat !== null) return;
    this.clock.start();
    this.#beat = setInterval(() => this.#count(), 1000);
  }

  #rest() {
    if (this.#beat === null) return;
    clearInterval(this.#beat);
    this.#beat = null;
    this.clock.pause();
    this.#count();
    this.report();
  }

  #count() {
    this.ran.mark(0, Math.min(this.clock.seconds, this.duration));
    this.reportNowAndThen();
  }
}

openAll("five-senses", Senses);
