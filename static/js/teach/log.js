/** Says which session was planned for the week of the day that is chosen, so that nobody logs this week's for last Friday. */

const day = document.getElementById("on_day");
const session = document.getElementById("log-slug");
const hint = document.querySelector("[data-planned]");
const makesUpFor = document.getElementById("makes_up_for");
const planned = JSON.parse(hint.dataset.planned);

/** @param {Date} date a day at midnight UTC @returns {string} the Monday of its week, as 2026-11-16 */
function mondayOf(date) {
  const monday = new Date(date);
  monday.setUTCDate(date.getUTCDate() - ((date.getUTCDay() + 6) % 7));
  return monday.toISOString().slice(0, 10);
}

function showPlanned() {
  const chosen = makesUpFor?.value ? new Date(makesUpFor.value) : day.valueAsDate;
  const title = chosen && planned[mondayOf(chosen)];
  const word = title ? hint.dataset.wordPlanned.replace("{title}", title) : hint.dataset.wordNothing;
  hint.textContent = chosen ? word : "";
  session.options[0].textContent = title ? `${session.options[0].dataset.word}: ${title}` : session.options[0].dataset.word;
}

day.addEventListener("input", showPlanned);
makesUpFor?.addEventListener("change", showPlanned);
session.options[0].dataset.word = session.options[0].textContent;
showPlanned();
