import type { Alarm, Estimate, ModelProfile } from '@/api/models';

/** In the order of the page's words for them. */
export const TASKS = [
  'coding', 'math', 'reasoning', 'factual_qa', 'explain_advise', 'functional_writing', 'creative_writing', 'rewriting',
  'summarization', 'translation', 'extraction_classification', 'brainstorm_plan', 'roleplay_chat',
] as const;
export type Task = (typeof TASKS)[number];
export const QUALITIES = ['overall', ...TASKS] as const;
export type Quality = (typeof QUALITIES)[number];
export const FIGURES = ['first', 'speed', 'cost', 'errors'] as const;
export type FigureKey = (typeof FIGURES)[number];
export const COLUMNS = ['model', ...QUALITIES, ...FIGURES] as const;
export type ColumnKey = (typeof COLUMNS)[number];

export interface Order {
  key: ColumnKey;
  isDescending: boolean;
}

/** Less than half an observation is none: what is shown then is what was expected beforehand. */
const LEAST_SAMPLES = 0.5;
export const isPrior = ({ samples }: Estimate): boolean => samples < LEAST_SAMPLES;

export const isQuality = (key: ColumnKey): key is Quality => (QUALITIES as readonly string[]).includes(key);

/** Null for a task that the server does not know. */
export const estimateOf = (profile: ModelProfile, key: Quality): Estimate | null =>
  key === 'overall' ? profile.overall : (profile.tasks.find(({ task }) => task === key) ?? null);

const FIGURE_OF = {
  first: 'first_token_p50_ms', speed: 'tokens_per_s', cost: 'cost_microusd', errors: 'error_rate',
} as const;
export const figureOf = (profile: ModelProfile, key: FigureKey): number | null => profile[FIGURE_OF[key]];

/** What reads best first: high quality and speed, low waiting, cost and errors, names from A. */
export const bestFirst = (key: ColumnKey): Order => ({ key, isDescending: isQuality(key) || key === 'speed' });

/** Choosing a column sorts by it, best first; choosing it again turns the order round. */
export const chosen = (before: Order, key: ColumnKey): Order =>
  before.key === key ? { key, isDescending: !before.isDescending } : bestFirst(key);

/** `cost`, or `-cost` where the greatest comes first; anything else is the overall quality. */
export const orderOf = (word: string | undefined): Order => {
  const name = word?.replace(/^-/, '');
  const key = COLUMNS.find((each) => each === name);
  return key ? { key, isDescending: word !== key } : bestFirst('overall');
};
export const wordOf = ({ key, isDescending }: Order): string => (isDescending ? `-${key}` : key);

const valueOf = (profile: ModelProfile, key: ColumnKey): number | null => {
  if (key === 'model') return null;
  return isQuality(key) ? (estimateOf(profile, key)?.quality ?? null) : figureOf(profile, key);
};

/** Models in this order; what was not measured comes last in both directions, and equals stand by name. */
export const sorted = (profiles: readonly ModelProfile[], { key, isDescending }: Order): ModelProfile[] => {
  const sign = isDescending ? -1 : 1;
  return [...profiles].sort((a, b) => {
    if (key === 'model') return sign * a.model.localeCompare(b.model);
    const [left, right] = [valueOf(a, key), valueOf(b, key)];
    if (left === null || right === null) return Number(left === null) - Number(right === null) || a.model.localeCompare(b.model);
    return sign * (left - right) || a.model.localeCompare(b.model);
  });
};

/** The model that is expected to be best in this column among those of its hosting. */
export const isBest = (profiles: readonly ModelProfile[], profile: ModelProfile, key: Quality): boolean => {
  const own = estimateOf(profile, key)?.quality;
  return own !== undefined && profiles
    .filter(({ hosting }) => hosting === profile.hosting)
    .every((other) => (estimateOf(other, key)?.quality ?? 0) <= own);
};

export const inHundred = (quality: number): number => Math.round(quality * 100);

export const openAlarms = (alarms: readonly Alarm[]): Alarm[] => alarms.filter(({ acknowledged_at: at }) => at === null);

/** Best and weakest kind of question, and in how many something was measured. Null where there are no tasks. */
export const spreadOf = ({ tasks }: ModelProfile) => {
  const [best, ...others] = [...tasks].sort((a, b) => b.quality - a.quality);
  if (!best) return null;
  return { best, worst: others.at(-1) ?? best, measured: tasks.filter((task) => !isPrior(task)).length, all: tasks.length };
};

/** Who begins soonest, and who keeps people waiting longest; null where nobody was measured. */
export const waitsOf = (profiles: readonly ModelProfile[]) => {
  const waits = profiles.flatMap(({ model, first_token_p50_ms: half, first_token_p95_ms: late }) =>
    half === null || late === null ? [] : [{ model, half, late }]);
  const fastest = waits.reduce<(typeof waits)[number] | null>((least, each) => (least && least.half <= each.half ? least : each), null);
  const slowest = waits.reduce<(typeof waits)[number] | null>((most, each) => (most && most.late >= each.late ? most : each), null);
  return fastest && slowest ? { waits, fastest, slowest } : null;
};
