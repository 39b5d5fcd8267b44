/** Who is signed in, and the sign-in dialog. The session itself is an HttpOnly cookie: no script ever reads it. */

import { fetchJson } from "./data.js";
import { t, title } from "../i18n/i18n.js";
import { byId, el } from "../ui/dom.js";
import { errorText } from "../ui/messages.js";

export const ANONYMOUS = { tier: "public", name: null, province: null, desk: null, desk_page: null };

/** The current session; anonymous is the public tier. */
export async function currentSession(options) {
  return { ...ANONYMOUS, ...(await fetchJson("v1/session", options)) };
}

/** The name of a tier; for a partner with the name of the own province, where the map knows it. */
export function tierLabel(session, provinceName) {
  const place = (session.province && provinceName?.(session.province)) ?? session.province;
  return [title("tier", session.tier), place].filter(Boolean).join(" · ");
}

/**
 * Wire the dialog and the header's button.
 * `getSession()` gives the session now; `onChange()` is called after a sign-in or sign-out.
 */
export function wireSession({ getSession, onChange, onError }) {
  const [dialog, form, error, button, why] = ["sign-in", "sign-in-form", "sign-in-error", "sign", "sign-in-why"].map(byId);
  /** Ask what the sign-in is for, where the service wants to know; without `purposes` no longer. */
  const askPurpose = (purposes = []) => {
    why.hidden = purposes.length === 0;
    byId("sign-in-purpose").replaceChildren(...purposes.map((name) => el("option", { value: name }, title("session_purpose", name))));
  };

  button.addEventListener("click", async () => {
    if (getSession().name === null) {
      error.textContent = "";
      form.reset();
      askPurpose();
      dialog.showModal();
      byId("sign-in-name").focus();
      return;
    }
    try {
      await fetchJson("v1/session", { method: "DELETE" });
    } catch (problem) {
      return onError(problem);
    }
    onChange();
  });
  byId("sign-in-cancel").addEventListener("click", () => dialog.close());

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const fields = new FormData(form);
    const submit = form.querySelector("button[type=submit]");
    submit.disabled = true;
    error.textContent = "";
    try {
      await fetchJson("v1/session", {
        method: "POST",
        body: {
          name: String(fields.get("name")).trim(),
          password: String(fields.get("password")),
          ...(why.hidden ? {} : { purpose: fields.get("purpose"), purpose_note: String(fields.get("purpose_note")) }),
        },
      });
      form.reset();
      dialog.close();
      button.focus();
      onChange();
    } catch (problem) {
      error.textContent = errorText(problem);
      if (problem.code === "session.purpose_needed") {
        askPurpose(problem.params.purposes);
        byId("sign-in-purpose").focus();
      } else if (problem.code === "session.purpose_personal") byId("sign-in-note").select();
      else byId("sign-in-password").select();
    } finally {
      submit.disabled = false;
    }
  });
}

/** Show the tier and the right word on the button. */
export function showSession(session, provinceName) {
  byId("tier").textContent = tierLabel(session, provinceName);
  document.documentElement.dataset.tier = session.tier;
  const button = byId("sign");
  button.dataset.i18n = session.name === null ? "web.sign_in" : "web.sign_out";
  button.textContent = t(button.dataset.i18n);
}
