/**
 * The editor: saves by itself a moment after the typing pauses, keeps every word on the device until the site has
 * acknowledged it, and shows the check, the outline and the page as the site's own renderer gives them.
 *
 * Without this script the same form saves by its button and shows the same things.
 */

import { drop, find, keep } from "../kept.js";
import { isSignedOut, post } from "../posting.js";
import { insert, jump, startLines, wrap } from "./write.js";

const PAUSE = 1_500;
const AGAIN = 10_000;

const form = document.querySelector("[data-editor]");
const area = form.querySelector("[data-area]");
const status = form.querySelector("[data-part=status]");
const part = (name) => document.querySelector(`[data-part=${name}]`);
const seenBy = form.querySelector("input[name=as]");
const view = form.elements.view.value;
const key = `${location.pathname}${new URLSearchParams(location.search).get("text")} ${view}`;

let shown = JSON.stringify(brought()); // what the site has; somebody quick has typed before this script was here
let isLeaving = false;
let isSaving = false;
let hasConflict = false;
let timer = null;

/** What the form holds, but for the token and the version, which belong to the page. */
function fields(held = form) {
  const own = ["csrf_token", "version", "as", "view"];
  return [...new FormData(held)].map(([name, value]) => [name, String(value)]).filter(([name]) => !own.includes(name));
}

/** What those fields had when the page loaded. */
function brought() {
  const copy = form.cloneNode(true);
  copy.reset();
  return fields(copy);
}

function typed() {
  return JSON.stringify(fields());
}

const isChanged = () => typed() !== shown;

/** @param {string} fate @param {string} [more] */
function tell(fate, more = "") {
  const word = form.dataset[`word${fate.replace(/(^|-)(.)/g, (_all, _dash, letter) => letter.toUpperCase())}`] ?? "";
  status.dataset.fate = fate;
  const said = [more, word].filter(Boolean).join(" ");
  if (status.textContent !== said) status.textContent = said;
}

function plan(wait = PAUSE) {
  clearTimeout(timer);
  timer = setTimeout(save, wait);
}

/** Saves what is typed. Resolves to whether the site has it. */
async function save() {
  clearTimeout(timer);
  if (isSaving) return plan(300);
  if (hasConflict) return false;
  isSaving = true;
  const sent = typed();
  if (sent !== shown) tell("saving");
  try {
    const answer = await post(form.getAttribute("action"), new FormData(form));
    return await take(answer, sent);
  } catch {
    wait("away");
    return false;
  } finally {
    isSaving = false;
  }
}

/** @param {Response} answer @param {string} sent */
async function take(answer, sent) {
  if (isSignedOut(answer)) return wait("signed-out");
  if (answer.status === 409) return showConflict(await answer.json());
  if (answer.status === 422) return wait("typing", (await answer.json()).said);
  if (!answer.ok) return wait("busy");
  const told = await answer.json();
  accept(told);
  shown = sent;
  if (isChanged()) {
    keepNow();
    plan();
  } else {
    drop(key);
  }
  tell("saved", told.summary + " ·");
  return true;
}

/** The site could not take it: the words stay on the device, and go again. */
function wait(fate, more) {
  tell(fate, more);
  if (fate !== "typing") plan(AGAIN);
  return false;
}

/** Puts the fragments of an answer into their places. */
function accept({ version, check, outline, preview, title }) {
  form.elements.version.value = version;
  for (const field of document.querySelectorAll("[data-version]")) field.value = version;
  replace("check", check);
  replace("outline", outline);
  replace("preview", preview);
  part("title").textContent = title;
}

/** Fragments come from our own templates; what a coach wrote in them was cleaned by the site's renderer. */
function replace(name, html) {
  const place = part(name);
  if (place.innerHTML === html || place.querySelector("details[open] :focus")) return;
  const top = place.scrollTop;
  const wasOpen = [...place.querySelectorAll("details")].map((one) => one.open);
  place.innerHTML = html;
  place.scrollTop = top;
  if (name === "outline" && wasOpen[0]) place.querySelector("details")?.setAttribute("open", "");
}

function showConflict({ said }) {
  hasConflict = true;
  tell("conflict", said);
  form.querySelector("[data-do=both]").hidden = false;
  form.querySelector("[data-do=both]").focus();
  return false;
}

// --- Typing

function keepNow() {
  keep(key, { at: Date.now(), version: form.elements.version.value, fields: fields() });
}

form.addEventListener("input", (event) => {
  if (event.target.closest("[data-insert]")) return;
  keepNow();
  if (!hasConflict) {
    tell("typing");
    plan();
  }
});

addEventListener("online", () => isChanged() && save());
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden" && isChanged()) save();
});

