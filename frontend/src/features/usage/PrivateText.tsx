import { useTranslation } from 'react-i18next';

import type { OwnUsage } from '@/api/usage';
import { Bar } from '@/components/ui/Bar';
import { Chip } from '@/components/ui/Chip';
import { count } from '@/lib/dates';

import { questionsOf } from './days';

import styles from './UsagePage.module.css';

/** In how many questions something private was found, what it was, and what became of it. */
export const PrivateText = ({ usage, questions, company }: { usage: OwnUsage; questions: number; company: string }) => {
  const { t, i18n } = useTranslation();
  const { inside, outside, nowhere } = usage.private;
  const found = questionsOf(usage.private);
  if (found === 0) return <p>{t('usage.nothingPrivate')}</p>;
  const most = Math.max(1, ...usage.found.map((each) => each.questions));
  return (
    <>
      <p>{t('usage.private', { count: found, all: count(questions, i18n.language) })}</p>
      <ul className={styles.places}>
        <li><Chip tone="inside" icon="house">{t('usage.stayed', { company, count: inside })}</Chip></li>
        <li><Chip tone="sensitive" icon="mask">{t('usage.masked', { count: outside })}</Chip></li>
        <li><Chip icon="lock">{t('usage.unsent', { count: nowhere })}</Chip></li>
      </ul>
      {usage.found.length > 0 && (
        <ul className={styles.found} aria-label={t('usage.foundTypes')}>
          {usage.found.map(({ type, questions: times }) => (
            <li key={type}>
              <span>{t(`entities.${type as 'OTHER'}`, { defaultValue: t('entities.OTHER') })}</span>
              <Bar share={times / most} />
              <span className="num">{count(times, i18n.language)}</span>
            </li>
          ))}
        </ul>
      )}
    </>
  );
};
