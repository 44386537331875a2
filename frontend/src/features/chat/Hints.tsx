import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { Button } from '@/components/ui/Button';

import { offersOf, type Offer } from './changes';
import { Offers } from './Offers';
import { PrivacyHint, type Enclosed } from './PrivacyHint';
import type { Checked } from './privacyMarks';

import styles from './Composer.module.css';

interface HintsProps {
  draft: string;
  checked: Checked | null;
  enclosed: Enclosed;
  company: string;
  onDraft: (text: string) => void;
}

/** What was found in the text, what would change where it goes, and the way to take it out and back in. */
export const Hints = ({ draft, checked, enclosed, company, onDraft }: HintsProps) => {
  const { t } = useTranslation();
  const [change, setChange] = useState<{ before: string; after: string } | null>(null);
  const [kept, setKept] = useState('');
  const kinds = [...new Set(checked?.frame.spans.map(({ type }) => type))].sort().join(' ');
  const offers = checked ? offersOf(checked.frame) : [];
  const isKept = kinds !== '' && kept === kinds;
  const apply = (offer: Offer) => {
    if (checked?.text !== draft) return;
    const after = offer.apply(draft, t);
    setChange({ before: draft, after });
    onDraft(after);
  };
  return (
    <>
      {checked && <PrivacyHint frame={checked.frame} enclosed={enclosed} company={company} />}
      {offers.length > 0 && (isKept
        ? <p className={styles.hint}>{t('change.kept')}</p>
        : <Offers offers={offers} isInside={checked?.frame.route?.hosting === 'self_hosted'} onApply={apply} onKeep={() => setKept(kinds)} />)}
      {change?.after === draft && (
        <p className={styles.hint}>
          {t('hint.replaced')}{' '}
          <Button kind="link" onClick={() => onDraft(change.before)}>{t('hint.undo')}</Button>
        </p>
      )}
    </>
  );
};
