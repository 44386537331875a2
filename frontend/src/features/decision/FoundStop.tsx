import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';

import { Chip } from '@/components/ui/Chip';
import { en } from '@/locales/en';

import type { Decision } from './record';
import { Stop } from './Stop';

import styles from './DecisionDrawer.module.css';

const isKey = <Table extends object>(table: Table, name: string | null): name is Extract<keyof Table, string> =>
  name !== null && name in table;

/** What the question contains and asks for. */
export const FoundStop = ({ decision }: { decision: Decision }) => {
  const { t } = useTranslation();
  const { task, domain, words } = decision;
  const complexity = String(decision.complexity);
  return (
    <Stop title={t('why.found')}>
      <p className={styles.chips}>
        <Verdict decision={decision} t={t} />
        {isKey(en.tasks, task) && <Chip>{t(`tasks.${task}`)}</Chip>}
        {isKey(en.domains, domain) && domain !== 'general' && <Chip>{t(`domains.${domain}`)}</Chip>}
        {isKey(en.why.complexity, complexity) && <Chip>{t(`why.complexity.${complexity}`)}</Chip>}
        {words !== null && <Chip>{t('why.words', { count: words })}</Chip>}
      </p>
    </Stop>
  );
};

const Verdict = ({ decision, t }: { decision: Decision; t: TFunction }) => {
  if (decision.sensitivity === 'clean') return <Chip tone="ok" icon="check">{t('why.clean')}</Chip>;
  if (decision.sensitivity === 'unclassified') return <Chip tone="warn" icon="triangle">{t('why.unclassified')}</Chip>;
  const names = decision.entities.map((type) => t(`entities.${isKey(en.entities, type) ? type : 'OTHER'}`));
  return <Chip tone="sensitive" icon="shield">{t('why.sensitive', { list: [...new Set(names)].join(', ') })}</Chip>;
};
