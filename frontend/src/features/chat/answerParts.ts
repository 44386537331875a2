import type { Message } from '@/api/client';
import { cutEmphasis } from '@/components/markdown/emphasis';
import { openFence } from '@/components/markdown/fences';
import { sliceCodePoints } from '@/lib/codePoints';
import { hostingOf, type Hosting } from '@/lib/frames';
import { saidOfSwitch } from '@/lib/switches';

import { finalOf, isWriting, textOf, type AnswerItem } from './thread';
import type { Segment } from './turnReducer';

/** A stretch of the answer with its text. */
export interface Part {
  segment: Segment;
  text: string;
}

/** An answer by the models that wrote it: as it is stored, once it is; this page may have missed a switch.
 * Code and emphasis that a seam cuts in two go on behind it. */
export const partsOf = (item: AnswerItem, hostingOfModel: (model: string) => Hosting | null): readonly Part[] => {
  const text = textOf(item);
  const stored = storedSegments(item.stored);
  const segments = stored.length ? stored : (item.turn?.segments ?? []);
  const shown = withoutSilent(segments, text, isWriting(item));
  const texts = cutAt(text, shown.map(({ at }) => at));
  return shown.map((segment, index) => ({
    segment: { ...segment, hosting: segment.hosting ?? hostingOfModel(segment.model) }, text: texts[index] ?? '',
  }));
};

/** Models that were asked in between and wrote nothing are named at the seam of the one that did, or left to the record. */
const withoutSilent = (segments: readonly Segment[], text: string, isWriting: boolean): readonly Segment[] => {
  const shown: Segment[] = [];
  let silent: string[] = [];
  segments.forEach((segment, index) => {
    const next = segments[index + 1];
    const isSilent = index > 0 && (next ? next.at === segment.at : !isWriting && sliceCodePoints(text, segment.at) === '');
    if (isSilent) silent.push(segment.model);
    else {
      const from = shown.at(-1)?.model ?? '';
      shown.push(silent.length ? { ...segment, takesOverFrom: { model: from, reason: '', silent } } : segment);
      silent = [];
    }
  });
  return shown;
};

/** Pieces of a text from these places on, each of them whole Markdown. */
const cutAt = (text: string, places: readonly number[]): readonly string[] => {
  if (places.length === 1) return [text];
  const pieces: string[] = [];
  places.forEach((place, index) => {
    const own = sliceCodePoints(text, place, places[index + 1]);
    const before = pieces.at(-1) ?? '';
    const fence = openFence(before);
    const [closed, piece] = fence === null ? cutEmphasis(before, own) : [before, `${fence}\n${own}`];
    if (index > 0) pieces[index - 1] = closed;
    pieces.push(piece);
  });
  return pieces;
};

const storedSegments = (stored: Message | null): readonly Segment[] => {
  const answer = finalOf(stored);
  if (!answer?.model || answer.state === 'refused') return [];
  const { model, hosting, parts } = answer;
  const whole = { at: 0, model, hosting, after: '' };
  return (parts.length ? parts : [whole]).map((part, index) => {
    const from = parts[index - 1]?.model;
    const said = from === undefined ? undefined : saidOfSwitch(from, part.model, part.after, part.at);
    return {
      at: part.at,
      model: part.model,
      hosting: hostingOf(part.hosting),
      takesOverFrom: from === undefined ? null : { model: from, reason: '', said },
    };
  });
};
