import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { changeLimit, createBudget, type Budget, type Team } from '@/api/admin';
import { ApiError } from '@/api/client';
import { SelectField, TextField } from '@/components/ui/Field';
import { FieldForm } from '@/components/ui/FieldForm';
import { Notice } from '@/components/ui/Notice';
import { amountOf, typedAmount } from '@/lib/amount';
import { money } from '@/lib/format';

import { forecastOf } from './forecast';

const PERIODS = ['day', 'week', 'month', 'total'] as const;
type Period = (typeof PERIODS)[number];

interface BudgetFormProps {
  /** Null: a new one. Whom it limits, how often and for which models stays for ever; only the limit changes. */
  budget: Budget | null;
  teams: readonly Team[];
  onSaved: (budget: Budget) => void;
  onCancel: () => void;
}

export const BudgetForm = ({ budget, teams, onSaved, onCancel }: BudgetFormProps) => {
  const { t } = useTranslation();
  const [team, setTeam] = useState<number | null>(budget?.team ?? null);
  const [period, setPeriod] = useState<Period>('month');
  const [typed, setTyped] = useState(budget ? typedAmount(budget.limit_microusd) : '');
  const [models, setModels] = useState('');
  const [problems, setProblems] = useState<{ limit?: string; models?: string } | null>(null);
  const limit = amountOf(typed);
  const names = models.split(',').map((name) => name.trim()).filter((name) => name !== '');
  const saving = useMutation({
    mutationFn: (amount: number) =>
      budget
        ? changeLimit(budget.id, amount)
        : createBudget({ team, period, limit_microusd: amount, models: names.length > 0 ? names : null }),
    onSuccess: onSaved,
    onError: (error) => setProblems(error instanceof ApiError ? fieldsOf(error) : null),
  });
  const submit = () => {
    setProblems(limit === null ? { limit: t('admin.budgets.amountWrong') } : null);
    if (limit !== null) saving.mutate(limit);
  };
  return (
    <FieldForm
      submit={t(budget ? 'admin.budgets.setLimit' : 'admin.budgets.create')}
      isBusy={saving.isPending}
      problems={problems}
      failure={saving.error}
      onSubmit={submit}
      onCancel={onCancel}
    >
      {!budget && (
        <>
          <SelectField label={t('admin.budgets.whom')} value={team ?? ''} onChange={({ target }) => setTeam(target.value === '' ? null : Number(target.value))}>
            <option value="">{t('admin.company')}</option>
            {teams.map(({ id, name }) => <option key={id} value={id}>{name}</option>)}
          </SelectField>
          <SelectField label={t('admin.budgets.period')} value={period} onChange={({ target }) => setPeriod(target.value as Period)}>
            {PERIODS.map((each) => <option key={each} value={each}>{t(`admin.budgets.periods.${each}`)}</option>)}
          </SelectField>
          <TextField
            label={t('admin.budgets.models')} hint={t('admin.budgets.modelsHint')} error={problems?.models} value={models}
            autoComplete="off" spellCheck={false} onChange={({ target }) => setModels(target.value)}
          />
        </>
      )}
      <TextField
        label={t('admin.budgets.limitUsd')} error={problems?.limit} inputMode="decimal" autoComplete="off" data-autofocus={budget ? true : undefined}
        hint={budget ? t('admin.budgets.was', { limit: typedAmount(budget.limit_microusd) }) : t('admin.budgets.limitHint')}
        value={typed} onChange={({ target }) => setTyped(target.value)}
      />
      {limit !== null && <Consequence budget={budget} limit={limit} />}
    </FieldForm>
  );
};

const fieldsOf = ({ fields }: ApiError) => ({
  ...(fields.limit_microusd ? { limit: fields.limit_microusd } : {}),
  ...(fields.models ? { models: fields.models } : {}),
});

/** What will be different as soon as this limit holds. */
const Consequence = ({ budget, limit }: { budget: Budget | null; limit: number }) => {
  const { t, i18n } = useTranslation();
  const [now] = useState(() => Date.now());
  const spent = budget?.spent_microusd ?? null;
  const forecast = budget ? forecastOf({ ...budget, limit_microusd: limit }, now) : null;
  if (spent !== null && limit <= spent) {
    return (
      <Notice tone="warn" icon="triangle" role="status" title={t('admin.budgets.atOnce')}>
        {t('admin.budgets.atOnceHint', { spent: money(spent, i18n.language) })}
      </Notice>
    );
  }
  if (forecast) {
    const isEnough = forecast.expected <= limit;
    return (
      <Notice tone={isEnough ? 'ok' : 'warn'} icon={isEnough ? 'check' : 'clock'} role="status" title={t(isEnough ? 'admin.budgets.lasts' : 'admin.budgets.lastsNot')}>
        {t('admin.budgets.paceIs', { amount: money(forecast.expected, i18n.language) })}
      </Notice>
    );
  }
  return <Notice tone="neutral" icon="wallet" title={t('admin.budgets.whenUsedUp')}>{t('admin.budgets.whenUsedUpHint')}</Notice>;
};
