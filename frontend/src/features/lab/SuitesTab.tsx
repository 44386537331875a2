import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';

import { suitesQuery, type Suite } from '@/api/lab';
import { Chip } from '@/components/ui/Chip';
import { Loaded } from '@/components/ui/Loaded';
import { Table, type Column } from '@/components/ui/Table';

import { useFigures, useLab } from './useLab';

import styles from './Lab.module.css';

/** The suite that comes with the product, and those of the company. */
export const SuitesTab = () => {
  const { t } = useLab();
  const figures = useFigures();
  const query = useQuery(suitesQuery);
  const columns: Column<Suite>[] = [
    {
      key: 'name', head: t('suites.name'), phone: 'first',
      cell: (suite) => (
        <>
          <Link to="/admin/lab" search={{ suite: suite.slug }} className={styles.link}>{suite.shipped ? t('suites.general') : suite.name}</Link>
          <span className={styles.hint}><span className="mono">{suite.slug}</span></span>
        </>
      ),
    },
    { key: 'questions', head: t('suites.questions'), isNumber: true, cell: ({ questions }) => figures.number(questions) },
    { key: 'version', head: t('suites.version'), isNumber: true, cell: ({ version }) => figures.number(version) },
    {
      key: 'origin', head: t('suites.origin'), phone: 'aside',
      cell: ({ shipped }) => <Chip>{t(shipped ? 'suites.shipped' : 'suites.own')}</Chip>,
    },
    {
      key: 'at', head: t('suites.uploaded'), phone: 'plain',
      cell: ({ shipped, created_at: at }) => (shipped || at === null ? '' : <span className={styles.time}>{figures.time(at)}</span>),
    },
  ];
  return (
    <Loaded query={query}>
      {({ results }) => <Table label={t('tabs.suites')} columns={columns} rows={results} keyOf={({ slug }) => slug} />}
    </Loaded>
  );
};
