/**
 * What somebody typed and the site has not acknowledged yet, kept on this device: a closed tab, a lost network or an
 * ended sign-in loses nothing. One entry for each text and view, or visit; it leaves as soon as the site has said "saved".
 */

const PREFIX = "kept ";
const MOST_KEPT = 20;

// The next page was asked for already, perhaps before the site saved: what is dropped now would be missing on it. It drops
// the entry itself once its own save is acknowledged.
let isLeaving = false;
addEventListener("beforeunload", () => (isLeaving = true));

/**
 * @typedef {{at: number, version: string, fields: Array<[string, string]>}} Kept
 * @param {string} key
 * @returns {Kept | null}
 */
export function find(key) {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + key));
  } catch {
    return null;
  }
}

/** @param {string} key @param {Kept} kept @returns {boolean} whether the device has it */
export function keep(key, kept) {
  isLeaving = false; // still here: it was a download, or the person stayed
  try {
    localStorage.setItem(PREFIX + key, JSON.stringify(kept));
    const others = Object.keys(localStorage).filter((name) => name.startsWith(PREFIX));
    if (others.length > MOST_KEPT) localStorage.removeItem(oldest(others));
    return true;
  } catch {
    return false; // a full or forbidden storage: the page still warns before it is left
  }
}

/** @param {string} key */
export function drop(key) {
  if (isLeaving) return;
  try {
    localStorage.removeItem(PREFIX + key);
  } catch {
    // There was nothing to drop.
  }
}

/** @param {string[]} names */
function oldest(names) {
  const age = (name) => JSON.parse(localStorage.getItem(name))?.at ?? 0;
  return names.reduce((first, name) => (age(name) < age(first) ? name : first));
}
