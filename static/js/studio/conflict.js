/** The page with both texts. What was kept on the device for this text has done its work once a choice is made. */

import { drop } from "../kept.js";

const KEY = location.pathname + new URLSearchParams(location.search).get("text");

const letGo = () => ["form", "raw"].forEach((view) => drop(`${KEY} ${view}`));

document.querySelector("[data-settled]")?.addEventListener("submit", letGo);
document.querySelector("[data-drop]")?.addEventListener("click", letGo);
