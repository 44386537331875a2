import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { Budget } from '@/api/admin';
import { useMe } from '@/api/me';
import { Bar } from '@/components/ui/Bar';
import { Button } from '@/components/ui/Button';
import { Chip, type Tone } from '@/components/ui/Chip';
import type { IconName } from '@/components/ui/Icon';
import { Table, type Column } from '@/components/ui/Table';
import { day } from '@/lib/dates';
import { exactMoney, money } from '@/lib/format';

import { byTrouble, forecastOf, troubleOf, type Trouble } from './forecast';
import { useTeamName } from './useNames';

import styles from './Admin.module.css';

const LOOKS: Record<Trouble, { tone: Tone; icon: IconName }> = {
  used_up: { tone: 'stop', icon: 'octagon' },
  runs_out: { tone: 'warn', icon: 'clock' },
  low: { tone: 'warn', icon: 'triangle' },
  within: { tone: 'neutral', icon: 'check' },
};

interface BudgetTableProps {
  budgets: readonly Budget[];
  named: (budget: Budget) => string;
  mayWrite: boolean;
  onChange: (budget: Budget) => void;
  onRemove: (budget: Budget) => void;
}

export const BudgetTable = ({ budgets, named, mayWrite, onChange, onRemove }: BudgetTableProps) => {
  const { t, i18n } = useTranslation();
  const me = useMe();
  const teamName = useTeamName();
  const [now] = useState(() => Date.now());
  const amount = (value: number | null) =>
    value === null ? t('admin.budgets.hidden') : value === 0 ? money(0, i18n.language).replace(/([.,]\d\d)\d+/, '$1') : <span title={exactMoney(value, i18n.language)}>{money(value, i18n.language)}</span>;
  const columns: Column<Budget>[] = [
    {
      key: 'team', head: t('admin.team'), phone: 'first',
      cell: (budget) => (
        <>
          <span className={styles.strong}>{teamName(budget.team)}</span>
          <span className={styles.hint}>
            {[t(`admin.budgets.periods.${budget.period as 'day'}`), ...(budget.models ?? [])].join(' · ')}
          </span>
        </>
      ),
    },
    { key: 'spent', head: t('admin.budgets.spent'), isNumber: true, cell: (budget) => amount(budget.spent_microusd) },
    {
      key: 'bar', head: t('admin.budgets.ofTheLimit'), phone: 'none',
      cell: (budget) => budget.spent_microusd !== null && <Share budget={budget} now={now} />,
    },
    { key: 'limit', head: t('admin.budgets.limit'), isNumber: true, cell: (budget) => amount(budget.limit_microusd) },
    {
      key: 'expected', head: t('admin.budgets.expected'), isNumber: true,
      cell: (budget) => {
        const forecast = forecastOf(budget, now);
        return forecast === null ? '–' : amount(forecast.expected);
      },
    },
    {
      key: 'state', head: t('admin.state'), phone: 'aside',
      cell: (budget) => {
        const forecast = forecastOf(budget, now);
        const trouble = troubleOf(budget, forecast);
        const at = forecast?.runsOut ? day(forecast.runsOut.toISOString(), i18n.language, me.tenant.timezone) : '';
        return <Chip {...LOOKS[trouble]}>{t(`admin.budgets.states.${trouble}`, { day: at })}</Chip>;
      },
    },
    ...(mayWrite
      ? [{
          key: 'acts', head: t('settings.acts'), isMute: true, isNumber: true, phone: 'plain' as const,
          cell: (budget: Budget) => (
            <div className={styles.buttons}>
              <Button size="small" aria-label={t('admin.budgets.changeTitle', { name: named(budget) })} onClick={() => onChange(budget)}>{t('admin.change')}</Button>
              <Button size="small" aria-label={t('admin.budgets.removeTitle', { name: named(budget) })} onClick={() => onRemove(budget)}>{t('admin.budgets.remove')}</Button>
            </div>
          ),
        }]
      : []),
  ];
  return (
    <Table
      label={t('area.titles.budgets')} columns={columns} rows={byTrouble(budgets, now)} keyOf={({ id }) => id}
      foot={<span>{t('admin.budgets.foot')}</span>}
    />
  );
};

const Share = ({ budget, now }: { budget: Budget; now: number }) => {
  const forecast = forecastOf(budget, now);
  const trouble = troubleOf(budget, forecast);
  const limit = Math.max(1, budget.limit_microusd);
  const tone = trouble === 'used_up' ? 'stop' : trouble === 'within' ? 'plain' : 'warn';
  return (
    <div className={styles.bar}>
      <Bar share={(budget.spent_microusd ?? 0) / limit} tone={tone} expected={forecast ? forecast.expected / limit : null} />
    </div>
  );
};
