import { useEffect, useId, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { Button } from '@/components/ui/Button';
import { en } from '@/locales/chat';

import { reasonOf, type Verdict } from './ratings';

import styles from './Rating.module.css';

const CODES = {
  up: Object.keys(en.rate.praise) as (keyof typeof en.rate.praise)[],
  down: Object.keys(en.rate.reasons) as (keyof typeof en.rate.reasons)[],
};
const LONGEST = 800;

interface RatingReasonProps {
  verdict: Verdict;
  /** The reason; null: none was given. */
  onDone: (reason: string | null) => void;
}

/** Why: some reasons to choose from, and a line for one's own words. Escape leaves it; the focus goes back. */
export const RatingReason = ({ verdict, onDone }: RatingReasonProps) => {
  const { t } = useTranslation();
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [words, setWords] = useState('');
  const form = useRef<HTMLFormElement>(null);
  const id = useId();
  useEffect(() => {
    const opener = document.activeElement;
    form.current?.querySelector('button')?.focus();
    return () => {
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
    };
  }, [verdict]);
  const toggle = (code: string) =>
    setChosen(chosen.includes(code) ? chosen.filter((other) => other !== code) : [...chosen, code]);

  return (
    <form
      ref={form}
      className={styles.form}
      aria-labelledby={id}
      onSubmit={(event) => {
        event.preventDefault();
        onDone(reasonOf(chosen, words) || null);
      }}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.stopPropagation();
        onDone(null);
      }}
    >
      <p id={id}><b>{verdict === 'up' ? t('rate.whyUp') : t('rate.why')}</b></p>
      <p className={styles.chips}>
        {verdict === 'up'
          ? CODES.up.map((code) => (
              <Choice key={code} isOn={chosen.includes(code)} onToggle={() => toggle(code)} word={t(`rate.praise.${code}`)} />
            ))
          : CODES.down.map((code) => (
              <Choice key={code} isOn={chosen.includes(code)} onToggle={() => toggle(code)} word={t(`rate.reasons.${code}`)} />
            ))}
      </p>
      <label>
        {t('rate.more')}
        <input type="text" value={words} maxLength={LONGEST} onChange={(event) => setWords(event.target.value)} />
      </label>
      <p className={styles.hint}>{t('rate.hint')}</p>
      <p className={styles.actions}>
        <Button type="submit" kind="primary" size="small">{t('rate.send')}</Button>
        <Button kind="quiet" size="small" onClick={() => onDone(null)}>{t('rate.skip')}</Button>
      </p>
    </form>
  );
};

const Choice = ({ word, isOn, onToggle }: { word: string; isOn: boolean; onToggle: () => void }) => (
  <button type="button" className={styles.choice} aria-pressed={isOn} onClick={onToggle}>{word}</button>
);
