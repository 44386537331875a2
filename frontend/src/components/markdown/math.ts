/*
 * Formulas as models write them: `$$…$$`, `\[…\]`, `\(…\)`, and `$…$` where it cannot be money. All become the one form
 * that the parser is asked for, two dollars, so that "$5 and $10" stays what it is.
 */

const MARK = '$$';
const FENCED = /^(?: {0,3}(?:`{3}|~{3})| {4}|\t)/;
const CODE = /(`+[^`]+`+)/;
const WHOLE = /^\s*(?:\$\$([\s\S]+?)\$\$|\\\[([\s\S]+?)\\\])\s*$/;
const DISPLAY = /\\\[([\s\S]+?)\\\]/g;
const INLINE = /\\\(([\s\S]+?)\\\)/g;
const DOLLAR = /(?<![\\$\w])\$(?![\s$])([^$\n]{1,200}?)(?<![\s\\])\$(?![\w$])/g;
/** What amounts of money do not have: a command, a power, an index, an equation; or it is one letter. */
const FORMULA = /[\\^_=<>+*/]|^[a-z]$|^[a-z]\([a-z]\)$/i;
const FOUND = /\$\$[\s\S]+?\$\$/;

const flat = (formula: string): string => formula.replace(/\s*\n\s*/g, ' ').trim();

const inline = (formula: string): string => `${MARK}${flat(formula)}${MARK}`;

const translated = (text: string): string =>
  text
    .replace(DISPLAY, (_, formula: string) => inline(`\\displaystyle ${formula}`))
    .replace(INLINE, (_, formula: string) => inline(formula))
    .replace(DOLLAR, (whole, formula: string) => (FORMULA.test(formula) ? inline(formula) : whole));

/** The block with its formulas in the parser's form; null when it has none. */
export const mathOf = (block: string): string | null => {
  if (FENCED.test(block)) return null;
  const whole = WHOLE.exec(block);
  if (whole) return [MARK, (whole[1] ?? whole[2] ?? '').trim(), MARK].join('\n');
  const parts = block.split(CODE);
  const result = parts.map((part, index) => (index % 2 ? part : translated(part)));
  return result.some((part, index) => index % 2 === 0 && FOUND.test(part)) ? result.join('') : null;
};

/** Where a formula begins that has not ended yet; the text's length when there is none. */
export const openMathAt = (text: string): number => {
  if (!/\$\$|\\[[(]/.test(text)) return text.length;
  const bare = withoutCode(text);
  const dollars = [...bare.matchAll(/\$\$/g)];
  const places = [
    dollars.length % 2 ? (dollars.at(-1)?.index ?? -1) : -1,
    unclosed(bare, '\\[', '\\]'),
    unclosed(bare, '\\(', '\\)'),
  ];
  return Math.min(text.length, ...places.filter((place) => place >= 0 && mayGoOn(bare, place)));
};

const LONGEST = 2_000;

/** As long as before, so that places stay what they are. */
const withoutCode = (text: string): string =>
  text.replace(/^ {0,3}(`{3,}|~{3,})[\s\S]*?^ {0,3}\1|`+[^`\n]+`+/gm, (code) => ' '.repeat(code.length));

const unclosed = (text: string, opener: string, closer: string): number => {
  const at = text.lastIndexOf(opener);
  return at >= 0 && !text.includes(closer, at) ? at : -1;
};

/** Within a line a formula ends with its paragraph; on lines of its own it may have blank ones. Nothing is held for long. */
const mayGoOn = (text: string, at: number): boolean => {
  const isAlone = text.slice(text.lastIndexOf('\n', at - 1) + 1, at).trim() === '' && !text.startsWith('\\(', at);
  return text.length - at < LONGEST && (isAlone || !text.includes('\n\n', at));
};
