import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { ApiError, api, body, type Conversation } from '@/api/client';
import { placeConversation, knownConversation } from '@/api/conversations';
import { readersQuery, sharesQuery, type Share } from '@/api/sharing';
import { Button, IconButton } from '@/components/ui/Button';
import { Combobox, type Option } from '@/components/ui/Combobox';
import { Dialog } from '@/components/ui/Dialog';
import { Icon } from '@/components/ui/Icon';
import { Notice } from '@/components/ui/Notice';
import { Skeleton } from '@/components/ui/Skeleton';
import { useDebounced } from '@/lib/useDebounced';

import styles from './ShareDialog.module.css';

interface ShareDialogProps {
  row: Conversation;
  company: string;
  onClose: () => void;
}

/** Who may read a conversation: what they will see, who they are, one more, one less. */
export const ShareDialog = ({ row, company, onClose }: ShareDialogProps) => {
  const { t } = useTranslation();
  const what = useId();
  const sharing = useSharing(row);
  const title = row.title || t('conversations.untitled');
  return (
    <Dialog
      title={t('share.title', { title })}
      onClose={onClose}
      foot={<Button kind="primary" onClick={onClose}>{t('share.done')}</Button>}
    >
      <div className={styles.parts}>
        <p id={what} className={styles.what}>{t('share.what')}</p>
        {row.sensitivity !== 'clean' && (
          <Notice tone="sensitive" icon="shield" title={t(row.sensitivity === 'unclassified' ? 'share.unchecked' : 'share.private')}>
            {t('share.privateHint', { company })}
          </Notice>
        )}
        <Adding row={row} shares={sharing.shares ?? []} describedBy={what} onAdd={sharing.add} />
        <p role="status" className={sharing.told ? styles.told : 'visually-hidden'}>{sharing.told}</p>
        {sharing.failure && <Notice tone="warn" icon="triangle" role="alert" title={sharing.failure} />}
        <Readers {...sharing} />
      </div>
    </Dialog>
  );
};

const nameOf = ({ user, team }: Share): string => user?.name ?? team?.name ?? '';

interface Sharing {
  shares: readonly Share[] | undefined;
  status: 'pending' | 'error' | 'success';
  /** What was done last. */
  told: string;
  /** Why it was not done. */
  failure: string;
  add: (who: { user: number } | { team: number }) => void;
  remove: (share: Share) => void;
}

const useSharing = (row: Conversation): Sharing => {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { data: shares, status } = useQuery(sharesQuery(row.id));
  const [told, setTold] = useState('');
  const [failure, setFailure] = useState('');
  const path = { conversation: row.id };

  const settled = (change: (known: Share[]) => Share[], text: string) => {
    const after = change(client.getQueryData(sharesQuery(row.id).queryKey) ?? []);
    client.setQueryData(sharesQuery(row.id).queryKey, after);
    const known = knownConversation(client, row.id);
    if (known) placeConversation(client, { ...known, shared: after.length > 0 });
    setFailure('');
    setTold(text);
  };
  const failed = (what: string) => (error: Error) => {
    setTold('');
    setFailure(`${what} ${error instanceof ApiError ? error.message : t('connection.lost')}`);
  };
  const add = useMutation({
    mutationFn: (who: { user: number } | { team: number }) =>
      body(api.POST('/api/v1/conversations/{conversation}/shares/', { params: { path }, body: who })),
    onSuccess: (share) =>
      settled((known) => [...known.filter(({ id }) => id !== share.id), share], t('share.added', { name: nameOf(share) })),
    onError: failed(t('share.notAdded')),
  });
  const remove = useMutation({
    mutationFn: (share: Share) =>
      api.DELETE('/api/v1/conversations/{conversation}/shares/{share}/', { params: { path: { ...path, share: share.id } } }),
    onSuccess: (_, share) =>
      settled((known) => known.filter(({ id }) => id !== share.id), t('share.removed', { name: nameOf(share) })),
    onError: failed(t('share.notRemoved')),
  });
  return { shares, status, told, failure, add: add.mutate, remove: remove.mutate };
};

interface Reader extends Option {
  who: { user: number } | { team: number };
}

interface AddingProps {
  row: Conversation;
  shares: readonly Share[];
  describedBy: string;
  onAdd: Sharing['add'];
}

const PATIENCE_MS = 200;
const LEAST = 2;

/** A colleague or a team by a part of the name. Who reads already is not offered again. */
const Adding = ({ row, shares, describedBy, onAdd }: AddingProps) => {
  const { t } = useTranslation();
  const [text, setText] = useState('');
  const [settled] = useDebounced(text.trim(), PATIENCE_MS);
  const { data, isFetching } = useQuery(readersQuery(row.id, settled));
  const has = (kind: 'user' | 'team', id: number) => shares.some((share) => share[kind]?.id === id);
  const options: Reader[] = [
    ...(data?.people ?? []).filter(({ id }) => !has('user', id)).map(({ id, name, email }) => ({
      id: `user-${id}`, label: name, hint: email, who: { user: id },
    })),
    ...(data?.teams ?? []).filter(({ id }) => !has('team', id)).map(({ id, name }) => ({
      id: `team-${id}`, label: name, hint: t('share.team'), icon: 'people' as const, who: { team: id },
    })),
  ];
  const none = [...settled].length < LEAST ? t('share.type') : t('share.nobody');
  const status = options.length > 0 ? t('share.found', { count: options.length }) : isFetching ? t('share.searching') : none;
  return (
    <section>
      <h3 className={styles.heading}>{t('share.add')}</h3>
      <Combobox
        label={t('share.add')}
        placeholder={t('share.placeholder')}
        describedBy={describedBy}
        isFocused
        value={text}
        onValue={setText}
        options={options}
        status={status}
        onPick={({ who }) => {
          setText('');
          onAdd(who);
        }}
      />
    </section>
  );
};

const Readers = ({ shares, status, remove }: Sharing) => {
  const { t } = useTranslation();
  const id = useId();
  return (
    <section aria-labelledby={id}>
      <h3 id={id} className={styles.heading}>{t('share.readers')}</h3>
      {status === 'pending' && <Skeleton label={t('share.loading')} lines={2} />}
      {status === 'error' && <Notice tone="warn" icon="triangle" title={t('share.failed')} />}
      {shares?.length === 0 && <p className={styles.what}>{t('share.onlyYou')}</p>}
      <ul role="list" className={styles.readers} tabIndex={-1}>
        {shares?.map((share) => (
          <li key={share.id}>
            <Icon name={share.team ? 'people' : 'check'} size={16} />
            <span className={styles.name}>
              {nameOf(share)}
              <span className={styles.hint}>{share.user ? share.user.email : t('share.team')}</span>
            </span>
            <IconButton
              icon="close"
              label={t('share.remove', { name: nameOf(share) })}
              onClick={(event) => {
                // The button goes with its line; the focus stays at the list.
                event.currentTarget.closest('ul')?.focus();
                remove(share);
              }}
            />
          </li>
        ))}
      </ul>
    </section>
  );
};
