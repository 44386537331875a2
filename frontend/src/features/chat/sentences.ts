/*
 * What a screen reader says of an answer that is being written: whole sentences, never half ones, and code only by its
 * length. Pure: text and the place up to which it was spoken in, the next piece and the new place out.
 */

export type Spoken = { kind: 'text'; text: string } | { kind: 'code'; lines: number };

export interface Speech {
  said: readonly Spoken[];
  /** UTF-16 index of what is not spoken yet. */
  next: number;
}

const FENCE = /^(`{3,}|~{3,})/;
/** An end of a sentence, behind which another one begins; or the end of a line. */
const END = /[.!?…。！？]["'”’»)\]]*(?=\s)|\n/gu;

/** Everything behind `from` that is a whole sentence by now; with `isOver`, everything. */
export const speechOf = (text: string, from: number, isOver: boolean): Speech => {
  const said: Spoken[] = [];
  let next = from;
  while (next < text.length) {
    const rest = text.slice(next);
    const step = FENCE.test(rest) ? codeStep(rest, isOver) : textStep(rest, isOver);
    if (!step) break;
    if (step.spoken) said.push(step.spoken);
    next += step.length;
  }
  return { said, next };
};

interface Step {
  spoken: Spoken | null;
  length: number;
}

const codeStep = (rest: string, isOver: boolean): Step | null => {
  const fence = FENCE.exec(rest)?.[0] ?? '```';
  const begin = rest.indexOf('\n') + 1;
  const close = begin > 0 ? rest.indexOf(`\n${fence}`, begin - 1) : -1;
  if (close < 0 && !isOver) return null;
  const end = close < 0 ? rest.length : close;
  const lines = rest.slice(begin, end).split('\n').length;
  const length = close < 0 ? rest.length : close + 1 + fence.length;
  return { spoken: { kind: 'code', lines }, length };
};

const textStep = (rest: string, isOver: boolean): Step | null => {
  END.lastIndex = 0;
  const found = END.exec(rest);
  const length = found ? found.index + found[0].length : isOver ? rest.length : 0;
  if (length === 0) return null;
  const text = plain(rest.slice(0, length));
  return { spoken: text ? { kind: 'text', text } : null, length };
};

/** Without the marks of Markdown, which are for the eye. */
const plain = (text: string): string =>
  text
    .replace(/^\s*(?:#{1,6}|>|[-*+]|\d+[.)])\s+/, '')
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/[*_`~|]+/g, '')
    .trim();
