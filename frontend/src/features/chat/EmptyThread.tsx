import { useTranslation } from 'react-i18next';

import { Icon } from '@/components/ui/Icon';

import styles from './ChatView.module.css';

const STARTERS = ['shorten', 'explain', 'letter'] as const;

const partOfDay = (hour: number): 'morning' | 'day' | 'evening' =>
  hour < 12 ? 'morning' : hour < 18 ? 'day' : 'evening';

/** A greeting and three ways to begin. */
export const EmptyThread = ({ name, onStart }: { name: string; onStart: (text: string) => void }) => {
  const { t } = useTranslation();
  const first = name.split(' ')[0] ?? name;
  return (
    <section className={styles.empty}>
      <h2>{t(`empty.${partOfDay(new Date().getHours())}`, { name: first })}</h2>
      <p>{t('empty.hint')}</p>
      <ul>
        {STARTERS.map((starter) => (
          <li key={starter}>
            <button type="button" onClick={() => onStart(t(`empty.prompts.${starter}`))}>
              <Icon name="right" size={15} /> {t(`empty.starters.${starter}`)}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
};
