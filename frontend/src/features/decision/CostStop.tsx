import { useTranslation } from 'react-i18next';

import type { Turn } from '@/api/client';
import { exactMoney, money } from '@/lib/format';

import { Stop } from './Stop';

import styles from './DecisionDrawer.module.css';

/** What was set aside before anything was sent, and what was used of it. */
export const CostStop = ({ turn, largestMicroUsd }: { turn: Turn; largestMicroUsd: number | null }) => {
  const { t } = useTranslation();
  const isOpen = turn.state === 'open';
  return (
    <Stop title={t('why.cost')}>
      <dl className={styles.sums}>
        <Sum label={t('why.setAside')} microUsd={turn.reserved_micro_usd} />
        <Sum label={isOpen ? t('why.usedSoFar') : t('why.used')} microUsd={turn.cost_micro_usd} isMain />
        {largestMicroUsd !== null && <Sum label={t('why.largest')} microUsd={largestMicroUsd} />}
      </dl>
      {turn.estimated && <p>{t('why.estimated')}</p>}
      {turn.attempts.length > 1 && <Attempts turn={turn} />}
    </Stop>
  );
};

const Sum = ({ label, microUsd, isMain = false }: { label: string; microUsd: number | null; isMain?: boolean }) => {
  const { t, i18n } = useTranslation();
  const amount = microUsd === null ? t('why.open') : microUsd === 0 ? t('hint.free') : money(microUsd, i18n.language);
  return (
    <>
      <dt>{label}</dt>
      <dd className="num" title={microUsd === null ? undefined : exactMoney(microUsd, i18n.language)}>{isMain ? <b>{amount}</b> : amount}</dd>
    </>
  );
};

const Attempts = ({ turn }: { turn: Turn }) => {
  const { t } = useTranslation();
  const wordOf = (state: string) => t(`why.attempt.${state === 'sent' || state === 'answered' ? state : 'failed'}`);
  return (
    <>
      <h4>{t('why.attempts')}</h4>
      <ol className={styles.attempts}>
        {turn.attempts.map(({ number, model, state }) => (
          <li key={number}>
            <span className="mono">{model}</span> {wordOf(state)}
          </li>
        ))}
      </ol>
    </>
  );
};
