import type { Turn } from '@/api/client';
import { openFence } from '@/components/markdown/fences';
import { sliceCodePoints } from '@/lib/codePoints';
import { hostingOf, type Hosting } from '@/lib/frames';
import { firstModel, switchesOf } from '@/lib/switches';

import { finalOf, textOf, type AnswerItem } from './thread';
import type { Segment } from './turnReducer';

/** A stretch of the answer with its text. */
export interface Part {
  segment: Segment;
  text: string;
}

/** An answer by the models that wrote it. Stored ones know the last model only; the record adds the others.
 * Code that a seam cuts in two is code on both sides of it. */
export const partsOf = (
  item: AnswerItem,
  record: Turn | undefined,
  hostingOfModel: (model: string) => Hosting | null,
): readonly Part[] => {
  const text = textOf(item);
  const live = item.turn?.segments ?? [];
  const segments = live.length ? live : storedSegments(item, record);
  let before = '';
  return segments.map((segment, index) => {
    const own = segments.length === 1 ? text : sliceCodePoints(text, segment.at, segments[index + 1]?.at);
    const fence = index === 0 ? null : openFence(before);
    before = fence === null ? own : `${fence}\n${own}`;
    return { segment: { ...segment, hosting: segment.hosting ?? hostingOfModel(segment.model) }, text: before };
  });
};

const storedSegments = ({ stored }: AnswerItem, record: Turn | undefined): readonly Segment[] => {
  const answer = finalOf(stored);
  if (!answer?.model || answer.state === 'refused') return [];
  const switches = record && answer.text ? switchesOf(record.attempts) : [];
  if (!record || switches.length === 0) {
    return [{ at: 0, model: answer.model, hosting: hostingOf(answer.hosting), takesOverFrom: null }];
  }
  const first: Segment = { at: 0, model: firstModel(record), hosting: null, takesOverFrom: null };
  return [
    first,
    ...switches.map(({ from, to, at, said }) => ({
      at, model: to, hosting: null, takesOverFrom: { model: from, reason: '', said },
    })),
  ];
};
