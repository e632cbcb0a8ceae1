/**
 * The outbox: what a page has to tell the site leaves from here, now or when the network is back.
 *
 * Two things pass through it: which seconds of a practice or video ran (beacons), and what a person said about a class
 * (outcomes). Sending either of them twice changes nothing, because the site merges ranges and keeps one viewing per
 * class, session and day; so what is not yet acknowledged simply stays here and goes again. Nothing in it is about a
 * child or names the device, and the CSRF token never enters the storage: a later page sends with its own.
 */

const STORE = "outbox";
const SEND_EVERY = 15_000;
const LONGEST_WAIT = 300_000;
const MOST_KEPT = 60;
const MOST_RANGES = 120;

/**
 * @typedef {[number, number]} Range half-open, in whole seconds
 * @typedef {{url: string, slug: string, part: string, duration: number, on_day: string, ranges: Range[]}} Beacon
 * @typedef {{url: string, fields: Array<[string, string]>}} Outcome
 * @typedef {"saved" | "kept" | "busy" | "refused"} Fate kept: offline; busy: the site cannot accept it now
 */

const page = document.querySelector("[data-ran-url]");
const acknowledged = new Map();
const forms = new Map();
let token = page?.dataset.csrf ?? document.querySelector("[name=csrf_token]")?.value ?? "";
let wait = SEND_EVERY;
let timer = null;
let isSending = false;
let kept = read();

/**
 * The distinct seconds in `ranges`, sorted and joined.
 * @param {Range[]} ranges
 * @returns {Range[]}
 */
export function merged(ranges) {
  const joined = [];
  for (const [from, to] of [...ranges].sort((a, b) => a[0] - b[0])) {
    const last = joined.at(-1);
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else if (to > from) joined.push([from, to]);
  }
  return joined.slice(0, MOST_RANGES);
}

/**
 * Puts seconds that ran into the outbox; they leave within 15 seconds.
 * @param {string} url
 * @param {Omit<Beacon, "url">} payload
 * @param {string} csrfToken
 */
export function beacon(url, payload, csrfToken) {
  token = csrfToken;
  const key = ["beacon", url, payload.slug, payload.part, payload.on_day].join(" ");
  const ranges = merged([...(kept[key]?.ranges ?? []), ...payload.ranges]);
  if (acknowledged.get(key) === String(ranges)) return;
  keep(key, { url, ...payload, ranges });
  plan();
}

/**
 * Sends a form that says how it went, or keeps it. Writes the answer into the form's `[data-outbox-status]`, in the
 * words that element brings: `data-word-saving`, `-saved`, `-kept`, `-busy`, `-refused`; also later, when it is sent.
 * @param {HTMLFormElement} form
 * @param {HTMLButtonElement} [submitter] the button that was pressed
 * @returns {Promise<Fate>} "saved" only when the site said so
 */
export async function post(form, submitter) {
  const fields = [...new FormData(form, submitter)].map(([name, value]) => [name, String(value)]);
  token = form.elements.csrf_token?.value ?? token;
  const outcome = { url: form.action, fields: fields.filter(([name]) => name !== "csrf_token") };
  // By class, session and day: last week's kept answer is another one than this week's.
  const key = ["outcome", form.action, form.elements.slug?.value, form.elements.on_day?.value].join(" ");
  forms.set(key, form);
  tell(key, "saving");
  keep(key, outcome);
  const fate = await send(key);
  if (waits(fate)) plan();
  return fate;
}

/** Sends everything that waits. */
export async function flush() {
  if (isSending || !token) return;
  isSending = true;
  const fates = await Promise.all(Object.keys(kept).map(send));
  isSending = false;
  wait = fates.some(waits) ? Math.min(wait * 2, LONGEST_WAIT) : SEND_EVERY;
  if (waiting()) plan();
}

/** @returns {number} how much has not been acknowledged yet */
export function waiting() {
  return Object.keys(kept).length;
}

/** @param {Fate} fate */
const waits = (fate) => fate === "kept" || fate === "busy";

