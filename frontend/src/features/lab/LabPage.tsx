import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { useMe } from '@/api/me';
import { AreaPage } from '@/components/ui/AreaPage';
import { Button } from '@/components/ui/Button';
import { Tabs } from '@/components/ui/Tabs';

import { NewRun } from './NewRun';
import { RunPage } from './RunPage';
import { RunsTab } from './RunsTab';
import { ScheduleTab } from './ScheduleTab';
import { SuitePage } from './SuitePage';
import { SuitesTab } from './SuitesTab';
import { Upload } from './Upload';
import { useLab } from './useLab';

const TABS = ['runs', 'suites', 'schedule'] as const;

/** Suites of questions, runs over them, and the schedule of canaries; one run or one suite, where the address names it. */
export const LabPage = () => {
  const { run, suite }: { run?: string; suite?: string } = useSearch({ strict: false });
  if (run !== undefined) return <RunPage key={run} id={run} />;
  if (suite !== undefined) return <SuitePage key={suite} slug={suite} />;
  return <Overview />;
};

const Overview = () => {
  const { t } = useLab();
  const { t: words } = useTranslation();
  const me = useMe();
  const navigate = useNavigate();
  const { tab, page }: { tab?: string; page?: string } = useSearch({ strict: false });
  const [making, setMaking] = useState<'run' | 'suite' | null>(null);
  const current = TABS.find((each) => each === tab) ?? 'runs';
  const close = () => setMaking(null);
  const actions = {
    runs: <Button kind="primary" icon="plus" onClick={() => setMaking('run')}>{t('runs.start')}</Button>,
    suites: <Button kind="primary" icon="plus" onClick={() => setMaking('suite')}>{t('suites.upload')}</Button>,
    schedule: null,
  };
  return (
    <AreaPage title={words('area.titles.lab')} aside={words('admin.timesOf', { zone: me.tenant.timezone })} actions={actions[current]}>
      <Tabs
        label={t('which')} current={current}
        onChoose={(next) => void navigate({ to: '/admin/lab', search: next === 'runs' ? {} : { tab: next }, replace: true })}
        tabs={TABS.map((key) => ({ key, label: t(`tabs.${key}`) }))}
      >
        {current === 'runs' && <RunsTab page={page} onStart={() => setMaking('run')} />}
        {current === 'suites' && <SuitesTab />}
        {current === 'schedule' && <ScheduleTab />}
      </Tabs>
      {making === 'run' && <NewRun onClose={close} />}
      {making === 'suite' && <Upload suite={null} onClose={close} />}
    </AreaPage>
  );
};
