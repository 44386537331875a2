import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { grantException, openQuestion, refuseException, type Exception, type ExceptionQuestion } from '@/api/exceptions';
import { useMe } from '@/api/me';
import { Button } from '@/components/ui/Button';
import { Dialog } from '@/components/ui/Dialog';
import { SelectField, TextAreaField } from '@/components/ui/Field';
import { FieldForm } from '@/components/ui/FieldForm';
import { Loaded } from '@/components/ui/Loaded';
import { Notice } from '@/components/ui/Notice';
import { showToast } from '@/lib/toasts';

import { kindsOf } from './kinds';

import styles from './Compliance.module.css';

const LONGEST = 500;
const DAYS = [1, 7, 30, 90] as const;

/** The question, once it is opened here, and what an officer may decide about it. */
export const DecisionDialog = ({ exception, onClose }: { exception: Exception; onClose: () => void }) => {
  const { t, i18n } = useTranslation();
  const me = useMe();
  const name = exception.asked_by.name === '' ? t('exceptions.somebody') : exception.asked_by.name;
  const isOwn = exception.asked_by.id === me.id;
  // Reading it is an act on record: once for each opening, and never again by itself.
  const question = useQuery({
    queryKey: ['exception-question', exception.id], queryFn: () => openQuestion(exception.id),
    enabled: !isOwn, retry: false, staleTime: Infinity, gcTime: 0, refetchOnReconnect: false, refetchOnWindowFocus: false,
  });
  return (
    <Dialog title={t('exceptions.readTitle', { name })} onClose={onClose} isWide>
      {isOwn
        ? <Notice tone="warn" icon="people" title={t('exceptions.own')} />
        : (
          <Loaded query={question} lines={5}>
            {(content) => (
              <div className={styles.decision}>
                <Content content={content} />
                <p className={styles.hint}>{exception.types.length > 0
                  ? t('exceptions.found', { kinds: kindsOf(exception.types, t, i18n.language) })
                  : t('exceptions.foundNothing')} {t('exceptions.onRecord', { name })}</p>
                <p>{name}: {exception.asked_because}</p>
                <Decide exception={exception} name={name} onClose={onClose} />
              </div>
            )}
          </Loaded>
        )}
    </Dialog>
  );
};

const Content = ({ content: { text, files } }: { content: ExceptionQuestion }) => {
  const { t } = useTranslation();
  return (
    <>
      <p className={styles.content} tabIndex={0}>{text}</p>
      {files.map((file, at) => (
        <details key={at}>
          <summary>{t('exceptions.file', { number: at + 1 })}</summary>
          <p className={styles.content} tabIndex={0}>{file}</p>
        </details>
      ))}
    </>
  );
};

const Decide = ({ exception, name, onClose }: { exception: Exception; name: string; onClose: () => void }) => {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [reason, setReason] = useState('');
  const [days, setDays] = useState<number>(30);
  const [problems, setProblems] = useState<{ reason: string } | null>(null);
  const deciding = useMutation({
    mutationFn: (isGranted: boolean) => isGranted
      ? grantException(exception.id, { reason: reason.trim(), days })
      : refuseException(exception.id, reason.trim()),
    onSuccess: (_, isGranted) => {
      showToast(t(isGranted ? 'exceptions.granted' : 'exceptions.refused'));
      onClose();
    },
    onSettled: () => client.invalidateQueries({ queryKey: ['exceptions'] }),
  });
  const decide = (isGranted: boolean) => {
    const isEmpty = reason.trim() === '';
    setProblems(isEmpty ? { reason: t('exceptions.yourWhyMissing') } : null);
    if (!isEmpty && !deciding.isPending) deciding.mutate(isGranted);
  };
  return (
    <FieldForm
      submit={t('exceptions.grant')} isBusy={deciding.isPending} problems={problems} failure={deciding.error}
      onSubmit={() => decide(true)}
      also={<Button icon="shield" onClick={() => decide(false)}>{t('exceptions.refuse')}</Button>}
    >
      <TextAreaField
        label={t('exceptions.yourWhy')} hint={t('exceptions.yourWhyHint', { name })} error={problems?.reason} maxLength={LONGEST}
        value={reason} onChange={({ target }) => setReason(target.value)}
      />
      <SelectField label={t('exceptions.days')} hint={t('exceptions.longer')} value={days} onChange={({ target }) => setDays(Number(target.value))}>
        {DAYS.map((each) => <option key={each} value={each}>{t('exceptions.day', { count: each })}</option>)}
      </SelectField>
    </FieldForm>
  );
};
