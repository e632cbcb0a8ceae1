/** Shows which visits were entered on this device and have not reached the site. */

import { find } from "../kept.js";

const section = document.querySelector("[data-unsent]");

for (const item of section.querySelectorAll("[data-classroom]")) {
  item.hidden = find(section.dataset.keptBy + item.dataset.classroom) === null;
  if (!item.hidden) section.hidden = false;
}
