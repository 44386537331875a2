import { useTranslation } from 'react-i18next';

import type { Turn } from '@/api/client';
import { classNames } from '@/components/ui/classNames';
import { Icon } from '@/components/ui/Icon';
import { toneOf } from '@/components/ui/Sign';
import { Spoken } from '@/components/ui/Spoken';
import { money } from '@/lib/format';
import { switchesOf } from '@/lib/switches';

import type { Candidate, Decision } from './record';

import styles from './DecisionDrawer.module.css';

/** Who could answer, best first, and who could not, with the reason. */
export const Candidates = ({ decision, turn }: { decision: Decision; turn: Turn }) => {
  const { t } = useTranslation();
  const left = new Map(switchesOf(turn).map(({ from, at, said }) => [from, faultOf(said.code, at)] as const));
  return (
    <ul className={styles.candidates}>
      {decision.candidates.map((candidate) => (
        <Permitted
          key={candidate.model}
          candidate={candidate}
          isChosen={candidate.model === turn.model}
          fault={left.get(candidate.model) ?? null}
        />
      ))}
      {decision.rejected.map(({ model, reason }) => (
        <li key={model} className={classNames(styles.candidate, styles.rejected)}>
          <Icon name="lock" size={15} />
          <s className="mono">{model}</s>
          <span className={styles.verdict}>{t('why.notAllowed')}</span>
          <small><Spoken {...reason} /></small>
        </li>
      ))}
    </ul>
  );
};

const faultOf = (code: string, at: number) => code === 'switched_by_check' ? 'notUsed' : at > 0 ? 'brokeOff' : 'tried';

interface PermittedProps {
  candidate: Candidate;
  isChosen: boolean;
  /** How it gave way to another model. */
  fault: 'tried' | 'brokeOff' | 'notUsed' | null;
}

const Permitted = ({ candidate, isChosen, fault }: PermittedProps) => {
  const { t, i18n } = useTranslation();
  const { model, hosting, quality, estimateMicroUsd } = candidate;
  return (
    <li className={classNames(styles.candidate, toneOf(hosting), isChosen && styles.chosen)} aria-current={isChosen || undefined}>
      <Icon name={hosting === 'self_hosted' ? 'house' : 'leaving'} size={15} />
      <span className="mono">{isChosen ? <b>{model}</b> : model}</span>
      <span className="num">
        {estimateMicroUsd === null ? '' : estimateMicroUsd === 0 ? t('hint.free') : money(estimateMicroUsd, i18n.language)}
      </span>
      <small>
        {quality !== null && t('why.quality', { count: Math.round(quality * 100) })}
        {fault && ` · ${t(`why.${fault}`)}`}
      </small>
    </li>
  );
};
