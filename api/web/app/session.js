/** Who is signed in, and the sign-in dialog. The session itself is an HttpOnly cookie: no script ever reads it. */

import { actFor, fetchJson } from "./data.js";
import { countWaiting, forgetOtherDesks } from "./offline.js";
import { t, title } from "../i18n/i18n.js";
import { byId, el } from "../ui/dom.js";
import { errorText } from "../ui/messages.js";

export const ANONYMOUS = { tier: "public", name: null, province: null, desk: null, desk_page: null, tabs: [] };

let ending;
/** Browsers take no longer one, in milliseconds. */
const LONGEST_TIMER = 2 ** 31;

/** The current session; anonymous is the public tier. */
export async function currentSession(options) {
  const session = { ...ANONYMOUS, ...(await fetchJson("v1/session", options)) };
  actFor(session.name);
  await forgetOtherDesks(session).catch(console.warn);
  clearTimeout(ending);
  const left = Date.parse(session.expires) - Date.now();
  if (left < LONGEST_TIMER) ending = setTimeout(() => window.dispatchEvent(new Event("session-ended")), left);
  return session;
}

/** The name of a tier; for a partner with the name of the own province, where the map knows it. */
export function tierLabel(session, provinceName) {
  const place = session.province && provinceName?.(session.province);
  return [title("tier", session.tier), place].filter(Boolean).join(" · ");
}

/** Ask what the sign-in is for, where the service wants to know; without `purposes` no longer. */
function askPurpose(purposes = []) {
  byId("sign-in-why").hidden = purposes.length === 0;
  const choice = byId("sign-in-purpose");
  choice.required = purposes.length > 0;
  choice.replaceChildren(...["", ...purposes].map((name) => el("option", { value: name }, name ? title("session_purpose", name) : "–")));
}

/** Ask for the code of the second factor, or no longer. */
function askCode(needed) {
  byId("sign-in-second").hidden = !needed;
  byId("sign-in-code").required = needed;
}

/** Where to type again. */
const FIELD_AT_FAULT = {
  "session.purpose_needed": "sign-in-purpose", "session.purpose_personal": "sign-in-note",
  "session.code_needed": "sign-in-code", "session.wrong_code": "sign-in-code",
};

/**
 * Wire the dialog and the header's button.
 * `getSession()` gives the session now; `leaving()` gives what is to be done once it is signed out, or null to stay;
 * `onChange()` is called after a sign-in or sign-out.
 */
export function wireSession({ getSession, leaving, onChange, onError }) {
  const [dialog, form, error, button, why, second] =
    ["sign-in", "sign-in-form", "sign-in-error", "sign", "sign-in-why", "sign-in-second"].map(byId);

  const root = document.documentElement;
  const cancel = byId("sign-in-cancel");
  const ask = (locked) => {
    error.textContent = "";
    form.reset();
    askPurpose();
    askCode(false);
    byId("sign-in-ended").hidden = !locked;
    cancel.dataset.i18n = locked ? "web.go_on_signed_out" : "web.cancel";
    cancel.textContent = t(cancel.dataset.i18n);
    if (!dialog.open) dialog.showModal();
    byId("sign-in-name").focus();
  };
  // What was shown leaves the screen until the same account signs in again: then it is as it was.
  window.addEventListener("session-ended", () => {
    const { name } = getSession();
    forgetOtherDesks().catch(console.warn);
    if ("locked" in root.dataset) return;
    if (name === null) return onChange(); // somebody has signed in elsewhere in this browser
    root.dataset.locked = "";
    for (const open of document.querySelectorAll("dialog[open]")) open.close();
    ask(true);
    byId("sign-in-name").value = name;
    byId("sign-in-password").focus();
  });
  const unlock = () => {
    const was = "locked" in root.dataset;
    delete root.dataset.locked;
    return was;
  };

  button.addEventListener("click", async () => {
    if (getSession().name === null) return ask(false);
    try {
      const left = await leaving();
      if (!left) return;
      await fetchJson("v1/session", { method: "DELETE" });
      await left();
    } catch (problem) {
      return onError(problem);
    }
    onChange();
  });
  byId("open-account").addEventListener("click", async () => {
    try {
      const { openAccount } = await import("./account.js");
      await openAccount(getSession());
    } catch (problem) {
      onError(problem);
    }
  });
  byId("sign-in-oidc").addEventListener("click", ({ target }) => {
    target.search = why.hidden ? "" : new URLSearchParams({ purpose: byId("sign-in-purpose").value });
  });
  cancel.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => {
    if (unlock()) onChange();
  });

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const fields = new FormData(form);
    const submit = form.querySelector("button[type=submit]");
    submit.disabled = true;
    error.textContent = "";
    try {
      const { name } = await fetchJson("v1/session", {
        method: "POST",
        body: {
          name: String(fields.get("name")).trim(),
          password: String(fields.get("password")),
          ...(why.hidden ? {} : { purpose: fields.get("purpose"), purpose_note: String(fields.get("purpose_note")) }),
          ...(second.hidden ? {} : { code: String(fields.get("code")) }),
        },
      });
      form.reset();
      if ("locked" in root.dataset && name === getSession().name) {
        await currentSession(); // what was on the screen comes back to whom the service knows
        unlock();
        window.dispatchEvent(new Event("session-resumed"));
        return dialog.close();
      }
      unlock();
      dialog.close();
      byId("panel").focus(); // on the button, Enter would sign out
      onChange();
    } catch (problem) {
      // A question that is asked for the first time is no mistake.
      if (problem.code !== "session.purpose_needed" || !why.hidden) error.textContent = errorText(problem);
      if (problem.code === "session.purpose_needed") askPurpose(problem.params.purposes);
      if (problem.code === "session.code_needed") askCode(true);
      const field = byId(FIELD_AT_FAULT[problem.code] ?? "sign-in-password");
      field.focus();
      field.select?.();
    } finally {
      submit.disabled = false;
    }
  });
}

/**
 * Ask for a sign-in where one was refused by the agency's service or this one, once; where visits wait to be sent; and where the
 * address names a room of a desk.
 */
export function askAtStart({ name }, room) {
  const { refused, purposes } = Object.fromEntries(new URLSearchParams(location.search));
  if (refused === undefined) {
    const count = name === null && document.documentElement.dataset.data === "ready" ? countWaiting() : 0;
    if (count === 0 && (name !== null || !room)) return;
    byId("sign").click();
    byId("sign-in-error").textContent = count > 0 ? t("web.visits_wait", { count }) : t("web.sign_in_to_open");
    return;
  }
  history.replaceState(null, "", location.pathname + location.hash);
  byId("sign").click();
  if (purposes) askPurpose(purposes.split(","));
  else byId("sign-in-error").textContent = t(refused === "oidc_not_linked" ? "web.oidc_not_linked" : "web.oidc_refused");
}

/** Show the tier and the right word on the button. */
export function showSession(session, provinceName) {
  byId("tier").textContent = tierLabel(session, provinceName);
  document.documentElement.dataset.tier = session.tier;
  const button = byId("sign");
  button.dataset.i18n = session.name === null ? "web.sign_in" : "web.sign_out";
  button.textContent = t(button.dataset.i18n);
  byId("sign-in-oidc").hidden = !session.oidc;
  byId("open-account").hidden = session.name === null;
}
