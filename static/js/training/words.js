/**
 * Places to write: what is typed is saved a moment after the typing pauses, and kept on this device until the site has
 * acknowledged it. The wording check and who can read the words come back with each answer.
 *
 * What is shared is not saved by itself: a changed text is private again, and that is for a press.
 */

import { drop, find, keep } from "../kept.js";
import { isSignedOut, post } from "../posting.js";

const PAUSE = 1_500;
const AGAIN = 10_000;

for (const form of document.querySelectorAll("[data-words]")) {
  const area = form.elements.text;
  const said = form.querySelector("[data-part=said]");
  const key = form.dataset.keptAs;
  let saved = area.defaultValue; // what the site has; somebody quick has typed before this script was here
  let isSaving = false;
  let isLeaving = false;
  let timer = null;

  const isShared = () => form.querySelector("[value=keep]") !== null;

  /** @param {string} fate @param {string} [more] */
  const tell = (fate, more = "") => {
    const word = form.dataset[`word${fate.replace(/(^|-)(.)/g, (_all, _dash, letter) => letter.toUpperCase())}`] ?? "";
    const words = more || word;
    if (said.textContent !== words) said.textContent = words;
  };

  const plan = (wait = PAUSE) => {
    clearTimeout(timer);
    timer = setTimeout(save, wait);
  };

  const wait = (fate, more) => {
    tell(fate, more);
    if (fate !== "typing") plan(AGAIN);
  };

  async function save() {
    clearTimeout(timer);
    if (isLeaving || area.value === saved) return;
    if (isSaving) return plan(300);
    isSaving = true;
    const sent = area.value;
    tell("saving");
    try {
      await take(await post(form.getAttribute("action"), bodyOf()), sent);
    } catch {
      wait("away");
    } finally {
      isSaving = false;
    }
  }

  function bodyOf() {
    const body = new FormData(form);
    body.set("do", "save");
    return body;
  }

  /** @param {Response} answer @param {string} sent */
  async function take(answer, sent) {
    if (isSignedOut(answer)) return wait("signed-out");
    if (answer.status === 422) return wait("typing", (await answer.json()).said);
    if (!answer.ok) return wait("busy");
    const { state } = await answer.json();
    const place = form.querySelector("[data-part=state]");
    // A status region speaks when it changes: what says the same stays as it is.
    const fresh = document.createElement("div");
    fresh.innerHTML = state;
    if (place.textContent.trim() !== fresh.textContent.trim()) place.replaceChildren(...fresh.childNodes);
    saved = sent;
    if (area.value === sent) {
      drop(key);
      tell("saved");
    } else {
      plan();
    }
  }

  function note() {
    keep(key, { at: Date.now(), version: "", fields: [["text", area.value]] });
    tell("typing");
    if (!isShared()) plan();
  }

  area.addEventListener("input", note);
  form.addEventListener("submit", () => {
    isLeaving = true; // the answer is a page that shows what the site has; until then the device keeps it
  });
  addEventListener("online", () => !isShared() && save());

  const kept = find(key);
  if (area.value !== saved) {
    note();
  } else if (kept) {
    const text = kept.fields[0][1];
    if (text.trim() === saved.trim()) {
      drop(key);
    } else {
      area.value = text;
      tell("restored");
      if (!isShared()) plan(0);
    }
  }
}
