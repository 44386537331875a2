import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';

import { companyModelsQuery } from '@/api/admin';
import { ApiError } from '@/api/client';
import { startRun, suitesQuery } from '@/api/lab';
import { Dialog } from '@/components/ui/Dialog';
import { SelectField, TextField } from '@/components/ui/Field';
import { FieldForm } from '@/components/ui/FieldForm';
import { Loaded } from '@/components/ui/Loaded';
import { amountOf } from '@/lib/amount';
import { showToast } from '@/lib/toasts';

import { Consequence } from './Consequence';
import { ModelChoice } from './ModelChoice';
import { wholeOf } from './progress';
import { useLab } from './useLab';

import styles from './Lab.module.css';

type Problems = Partial<Record<'models' | 'judge' | 'sample' | 'budget_microusd' | 'calls_per_minute', string>>;
const MOST_QUESTIONS = 5_000;
const MOST_CALLS = 6_000;
const SHIPPED = 'general';

/** What is to be asked of whom, for how much and how fast; what follows from it stands below the fields. */
export const NewRun = ({ suite = SHIPPED, onClose }: { suite?: string; onClose: () => void }) => {
  const { t } = useLab();
  return (
    <Dialog title={t('start.title')} onClose={onClose} isWide>
      <Form first={suite} onClose={onClose} />
    </Dialog>
  );
};

const Form = ({ first, onClose }: { first: string; onClose: () => void }) => {
  const { t } = useLab();
  const navigate = useNavigate();
  const client = useQueryClient();
  const suites = useQuery(suitesQuery);
  const models = useQuery(companyModelsQuery(true));
  const [suite, setSuite] = useState(first);
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [judge, setJudge] = useState('');
  const [typed, setTyped] = useState({ sample: '', budget: '5', rate: '60' });
  const [problems, setProblems] = useState<Problems | null>(null);
  const sample = typed.sample.trim() === '' ? undefined : wholeOf(typed.sample, 1, MOST_QUESTIONS);
  const budget = amountOf(typed.budget);
  const rate = wholeOf(typed.rate, 1, MOST_CALLS);
  const starting = useMutation({
    mutationFn: (bounds: { budget: number; rate: number; sample: number | null }) => startRun({
      suite, models: [...chosen], judge, sample: bounds.sample, budget_microusd: bounds.budget, calls_per_minute: bounds.rate,
    }),
    onSuccess: (run) => {
      showToast(t('start.started'));
      onClose();
      void navigate({ to: '/admin/lab', search: { run: run.id } });
      return client.invalidateQueries({ queryKey: ['lab', 'runs'] });
    },
    onError: (error) => setProblems(error instanceof ApiError ? { ...error.fields } : null),
  });
  const wasMissing = chosen.length > 0 && problems?.models === t('start.modelsMissing'); // it was, when that was said
  const submit = () => {
    const found: Problems = {
      ...(chosen.length === 0 ? { models: t('start.modelsMissing') } : {}),
      ...(sample === null ? { sample: t('start.sampleWrong') } : {}),
      ...(budget === null ? { budget_microusd: t('start.budgetWrong') } : {}),
      ...(rate === null ? { calls_per_minute: t('start.rateWrong') } : {}),
    };
    const isWrong = Object.keys(found).length > 0;
    setProblems(isWrong ? found : null);
    if (!isWrong && budget !== null && rate !== null) starting.mutate({ budget, rate, sample: sample ?? null });
  };
  const type = (name: keyof typeof typed) => ({ target }: { target: { value: string } }) => setTyped({ ...typed, [name]: target.value });
  return (
    <FieldForm submit={t('start.submit')} isBusy={starting.isPending} problems={problems} failure={starting.error} onSubmit={submit} onCancel={onClose}>
      <SelectField label={t('start.suite')} data-autofocus value={suite} onChange={({ target }) => setSuite(target.value)}>
        {(suites.data?.results ?? []).map(({ slug, name, shipped }) => (
          <option key={slug} value={slug}>{shipped ? t('suites.general') : name}</option>
        ))}
      </SelectField>
      <Loaded query={models}>
        {(found) => (
          <>
            <ModelChoice label={t('start.models')} models={found} chosen={chosen} error={wasMissing ? undefined : problems?.models} onChange={setChosen} />
            <SelectField label={t('start.judge')} hint={t('start.judgeHint')} error={problems?.judge} value={judge} onChange={({ target }) => setJudge(target.value)}>
              <option value="">{t('start.bestOther')}</option>
              {found.map(({ name }) => <option key={name} value={name}>{name}</option>)}
            </SelectField>
          </>
        )}
      </Loaded>
      <div className={styles.three}>
        <TextField
          label={t('start.sample')} hint={t('start.sampleHint')} error={problems?.sample} inputMode="numeric" autoComplete="off"
          value={typed.sample} onChange={type('sample')}
        />
        <TextField
          label={t('start.budget')} hint={t('start.budgetHint')} error={problems?.budget_microusd} inputMode="decimal" autoComplete="off"
          value={typed.budget} onChange={type('budget')}
        />
        <TextField
          label={t('start.rate')} hint={t('start.rateHint')} error={problems?.calls_per_minute} inputMode="numeric" autoComplete="off"
          value={typed.rate} onChange={type('rate')}
        />
      </div>
      {budget !== null && rate !== null && sample !== null && chosen.length > 0 && (
        <Consequence suite={suite} models={chosen} sample={sample} budget={budget} rate={rate} />
      )}
    </FieldForm>
  );
};
