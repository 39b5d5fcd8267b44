/** A new post as an intervention, of which this desk alone may know: its kind and its places in the form. */

import { placesField } from "../../static/ui/forms.js";
import { t } from "../../static/i18n/i18n.js";
import { terminals } from "../common/places.js";

const KIND = "post";

export const newPosts = (context) => ({
  kinds: () => [[KIND, t("web_police.intervention_post")]],
  fields: (state, errors) => (state.kind === KIND
    ? [placesField(state, "terminals", { id: "iv-terminals", label: t("web_police.intervention_where"), error: errors.terminal_ids, places: () => terminals(context) })] : []),
  row: ({ kind, terminals: ids }) => (kind === KIND ? { terminal_ids: ids.join(";") } : {}),
});
