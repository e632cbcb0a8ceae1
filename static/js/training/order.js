/**
 * Putting in order with two buttons a line, by mouse, finger or keys. The selects that the page brings stay in the form and
 * carry the answer; without this script they are what one uses.
 */

for (const list of document.querySelectorAll("[data-order]")) {
  const items = () => [...list.children];
  const status = list.parentElement.querySelector("[data-part=moved]");
  const selectOf = (item) => item.querySelector("select");
  const words = (item) => item.querySelector(".order-words").textContent;
  const word = (name, values) => list.dataset[name].replace(/\{(\w+)\}/g, (_all, key) => values[key]);

  /** The lines as they are answered; those without a place after them. */
  function arrange() {
    const placed = (item) => Number(selectOf(item).value) || Infinity;
    const sorted = items().sort((a, b) => (placed(a) === placed(b) ? 0 : placed(a) - placed(b)));
    list.append(...sorted);
    number();
  }

  function number() {
    for (const [index, item] of items().entries()) {
      item.querySelector(".order-number").textContent = selectOf(item).value || "–";
      item.querySelector("[data-by='-1']").disabled = index === 0;
      item.querySelector("[data-by='1']").disabled = index === items().length - 1;
    }
  }

  /** @param {HTMLElement} item @param {number} by -1 earlier, 1 later @param {HTMLButtonElement} button */
  function move(item, by, button) {
    const all = items();
    const other = all[all.indexOf(item) + by];
    if (by < 0) other.before(item);
    else other.after(item);
    for (const [index, one] of items().entries()) selectOf(one).value = String(index + 1);
    number();
    (button.disabled ? item.querySelector("button:not(:disabled)") : button).focus();
    status.textContent = word("wordMoved", { place: items().indexOf(item) + 1, count: all.length });
    selectOf(item).dispatchEvent(new Event("change", { bubbles: true }));
  }

  for (const item of items()) {
    const place = item.querySelector(".order-place");
    place.hidden = true;
    const number = document.createElement("span");
    number.className = "order-number";
    place.after(number);
    const moves = document.createElement("span");
    moves.className = "order-moves";
    for (const [by, name, sign] of [[-1, "wordEarlier", "↑"], [1, "wordLater", "↓"]]) {
      const button = document.createElement("button");
      button.type = "button";
      button.dataset.by = String(by);
      button.textContent = sign;
      button.setAttribute("aria-label", `${list.dataset[name]}: ${words(item)}`);
      button.addEventListener("click", () => move(item, by, button));
      moves.append(button);
    }
    item.append(moves);
  }
  arrange();
  list.addEventListener("order:arrange", arrange);
}
