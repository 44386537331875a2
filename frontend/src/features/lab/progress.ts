import { doneOf, type Run, type Sample } from '@/api/lab';
import type { Tone } from '@/components/ui/Chip';
import type { IconName } from '@/components/ui/Icon';

const MEASURABLE_MS = 10_000;

/**
 * In about how many seconds a run is done: by its pace in the last minute, and before that can be told by the calls that
 * it may make. Null when nothing is left.
 */
export const secondsLeft = (run: Run, samples: readonly Sample[]): number | null => {
  const left = run.total - doneOf(run);
  if (left <= 0) return null;
  const [first, last] = [samples[0], samples.at(-1)];
  const span = first && last ? last.at - first.at : 0;
  const done = first && last ? last.done - first.done : 0;
  if (span >= MEASURABLE_MS && done > 0) return (left * span) / done / 1000;
  return leastSeconds(left, run.calls_per_minute);
};

/** How long so many calls take at least. */
export const leastSeconds = (calls: number, callsPerMinute: number): number => (calls * 60) / callsPerMinute;

export const STATES: Readonly<Record<Run['state'], { tone: Tone; icon: IconName }>> = {
  queued: { tone: 'neutral', icon: 'clock' },
  running: { tone: 'neutral', icon: 'again' },
  paused: { tone: 'warn', icon: 'wallet' },
  completed: { tone: 'ok', icon: 'check' },
  failed: { tone: 'stop', icon: 'octagon' },
  stopped: { tone: 'neutral', icon: 'stop' },
};

/** Whether it can go on, though not by itself. */
export const canGoOn = ({ state }: Pick<Run, 'state'>): boolean => state === 'paused' || state === 'stopped' || state === 'failed';

export const canStop = ({ state }: Pick<Run, 'state'>): boolean => state === 'queued' || state === 'running' || state === 'paused';

const WHOLE = /^\d{1,9}$/;

/** A whole number within bounds as people type it; null: it is none. */
export const wholeOf = (typed: string, least: number, most: number): number | null => {
  const plain = typed.trim();
  const value = WHOLE.test(plain) ? Number(plain) : NaN;
  return value >= least && value <= most ? value : null;
};
