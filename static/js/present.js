/**
 * The presentation: one step a screen, by keys or buttons, on a page that needs no network once it is there.
 *
 * Whose is the space bar? A control that has the focus keeps it, as everywhere. Otherwise a practice that runs or is
 * paused on this screen gets it; otherwise it goes to the next screen.
 */

import { post } from "./outbox.js";
import { Clock, minutesAndSeconds } from "./practice/widget.js";

const body = document.body;
const screens = [...document.querySelectorAll(".step")];
const clocks = new Map(screens.map((screen) => [screen, new Clock()]));
const ownTheme = document.documentElement.dataset.theme;
let current = null;

const part = (name) => document.querySelector(`[data-part="${name}"]`);
const button = (name) => document.querySelector(`[data-do="${name}"]`);

/** @param {string} name @param {Record<string, string | number>} [values] */
function word(name, values = {}) {
  const text = body.dataset[`word${name[0].toUpperCase()}${name.slice(1)}`] ?? "";
  return text.replace(/\{(\w+)\}/g, (_whole, key) => values[key] ?? "");
}

// --- Which screens there are, and which one is shown

const isShort = () => body.dataset.variant === "short";
const minutesOf = (screen) => Number(isShort() ? screen.dataset.short : screen.dataset.minutes);
const isStep = (screen) => "step" in screen.dataset;
const shown = () => screens.filter((screen) => !isStep(screen) || minutesOf(screen) > 0);

/** @param {HTMLElement} screen @param {{focus?: boolean}} [how] */
function show(screen, { focus = true } = {}) {
  if (!screen || screen === current) return;
  // Without a screen in the address there is none put in while the page loads: the browser would take it for a jump, and
  // Tab would begin in the middle of the page.
  if (current || location.hash) history.replaceState(history.state, "", `#${screen.id}`);
  if (current) leave(current);
  current = screen;
  for (const other of screens) {
    other.hidden = other !== screen;
    other.classList.toggle("is-current", other === screen);
  }
  if (isStep(screen)) clocks.get(screen).start();
  body.dataset.screen = isStep(screen) ? "step" : screen.id;
  place();
  tellTime();
  scrollTo(0, 0);
  if (focus) screen.querySelector(".step-title").focus({ preventScroll: true });
}

/** @param {HTMLElement} screen */
function leave(screen) {
  clocks.get(screen).pause();
  for (const practice of screen.querySelectorAll("[data-practice], [data-player]")) {
    practice.dispatchEvent(new Event("practice:pause"));
  }
}

/** @param {1 | -1} by */
function turn(by) {
  const all = shown();
  show(all[all.indexOf(current) + by]);
  // A video begins by itself here and nowhere else: the teacher has just asked for its screen.
  if (by === 1) current.querySelector("[data-player]")?.dispatchEvent(new Event("player:begin"));
}

function fromAddress() {
  return shown().find((screen) => `#${screen.id}` === location.hash) ?? screens[0];
}

/** Says where one is: in words, and as dots. */
function place() {
  const all = shown();
  const steps = all.filter(isStep);
  const at = steps.indexOf(current);
  const isEnd = current.id === "end";
  const values = { step: at + 1, steps: steps.length };
  part("place").textContent = word(at >= 0 ? "step" : isEnd ? "end" : "steps", values);
  part("dots").replaceChildren(...steps.map((_step, index) => dot(index, isEnd ? steps.length : at)));
  button("back").disabled = current === all[0];
  button("next").disabled = isEnd;
}

/** @param {number} index @param {number} at */
function dot(index, at) {
  const mark = document.createElement("span");
  mark.className = index < at ? "is-done" : index === at ? "is-here" : "";
  return mark;
}

/** The step's clock: how long it has been on the screen, never as an alarm. */
function tellTime() {
  const clock = part("clock");
  const minutes = minutesOf(current);
  if (!isStep(current)) return void (clock.textContent = "");
  const seconds = clocks.get(current).seconds;
  const text = word(seconds > minutes * 60 ? "over" : "clock", { time: minutesAndSeconds(seconds), minutes });
  if (clock.textContent !== text) clock.textContent = text;
}

// --- What the buttons and letters do

