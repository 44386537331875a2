import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';

import type { Turn } from '@/api/client';
import { turnQuery } from '@/api/queries';
import { Button, IconButton } from '@/components/ui/Button';
import { Notice } from '@/components/ui/Notice';
import { Skeleton } from '@/components/ui/Skeleton';
import { Spoken } from '@/components/ui/Spoken';
import type { Said } from '@/lib/said';
import { firstModel, switchesOf } from '@/lib/switches';

import { Candidates } from './Candidates';
import { CostStop } from './CostStop';
import { FoundStop } from './FoundStop';
import { leadOf } from './lead';
import { decisionOf } from './record';
import { Stop } from './Stop';

import styles from './DecisionDrawer.module.css';

interface DecisionDrawerProps {
  turn: string;
  company: string;
  onClose: () => void;
}

/** Why this model: what was found, who could answer, why this one, what it cost. Escape closes; the focus comes back. */
export const DecisionDrawer = ({ turn, company, onClose }: DecisionDrawerProps) => {
  const { t } = useTranslation();
  const { data, status, refetch } = useQuery(turnQuery(turn));
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    const opener = document.activeElement;
    heading.current?.focus();
    return () => {
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
    };
  }, [turn]);

  return (
    <aside
      className={styles.drawer}
      aria-label={t('why.title')}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.stopPropagation();
        onClose();
      }}
    >
      <header className={styles.header}>
        <h2 ref={heading} tabIndex={-1}>{t('why.title')}</h2>
        <IconButton icon="close" label={t('close')} onClick={onClose} />
      </header>
      <div className={styles.scroll}>
        {status === 'pending' && <Skeleton label={t('why.loading')} lines={5} />}
        {status === 'error' && (
          <Notice
            tone="warn"
            icon="triangle"
            title={t('why.failed')}
            actions={<Button kind="link" onClick={() => void refetch()}>{t('answer.retry')}</Button>}
          />
        )}
        {data && <RecordView turn={data} company={company} />}
      </div>
    </aside>
  );
};

const RecordView = ({ turn, company }: { turn: Turn; company: string }) => {
  const { t } = useTranslation();
  const decision = decisionOf(turn);
  return (
    <>
      <p className={styles.lead}>{useLead(turn, company)}</p>
      <FoundStop decision={decision} />
      {(decision.candidates.length > 0 || decision.rejected.length > 0) && (
        <Stop title={t('why.candidates')}>
          <Candidates decision={decision} turn={turn} />
        </Stop>
      )}
      <Stop title={turn.model ? t('why.reasons', { model: firstModel(turn) }) : t('why.refusal')} isHere>
        {[...decision.reasons, decision.refusal].filter((reason) => reason !== null).map((reason) => (
          <p key={reason.text}><Spoken {...reason} /></p>
        ))}
        {turn.strategy && decision.policyVersion !== null && (
          <p>{t('why.strategy', { strategy: turn.strategy, version: decision.policyVersion })}</p>
        )}
      </Stop>
      <Switches turn={turn} />
      <CostStop turn={turn} largestMicroUsd={decision.largestMicroUsd} />
      <details className={styles.record}>
        <summary>{t('why.record')}</summary>
        <pre tabIndex={0}>{JSON.stringify(turn, null, 2)}</pre>
      </details>
      <p className={styles.turn}><span className="mono">{t('why.turn', { id: turn.id })}</span></p>
    </>
  );
};

/** How a vote went, which models took over from the first, and why. */
const Switches = ({ turn }: { turn: Turn }) => {
  const { t } = useTranslation();
  const switches = switchesOf(turn);
  if (switches.length === 0 && !turn.vote) return null;
  return (
    <Stop title={t('why.then')}>
      {turn.vote && <p><Spoken text={turn.vote.reason} said={turn.vote.said as Said | null} /></p>}
      {switches.map(({ from, to, at, said }, place) => (
        <p key={place}><Spoken text={t(at > 0 ? 'seam.midway' : 'seam.before', { from, to })} said={said} /></p>
      ))}
    </Stop>
  );
};

/** Who answered and where the text went: every model that was asked counts, not just the last. */
const useLead = (turn: Turn, company: string): string => {
  const { t, i18n } = useTranslation();
  if (!turn.model) return turn.state === 'open' ? t('why.deciding') : t('why.lead.none');
  if (turn.state === 'refused') return t('why.lead.none');
  const isOpen = turn.state === 'open';
  if (isOpen || switchesOf(turn).length === 0) {
    const where = turn.hosting === 'self_hosted' ? 'inside' : 'outside';
    return t(`why.lead.${where}${isOpen ? 'Now' : ''}`, { model: turn.model, company });
  }
  const { wrote, outside } = leadOf(turn);
  const list = (names: readonly string[]) => new Intl.ListFormat(i18n.language).format(names);
  const who = wrote.length > 1 ? t('why.lead.several', { list: list(wrote) }) : t('why.lead.one', { model: wrote[0] ?? '' });
  const where = outside.length ? t('why.lead.asked', { list: list(outside), count: outside.length }) : t('why.lead.stayed', { company });
  return `${wrote.length ? who : t('why.lead.unfinished')} ${where}`;
};
