/**
 * The check: each answer is saved as it is given and kept on this device until the site has acknowledged it. Handing in goes
 * by the same form; what did not arrive can be submitted again and counts once, because the form carries the try's own name.
 */

import { drop, find, keep } from "../kept.js";
import { isSignedOut, post } from "../posting.js";

const PAUSE = 800;
const AGAIN = 10_000;

const form = document.querySelector("[data-check]");

if (form) {
  const said = form.querySelector("[data-part=said]");
  const key = form.dataset.keptAs;
  const own = ["csrf_token", "revision"];
  let isHandingIn = false;
  let isSaving = false;
  let timer = null;

  const fields = () =>
    [...new FormData(form)].map(([name, value]) => [name, String(value)]).filter(([name]) => !own.includes(name));
  const keepNow = () => keep(key, { at: Date.now(), version: "", fields: fields() });

  /** @param {string} fate */
  const tell = (fate) => {
    const word = form.dataset[`word${fate.replace(/(^|-)(.)/g, (_all, _dash, letter) => letter.toUpperCase())}`] ?? "";
    if (said.textContent !== word) said.textContent = word;
  };

  const plan = (wait = PAUSE) => {
    clearTimeout(timer);
    timer = setTimeout(save, wait);
  };

  const wait = (fate) => {
    tell(fate);
    plan(AGAIN);
  };

  async function save() {
    clearTimeout(timer);
    if (isHandingIn) return;
    if (isSaving) return plan(300);
    isSaving = true;
    const sent = JSON.stringify(fields());
    try {
      const answer = await post(form.dataset.answers, new FormData(form));
      if (isSignedOut(answer)) wait("signed-out");
      else if (!answer.ok) wait("busy");
      else if (!isHandingIn) {
        if (JSON.stringify(fields()) === sent) drop(key);
        tell("saved");
      }
    } catch {
      wait("away");
    } finally {
      isSaving = false;
    }
  }

  /** Whether somebody quick has changed a field before this script was here: it is not as the page brought it. */
  function isChanged(field) {
    if (field.type === "radio" || field.type === "checkbox") return field.checked !== field.defaultChecked;
    if (field.type !== "select-one") return "defaultValue" in field && field.value !== field.defaultValue;
    return field.selectedIndex !== Math.max(0, [...field.options].findIndex((option) => option.defaultSelected));
  }

  /** A question is answered as a whole: the fields of one name, or the list of one order. */
  const questionOf = (field) => field.closest("[data-order]") ?? field.name;

  /** Puts what the device has kept into the form, the name of the try too; not over what was `answered` just now. */
  function restore(kept, answered) {
    const held = new Map();
    for (const [name, value] of kept.fields) held.set(name, [...(held.get(name) ?? []), value]);
    for (const field of form.elements) {
      if (!field.name || own.includes(field.name) || answered.has(questionOf(field))) continue;
      const values = held.get(field.name) ?? [];
      if (field.type === "radio" || field.type === "checkbox") field.checked = values.includes(field.value);
      else if (values.length) field.value = values[0];
    }
    for (const list of form.querySelectorAll("[data-order]")) list.dispatchEvent(new Event("order:arrange"));
  }

  async function handIn() {
    isHandingIn = true;
    clearTimeout(timer);
    keepNow();
    tell("handing-in");
    let answer = null;
    try {
      answer = await post(form.getAttribute("action"), new FormData(form));
    } catch {
      tell("away");
    }
    isHandingIn = false;
    if (answer === null) return;
    if (isSignedOut(answer)) return tell("signed-out");
    if (answer.status === 422) return form.submit(); // the page that comes back says what is missing
    if (!answer.ok) return tell("busy");
    drop(key);
    location.assign(answer.url);
  }

  form.addEventListener("input", keepNow);
  form.addEventListener("change", () => {
    keepNow();
    plan();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!isHandingIn) handIn();
  });
  addEventListener("online", () => find(key) && save());

  const kept = find(key);
  const answered = new Set([...form.elements].filter(isChanged).map(questionOf));
  if (kept && !document.getElementById("errors")) {
    restore(kept, answered);
    tell("restored");
  }
  if (answered.size) keepNow();
  if (find(key) && !document.getElementById("errors")) plan(0);
  document.getElementById("errors")?.focus();
}
