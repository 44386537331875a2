import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import { ApiError } from '@/api/client';
import type { Policy } from '@/api/policy';
import type { Strategy } from '@/api/routing';
import { Card } from '@/components/ui/AreaPage';
import { Button } from '@/components/ui/Button';
import { CheckField, TextField } from '@/components/ui/Field';
import { FieldForm } from '@/components/ui/FieldForm';
import { Notice } from '@/components/ui/Notice';

import { COMPANY, strategyOf, type Problems, type Routing } from './routing';
import { dialWords, RoutingFields, strategyName } from './RoutingFields';
import { RoutingPreview } from './RoutingPreview';
import { usePreview, useRoutingDraft } from './useRouting';

import styles from './Routing.module.css';

interface RoutingEditorProps {
  policy: Policy;
  /** A slug; empty: the company. */
  team: string;
  strategies: readonly Strategy[];
  models: readonly string[];
  /** Names of teams with a routing of their own. */
  withOwn: readonly string[];
  /** The choice for whom. */
  children: ReactNode;
}

/** What is set, and beside it what a change would have meant in the last 30 days. */
export const RoutingEditor = ({ policy, team, strategies, models, withOwn, children }: RoutingEditorProps) => {
  const { t, i18n } = useTranslation();
  const draft = useRoutingDraft(policy, team);
  const [comment, setComment] = useState('');
  const { edited, effective, isChanged, problems, saving } = draft;
  const takes = strategies.find(({ name }) => name === effective.strategy);
  const isWhole = !takes?.takes_model || effective.model !== '';
  const preview = usePreview(isWhole ? { team, strategy: strategyOf(effective), dial: effective.dial } : null);
  const set = (routing: Routing) => draft.change({ ...edited, routing });
  const submit = () => {
    if (!isChanged) return;
    const missing: Problems = {
      ...(isWhole ? {} : { model: t('routing.modelMissing') }),
      ...(comment.trim() === '' ? { comment: t('routing.commentMissing') } : {}),
    };
    const isComplete = Object.keys(missing).length === 0;
    draft.setProblems(isComplete ? null : missing);
    if (isComplete) saving.mutate(comment.trim(), { onSuccess: () => setComment('') });
  };
  const discard = () => {
    draft.discard();
    saving.reset();
    setComment('');
  };
  const isConflict = saving.error instanceof ApiError && saving.error.status === 409;
  return (
    <div className={styles.split}>
      <Card title={t('routing.title')}>
        <p className={styles.hint}>{t('routing.hint')}</p>
        <FieldForm
          submit={t('routing.save')} isBusy={saving.isPending} problems={problems} onSubmit={submit}
          failure={isConflict ? null : saving.error} also={isChanged && <Button kind="quiet" onClick={discard}>{t('routing.discard')}</Button>}
        >
          {children}
          {team !== COMPANY && (
            <CheckField
              label={t('routing.asCompany')} checked={!edited.isOwn}
              hint={edited.isOwn ? t('routing.ownHint') : t('routing.asCompanyHint', { routing: told(draft.company) })}
              onChange={({ target }) => draft.change({ isOwn: !target.checked, routing: edited.isOwn ? edited.routing : draft.company })}
            />
          )}
          {edited.isOwn && (
            <RoutingFields
              routing={edited.routing} before={draft.before.routing} strategies={strategies} models={models} problems={problems}
              onChange={set}
            />
          )}
          {draft.isOvertaken && (
            <Notice tone="warn" icon="people" role="alert" title={t('routing.moved')}>
              {t('routing.movedHint', { version: policy.version })}
            </Notice>
          )}
          {isChanged
            ? (
              <>
                {preview.words && <p className={styles.words}>{preview.words}</p>}
                <TextField
                  label={t('routing.comment')} hint={t('routing.commentHint')} maxLength={500} value={comment} error={problems?.comment}
                  onChange={({ target }) => setComment(target.value)}
                />
              </>
            )
            : <p className={styles.hint}>{t('routing.nothingChanged')}</p>}
        </FieldForm>
      </Card>
      <RoutingPreview {...preview} withOwn={team === COMPANY ? withOwn : []} />
    </div>
  );

  function told(routing: Routing): string {
    const name = strategyName(routing.strategy, t);
    const model = routing.model === '' ? [] : [routing.model];
    const hasDial = strategies.find((each) => each.name === routing.strategy)?.takes_dial;
    return [name, ...model, ...(hasDial ? [dialWords(routing.dial, t, i18n.language)] : [])].join(', ');
  }
};