// A press on a button of the form leaves the page with everything in it: nothing is lost, so nothing is asked.
form.addEventListener("submit", (event) => {
  const pressed = event.submitter;
  if (pressed?.matches("[data-look]")) {
    event.preventDefault();
    look(pressed);
  } else if (pressed?.matches("[data-do=save]") || !pressed?.name) {
    if (pressed?.matches("[data-do=both]")) return leave();
    event.preventDefault();
    save();
  } else {
    event.preventDefault();
    goOn(pressed);
  }
});

/** Saves, and only then goes to the other view or to publishing: a server that is away must not swallow the words. */
async function goOn(pressed) {
  if (isChanged() && !(await save())) return;
  leave();
  const chosen = document.createElement("input");
  Object.assign(chosen, { type: "hidden", name: pressed.name, value: pressed.value });
  form.append(chosen);
  form.submit();
}

function leave() {
  isLeaving = true;
}

document.querySelector("[data-leaves]")?.addEventListener("click", () => {
  drop(key);
  leave();
});

addEventListener("beforeunload", (event) => {
  if (!isLeaving && isChanged()) event.preventDefault();
});

// --- Seen by

function look(button) {
  for (const one of document.querySelectorAll("[data-look]")) one.setAttribute("aria-pressed", String(one === button));
  seenBy.value = button.value;
  save();
}

// --- The check: jump to a line, keep because

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-line]");
  if (!link) return;
  event.preventDefault();
  const fact = link.dataset.fact && document.getElementById(`fact-${link.dataset.fact}`);
  if (view === "form" && fact) {
    document.getElementById("facts").open = true;
    (fact.matches("fieldset") ? fact.querySelector("input") : fact).focus();
  } else {
    jump(area, Math.max(1, Number(view === "form" ? link.dataset.bodyLine : link.dataset.line)));
  }
});

document.addEventListener("submit", async (event) => {
  const answered = event.target.closest("[data-keep]");
  if (!answered) return;
  event.preventDefault();
  const body = new FormData(answered, event.submitter);
  body.set("view", view);
  body.set("as", seenBy.value);
  if (isChanged() && !(await save())) return;
  try {
    const answer = await post(answered.getAttribute("action"), body);
    if (!answer.ok || answer.redirected) return;
    answered.closest("details")?.removeAttribute("open");
    const told = await answer.json();
    accept(told);
    tell("saved", told.summary + " ·");
    document.querySelector("#check .problems, #check .kept summary")?.focus();
  } catch {
    tell("away");
  }
});

// --- The toolbar

const toolbar = document.querySelector("[data-toolbar]");
toolbar.hidden = false;
toolbar.addEventListener("click", ({ target }) => {
  const button = target.closest("button");
  if (button?.dataset.before) wrap(area, button.dataset.before, button.dataset.after);
  else if (button?.dataset.lines) startLines(area, button.dataset.lines);
});
toolbar.querySelector("[data-insert]").addEventListener("change", ({ target }) => {
  const piece = target.selectedOptions[0]?.dataset.piece;
  target.value = "";
  if (piece) insert(area, piece);
});

// --- What an earlier visit left on this device

const found = find(key);
if (found && JSON.stringify(found.fields) !== shown) {
  const notice = part("found");
  const when = part("found-when");
  when.textContent = when.dataset.word.replace("{when}", new Date(found.at).toLocaleString());
  notice.hidden = false;
  notice.addEventListener("click", ({ target }) => {
    if (target.dataset.do === "bring-back") bringBack(found);
    else if (target.dataset.do === "let-go") drop(key);
    else return;
    notice.hidden = true;
    area.focus();
  });
} else if (found) {
  drop(key);
}

if (isChanged()) {
  keepNow();
  tell("typing");
  plan();
}

/** Brings kept words back; they were typed on an older version, so the site compares them with what came since. */
function bringBack({ fields: kept, version }) {
  for (const box of form.querySelectorAll("[type=checkbox]")) {
    box.checked = kept.some(([name, value]) => name === box.name && value === box.value);
  }
  for (const [name, value] of kept) {
    const field = form.elements[name];
    if (field && "value" in field && field.type !== "checkbox" && !(field instanceof RadioNodeList)) field.value = value;
  }
  form.elements.version.value = version;
  tell("typing");
  save();
}

// --- Who else is here

async function sayHere() {
  if (document.visibilityState === "hidden") return;
  try {
    const answer = await post(form.dataset.here, new FormData());
    if (!answer.ok || answer.redirected) return;
    const { others } = await answer.json();
    if (part("others").innerHTML.trim() !== others) part("others").innerHTML = others;
  } catch {
    // Offline; saving says so.
  }
}

sayHere();
setInterval(sayHere, Number(form.dataset.hereEvery));
