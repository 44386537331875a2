import { useTranslation } from 'react-i18next';

import { Icon } from '@/components/ui/Icon';
import { classNames } from '@/components/ui/classNames';
import { money } from '@/lib/format';
import type { BudgetLeft } from '@/lib/frames';

import { budgetState } from './budget';

import styles from './Composer.module.css';

const TONES = { calm: undefined, nearly: 'warn', over: 'stop' } as const;
/** Where the sum is not told, `low` says that less than a tenth is left. */
const LOW = 0.9;

/** How much of the tightest limit is used: a bar, and from 80 per cent on a sentence. */
export const BudgetMeter = ({ budget }: { budget: BudgetLeft }) => {
  const { t, i18n } = useTranslation();
  const language = i18n.language;
  const { state, used } = budgetState(budget);
  // A team of few people: nothing is told while there is enough.
  if (state === 'calm' && used === null) return null;
  const share = used ?? LOW;
  const percent = `${used === null ? '> ' : ''}${new Intl.NumberFormat(language, { style: 'percent' }).format(share)}`;
  const date = budget.ends_at === null ? null : new Date(budget.ends_at).toLocaleDateString(language === 'en' ? 'en-GB' : language, { day: 'numeric', month: 'long' });
  const words = {
    calm: t('meter.used', { percent }),
    nearly: date === null ? t('meter.nearly', { percent }) : t('meter.nearlyUntil', { percent, date }),
    over: date === null ? t('meter.over') : t('meter.overUntil', { date }),
  }[state];
  const limit = money(budget.limit_microusd, language);
  const left = budget.left_microusd === null
    ? undefined
    : t('meter.left', { left: money(Math.max(0, budget.left_microusd), language), limit });
  return (
    <span className={classNames(styles.meter, TONES[state])} title={left}>
      {state !== 'calm' && <Icon name={state === 'over' ? 'octagon' : 'triangle'} size={15} />}
      <span
        role="meter"
        aria-label={t('meter.label')}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(share * 100)}
        aria-valuetext={left === undefined ? words : `${words}. ${left}`}
        className={styles.gauge}
      >
        <span style={{ width: `${Math.round(share * 100)}%` }} />
      </span>
      {state !== 'calm' && <span>{words}</span>}
    </span>
  );
};
