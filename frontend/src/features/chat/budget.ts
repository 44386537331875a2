import type { BudgetLeft } from '@/lib/frames';

const NEARLY = 0.8;

export interface BudgetState {
  state: 'calm' | 'nearly' | 'over';
  /** The share that is used, in [0, 1]; what is set aside for running answers counts as used. Null: not told. */
  used: number | null;
}

const HIDDEN = { open: 'calm', low: 'nearly', used_up: 'over' } as const;

export const budgetState = ({ left_microusd, limit_microusd, state = 'open' }: BudgetLeft): BudgetState => {
  if (left_microusd === null) return { state: HIDDEN[state], used: state === 'used_up' ? 1 : null };
  if (left_microusd <= 0 || limit_microusd <= 0) return { state: 'over', used: 1 };
  const used = Math.min(1, Math.max(0, 1 - left_microusd / limit_microusd));
  return { state: used >= NEARLY ? 'nearly' : 'calm', used };
};
