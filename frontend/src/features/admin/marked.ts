import type { TrialFinding } from '@/api/privacy';
import { sliceCodePoints } from '@/lib/codePoints';

export interface Piece {
  text: string;
  /** Something in it keeps the text inside. */
  counts: boolean;
}

/** The text in pieces: those that count, and what stands between. Where findings overlap, the first one ends the other. */
export const marked = (text: string, findings: readonly TrialFinding[]): readonly Piece[] => {
  const pieces: Piece[] = [];
  let at = 0;
  const counting = findings.filter(({ counts }) => counts).toSorted((a, b) => a.start - b.start || b.end - a.end);
  for (const { start, end } of counting) {
    const from = Math.max(start, at);
    if (end <= from) continue;
    if (from > at) pieces.push({ text: sliceCodePoints(text, at, from), counts: false });
    pieces.push({ text: sliceCodePoints(text, from, end), counts: true });
    at = end;
  }
  const rest = sliceCodePoints(text, at);
  return rest === '' ? pieces : [...pieces, { text: rest, counts: false }];
};
