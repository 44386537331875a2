import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { endException, exceptionsQuery, type Exception, type Which } from '@/api/exceptions';
import { useMe } from '@/api/me';
import { AreaPage, Nothing } from '@/components/ui/AreaPage';
import { Button } from '@/components/ui/Button';
import { Failure } from '@/components/ui/Failure';
import { Loaded } from '@/components/ui/Loaded';
import { Table, type Column } from '@/components/ui/Table';
import { Tabs } from '@/components/ui/Tabs';
import { dayAndTime } from '@/lib/dates';
import { showToast } from '@/lib/toasts';

import { DecisionDialog } from './DecisionDialog';
import { kindsOf } from './kinds';

import styles from './Compliance.module.css';

const WHICH: readonly Which[] = ['waiting', 'granted', 'over'];

/** Questions that their authors say are not private: what waits for a decision, what holds, what is over. */
export const ExceptionsPage = () => {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { tab }: { tab?: string } = useSearch({ strict: false });
  const which = WHICH.find((each) => each === tab) ?? 'waiting';
  const query = useQuery(exceptionsQuery(which));
  const [open, setOpen] = useState<Exception | null>(null);
  const choose = (next: Which) =>
    void navigate({ to: '/compliance/exceptions', search: next === 'waiting' ? {} : { tab: next }, replace: true });
  return (
    <AreaPage title={t('area.titles.exceptions')}>
      <Tabs
        label={t('exceptions.which')} current={which} onChoose={choose}
        tabs={WHICH.map((key) => ({ key, label: t(`exceptions.tabs.${key}`) }))}
      >
        <Loaded query={query} lines={6}>
          {({ results }) => results.length === 0
            ? <Nothing title={t(`exceptions.none.${which}`)}>{which === 'waiting' && t('exceptions.noneHint')}</Nothing>
            : <Exceptions which={which} exceptions={results} onOpen={setOpen} />}
        </Loaded>
      </Tabs>
      {open && <DecisionDialog exception={open} onClose={() => setOpen(null)} />}
    </AreaPage>
  );
};

const Exceptions = ({ which, exceptions, onOpen }: {
  which: Which; exceptions: readonly Exception[]; onOpen: (exception: Exception) => void;
}) => {
  const { t, i18n } = useTranslation();
  const me = useMe();
  const client = useQueryClient();
  const ending = useMutation({
    mutationFn: endException,
    onSuccess: () => {
      showToast(t('exceptions.ended'));
      return client.invalidateQueries({ queryKey: ['exceptions'] });
    },
  });
  const time = (at: string | null) => (at === null ? '' : dayAndTime(at, i18n.language, me.tenant.timezone));
  const columns: Column<Exception>[] = [
    { key: 'who', head: t('exceptions.person'), phone: 'first', cell: ({ asked_by: { name } }) => (name === '' ? t('exceptions.somebody') : name) },
    { key: 'kinds', head: t('exceptions.kinds'), phone: 'second', cell: ({ types }) => kindsOf(types, t, i18n.language) },
    { key: 'why', head: t('exceptions.reason'), phone: 'second', cell: ({ asked_because }) => <span className={styles.words}>{asked_because}</span> },
    { key: 'at', head: t('exceptions.when'), phone: 'plain', cell: ({ asked_at }) => <span className={styles.time}>{time(asked_at)}</span> },
    ...(which === 'waiting' ? [] : [
      { key: 'decision', head: t('exceptions.decision'), phone: 'second', cell: (each) => <Decision exception={each} /> } satisfies Column<Exception>,
    ]),
    ...(which === 'granted' ? [
      { key: 'until', head: t('exceptions.until'), phone: 'plain', cell: ({ until }) => <span className={styles.time}>{time(until)}</span> } satisfies Column<Exception>,
    ] : []),
    ...(which === 'over' ? [] : [
      {
        key: 'acts', head: t('exceptions.acts'), phone: 'aside',
        cell: (each) => which === 'waiting'
          ? <Button size="small" onClick={() => onOpen(each)}>{t('exceptions.read')}</Button>
          : <Button size="small" aria-disabled={ending.isPending} onClick={() => ending.mutate(each.id)}>{t('exceptions.end')}</Button>,
      } satisfies Column<Exception>,
    ]),
  ];
  return (
    <>
      {ending.error && <Failure error={ending.error} />}
      <Table label={t(`exceptions.tabs.${which}`)} columns={columns} rows={exceptions} keyOf={({ id }) => id} />
    </>
  );
};

/** Who decided, with the reason; and what became of it since. */
const Decision = ({ exception }: { exception: Exception }) => {
  const { t, i18n } = useTranslation();
  const me = useMe();
  const at = exception.ended_at ?? exception.decided_at;
  const time = at === null ? '' : dayAndTime(at, i18n.language, me.tenant.timezone);
  const who = exception.decided_by?.name;
  return (
    <span className={styles.words}>
      {exception.state !== 'granted' && <>{t(`exceptions.states.${exception.state}`, { until: '' })}, {time}. </>}
      {who && t('exceptions.decidedBy', { name: who, at: dayAndTime(exception.decided_at ?? '', i18n.language, me.tenant.timezone), reason: exception.decided_because })}
    </span>
  );
};
