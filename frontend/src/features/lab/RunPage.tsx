import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';

import { isGoing, runQuery, type RunDetail } from '@/api/lab';
import { AreaPage, Card } from '@/components/ui/AreaPage';
import { Button } from '@/components/ui/Button';
import { Loaded } from '@/components/ui/Loaded';
import { Tabs } from '@/components/ui/Tabs';

import { AnswersTab } from './AnswersTab';
import { GoOn } from './GoOn';
import { canGoOn, canStop } from './progress';
import { ResultsTab } from './ResultsTab';
import { RunProgress } from './RunProgress';
import { StateChip } from './StateChip';
import { StopRun } from './StopRun';
import { useFigures, useLab } from './useLab';

import styles from './Lab.module.css';

const TABS = ['results', 'answers'] as const;

/** One run: how far it is, what it says of each model, and every answer. It moves by itself while it goes on. */
export const RunPage = ({ id }: { id: string }) => {
  const { t } = useLab();
  const navigate = useNavigate();
  const { tab }: { tab?: string } = useSearch({ strict: false });
  const query = useQuery(runQuery(id));
  const [acting, setActing] = useState<'stop' | 'go on' | null>(null);
  const current = TABS.find((each) => each === tab) ?? 'results';
  const run = query.data?.run;
  return (
    <AreaPage
      title={t('run.title', { suite: run?.suite ?? '…' })}
      aside={(
        <>
          {run && <StateChip state={run.state} />}
          <Link to="/admin/lab" className={styles.link}>{t('run.back')}</Link>
        </>
      )}
      actions={run && (
        <>
          {canGoOn(run) && <Button onClick={() => setActing('go on')}>{t('run.goOn')}</Button>}
          {canStop(run) && <Button icon="stop" onClick={() => setActing('stop')}>{t('run.stop')}</Button>}
        </>
      )}
    >
      <Loaded query={query} lines={8}>
        {({ run: found, samples }) => (
          <>
            <RunProgress run={found} samples={samples} />
            <Tabs
              label={t('run.which')} current={current}
              onChoose={(next) => void navigate({ to: '/admin/lab', search: next === 'results' ? { run: id } : { run: id, tab: next }, replace: true })}
              tabs={TABS.map((key) => ({ key, label: t(`run.tabs.${key}`) }))}
            >
              {current === 'results' ? <><ResultsTab results={found.results} /><About run={found} /></> : <AnswersTab run={found} isLive={isGoing(found)} />}
            </Tabs>
          </>
        )}
      </Loaded>
      {acting === 'stop' && run && <StopRun run={run.id} onClose={() => setActing(null)} />}
      {acting === 'go on' && run && <GoOn run={run} onClose={() => setActing(null)} />}
    </AreaPage>
  );
};

const About = ({ run }: { run: RunDetail }) => {
  const { t } = useLab();
  const { number, money, time } = useFigures();
  const facts: [string, React.ReactNode][] = [
    [t('runs.suite'), <Link key="suite" to="/admin/lab" search={{ suite: run.suite }} className={styles.link}>{run.suite}, {t('run.version', { version: run.version })}</Link>],
    [t('run.models'), <span key="models" className="mono">{run.models.join(', ')}</span>],
    [t('run.judge'), run.judge === '' ? t('start.bestOther') : <span key="judge" className="mono">{run.judge}</span>],
    [t('run.budget'), money(run.budget_microusd)],
    [t('run.rate'), number(run.calls_per_minute)],
    [t('run.startedBy'), run.scheduled ? t('runs.canaries') : run.started_by || t('runs.somebody')],
    [t('runs.at'), time(run.created_at)],
    [t(run.state === 'paused' ? 'states.paused' : 'run.ended'), run.ended_at === null ? t('none') : time(run.ended_at)],
  ];
  return (
    <Card title={t('run.facts')}>
      <dl className={styles.facts}>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </Card>
  );
};
