/**
 * Sending a large file: how far it is, and what happened. The form works without; then the browser shows its own progress.
 * The page of recordings also follows the work on them, as long as there is any.
 */

const EVERY = 1_500;
const form = document.querySelector("[data-upload]");
const note = form.querySelector("[data-part=upload]");
const bar = note.querySelector("progress");
const said = note.querySelector("[data-part=upload-said]");

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (form.ariaBusy === "true") return;
  form.ariaBusy = "true";
  note.hidden = false;
  const request = new XMLHttpRequest(); // fetch cannot say how much of a body has left
  request.open("POST", form.getAttribute("action"));
  request.setRequestHeader("Accept", "application/json");
  request.upload.addEventListener("progress", ({ loaded, total }) => {
    const percent = Math.floor((loaded / total) * 100);
    bar.value = percent;
    tell(percent < 100 ? "sending" : "looking", percent);
  });
  request.addEventListener("load", () => finish(request));
  request.addEventListener("error", () => stop("away"));
  request.send(new FormData(form));
});

function tell(word, percent = 0) {
  const key = `word${word.replace(/(^|-)(.)/g, (_all, _dash, letter) => letter.toUpperCase())}`;
  said.textContent = said.dataset[key].replace("{percent}", percent);
}

function stop(word) {
  form.ariaBusy = "false";
  bar.value = 0;
  tell(word);
}

/** @param {XMLHttpRequest} request */
function finish(request) {
  const url = new URL(request.responseURL);
  if (url.pathname === "/sign-in") return stop("signed-out");
  if (request.status === 200) {
    const target = new URL(JSON.parse(request.responseText).go, location.href);
    const isHere = target.pathname === location.pathname; // then a new fragment alone would load nothing
    location.assign(target);
    if (isHere) location.reload();
    return;
  }
  // What is wrong is said on the page that came back, beside each field.
  const page = new DOMParser().parseFromString(request.responseText, "text/html");
  form.ariaBusy = "false";
  note.hidden = true;
  const main = document.querySelector("main");
  for (const old of main.querySelectorAll("[role=alert], .field-error")) old.remove();
  const alert = page.querySelector("main [role=alert]") ?? page.querySelector("main .empty-text");
  if (!alert) return;
  alert.tabIndex = -1;
  main.insertBefore(alert, main.querySelector(".page-head").nextSibling);
  for (const one of page.querySelectorAll(".field-error")) {
    document.getElementById(one.id.replace(/-error$/, ""))?.before(one);
  }
  alert.focus();
}

const work = document.querySelector("[data-part=work]");

async function follow() {
  try {
    const answer = await fetch(work.dataset.url);
    if (!answer.ok || answer.redirected) return;
    const told = await answer.json();
    if (work.innerHTML.trim() !== told.work.trim()) work.innerHTML = told.work;
    if (told.is_working) setTimeout(follow, EVERY);
    else if (work.dataset.working === "yes") location.reload();
  } catch {
    setTimeout(follow, EVERY * 4);
  }
}

if (work?.dataset.working === "yes") {
  document.querySelector(".no-script")?.remove();
  follow();
}
