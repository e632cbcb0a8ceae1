/** A part of a module says that it is being looked at, so that one goes on here next time; and unfolds the list where there is room. */

const page = document.querySelector("[data-part-page]");
const list = document.querySelector("[data-parts]");

const body = new URLSearchParams({ csrf_token: page.dataset.csrf });
// Nothing is lost when this does not arrive: the next press on "Done" says the same.
fetch(page.dataset.seen, { method: "POST", body, keepalive: true }).catch(() => {});

if (matchMedia("(min-width: 66rem)").matches) list.open = true;
