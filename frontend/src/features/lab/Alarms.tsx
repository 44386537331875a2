import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';

import { acknowledgeAlarm, alarmsQuery, type Alarm } from '@/api/lab';
import { Card } from '@/components/ui/AreaPage';
import { Button } from '@/components/ui/Button';
import { Chip } from '@/components/ui/Chip';
import { Confirm } from '@/components/ui/Confirm';
import { Loaded } from '@/components/ui/Loaded';
import { Table, type Column } from '@/components/ui/Table';
import { showToast } from '@/lib/toasts';

import { useFigures, useLab } from './useLab';

import styles from './Lab.module.css';

/** Models that have silently changed, as their canaries say. */
export const Alarms = () => {
  const { t } = useLab();
  const client = useQueryClient();
  const query = useQuery(alarmsQuery);
  const [open, setOpen] = useState<Alarm | null>(null);
  const knowing = useMutation({
    mutationFn: ({ id }: Alarm) => acknowledgeAlarm(id),
    onSuccess: (_, { model }) => {
      showToast(t('alarms.known', { model }));
      setOpen(null);
    },
    onSettled: () => Promise.all([
      client.invalidateQueries({ queryKey: alarmsQuery.queryKey }), client.invalidateQueries({ queryKey: ['lab', 'schedule'] }),
    ]),
  });
  return (
    <Card title={t('alarms.title')}>
      <Loaded query={query} lines={2}>
        {({ results }) => results.length === 0
          ? <p>{t('alarms.none')} <span className={styles.quiet}>{t('alarms.noneHint')}</span></p>
          : <Found alarms={results} onKnow={setOpen} />}
      </Loaded>
      {open && (
        <Confirm
          title={t('alarms.knowTitle', { model: open.model })} act={t('alarms.know')} isBusy={knowing.isPending} failure={knowing.error}
          onConfirm={() => knowing.mutate(open)} onClose={() => setOpen(null)}
        >
          {t('alarms.knowHint')}
        </Confirm>
      )}
    </Card>
  );
};

const Found = ({ alarms, onKnow }: { alarms: readonly Alarm[]; onKnow: (alarm: Alarm) => void }) => {
  const { t } = useLab();
  const { number, time } = useFigures();
  const columns: Column<Alarm>[] = [
    { key: 'model', head: t('model'), phone: 'first', cell: ({ model }) => <span className="mono">{model}</span> },
    { key: 'at', head: t('alarms.at'), phone: 'plain', cell: ({ raised_at: at }) => <span className={styles.time}>{time(at)}</span> },
    {
      key: 'found', head: t('alarms.found'), phone: 'plain',
      cell: ({ failed, asked, expected, chance }) => (
        <>
          {t('alarms.figures', { failed: number(failed), asked: number(asked), expected: number(Math.round(expected * 10) / 10) })}
          <span className={styles.hint}>{t('alarms.chance', { number: number(rarity(chance)) })}</span>
        </>
      ),
    },
    {
      key: 'state', head: t('alarms.state'), phone: 'aside',
      cell: (alarm) => alarm.acknowledged_at === null
        ? <Chip tone="warn" icon="triangle">{t('alarms.open')}</Chip>
        : <Chip icon="check">{alarm.acknowledged_by === '' ? t('alarms.closedBySomebody') : t('alarms.closed', { name: alarm.acknowledged_by })}</Chip>,
    },
    {
      key: 'acts', head: t('alarms.acts'), isMute: true, isNumber: true, phone: 'plain',
      cell: (alarm) => (
        <span className={styles.buttons}>
          <Link to="/admin/lab" search={{ run: alarm.run, tab: 'answers', model: alarm.model, only: 'wrong' }} className={styles.link}>
            {t('alarms.look')}
          </Link>
          {alarm.acknowledged_at === null && <Button size="small" onClick={() => onKnow(alarm)}>{t('alarms.know')}</Button>}
        </span>
      ),
    },
  ];
  return <Table label={t('alarms.title')} columns={columns} rows={alarms} keyOf={({ id }) => id} />;
};

const MOST = 1_000_000;

/** A chance of 0.004 as “once in 250”. */
const rarity = (chance: number): number => (chance <= 1 / MOST ? MOST : Math.floor(1 / chance));
