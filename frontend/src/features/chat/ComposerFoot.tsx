import { useTranslation } from 'react-i18next';

import { MAX_TEXT_BYTES } from '@/lib/frames';

import { BudgetMeter } from './BudgetMeter';
import type { Writing } from './Composer';
import { Forecast } from './PrivacyHint';
import type { Checked } from './privacyMarks';

import styles from './Composer.module.css';

interface ComposerFootProps {
  isTooLong: boolean;
  checked: Checked | null;
  writing: Writing | null;
  files: { areReady: boolean; hasFailed: boolean; count: number; hasText: boolean };
}

/** One quiet line below the field: what would answer, or how far the answer is. */
export const ComposerFoot = ({ isTooLong, checked, writing, files }: ComposerFootProps) => {
  const { t, i18n } = useTranslation();
  return (
    <p className={styles.under}>
      {isTooLong && <span role="alert">{t('composer.tooLong', { limit: MAX_TEXT_BYTES.toLocaleString(i18n.language) })}</span>}
      {!files.areReady && <span>{t(files.hasFailed ? 'files.inTheWay' : 'files.waiting')}</span>}
      {files.areReady && files.count > 0 && !files.hasText && <span>{t('files.more')}</span>}
      {!isTooLong && (checked ? <Forecast frame={checked.frame} /> : <span>{t('beta')}</span>)}
      {checked?.frame.budget && <BudgetMeter budget={checked.frame.budget} />}
      {writing ? (
        <span className={`num ${styles.words}`}>{writing.words > 0 && t('composer.writing', { count: writing.words })}</span>
      ) : (
        <span className={styles.keys}>
          <kbd>{t('keys.enter')}</kbd> {t('composer.enter')} <kbd>{t('keys.shiftEnter')}</kbd> {t('composer.shiftEnter')}
        </span>
      )}
    </p>
  );
};
