/** The dialog of one's own account: two-step verification, and keys for programs. Loaded when first opened. */

import { ROOT, fetchJson } from "./data.js";
import { day, t } from "../i18n/i18n.js";
import { byId, el, hint, quietButton } from "../ui/dom.js";
import { choiceField, copied, textField } from "../ui/forms.js";
import { errorText } from "../ui/messages.js";

const FACTOR = "v1/session/second-factor";
const KEYS = "v1/keys";
const DAYS = [30, 90, 180, 400];
const CODE = { maxLength: 32, required: true, autocomplete: "one-time-code", spellcheck: false, autocapitalize: "none" };

/** Open the dialog for the session's account. */
export async function openAccount(session) {
  const dialog = byId("account");
  const title = el("h2", { id: "account-title", tabIndex: -1 }, t("web.account_title", { name: session.name }));
  const [factor, keys] = [el("section"), el("section")];
  dialog.replaceChildren(title, factor, keys, quietButton(t("web.close"), () => dialog.close()));
  dialog.showModal();
  title.focus();
  let active = false;
  const drawKeys = (fresh = null) => showKeys(keys, { session, active, fresh, redraw: drawKeys });
  await showFactor(factor, (now) => {
    active = now;
    return drawKeys();
  });
}

/** A form of `fields` whose button does `send()`; what goes wrong stands above the button. */
function form(fields, label, send, attributes = {}) {
  const error = el("p", { class: "error", role: "alert" });
  const submit = el("button", { type: "submit", class: "primary", ...attributes }, label);
  return el("form", {
    async onsubmit(event) {
      event.preventDefault();
      submit.disabled = true;
      error.textContent = "";
      try {
        await send();
      } catch (problem) {
        error.textContent = errorText(problem);
      } finally {
        submit.disabled = false;
      }
    },
  }, fields, error, el("div", { class: "row" }, submit));
}

/** Fill `place` with what `load()` gives as children; a failure is said there. */
async function fill(place, heading, load) {
  let children;
  try {
    children = await load();
  } catch (problem) {
    children = [el("p", { class: "error", role: "alert" }, errorText(problem))];
  }
  place.replaceChildren(el("h3", { tabIndex: -1 }, t(heading)), ...children);
}

const showFactor = (place, onState) => fill(place, "web.factor_title", async () => {
  const again = async () => {
    await showFactor(place, onState);
    place.querySelector("h3").focus();
  };
  const { active, recovery_codes: count } = await fetchJson(FACTOR);
  await onState(active);
  const state = {};
  if (active) {
    return [hint(t("web.factor_on", { count })), form(
      textField(state, "code", { id: "factor-code", label: t("web.code"), ...CODE }), t("web.factor_remove"),
      async () => {
        await fetchJson(`${FACTOR}/removal`, { method: "POST", body: state });
        await again();
      },
    )];
  }
  return [hint(t("web.factor_off")), form([], t("web.factor_begin"), async () => {
    const { secret, picture } = await fetchJson(FACTOR, { method: "POST" });
    place.replaceChildren(place.firstChild, hint(t("web.factor_scan")),
      el("img", { src: picture, alt: t("web.factor_qr"), class: "qr" }), el("code", {}, secret.match(/.{1,4}/g).join(" ")),
      form(
        textField(state, "code", { id: "factor-code", label: t("web.code_first"), inputMode: "numeric", ...CODE }),
        t("web.factor_confirm"),
        async () => {
          const { recovery_codes: codes } = await fetchJson(`${FACTOR}/confirmation`, { method: "POST", body: state });
          await again();
          place.querySelector("h3").after(
            el("p", { role: "status" }, t("web.recovery_codes")),
            el("ul", { class: "codes" }, codes.map((code) => el("li", {}, el("code", {}, code)))),
          );
        },
      ));
    byId("factor-code").focus();
  })];
});

const showKeys = (place, { session, active, fresh, redraw }) => fill(place, "web.keys_title", async () => {
  const { keys } = await fetchJson(KEYS);
  const row = ({ id, purpose, expires_at: expires, last_used: used }) => el("li", {},
    el("strong", {}, purpose), " ",
    el("small", {}, t("web.key_dates", { expires: day(expires), used: used ? t("web.key_last_used", { day: day(used) }) : t("web.key_unused") })),
    form([], t("web.key_revoke"), async () => {
      if (!window.confirm(t("web.key_revoke_question", { purpose }))) return;
      await fetchJson(`${KEYS}/${id}`, { method: "DELETE" });
      await redraw();
      place.querySelector("h3").focus();
    }, { class: "quiet", "aria-label": t("web.key_revoke_one", { purpose }) }));
  const state = { days: "90" };
  const fields = [
    textField(state, "purpose", {
      id: "key-purpose", label: t("web.key_purpose"), hint: t("web.key_purpose_hint"), maxLength: 120, required: true,
    }),
    choiceField(state, "days", {
      id: "key-days", label: t("web.key_days"), options: DAYS.map((count) => [String(count), t("web.key_days_choice", { count })]),
    }),
    active ? textField(state, "code", { id: "key-code", label: t("web.code"), ...CODE }) : [],
  ].flat();
  return [
    hint(t("web.keys_help")),
    ...(fresh ? [
      el("p", { role: "status" }, t("web.key_once")),
      copied("key-new", t("web.key_new"), fresh),
      hint(t("web.key_qgis", { name: session.name })),
      copied("key-address", t("web.key_address"), new URL("ogc", ROOT).href),
    ] : []),
    keys.length ? el("ul", { class: "cards" }, keys.map(row)) : hint(t("web.keys_none")),
    form(fields, t("web.key_make"), async () => {
      const { key } = await fetchJson(KEYS, { method: "POST", body: { ...state, days: Number(state.days) } });
      await redraw(key);
      byId("key-new").focus();
    }),
  ];
});
