import type { LabAnswer, SuiteQuestion } from '@/api/lab';
import type { Tone } from '@/components/ui/Chip';
import type { IconName } from '@/components/ui/Icon';

export type Outcome = 'right' | 'partly' | 'wrong' | 'failed' | 'skipped' | 'waiting' | 'underway';

const WRONG_BELOW = 0.5;

/** What came of an answer. The server calls it wrong below a half. */
export const outcomeOf = ({ state, value }: Pick<LabAnswer, 'state' | 'value'>): Outcome => {
  if (state === 'failed' || state === 'skipped' || state === 'waiting') return state;
  if (state !== 'checked' || value === null) return 'underway';
  if (value < WRONG_BELOW) return 'wrong';
  return value < 1 ? 'partly' : 'right';
};

export const LOOKS: Readonly<Record<Outcome, { tone: Tone; icon: IconName }>> = {
  right: { tone: 'ok', icon: 'check' },
  partly: { tone: 'warn', icon: 'swap' },
  wrong: { tone: 'stop', icon: 'close' },
  failed: { tone: 'stop', icon: 'octagon' },
  skipped: { tone: 'neutral', icon: 'right' },
  waiting: { tone: 'neutral', icon: 'clock' },
  underway: { tone: 'neutral', icon: 'again' },
};

const PARTS = ['answers', 'value', 'tolerance', 'rubric', 'reference', 'language', 'pattern', 'schema', 'tests'] as const;
export type Part = (typeof PARTS)[number];

export interface Expected {
  part: Part;
  text: string;
  /** It is read letter by letter. */
  isCode: boolean;
}

const isPlain = (part: Part): boolean => part === 'rubric' || part === 'reference' || part === 'language';

const written = (value: unknown): string => {
  if (Array.isArray(value)) return value.map(written).join('\n');
  return typeof value === 'string' ? value : JSON.stringify(value, null, 2);
};

/** What a check compares with, part by part; parts that this page does not know are left out. */
export const expectedOf = (expected: SuiteQuestion['expected']): Expected[] =>
  PARTS.filter((part) => expected[part] !== undefined && !(part === 'tolerance' && expected[part] === 0)).map((part) => ({
    part, text: written(expected[part]), isCode: !isPlain(part),
  }));

const EXCERPT = 120;

/** The beginning of a text on one line. */
export const excerpt = (text: string): string => {
  const letters = [...text.replace(/\s+/g, ' ').trim()];
  return letters.length <= EXCERPT ? letters.join('') : `${letters.slice(0, EXCERPT).join('')}…`;
};
