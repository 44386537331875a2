import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { askForException, exceptionOfQuery, withdrawException, type Exception } from '@/api/exceptions';
import { Button } from '@/components/ui/Button';
import { Dialog } from '@/components/ui/Dialog';
import { Failure } from '@/components/ui/Failure';
import { TextAreaField } from '@/components/ui/Field';
import { FieldForm } from '@/components/ui/FieldForm';
import { Loaded } from '@/components/ui/Loaded';
import { showToast } from '@/lib/toasts';

import { ExceptionState } from './ExceptionState';

import styles from './Question.module.css';

const LONGEST = 500;

/** A question was taken for private: ask compliance about it, see what became of that, take it back. */
export const ExceptionDialog = ({ message, onClose }: { message: string; onClose: () => void }) => {
  const { t } = useTranslation();
  const query = useQuery(exceptionOfQuery(message));
  const [isAgain, setAgain] = useState(false);
  return (
    <Dialog title={t('exceptions.title')} onClose={onClose}>
      <Loaded query={query} lines={4}>
        {(exception) => exception === null || isAgain
          ? <Asking message={message} onClose={onClose} />
          : <Asked exception={exception} onAgain={() => setAgain(true)} onClose={onClose} />}
      </Loaded>
    </Dialog>
  );
};

const Asking = ({ message, onClose }: { message: string; onClose: () => void }) => {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [reason, setReason] = useState('');
  const [problems, setProblems] = useState<{ reason: string } | null>(null);
  const asking = useMutation({
    mutationFn: () => askForException(message, reason.trim()),
    onSuccess: (exception) => {
      client.setQueryData(exceptionOfQuery(message).queryKey, exception);
      showToast(t('exceptions.asked'));
      onClose();
    },
  });
  const submit = () => {
    const isEmpty = reason.trim() === '';
    setProblems(isEmpty ? { reason: t('exceptions.whyMissing') } : null);
    if (!isEmpty) asking.mutate();
  };
  return (
    <FieldForm
      submit={t('exceptions.send')} isBusy={asking.isPending} problems={problems} failure={asking.error}
      onSubmit={submit} onCancel={onClose}
    >
      <p>{t('exceptions.explain')}</p>
      <p>{t('exceptions.seen')}</p>
      <TextAreaField
        label={t('exceptions.why')} hint={t('exceptions.whyHint')} error={problems?.reason} maxLength={LONGEST} value={reason}
        data-autofocus onChange={({ target }) => setReason(target.value)}
      />
    </FieldForm>
  );
};

const Asked = ({ exception, onAgain, onClose }: { exception: Exception; onAgain: () => void; onClose: () => void }) => {
  const { t } = useTranslation();
  const client = useQueryClient();
  const withdrawing = useMutation({
    mutationFn: () => withdrawException(exception.message),
    onSuccess: (next) => {
      client.setQueryData(exceptionOfQuery(exception.message).queryKey, next);
      showToast(t('exceptions.withdrawn'));
      onClose();
    },
  });
  const isOpen = exception.state === 'waiting' || exception.state === 'granted';
  return (
    <div className={styles.asked}>
      <ExceptionState exception={exception} />
      {withdrawing.error && <Failure error={withdrawing.error} />}
      <p>
        {isOpen
          ? <Button aria-disabled={withdrawing.isPending} onClick={() => withdrawing.mutate()}>{t('exceptions.withdraw')}</Button>
          : <Button onClick={onAgain}>{t('exceptions.again')}</Button>}
      </p>
    </div>
  );
};
