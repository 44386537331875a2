import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { ApiError } from '@/api/client';
import { goOnWithRun, type RunDetail } from '@/api/lab';
import { Dialog } from '@/components/ui/Dialog';
import { TextField } from '@/components/ui/Field';
import { FieldForm } from '@/components/ui/FieldForm';
import { amountOf, typedAmount } from '@/lib/amount';
import { showToast } from '@/lib/toasts';

import { wholeOf } from './progress';
import { useLab } from './useLab';

import styles from './Lab.module.css';

type Problems = Partial<Record<'budget_microusd' | 'calls_per_minute', string>>;
const MOST_CALLS = 6_000;

/** Go on with a run, with another budget where the one so far is used up. */
export const GoOn = ({ run, onClose }: { run: RunDetail; onClose: () => void }) => {
  const { t } = useLab();
  const client = useQueryClient();
  const [typed, setTyped] = useState({ budget: typedAmount(run.budget_microusd), rate: String(run.calls_per_minute) });
  const [problems, setProblems] = useState<Problems | null>(null);
  const going = useMutation({
    mutationFn: ([budget, rate]: readonly [number, number]) => goOnWithRun(run.id, { budget_microusd: budget, calls_per_minute: rate }),
    onSuccess: () => {
      showToast(t('run.wentOn'));
      onClose();
    },
    onError: (error) => setProblems(error instanceof ApiError ? { ...error.fields } : null),
    onSettled: () => client.invalidateQueries({ queryKey: ['lab', 'runs'] }),
  });
  const submit = () => {
    const [budget, rate] = [amountOf(typed.budget), wholeOf(typed.rate, 1, MOST_CALLS)];
    setProblems(budget !== null && rate !== null ? null : {
      ...(budget === null ? { budget_microusd: t('start.budgetWrong') } : {}),
      ...(rate === null ? { calls_per_minute: t('start.rateWrong') } : {}),
    });
    if (budget !== null && rate !== null) going.mutate([budget, rate]);
  };
  return (
    <Dialog title={t('run.goOnTitle')} onClose={onClose}>
      <FieldForm submit={t('run.goOn')} isBusy={going.isPending} problems={problems} failure={going.error} onSubmit={submit} onCancel={onClose}>
        <p className={styles.hint}>{t('run.goOnHint')}</p>
        <TextField
          label={t('start.budget')} hint={t('start.budgetHint')} error={problems?.budget_microusd} inputMode="decimal" autoComplete="off"
          data-autofocus value={typed.budget} onChange={({ target }) => setTyped({ ...typed, budget: target.value })}
        />
        <TextField
          label={t('start.rate')} hint={t('start.rateHint')} error={problems?.calls_per_minute} inputMode="numeric" autoComplete="off"
          value={typed.rate} onChange={({ target }) => setTyped({ ...typed, rate: target.value })}
        />
      </FieldForm>
    </Dialog>
  );
};
