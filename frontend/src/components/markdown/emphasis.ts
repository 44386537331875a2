/*
 * Emphasis that a text opens and does not close. Only the last block counts: emphasis never crosses a blank line.
 */

const MARK = /\\.|`[^`\n]+`|\*{1,3}|~~/g;

/** The marks that are still open at the end, outermost first: `['**']` of "so **ver". */
export const openEmphasis = (text: string): readonly string[] => {
  const block = text.slice(text.search(/\n[ \t]*\n(?![\s\S]*\n[ \t]*\n)/) + 1);
  const open: string[] = [];
  for (const { 0: mark, index } of block.matchAll(MARK)) {
    if (mark.startsWith('\\') || mark.startsWith('`')) continue;
    const [before, after] = [block[index - 1] ?? '\n', block[index + mark.length] ?? ''];
    if (open.at(-1) === mark && !/\s/.test(before)) open.pop();
    else if (!/\s/.test(after) && !/\w/.test(before)) open.push(mark);
  }
  return open;
};

/** A text cut in two: what the first opens is closed at its end and opened again in the second. */
export const cutEmphasis = (first: string, second: string): [string, string] => {
  const marks = openEmphasis(first);
  if (marks.length === 0) return [first, second];
  const opened = marks.join('');
  const closed = first.endsWith(opened) ? first.slice(0, -opened.length) : `${first.trimEnd()}${marks.toReversed().join('')}`;
  return [closed, second.replace(/^\s*/, (space) => space + opened)];
};
