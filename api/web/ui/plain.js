/** Texts as they are matched. */

/** A text without case, accents and apostrophes. */
export const plain = (text) => text.normalize("NFD").replace(/[\u0300-\u036f'’`]/g, "").toLowerCase();
