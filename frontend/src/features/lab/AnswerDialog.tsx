import { useTranslation } from 'react-i18next';

import type { LabAnswer } from '@/api/lab';
import { Markdown } from '@/components/markdown/Markdown';
import { Chip } from '@/components/ui/Chip';
import { Dialog } from '@/components/ui/Dialog';
import { saidOf, spoken } from '@/lib/said';

import { outcomeOf } from './answers';
import { Asked } from './Question';
import { OutcomeChip } from './StateChip';
import { useFigures, useLab } from './useLab';

import styles from './Lab.module.css';

/** One answer: what was asked, what came, what was expected, and why it counts as it does. */
export const AnswerDialog = ({ answer, onClose }: { answer: LabAnswer; onClose: () => void }) => {
  const { t } = useLab();
  const { t: words } = useTranslation();
  const why = useWhy(answer);
  return (
    <Dialog title={t('answers.openOf', { model: answer.model, question: answer.question })} onClose={onClose} isWide>
      <div className={styles.detail}>
        <div className={styles.chips}>
          <OutcomeChip answer={answer} />
          {answer.sensitivity === 'sensitive' && <Chip tone="sensitive" icon="shield">{words('question.private')}</Chip>}
        </div>
        {why && <p><b>{t('answers.why')}:</b> {why}</p>}
        <section>
          <h3>{t('answers.answer')}</h3>
          {answer.text === ''
            ? <p className={styles.hint}>{t('answers.noText')}</p>
            : <div className={styles.text} tabIndex={0}><Markdown text={answer.text} /></div>}
          {answer.finish === 'length' && <p className={styles.hint}>{t('answers.cutOff')}</p>}
        </section>
        <Asked question={answer} />
        {answer.verdicts.length > 0 && <Verdicts verdicts={answer.verdicts} />}
        <Measured answer={answer} />
      </div>
    </Dialog>
  );
};

/** Why an answer is not right, as far as that is known. */
const useWhy = (answer: LabAnswer): string => {
  const { t } = useLab();
  if (answer.reason) return spoken(saidOf(answer.reason.said), answer.reason.detail);
  const outcome = outcomeOf(answer);
  if (outcome === 'wrong') return t(`answers.because.${answer.check}`);
  return outcome === 'partly' && answer.check === 'judge' ? t('answers.half') : '';
};

const Verdicts = ({ verdicts }: { verdicts: LabAnswer['verdicts'] }) => {
  const { t } = useLab();
  return (
    <section>
      <h3>{t('answers.verdicts')}</h3>
      {verdicts.map(({ role, judge, text }) => (
        <details key={role}>
          <summary>{t(`answers.${role}`, { judge })}</summary>
          <p className={styles.text} tabIndex={0}>{text || t('answers.noText')}</p>
        </details>
      ))}
    </section>
  );
};

const Measured = ({ answer }: { answer: LabAnswer }) => {
  const { t } = useLab();
  const { hundredth, money, number, duration, time } = useFigures();
  const facts: [string, string][] = [
    ...(answer.value === null ? [] : [[t('answers.quality'), t('answers.inHundred', { number: hundredth(answer.value) })] satisfies [string, string]]),
    [t('answers.cost'), money(answer.cost_microusd)],
    [t('answers.firstWord'), duration(answer.first_token_ms)],
    [t('results.whole'), duration(answer.duration_ms)],
    [t('answers.tries'), number(answer.tries)],
    ...(answer.asked_at === null ? [] : [[t('answers.askedAt'), time(answer.asked_at)] satisfies [string, string]]),
  ];
  return (
    <dl className={styles.facts}>
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
};
