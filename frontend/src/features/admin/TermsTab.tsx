import { useQueries } from '@tanstack/react-query';
import { useRef, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import { may, useMe } from '@/api/me';
import { policyQuery, presetsQuery, type Policy, type PolicyDocument } from '@/api/policy';
import { Card } from '@/components/ui/AreaPage';
import { Button } from '@/components/ui/Button';
import { Failure } from '@/components/ui/Failure';
import { FieldGroup, TextField } from '@/components/ui/Field';
import { FieldForm } from '@/components/ui/FieldForm';
import { Skeleton } from '@/components/ui/Skeleton';

import { ListChanges } from './ListChanges';
import { NewList } from './NewList';
import { Proposals } from './Proposals';
import { problemsOf, withEdits } from './terms';
import { TermsEditor } from './TermsEditor';
import { TermsTable } from './TermsTable';
import { useProposing } from './useProposing';
import { useTermsDraft } from './useTermsDraft';

import styles from './Admin.module.css';

/** The company's own terms, which stay inside. Nobody changes them alone. */
export const TermsTab = () => {
  const { t } = useTranslation();
  const [policy, presets] = useQueries({ queries: [policyQuery, presetsQuery] });
  const error = policy.error ?? presets.error;
  if (error) return <Failure error={error} />;
  if (!policy.data || !presets.data) return <Skeleton label={t('area.loading')} lines={8} />;
  return (
    <>
      <Proposals document={policy.data.document} presets={presets.data} />
      <Editor policy={policy.data} />
    </>
  );
};

const Editor = ({ policy: { document, version } }: { policy: Policy }) => {
  const { t } = useTranslation();
  const me = useMe();
  const mayChange = may(me, 'policies.write_privacy') || may(me, 'policies.write');
  const draft = useTermsDraft(document);
  const { rows, current } = draft;
  const [isNaming, setNaming] = useState(false);
  const split = useRef<HTMLDivElement>(null);
  const parts = rows.length > 0 && (
    <div ref={split} className={styles.lists} role="group" aria-label={t('privacy.terms.lists')} tabIndex={-1}>
      <TermsTable rows={rows} current={current} onPick={draft.choose} />
      {current !== null && (
        <TermsEditor
          key={current} name={current} inForce={draft.lists.get(current)} edit={draft.edits.get(current)} isReadOnly={!mayChange}
          problem={draft.problems?.get(current)} onEdit={(text) => {
            draft.edit(current, text);
            if (typeof text !== 'string') split.current?.focus(); // the button that did it is gone
          }}
        />
      )}
    </div>
  );
  const add = mayChange && <Button size="small" icon="plus" onClick={() => setNaming(true)}>{t('privacy.terms.newList')}</Button>;
  return (
    <Card title={t('privacy.terms.title')} actions={add}>
      <p className={styles.hint}>{t('privacy.terms.explain')} {t('privacy.rules.hint', { version })}</p>
      {rows.length === 0 && <p>{t('privacy.terms.none')}</p>}
      {mayChange ? <Proposing document={document} draft={draft}>{parts}</Proposing> : parts}
      {isNaming && (
        <NewList
          taken={rows.map(({ name }) => name)} onClose={() => setNaming(false)}
          onNamed={(name) => {
            draft.edit(name, '');
            draft.choose(name);
            setNaming(false);
          }}
        />
      )}
    </Card>
  );
};

const Proposing = ({ document, draft, children }: {
  document: PolicyDocument; draft: ReturnType<typeof useTermsDraft>; children: ReactNode;
}) => {
  const { t } = useTranslation();
  const [comment, setComment] = useState('');
  const { propose, isPending, failure } = useProposing(draft.refuse, () => {
    draft.clear();
    setComment('');
  });
  const submit = () => {
    const problems = problemsOf(draft.edits);
    const wanted = withEdits(document, draft.edits);
    draft.refuse(problems);
    if (problems.size === 0 && wanted !== document) propose({ wanted, comment: comment.trim() });
  };
  const isChanged = draft.changes.length > 0;
  return (
    <FieldForm submit={t('privacy.rules.propose')} isBusy={isPending} problems={draft.problems} failure={failure} onSubmit={submit}>
      {children}
      {isChanged && <FieldGroup label={t('privacy.terms.changes')}><ListChanges changes={draft.changes} /></FieldGroup>}
      <div className={styles.narrow}>
        <TextField
          label={t('privacy.rules.comment')} hint={t('privacy.rules.twoPeople')} maxLength={500} value={comment}
          onChange={({ target }) => setComment(target.value)}
        />
      </div>
      {!isChanged && <p className={styles.hint}>{t('privacy.rules.nothingChanged')}</p>}
    </FieldForm>
  );
};
