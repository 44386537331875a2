/*
 * What a model may ask of a reader's machine. Parsers go down once for each level of a list or a quotation, and a page
 * holds each cell of a table: beyond any sensible size the text is shown as it is.
 */

/** Levels of lists and quotations. */
const DEPTH = 24;
const INDENT = 2 * DEPTH;
/** Cells of a table that is shown; the rest stays in the copied answer. */
const CELLS = 2_000;

/** Characters of a word. The search for e-mail addresses goes through the rest of a word from each place in it. */
const WORD = 1_000;

/** Marks above and below a letter; no script needs as many. */
const MARKS = 8;

const STACKED = new RegExp(String.raw`(\p{M}{${MARKS}})\p{M}+`, 'gu');
const NESTED = new RegExp(String.raw`^(?:[ \t]*(?:>|[*+-][ \t]|\d{1,9}[.)][ \t])){${DEPTH + 1}}`);
const INDENTED = new RegExp(String.raw`^[ \t]{${INDENT + 1},}(?=[*+>-]|\d{1,9}[.)])`);
const FENCE = /^ {0,3}(`{3,}|~{3,})/;
const SEPARATOR = /^[ \t|:-]+$/;

/** The text with at most `DEPTH` levels in a line; a line with more of them begins none at all. Code is left alone. */
export const flattened = (text: string): string => {
  if (!/[>*+.)-] ?(?:[>*+-]|\d)|[ \t]{49}/.test(text)) return text;
  let fence: string | null = null;
  return text
    .split('\n')
    .map((line) => {
      const mark = FENCE.exec(line)?.[1];
      if (mark && (fence === null || mark.startsWith(fence))) fence = fence === null ? mark : null;
      if (fence !== null || mark) return line;
      return NESTED.test(line) ? line.trimStart().replace(/^(\d*)/, '$1\\') : line.replace(INDENTED, ' '.repeat(INDENT));
    })
    .join('\n');
};

/** Text in which at most `MARKS` marks stand on a letter: fonts place each of them anew above all others. */
export const thinned = (text: string): string => text.replace(STACKED, '$1');

/** Whether a block holds a word that takes too long to be searched: it is shown as it is. Code is never searched. */
export const isEndless = (text: string): boolean =>
  text.length > WORD && !FENCE.test(text) && text.split(/[^-.\w+]+/).some(({ length }) => length > WORD);

interface Table {
  text: string;
  /** Rows that are left out. */
  left: number;
}

/** A block with so much of its table as can be shown; other blocks as they are. */
export const cutTable = (text: string): Table => {
  const [head = '', separator = ''] = text.split('\n', 2);
  if (!head.includes('|') || !separator.includes('-') || !SEPARATOR.test(separator)) return { text, left: 0 };
  const lines = text.trimEnd().split('\n');
  const shown = 2 + Math.max(1, Math.floor(CELLS / Math.max(1, separator.split('|').length - 1)));
  return lines.length <= shown ? { text, left: 0 } : { text: lines.slice(0, shown).join('\n'), left: lines.length - shown };
};
