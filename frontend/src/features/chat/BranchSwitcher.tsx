import { useTranslation } from 'react-i18next';

import { IconButton } from '@/components/ui/Button';

import type { Siblings } from './thread';

import styles from './Answer.module.css';

/** "2 of 3": other answers to the same question stay reachable. */
export const BranchSwitcher = ({ siblings, onChoose }: { siblings: Siblings; onChoose: (id: string) => void }) => {
  const { t } = useTranslation();
  const { ids, index } = siblings;
  if (ids.length < 2) return null;
  const previous = ids[index - 1];
  const next = ids[index + 1];
  return (
    <span className={styles.switcher}>
      <IconButton
        icon="left"
        label={t('answer.previous')}
        disabled={previous === undefined}
        onClick={() => previous !== undefined && onChoose(previous)}
      />
      <span aria-hidden="true" className="num">{`${index + 1}/${ids.length}`}</span>
      <span className="visually-hidden">{t('answer.versions', { index: index + 1, count: ids.length })}</span>
      <IconButton
        icon="right"
        label={t('answer.next')}
        disabled={next === undefined}
        onClick={() => next !== undefined && onChoose(next)}
      />
    </span>
  );
};
