/** The quiet countdown, by itself and beside a question to think or write about. */

import { Widget, minutesAndSeconds, openAll } from "./widget.js";

class Timer extends Widget {
  #beat = null;
  #hasSaidHalf = false;

  open() {
    super.open();
    this.#draw();
  }

  go() {
    if (this.state === "running") return this.pause();
    if (this.state === "ended") this.#toStart();
    const isFirst = this.state === "idle";
    this.clock.start();
    this.enter("running");
    if (isFirst) this.say(this.word("started", { time: this.#spoken(this.duration) }));
    this.#tick();
  }

  pause() {
    if (this.state !== "running") return;
    this.#rest("paused");
  }

  /** Back to the whole time. */
  stop() {
    this.#rest("idle");
    this.#toStart();
    this.enter("idle");
    this.#draw();
  }

  /** A minute of quiet goes on when the page is out of sight. */
  hidden() {
    this.report();
  }

  #toStart() {
    this.clock.set(0);
    this.#hasSaidHalf = false;
    this.enter("idle");
  }

  #rest(state) {
    clearTimeout(this.#beat);
    this.clock.pause();
    this.#count();
    this.enter(state);
    this.#draw();
    this.report();
  }

  /** Looks at the clock just after each whole second; a late look shows the right time all the same. */
  #tick() {
    if (this.clock.seconds >= this.duration) return this.#end();
    this.#count();
    this.#draw();
    this.#sayHalf();
    this.reportNowAndThen();
    this.#beat = setTimeout(() => this.#tick(), 1010 - ((this.clock.seconds * 1000) % 1000));
  }

  #end() {
    this.clock.set(this.duration);
    this.#rest("ended");
    this.say(this.word("end"));
    this.tone(330, 262, 2.4);
  }

  #count() {
    this.ran.mark(0, Math.min(this.clock.seconds, this.duration));
  }

  #sayHalf() {
    if (this.#hasSaidHalf || this.clock.seconds < this.duration / 2) return;
    this.#hasSaidHalf = true;
    this.say(this.word("half", { time: this.#spoken(this.#left) }));
  }

  get #left() {
    return Math.max(0, this.duration - Math.floor(this.clock.seconds + 0.001));
  }

  /** @param {number} seconds @returns {string} words rather than 1:00, which some voices read as a time of day */
  #spoken(seconds) {
    const minutes = Math.floor(seconds / 60);
    const rest = seconds % 60;
    const words = [minutes && this.word(minutes === 1 ? "minute" : "minutes", { n: minutes })];
    words.push(rest && this.word("seconds", { n: rest }));
    return words.filter(Boolean).join(" ");
  }

  #draw() {
    this.write("left", minutesAndSeconds(this.#left));
    this.write("note", this.state === "ended" ? this.word("end") : this.state === "paused" ? this.word("paused") : "");
    this.part("ring").style.strokeDashoffset = String(1 - this.#left / this.duration);
  }
}

openAll("timer", Timer);
openAll("reflection", Timer);
