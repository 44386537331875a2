import type { Result } from '@/api/lab';

/** The name of all questions in the table. */
export const OVERALL = '*';

/** The lines of one task, the best model first; those of which nothing is known come last. */
export const linesOf = (results: readonly Result[], task: string): Result[] =>
  results.filter((line) => line.task === task).sort((a, b) => (b.mean ?? -1) - (a.mean ?? -1) || a.model.localeCompare(b.model));

/** The tasks that were asked, by their words. */
export const tasksOf = (results: readonly Result[], nameOf: (task: string) => string): string[] =>
  [...new Set(results.map(({ task }) => task))].filter((task) => task !== OVERALL).sort((a, b) => nameOf(a).localeCompare(nameOf(b)));

export const modelsOf = (results: readonly Result[]): string[] => [...new Set(results.map(({ model }) => model))];

/**
 * The best models: one, or all whose interval reaches into that of the best one, between which the run shows no clear
 * difference. Empty where nothing was compared.
 */
export const leaders = (lines: readonly Result[]): string[] => {
  const known = lines.filter(({ mean }) => mean !== null);
  const best = known.reduce<Result | null>((found, line) => (found === null || (line.mean ?? 0) > (found.mean ?? 0) ? line : found), null);
  if (best === null || known.length < 2) return [];
  return known.filter(({ model, high }) => model === best.model || high >= best.low).map(({ model }) => model);
};

/** One task, and what each model did in it. */
export interface TaskRow {
  task: string;
  cells: ReadonlyMap<string, Result>;
}

export const matrixOf = (results: readonly Result[], tasks: readonly string[]): TaskRow[] =>
  tasks.map((task) => ({ task, cells: new Map(results.filter((line) => line.task === task).map((line) => [line.model, line])) }));
