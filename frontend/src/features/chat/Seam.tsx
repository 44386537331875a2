import { useTranslation } from 'react-i18next';

import { Icon } from '@/components/ui/Icon';
import { spoken } from '@/lib/said';

import type { Segment } from './turnReducer';

import styles from './Answer.module.css';

/** Where one model's line meets another's, with one sentence that says why. */
export const Seam = ({ segment }: { segment: Segment }) => {
  const { t, i18n } = useTranslation();
  if (!segment.takesOverFrom) return null;
  const { model: from, reason, said, silent } = segment.takesOverFrom;
  const to = segment.model;
  const list = new Intl.ListFormat(i18n.language).format(silent ?? []);
  const way = segment.at > 0 ? 'midway' : 'before';
  const words = silent ? t(`seam.silent.${way}`, { from, to, list }) : spoken(said, reason) || t(`seam.${way}`, { from, to });
  return (
    <div className={styles.seam} role="separator" aria-label={t('seam.title')}>
      <span className={styles.junction}>
        <Icon name="swap" size={12} />
      </span>
      <p>
        {words}
      </p>
    </div>
  );
};
