/**
 * A visit is noted in a corridor, where the network comes and goes. Every press is kept on this device until the site has
 * acknowledged the visit; what could not be sent goes again. The form carries an id of its own, so that sending it twice
 * makes one visit. Without this script the same form is sent by the browser.
 */

import { drop, find, keep } from "../kept.js";
import { isSignedOut, post } from "../posting.js";

const AGAIN = 10_000;

const form = document.querySelector("[data-visit]");
const part = (name) => document.querySelector(`[data-part=${name}]`);
const key = form.dataset.keptAs;

let isSending = false;
let isOwed = false;
let timer = null;

const fields = () => [...new FormData(form)].filter(([name]) => name !== "csrf_token");
const keepNow = () => keep(key, { at: Date.now(), version: "", fields: fields() });

/** @param {string} fate */
function tell(fate) {
  const word = form.dataset[`word${fate.replace(/(^|-)(.)/g, (_all, _dash, letter) => letter.toUpperCase())}`] ?? "";
  const status = part("status");
  status.dataset.fate = fate;
  if (status.textContent !== word) status.textContent = word;
}

/** Puts what the device has kept into the form. */
function restore(kept) {
  for (const [name, value] of kept.fields) {
    const field = form.elements.namedItem(name);
    if (field) field.value = value;
  }
  summarize();
}

/** Says in the closed line which session and day are chosen. */
function summarize() {
  const { slug, on_day: day } = form.elements;
  if (slug.value) part("session").textContent = slug.selectedOptions[0].textContent;
  const asDate = day.valueAsDate;
  const words = { weekday: "long", month: "long", day: "numeric", timeZone: "UTC" };
  part("day").textContent = asDate ? asDate.toLocaleDateString(document.documentElement.lang, words) : "";
}

/** Sends the visit; where the site cannot take it now, it is kept and goes again. */
async function send() {
  clearTimeout(timer);
  if (isSending) return;
  isSending = true;
  isOwed = true;
  keepNow();
  tell("sending");
  try {
    await take(await post(form.action, new FormData(form)));
  } catch {
    wait("away");
  } finally {
    isSending = false;
  }
}

/** @param {Response} answer */
async function take(answer) {
  if (isSignedOut(answer)) return stop("signed-out");
  if (answer.status === 400 || answer.status === 404) return stop("refused");
  if (answer.status === 422) return form.submit(); // the page that comes back names what is missing
  if (!answer.ok) return wait("busy");
  const { url } = await answer.json();
  isOwed = false;
  drop(key);
  location.assign(url);
}

function wait(fate) {
  tell(fate);
  timer = setTimeout(send, AGAIN);
}

function stop(fate) {
  isOwed = false;
  tell(fate);
}

const kept = find(key);
if (kept) {
  restore(kept);
  if (!document.getElementById("errors")) tell("restored"); // after an error the page itself brings it back
  part("forget").hidden = false;
}

form.addEventListener("input", keepNow);
form.addEventListener("change", () => {
  keepNow();
  summarize();
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  send();
});
part("forget").addEventListener("click", () => {
  drop(key);
  location.reload();
});
addEventListener("online", () => isOwed && send());
