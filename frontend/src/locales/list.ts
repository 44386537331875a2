/** Words of one feature, in both languages. */
export const en = {};

export const de: typeof en = {};
