import { useTranslation } from 'react-i18next';

import { count } from '@/lib/dates';

import type { ListChange } from './terms';

import styles from './Admin.module.css';

/** What happens to lists, in a sentence each, and every term of it to read for whoever decides. */
export const ListChanges = ({ changes }: { changes: readonly ListChange[] }) => {
  const { t } = useTranslation();
  return changes.map((change) => change.added.length + change.removed.length === 0 ? (
    <p key={change.name} className={styles.listChange}><Sentence change={change} /></p>
  ) : (
    <details key={change.name} className={styles.listChange}>
      <summary><Sentence change={change} /> <span className={styles.reveal}>{t('privacy.terms.show')}</span></summary>
      {change.added.length > 0 && <Terms title={t('privacy.terms.come')} terms={change.added} />}
      {change.removed.length > 0 && <Terms title={t('privacy.terms.go')} terms={change.removed} />}
    </details>
  ));
};

const Sentence = ({ change: { name, kind, added, removed } }: { change: ListChange }) => {
  const { t, i18n } = useTranslation();
  const many = (what: 'terms' | 'more' | 'fewer', terms: readonly string[]) =>
    t(`privacy.terms.${what}`, { count: terms.length, number: count(terms.length, i18n.language) });
  if (kind === 'added') return t('privacy.terms.listComes', { name, terms: many('terms', added) });
  if (kind === 'removed') return t('privacy.terms.listGoes', { name, terms: many('terms', removed) });
  const both = [added.length > 0 && many('more', added), removed.length > 0 && many('fewer', removed)].filter(Boolean);
  return t('privacy.terms.listChanges', { name, what: both.join(', ') });
};

const Terms = ({ title, terms }: { title: string; terms: readonly string[] }) => (
  <div role="group" aria-label={title}>
    <p className={styles.hint} aria-hidden="true">{title}</p>
    <p className={styles.sample} tabIndex={0}>{terms.join('\n')}</p>
  </div>
);
