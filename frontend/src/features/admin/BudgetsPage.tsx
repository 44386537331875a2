import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { budgetsQuery, removeBudget, teamsQuery, type Budget } from '@/api/admin';
import { may, useMe } from '@/api/me';
import { AreaPage, Nothing } from '@/components/ui/AreaPage';
import { Button } from '@/components/ui/Button';
import { Confirm } from '@/components/ui/Confirm';
import { Dialog } from '@/components/ui/Dialog';
import { Figure, Figures } from '@/components/ui/Figure';
import { Icon } from '@/components/ui/Icon';
import { Loaded } from '@/components/ui/Loaded';
import { day, percent } from '@/lib/dates';
import { exactMoney, money } from '@/lib/format';
import { showToast } from '@/lib/toasts';

import { BudgetForm } from './BudgetForm';
import { BudgetTable } from './BudgetTable';
import { byTrouble, forecastOf, troubleOf } from './forecast';
import { useTeamName } from './useNames';

import styles from './Admin.module.css';

type Open = { act: 'create' } | { act: 'change' | 'remove'; budget: Budget } | null;

/** Limits, how they stand, and who needs somebody. Without the right to change them they are only shown. */
export const BudgetsPage = () => {
  const { t } = useTranslation();
  const me = useMe();
  const client = useQueryClient();
  const query = useQuery(budgetsQuery);
  const teams = useQuery(teamsQuery);
  const [open, setOpen] = useState<Open>(null);
  const mayWrite = may(me, 'budgets.write');
  const named = useBudgetName();
  const close = () => setOpen(null);
  const refresh = () => client.invalidateQueries({ queryKey: budgetsQuery.queryKey });
  const removing = useMutation({
    mutationFn: (budget: Budget) => removeBudget(budget.id),
    onSuccess: (_, budget) => {
      showToast(t('admin.budgets.removed', { name: named(budget) }));
      close();
      return refresh();
    },
  });
  const saved = (budget: Budget) => {
    showToast(t('admin.budgets.saved', { name: named(budget) }));
    close();
    void refresh();
  };
  const start = (next: Open) => {
    removing.reset();
    setOpen(next);
  };
  const create = mayWrite && <Button kind="primary" icon="plus" onClick={() => start({ act: 'create' })}>{t('admin.budgets.new')}</Button>;
  return (
    <AreaPage title={t('area.titles.budgets')} aside={t('admin.timesOf', { zone: me.tenant.timezone })} actions={create}>
      <Loaded query={query} lines={6}>
        {(budgets) => budgets.length === 0
          ? <Nothing title={t('admin.budgets.none')}>{t('admin.budgets.noneHint')}</Nothing>
          : (
            <>
              <Sums budgets={budgets} named={named} />
              <BudgetTable
                budgets={budgets} named={named} mayWrite={mayWrite}
                onChange={(budget) => start({ act: 'change', budget })}
                onRemove={(budget) => start({ act: 'remove', budget })}
              />
            </>
          )}
      </Loaded>
      {open?.act === 'create' && (
        <Dialog title={t('admin.budgets.new')} onClose={close}>
          <BudgetForm budget={null} teams={teams.data ?? []} onSaved={saved} onCancel={close} />
        </Dialog>
      )}
      {open?.act === 'change' && (
        <Dialog title={named(open.budget)} onClose={close}>
          <BudgetForm budget={open.budget} teams={teams.data ?? []} onSaved={saved} onCancel={close} />
        </Dialog>
      )}
      {open?.act === 'remove' && (
        <Confirm
          title={t('admin.budgets.removeTitle', { name: named(open.budget) })}
          act={t('admin.budgets.remove')}
          isBusy={removing.isPending}
          failure={removing.error}
          onConfirm={() => removing.mutate(open.budget)}
          onClose={close}
        >
          {t(open.budget.team === null ? 'admin.budgets.removeCompanyHint' : 'admin.budgets.removeHint')}
        </Confirm>
      )}
    </AreaPage>
  );
};

/** “Research, a month, demo-large” */
const useBudgetName = () => {
  const { t } = useTranslation();
  const teamName = useTeamName();
  return (budget: Budget): string =>
    [teamName(budget.team), t(`admin.budgets.periods.${budget.period as 'day'}`), ...(budget.models ?? [])].join(', ');
};

const NEEDY = 3;

const Sums = ({ budgets, named }: { budgets: readonly Budget[]; named: (budget: Budget) => string }) => {
  const { t, i18n } = useTranslation();
  const me = useMe();
  const [now] = useState(() => Date.now());
  const company = budgets.find(({ team, period, models }) => team === null && period === 'month' && models === null);
  const forecast = company ? forecastOf(company, now) : null;
  const needy = byTrouble(budgets, now).filter((each) => troubleOf(each, forecastOf(each, now)) !== 'within');
  return (
    <Figures label={t('admin.budgets.sums')}>
      {company?.spent_microusd != null && (
        <Figure name={t('admin.budgets.spentMonth')} value={money(company.spent_microusd, i18n.language)} exact={exactMoney(company.spent_microusd, i18n.language)}>
          {t('admin.budgets.ofLimit', {
            share: percent(company.limit_microusd === 0 ? 1 : company.spent_microusd / company.limit_microusd, i18n.language),
            limit: money(company.limit_microusd, i18n.language),
          })}
        </Figure>
      )}
      {forecast && company?.ends && (
        <Figure name={t('admin.budgets.expectedBy', { day: day(company.ends, i18n.language, me.tenant.timezone) })} value={money(forecast.expected, i18n.language)}>
          {t('admin.budgets.pace')}
        </Figure>
      )}
      <Figure name={t('admin.budgets.needs')} value={needy.length === 0 ? t('admin.budgets.nobody') : String(needy.length)}>
        {needy.length > 0 && (
          <ul className={styles.needs}>
            {needy.slice(0, NEEDY).map((budget) => {
              const isOver = budget.state === 'used_up';
              return (
                <li key={budget.id} className={isOver ? 'stop' : 'warn'}>
                  <Icon name={isOver ? 'octagon' : 'triangle'} size={15} /> {named(budget)}
                </li>
              );
            })}
          </ul>
        )}
      </Figure>
    </Figures>
  );
};
