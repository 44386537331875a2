import { useTranslation } from 'react-i18next';

import { Chip } from '@/components/ui/Chip';
import { Table, type Column } from '@/components/ui/Table';
import { count } from '@/lib/dates';

import type { ListRow } from './terms';

import styles from './Admin.module.css';

const TONES = { added: 'ok', removed: 'stop', changed: 'warn' } as const;
const ICONS = { added: 'plus', removed: 'trash', changed: 'pen' } as const;

/** The lists by name, how many terms each has, and what is to become of it. */
export const TermsTable = ({ rows, current, onPick }: {
  rows: readonly ListRow[]; current: string | null; onPick: (name: string) => void;
}) => {
  const { t, i18n } = useTranslation();
  const columns: Column<ListRow>[] = [
    {
      key: 'name', head: t('privacy.terms.list'), phone: 'first',
      cell: ({ name }) => (
        <button type="button" className={styles.pick} aria-current={name === current ? true : undefined} onClick={() => onPick(name)}>
          <span className={styles.found}>{name}</span>
        </button>
      ),
    },
    {
      key: 'kind', head: t('admin.state'), isMute: true, phone: 'aside',
      cell: ({ kind }) => kind && <Chip tone={TONES[kind]} icon={ICONS[kind]}>{t(`privacy.terms.kinds.${kind}`)}</Chip>,
    },
    { key: 'count', head: t('privacy.terms.many'), isNumber: true, cell: ({ many }) => count(many, i18n.language) },
  ];
  return <Table label={t('privacy.terms.lists')} columns={columns} rows={rows} keyOf={({ name }) => name} current={current} />;
};