/** @param {string} key @returns {Promise<Fate>} */
async function send(key) {
  const entry = kept[key];
  const sent = JSON.stringify(entry);
  const fate = await deliver(entry, key);
  if (fate === "saved" && entry.ranges) acknowledged.set(key, String(entry.ranges));
  // What grew while it was on its way stays, and goes again whole.
  if (!waits(fate) && JSON.stringify(kept[key]) === sent) drop(key);
  tell(key, fate);
  show(fate, key);
  return fate;
}

/** @param {Beacon | Outcome} entry @param {string} key @returns {Promise<Fate>} */
async function deliver(entry, key) {
  try {
    return fateOf(await fetch(entry.url, { method: "POST", body: bodyOf(entry), keepalive: true }), key);
  } catch {
    return "kept";
  }
}

/** @param {Response} answer @param {string} key @returns {Fate} */
function fateOf(answer, key) {
  const isSignedOut = answer.redirected && new URL(answer.url).pathname.startsWith("/sign-in");
  if (isSignedOut || answer.status === 429 || answer.status >= 500) return "busy";
  // A person's word is worth more than a token that went stale: it waits for a page with a fresh one.
  if (key.startsWith("outcome") && (answer.status === 401 || answer.status === 403)) return "busy";
  return answer.ok ? "saved" : "refused";
}

/** @param {Beacon | Outcome} entry */
function bodyOf(entry) {
  const { url, fields, ranges, ...rest } = entry;
  const body = new URLSearchParams(fields ?? rest);
  if (ranges) body.set("ranges", ranges.map((range) => range.join("-")).join(","));
  body.set("csrf_token", token);
  return body;
}

function plan() {
  if (timer !== null) return;
  timer = setTimeout(() => {
    timer = null;
    flush();
  }, wait);
}

/** @param {string} key @param {Fate | "saving"} fate */
function tell(key, fate) {
  const status = forms.get(key)?.querySelector("[data-outbox-status]");
  if (!status) return;
  status.textContent = status.dataset[`word${fate[0].toUpperCase()}${fate.slice(1)}`] ?? "";
  status.dataset.fate = fate;
}

/**
 * Lets the page say that it is offline or online again, or that an answer from an earlier page was not taken.
 * @param {Fate} fate
 * @param {string} [key]
 */
function show(fate, key = "") {
  const isLost = fate === "refused" && key.startsWith("outcome") && !forms.has(key);
  const detail = { isAway: fate === "kept", isLost, waiting: waiting() };
  document.dispatchEvent(new CustomEvent("outbox:state", { detail }));
}

// What waits is kept as {key: entry}; when there is too much, the oldest goes first.

/** @returns {Record<string, Beacon | Outcome>} */
function read() {
  try {
    return JSON.parse(localStorage.getItem(STORE)) ?? {};
  } catch {
    return {};
  }
}

/** @param {string} key @param {Beacon | Outcome} entry */
function keep(key, entry) {
  kept = { ...read(), ...kept, [key]: entry };
  for (const oldest of Object.keys(kept).slice(0, -MOST_KEPT)) delete kept[oldest];
  write();
}

/** @param {string} key */
function drop(key) {
  kept = { ...read(), ...kept };
  delete kept[key];
  write();
}

function write() {
  try {
    if (waiting()) localStorage.setItem(STORE, JSON.stringify(kept));
    else localStorage.removeItem(STORE);
  } catch {
    // A full or forbidden storage costs the safety net, not the practice: what is in memory still leaves.
  }
}

if (page) {
  document.addEventListener("practice:ran", ({ detail }) => {
    const { ranUrl, csrf, slug, onDay } = page.dataset;
    beacon(ranUrl, { slug, part: detail.part, duration: detail.duration, on_day: onDay, ranges: detail.ranges }, csrf);
    if (detail.isOver || detail.isFirst) flush();
  });
}

document.addEventListener("visibilitychange", () => document.hidden && flush());
addEventListener("pagehide", flush);
addEventListener("online", () => {
  wait = SEND_EVERY;
  flush();
});
addEventListener("offline", () => show("kept"));
if (waiting()) flush();