/** @param {"whole" | "short"} variant */
function chooseVariant(variant) {
  body.dataset.variant = variant;
  button("variant")?.setAttribute("aria-pressed", String(isShort()));
  for (const link of document.querySelectorAll("[data-to-variant]")) {
    if (link.dataset.toVariant === variant) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
  for (const screen of screens.filter(isStep)) {
    screen.querySelector("[data-part=minutes]").textContent = word("minutes", { minutes: minutesOf(screen) });
  }
  const minutes = part("outcome").elements.minutes;
  minutes.placeholder = isShort() ? minutes.dataset.short : minutes.dataset.whole;
  // Who ran the short session did a shortened one: one press says so.
  part("done").value = isShort() ? "shortened" : "done";
  part("shortened").hidden = isShort();
  const address = new URL(location.href);
  address.searchParams.set("variant", variant);
  history.replaceState(history.state, "", address);
  if (shown().includes(current)) return void (place(), tellTime());
  show(screens.slice(screens.indexOf(current)).find((screen) => shown().includes(screen)));
}

/** @param {string} name @returns {boolean} whether the button is on now */
function flip(name) {
  const isOn = button(name).getAttribute("aria-pressed") !== "true";
  button(name).setAttribute("aria-pressed", String(isOn));
  return isOn;
}

function showCues(isOn) {
  for (const cues of document.querySelectorAll(".cues")) cues.open = isOn;
}

/** @param {boolean} isDim */
function dim(isDim) {
  const root = document.documentElement;
  if (isDim) root.dataset.theme = "dim";
  else if (ownTheme && ownTheme !== "dim") root.dataset.theme = ownTheme;
  else delete root.dataset.theme;
}

function fullScreen() {
  if (document.fullscreenElement) document.exitFullscreen();
  else document.documentElement.requestFullscreen();
}

function toggleKeys() {
  const keys = part("keys");
  if (keys.open) keys.close();
  else keys.showModal();
}

const acts = {
  start: () => turn(1),
  next: () => turn(1),
  back: () => turn(-1),
  variant: () => chooseVariant(isShort() ? "whole" : "short"),
  cues: () => showCues(flip("cues")),
  dim: () => dim(flip("dim")),
  "full-screen": fullScreen,
  keys: toggleKeys,
};

// --- Keys

const moves = {
  ArrowRight: () => turn(1),
  PageDown: () => turn(1),
  ArrowLeft: () => turn(-1),
  PageUp: () => turn(-1),
  Home: () => show(shown()[0]),
  End: () => show(shown().at(-1)),
  " ": space,
};

const letters = { c: acts.cues, d: acts.dim, f: acts["full-screen"], h: acts.keys, "?": acts.keys };

function space() {
  const practice = current.querySelector(
    '[data-player]:not([data-state="ended"]), [data-practice]:is([data-state="running"], [data-state="paused"])',
  );
  if (practice) practice.dispatchEvent(new Event("practice:go"));
  else turn(1);
}

/** @param {KeyboardEvent} event */
function press(event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  const isLetter = button("letters").checked && Object.hasOwn(letters, event.key.toLowerCase());
  if (event.target.closest("input, select, textarea, video, audio")) return;
  if (part("keys").open && !(isLetter && letters[event.key.toLowerCase()] === acts.keys)) return;
  if (event.key === " " && (event.shiftKey || event.target.closest("button, a, summary"))) return;
  const act = isLetter ? letters[event.key.toLowerCase()] : moves[event.key];
  if (!act || (event.repeat && isLetter)) return;
  event.preventDefault();
  act();
}

// --- The end of the session

/** @param {SubmitEvent} event */
async function sayHowItWent(event) {
  event.preventDefault();
  await post(event.target, event.submitter);
}

// --- The room: network, a screen that stays awake

/** @param {{isAway: boolean, isLost?: boolean}} state */
function tellNetwork({ isAway, isLost = false }) {
  const text = isLost ? word("lost") : isAway ? word("away") : "";
  if (part("network").textContent !== text) part("network").textContent = text;
}

async function stayAwake() {
  try {
    if (!document.hidden) await navigator.wakeLock?.request("screen");
  } catch {
    // Some devices do not let a page ask for this; the class loses nothing.
  }
}

/** Letters can be turned off, for people whose software types for them; this device remembers. */
function rememberLetters() {
  const choice = button("letters");
  try {
    choice.checked = localStorage.getItem("present-letters") !== "off";
    choice.addEventListener("change", () => localStorage.setItem("present-letters", choice.checked ? "on" : "off"));
  } catch {
    // Nothing is remembered where nothing may be kept.
  }
}

function rememberDim() {
  const isDim = sessionStorage.getItem("present-dim") === "yes" || ownTheme === "dim";
  button("dim").setAttribute("aria-pressed", String(isDim));
  dim(isDim);
  addEventListener("pagehide", () => {
    sessionStorage.setItem("present-dim", button("dim").getAttribute("aria-pressed") === "true" ? "yes" : "no");
  });
}

document.documentElement.classList.add("is-live");
for (const hidden of document.querySelectorAll('[data-part="needs-script"]')) hidden.hidden = false;
button("full-screen").hidden = !document.fullscreenEnabled;
for (const [name, act] of Object.entries(acts)) button(name)?.addEventListener("click", act);
for (const link of document.querySelectorAll("[data-to-variant]")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    chooseVariant(link.dataset.toVariant);
  });
}
rememberLetters();
rememberDim();
show(fromAddress(), { focus: location.hash !== "" });
setInterval(tellTime, 500);
document.addEventListener("keydown", press);
addEventListener("hashchange", () => show(fromAddress()));
document.addEventListener("fullscreenchange", () => {
  button("full-screen").setAttribute("aria-pressed", String(Boolean(document.fullscreenElement)));
});
part("outcome").addEventListener("submit", sayHowItWent);
document.addEventListener("outbox:state", (event) => tellNetwork(event.detail));
addEventListener("online", () => tellNetwork({ isAway: false }));
addEventListener("offline", () => tellNetwork({ isAway: true }));
tellNetwork({ isAway: !navigator.onLine });
document.addEventListener("visibilitychange", stayAwake);
stayAwake();
