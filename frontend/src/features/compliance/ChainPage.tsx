import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { chainQuery, verifyChain, type Chain, type Verification } from '@/api/audit';
import { may, useMe } from '@/api/me';
import { AreaPage, Card } from '@/components/ui/AreaPage';
import { Button } from '@/components/ui/Button';
import { Failure } from '@/components/ui/Failure';
import { Figure, Figures } from '@/components/ui/Figure';
import { Loaded } from '@/components/ui/Loaded';
import { Notice } from '@/components/ui/Notice';
import { Table, type Column } from '@/components/ui/Table';
import { announce, interrupt } from '@/lib/announcer';
import { count, dayAndTime } from '@/lib/dates';

import { ChainNotice } from './ChainNotice';
import { entryOf } from './words';

import styles from './Compliance.module.css';

/** Where the chain stands, and a way to have it checked from end to end now. */
export const ChainPage = () => {
  const { t, i18n } = useTranslation();
  const me = useMe();
  const client = useQueryClient();
  const query = useQuery(chainQuery);
  const verifying = useMutation({
    mutationFn: verifyChain,
    onMutate: () => announce(t('compliance.verifying', { number: count(query.data?.entries ?? 0, i18n.language) })),
    onSuccess: (report) => {
      if (report.intact) announce(t('compliance.intact', { count: report.entries, number: count(report.entries, i18n.language) }));
      else interrupt(t('compliance.broken'));
      return client.invalidateQueries({ queryKey: ['audit'] });
    },
  });
  const action = may(me, 'audit.export') && (
    <Button kind="primary" icon="seal" aria-disabled={verifying.isPending} onClick={() => !verifying.isPending && verifying.mutate()}>
      {t('compliance.verify')}
    </Button>
  );
  return (
    <AreaPage title={t('area.titles.chain')} aside={t('admin.timesOf', { zone: me.tenant.timezone })} actions={action}>
      {verifying.isPending ? <Verifying entries={query.data?.entries ?? 0} /> : <ChainNotice />}
      {verifying.error && <Failure error={verifying.error} />}
      {verifying.data && <Report report={verifying.data} />}
      <Loaded query={query}>{(chain) => <State chain={chain} />}</Loaded>
    </AreaPage>
  );
};

const ENTRIES_A_SECOND = 80_000;
const TICK_MS = 200;
const MOST = 0.98; // the rest is for the answer itself

/** The server says nothing while it verifies, so the bar goes by what it usually does in a second, and says so. */
const Verifying = ({ entries }: { entries: number }) => {
  const { t, i18n } = useTranslation();
  const [gone, setGone] = useState(0);
  useEffect(() => {
    const started = Date.now();
    const timer = setInterval(() => setGone(Date.now() - started), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  const seconds = Math.max(1, Math.ceil(entries / ENTRIES_A_SECOND));
  const share = Math.min(MOST, gone / 1000 / seconds);
  const quarter = Math.floor(share * 4) * 25;
  useEffect(() => {
    if (quarter > 0) announce(t('compliance.quarter', { percent: quarter }));
  }, [quarter, t]);
  return (
    <Notice tone="neutral" icon="clock" title={t('compliance.verifying', { number: count(entries, i18n.language) })}>
      {t('compliance.usually', { count: seconds })}
      <progress className={styles.progress} max={1} value={share} aria-label={t('compliance.verifyingShort')} />
    </Notice>
  );
};

type Problem = Verification['problems'][number];

const Report = ({ report }: { report: Verification }) => {
  const { t, i18n } = useTranslation();
  const number = count(report.entries, i18n.language);
  if (report.intact) {
    return <p>{t('compliance.intact', { count: report.entries, number })} {t('compliance.checkpoints', { count: report.checkpoints })}</p>;
  }
  const columns: Column<Problem>[] = [
    {
      key: 'where', head: t('compliance.where'), phone: 'first',
      cell: ({ where }) => {
        const entry = entryOf(where);
        return entry === null ? where : t('compliance.entry', { number: count(entry, i18n.language) });
      },
    },
    { key: 'code', head: t('compliance.kind'), phone: 'aside', cell: ({ code }) => t(`compliance.problems.${code as 'gap'}`, { defaultValue: code }) },
    { key: 'detail', head: t('compliance.detail'), phone: 'plain', cell: ({ detail }) => <span lang="en">{detail}</span> },
  ];
  const rows = report.problems.map((problem, at) => ({ ...problem, at }));
  return <Table label={t('compliance.found')} columns={columns} rows={rows} keyOf={(row) => `${row.where} ${row.code} ${row.detail}`} />;
};

const State = ({ chain }: { chain: Chain }) => {
  const { t, i18n } = useTranslation();
  const me = useMe();
  const when = (at: string | null) => (at === null ? t('settings.never') : dayAndTime(at, i18n.language, me.tenant.timezone));
  return (
    <>
      <Figures label={t('compliance.standing')}>
        <Figure name={t('compliance.entries')} value={count(chain.entries, i18n.language)} />
        <Figure name={t('compliance.lastCheckpoint')} value={chain.checkpoint_seq === 0 ? '–' : count(chain.checkpoint_seq, i18n.language)}>
          {when(chain.checkpoint_at)}
        </Figure>
        <Figure name={t('compliance.lastVerification')} value={t(chain.intact === null ? 'settings.never' : chain.intact ? 'compliance.ok' : 'compliance.notOk')}>
          {chain.verified_at && when(chain.verified_at)}
        </Figure>
      </Figures>
      <Card title={t('compliance.outside')}>
        <p>{t('compliance.outsideHint')}</p>
        <dl className={styles.facts}>
          <div><dt>{t('compliance.head')}</dt><dd><code className={styles.hash}>{chain.hash}</code></dd></div>
          <div><dt>{t('compliance.keyId')}</dt><dd><code className={styles.hash}>{chain.key_id}</code></dd></div>
          <div><dt>{t('compliance.publicKey')}</dt><dd><code className={styles.hash}>{chain.public_key}</code></dd></div>
        </dl>
      </Card>
    </>
  );
};
