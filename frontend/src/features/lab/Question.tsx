import { useTranslation } from 'react-i18next';

import type { SuiteQuestion } from '@/api/lab';
import { classNames } from '@/components/ui/classNames';

import { expectedOf } from './answers';
import { useLab } from './useLab';

import styles from './Lab.module.css';

interface AskedProps {
  question: Pick<SuiteQuestion, 'prompt' | 'task' | 'domain' | 'check' | 'expected'>;
}

/** A question, how an answer to it is checked, and what with. */
export const Asked = ({ question: { prompt, task, domain, check, expected } }: AskedProps) => {
  const { t } = useLab();
  const { t: words } = useTranslation();
  return (
    <>
      <section>
        <h3>{t('answers.asked')}</h3>
        <p className={styles.text} tabIndex={0}>{prompt}</p>
        <p className={styles.hint}>{words(`tasks.${task as 'coding'}`)} · {words(`domains.${domain as 'legal'}`)}</p>
      </section>
      <section>
        <h3>{t('answers.expected')}</h3>
        <p>{t(`answers.ways.${check}`)}</p>
        <dl className={styles.facts}>
          {expectedOf(expected).map(({ part, text, isCode }) => (
            <div key={part}>
              <dt>{t(`answers.parts.${part}`)}</dt>
              <dd className={classNames(styles.expected, isCode && 'mono')}>{text}</dd>
            </div>
          ))}
        </dl>
      </section>
    </>
  );
};
