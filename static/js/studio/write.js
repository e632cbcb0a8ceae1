/** Writing with a press: bold, links, lists, ready blocks; and jumping to a line. Undo goes on working. */

/** @param {HTMLTextAreaElement} area @param {string} text what takes the place of the selection */
export function put(area, text) {
  area.focus();
  if (!document.execCommand("insertText", false, text)) {
    area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

/** @param {HTMLTextAreaElement} area @param {string} before @param {string} after */
export function wrap(area, before, after) {
  const { selectionStart: from, selectionEnd: to } = area;
  put(area, before + area.value.slice(from, to) + after);
  area.setSelectionRange(from + before.length, to + before.length);
}

/** @param {HTMLTextAreaElement} area @param {string} mark what each chosen line begins with */
export function startLines(area, mark) {
  const from = area.value.lastIndexOf("\n", area.selectionStart - 1) + 1;
  const to = area.selectionEnd;
  area.setSelectionRange(from, to);
  const number = /^\d/.test(mark);
  const lines = area.value.slice(from, to).split("\n");
  put(area, lines.map((line, index) => (number ? `${index + 1}. ` : mark) + line).join("\n"));
}

/** Puts a block on lines of its own, with an empty line before and after. @param {HTMLTextAreaElement} area @param {string} piece */
export function insert(area, piece) {
  const before = area.value.slice(0, area.selectionStart);
  const after = area.value.slice(area.selectionEnd);
  const gap = before === "" || before.endsWith("\n\n") ? "" : before.endsWith("\n") ? "\n" : "\n\n";
  put(area, gap + piece + (after.startsWith("\n\n") ? "" : after.startsWith("\n") ? "\n" : "\n\n"));
}

/** Goes to a line, chooses it and brings it into view. @param {HTMLTextAreaElement} area @param {number} line from 1 */
export function jump(area, line) {
  const lines = area.value.split("\n");
  const from = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
  area.focus();
  area.setSelectionRange(from, from + (lines[line - 1] ?? "").length);
  area.scrollTop = heightOf(area, lines.slice(0, line - 1).join("\n")) - area.clientHeight / 3;
}

/** How high a text stands in the textarea, with its lines folded as they are there. */
function heightOf(area, text) {
  const mirror = document.createElement("textarea");
  mirror.className = area.className;
  mirror.tabIndex = -1;
  mirror.setAttribute("aria-hidden", "true");
  mirror.style.cssText = `position:absolute;visibility:hidden;height:0;inline-size:${area.offsetWidth}px`;
  mirror.value = text;
  area.after(mirror);
  const height = mirror.scrollHeight;
  mirror.remove();
  return height;
}
