import { openFence } from './fences';
import { openMathAt } from './math';

/*
 * While an answer is written, its end may not have decided yet what it is: a lone dash becomes a list, a heading of the
 * line above, or a rule; a row of a table is a paragraph until the next row has come; a link is brackets and an address
 * until it is closed, and a formula is its source. Shown too early, the text would jump. Inside code nothing is undecided.
 */

const UNDECIDED = /^ {0,3}(?:[-*+=_#>`~]+|\d{1,9}[.)]?)[ \t]*$/;
const OPEN_LINK = /!?\[[^[\]\n]{0,200}(?:\](?:\([^()\s]{0,2000})?)?$/;
const ROW = /^ {0,3}\|/;
const TABLE_BEGINS = 3;

/** The part of a growing Markdown text whose form is certain. */
export const settled = (text: string): string => {
  if (openFence(text) !== null) return text;
  const math = openMathAt(text);
  if (math < text.length) return text.slice(0, math);
  const lines = text.split('\n');
  if (UNDECIDED.test(lines.at(-1) ?? '')) return lines.slice(0, -1).join('\n');
  const rows = trailingRows(lines);
  if (rows > 0 && rows < TABLE_BEGINS) return lines.slice(0, -rows).join('\n');
  return text.replace(OPEN_LINK, '');
};

/** How many lines at the end may be those of a table, the unfinished one included. */
const trailingRows = (lines: readonly string[]): number => {
  const whole = lines.at(-1) === '' ? lines.slice(0, -1) : lines;
  const rows = whole.length - 1 - whole.findLastIndex((line) => !ROW.test(line));
  return rows === 0 ? 0 : rows + lines.length - whole.length;
};
