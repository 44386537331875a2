import { indexOfCodePoint, sliceCodePoints } from '@/lib/codePoints';
import type { CheckedFrame, Span } from '@/lib/frames';

import { disjoint } from './entities';

/** A verdict and the text that it is about; the text in the field may have moved on since. */
export interface Checked {
  text: string;
  frame: CheckedFrame;
}

export interface Piece {
  text: string;
  type: string | null;
}

/** A text cut into what is marked as private and what is not. Only marks that still stand where they were found. */
export const piecesOf = (text: string, checked: Checked | null): readonly Piece[] => {
  const common = checked ? commonPrefix(text, checked.text) : 0;
  const pieces: Piece[] = [];
  let done = 0;
  for (const span of disjoint(checked?.frame.spans ?? [])) {
    const start = indexOfCodePoint(text, span.start);
    const end = indexOfCodePoint(text, span.end);
    if (end > common) break;
    pieces.push({ text: text.slice(done, start), type: null }, { text: text.slice(start, end), type: span.type });
    done = end;
  }
  return [...pieces, { text: text.slice(done), type: null }].filter((piece) => piece.text !== '');
};

/** The text with every span replaced. */
export const replaced = (text: string, spans: readonly Span[], placeholder: (type: string) => string): string => {
  let result = '';
  let done = 0;
  for (const { type, start, end } of disjoint(spans)) {
    result += sliceCodePoints(text, done, start) + placeholder(type);
    done = end;
  }
  return result + sliceCodePoints(text, done);
};

const commonPrefix = (a: string, b: string): number => {
  const length = Math.min(a.length, b.length);
  let index = 0;
  while (index < length && a[index] === b[index]) index += 1;
  return index;
};
