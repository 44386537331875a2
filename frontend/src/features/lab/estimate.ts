import type { UsualCost } from '@/api/lab';

/** What a run may come to, in micro-dollars; or the models of which nobody can say yet. */
export type Estimate = { cost: number; unknown: null } | { cost: null; unknown: readonly string[] };

/** By what answers of these models have cost lately, judges included. */
export const estimateOf = (questions: number, models: readonly string[], costs: readonly UsualCost[]): Estimate => {
  const known = new Map(costs.map(({ model, mean_microusd: mean }) => [model, mean]));
  const unknown = models.filter((model) => !known.has(model));
  if (unknown.length > 0) return { cost: null, unknown };
  return { cost: models.reduce((sum, model) => sum + (known.get(model) ?? 0) * questions, 0), unknown: null };
};
