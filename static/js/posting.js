/** Posting a form by script: a token that went stale, after a new sign-in for instance, is fetched again once. */

/**
 * @param {string} url
 * @param {FormData} body
 * @returns {Promise<Response>} rejects when offline
 */
export async function post(url, body) {
  body.set("csrf_token", document.querySelector("[name=csrf_token]").value);
  const send = () => fetch(url, { method: "POST", body, headers: { Accept: "application/json" } });
  const answer = await send();
  if (answer.status !== 400) return answer;
  const page = await fetch(location.href);
  if (isSignedOut(page)) return page;
  const fresh = new DOMParser().parseFromString(await page.text(), "text/html");
  const token = fresh.querySelector("[name=csrf_token]")?.value;
  if (!token) return answer;
  for (const field of document.querySelectorAll("[name=csrf_token]")) field.value = token;
  body.set("csrf_token", token);
  return send();
}

/** @param {Response} answer @returns {boolean} whether it is the page that asks to sign in */
export function isSignedOut(answer) {
  const door = document.querySelector("[data-sign-in]")?.dataset.signIn;
  return answer.redirected && new URL(answer.url).pathname === door;
}
