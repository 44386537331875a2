import { sliceCodePoints } from '@/lib/codePoints';

/** Text in which places are marked. Places are code points, in order, and do not overlap. */
export const Marked = ({ text, marks }: { text: string; marks: readonly (readonly number[])[] }) => {
  const parts: React.ReactNode[] = [];
  let at = 0;
  for (const [start = 0, end = 0] of marks) {
    if (start < at || end <= start) continue;
    parts.push(sliceCodePoints(text, at, start), <mark key={start}>{sliceCodePoints(text, start, end)}</mark>);
    at = end;
  }
  return <>{parts}{sliceCodePoints(text, at)}</>;
};
