import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { companyModelsQuery } from '@/api/admin';
import { ApiError } from '@/api/client';
import { saveSchedule, scheduleQuery, suitesQuery, type LabSchedule } from '@/api/lab';
import { Card } from '@/components/ui/AreaPage';
import { Chip } from '@/components/ui/Chip';
import { CheckField, SelectField, TextField } from '@/components/ui/Field';
import { FieldForm } from '@/components/ui/FieldForm';
import { Loaded } from '@/components/ui/Loaded';
import { amountOf, typedAmount } from '@/lib/amount';
import { showToast } from '@/lib/toasts';

import { Alarms } from './Alarms';
import { ModelChoice } from './ModelChoice';
import { wholeOf } from './progress';
import { useFigures, useLab } from './useLab';

import styles from './Lab.module.css';

/** When canaries are asked again, how far each model is, and which models have changed. */
export const ScheduleTab = () => {
  const query = useQuery(scheduleQuery);
  return (
    <>
      <Alarms />
      <Loaded query={query} lines={6}>
        {(schedule) => (
          <div className={styles.split}>
            <Editor schedule={schedule} />
            <Phases key={schedule.next_at} schedule={schedule} />
          </div>
        )}
      </Loaded>
    </>
  );
};

type Problems = Partial<Record<'suite' | 'models' | 'every_days' | 'learn_from' | 'budget_microusd' | 'calls_per_minute', string>>;
const BOUNDS = { every: [1, 90], learn: [60, 1_000], rate: [1, 6_000] } as const;

const Editor = ({ schedule }: { schedule: LabSchedule }) => {
  const { t } = useLab();
  const client = useQueryClient();
  const suites = useQuery(suitesQuery);
  const [enabled, setEnabled] = useState(schedule.enabled);
  const [suite, setSuite] = useState(schedule.suite);
  const [chosen, setChosen] = useState<readonly string[]>(schedule.models);
  const [typed, setTyped] = useState({
    every: String(schedule.every_days), learn: String(schedule.learn_from), budget: typedAmount(schedule.budget_microusd),
    rate: String(schedule.calls_per_minute),
  });
  const [problems, setProblems] = useState<Problems | null>(null);
  const saving = useMutation({
    mutationFn: saveSchedule,
    onSuccess: (saved) => {
      showToast(t('schedule.saved'));
      client.setQueryData(scheduleQuery.queryKey, saved);
    },
    onError: (error) => setProblems(error instanceof ApiError ? { ...error.fields } : null),
  });
  const submit = () => {
    const budget = amountOf(typed.budget);
    const [every, learn, rate] = [wholeOf(typed.every, ...BOUNDS.every), wholeOf(typed.learn, ...BOUNDS.learn), wholeOf(typed.rate, ...BOUNDS.rate)];
    if (every !== null && learn !== null && budget !== null && rate !== null) {
      setProblems(null);
      saving.mutate({
        enabled, suite, models: [...chosen], every_days: every, learn_from: learn, budget_microusd: budget, calls_per_minute: rate,
      });
      return;
    }
    setProblems({
      ...(every === null ? { every_days: t('schedule.everyWrong') } : {}),
      ...(learn === null ? { learn_from: t('schedule.learnWrong') } : {}),
      ...(budget === null ? { budget_microusd: t('start.budgetWrong') } : {}),
      ...(rate === null ? { calls_per_minute: t('start.rateWrong') } : {}),
    });
  };
  const type = (name: keyof typeof typed) => ({ target }: { target: { value: string } }) => setTyped({ ...typed, [name]: target.value });
  return (
    <Card title={t('schedule.title')}>
      <p className={styles.hint}>{t('schedule.hint')}</p>
      <FieldForm submit={t('schedule.save')} isBusy={saving.isPending} problems={problems} failure={saving.error} onSubmit={submit}>
        <CheckField label={t('schedule.enabled')} hint={t('schedule.runsAs')} checked={enabled} onChange={({ target }) => setEnabled(target.checked)} />
        <SelectField label={t('schedule.suite')} error={problems?.suite} value={suite} onChange={({ target }) => setSuite(target.value)}>
          {(suites.data?.results ?? []).map(({ slug, name, shipped }) => (
            <option key={slug} value={slug}>{shipped ? t('suites.general') : name}</option>
          ))}
        </SelectField>
        <Models chosen={chosen} error={problems?.models} onChange={setChosen} />
        <div className={styles.two}>
          <TextField
            label={t('schedule.every')} error={problems?.every_days} inputMode="numeric" autoComplete="off" value={typed.every}
            onChange={type('every')}
          />
          <TextField
            label={t('schedule.learn')} hint={t('schedule.learnHint')} error={problems?.learn_from} inputMode="numeric" autoComplete="off"
            value={typed.learn} onChange={type('learn')}
          />
          <TextField
            label={t('schedule.budget')} error={problems?.budget_microusd} inputMode="decimal" autoComplete="off" value={typed.budget}
            onChange={type('budget')}
          />
          <TextField
            label={t('schedule.rate')} hint={t('start.rateHint')} error={problems?.calls_per_minute} inputMode="numeric" autoComplete="off"
            value={typed.rate} onChange={type('rate')}
          />
        </div>
      </FieldForm>
    </Card>
  );
};

/** None chosen means all, also those that come later. */
const Models = ({ chosen, error, onChange }: {
  chosen: readonly string[]; error: string | undefined; onChange: (models: readonly string[]) => void;
}) => {
  const { t } = useLab();
  const models = useQuery(companyModelsQuery(true));
  const names = (models.data ?? []).map(({ name }) => name);
  return (
    <>
      <CheckField label={t('schedule.allModels')} checked={chosen.length === 0} onChange={({ target }) => onChange(target.checked ? [] : names)} />
      {chosen.length > 0 && <ModelChoice label={t('schedule.models')} models={models.data ?? []} chosen={chosen} error={error} onChange={onChange} />}
    </>
  );
};

const Phases = ({ schedule }: { schedule: LabSchedule }) => {
  const { t } = useLab();
  const { time } = useFigures();
  const [now] = useState(() => Date.now());
  const next = schedule.next_at;
  return (
    <Card title={t('schedule.phase')}>
      <p>{!schedule.enabled || next === null ? t('schedule.off') : Date.parse(next) <= now ? t('schedule.soon') : t('schedule.next', { at: time(next) })}</p>
      {!schedule.enabled ? null : schedule.phases.length === 0 ? <p className={styles.hint}>{t('schedule.noPhases')}</p> : (
        <ul className={styles.phases}>
          {schedule.phases.map(({ model, phase }) => (
            <li key={model}>
              <span className="mono">{model}</span>
              <Chip tone={phase === 'watching' ? 'ok' : phase === 'unsteady' ? 'warn' : 'neutral'}>{t(`schedule.phases.${phase}`)}</Chip>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
};
