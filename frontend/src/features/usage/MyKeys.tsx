import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { Me } from '@/api/client';
import { isAlive, myKeysQuery, revokeKey, rotateKey, type Key, type NewKey } from '@/api/usage';
import { Card } from '@/components/ui/AreaPage';
import { Button } from '@/components/ui/Button';
import { Chip } from '@/components/ui/Chip';
import { Confirm } from '@/components/ui/Confirm';
import { Dialog } from '@/components/ui/Dialog';
import { Loaded } from '@/components/ui/Loaded';
import { Notice } from '@/components/ui/Notice';
import { Table, type Column } from '@/components/ui/Table';
import { day } from '@/lib/dates';
import { showToast } from '@/lib/toasts';
import { useCopy } from '@/lib/useCopy';

import { IssueKey } from './IssueKey';

import styles from './SettingsPage.module.css';

const OVERLAP_HOURS = 24;
type Open = { act: 'issue' } | { act: 'show'; key: NewKey } | { act: 'rotate' | 'revoke'; key: Key } | null;

/** One's own API keys. A value is shown once; what is lost is replaced, not read again. */
export const MyKeys = ({ me }: { me: Me }) => {
  const { t } = useTranslation();
  const client = useQueryClient();
  const query = useQuery(myKeysQuery);
  const [open, setOpen] = useState<Open>(null);
  const [now] = useState(() => Date.now());
  const refresh = () => client.invalidateQueries({ queryKey: ['keys'] });
  const close = () => setOpen(null);
  const made = (key: NewKey) => {
    setOpen({ act: 'show', key });
    void refresh();
  };
  const rotating = useMutation({ mutationFn: (key: Key) => rotateKey(key.id, OVERLAP_HOURS), onSuccess: made });
  const revoking = useMutation({
    mutationFn: (key: Key) => revokeKey(key.id),
    onSuccess: (_, key) => {
      showToast(t('settings.revoked', { name: key.name }));
      close();
      return refresh();
    },
  });
  const start = (next: Open) => {
    rotating.reset();
    revoking.reset();
    setOpen(next);
  };
  return (
    <Card title={t('settings.keys')} actions={<Button icon="plus" size="small" onClick={() => start({ act: 'issue' })}>{t('settings.issue')}</Button>}>
      <p>{t('settings.keysHint')}</p>
      <Loaded query={query}>
        {(keys) => keys.length === 0
          ? <p className={styles.hint}>{t('settings.noKeys')}</p>
          : <KeyTable keys={keys} now={now} me={me} onAct={(act, key) => start({ act, key })} />}
      </Loaded>
      {open?.act === 'issue' && (
        <Dialog title={t('settings.issue')} onClose={close}><IssueKey me={me} onMade={made} onCancel={close} /></Dialog>
      )}
      {open?.act === 'show' && <ShowValue issued={open.key} onClose={close} />}
      {open?.act === 'rotate' && (
        <Confirm
          title={t('settings.rotateTitle', { name: open.key.name })}
          act={t('settings.rotate')}
          isBusy={rotating.isPending}
          failure={rotating.error}
          onConfirm={() => rotating.mutate(open.key)}
          onClose={close}
        >
          {t('settings.rotateHint', { hours: OVERLAP_HOURS })}
        </Confirm>
      )}
      {open?.act === 'revoke' && (
        <Confirm
          title={t('settings.revokeTitle', { name: open.key.name })}
          act={t('settings.revoke')}
          isBusy={revoking.isPending}
          failure={revoking.error}
          onConfirm={() => revoking.mutate(open.key)}
          onClose={close}
        >
          {t('settings.revokeHint')}
        </Confirm>
      )}
    </Card>
  );
};

interface KeyTableProps {
  keys: readonly Key[];
  now: number;
  me: Me;
  onAct: (act: 'rotate' | 'revoke', key: Key) => void;
}

const KeyTable = ({ keys, now, me, onAct }: KeyTableProps) => {
  const { t, i18n } = useTranslation();
  const date = (at: string | null, none: string) => (at === null ? none : day(at, i18n.language));
  const columns: Column<Key>[] = [
    {
      key: 'name', head: t('settings.name'), phone: 'first',
      cell: (key) => (
        <>
          <span className={styles.strong}>{key.name}</span> <span className="mono">{key.prefix}…</span>
          <span className={styles.hint}>
            {[me.teams.find(({ id }) => id === key.team)?.name, ...key.scopes.map((scope) => t(`settings.scopes.${scope}`))].filter(Boolean).join(' · ')}
          </span>
        </>
      ),
    },
    { key: 'used', head: t('settings.lastUsed'), cell: (key) => date(key.last_used_at, t('settings.never')) },
    { key: 'expires', head: t('settings.expires'), cell: (key) => date(key.expires_at, t('settings.neverEnds')) },
    {
      key: 'acts', head: t('settings.acts'), isMute: true, isNumber: true, phone: 'aside',
      cell: (key) =>
        isAlive(key, now) ? (
          <div className={styles.buttons}>
            <Button size="small" aria-label={t('settings.rotateTitle', { name: key.name })} onClick={() => onAct('rotate', key)}>{t('settings.rotate')}</Button>
            <Button size="small" aria-label={t('settings.revokeTitle', { name: key.name })} onClick={() => onAct('revoke', key)}>{t('settings.revoke')}</Button>
          </div>
        ) : (
          <Chip icon="lock">{t(key.revoked_at === null ? 'settings.expired' : 'settings.isRevoked')}</Chip>
        ),
    },
  ];
  return <Table label={t('settings.keys')} columns={columns} rows={keys} keyOf={({ id }) => id} />;
};

const ShowValue = ({ issued, onClose }: { issued: NewKey; onClose: () => void }) => {
  const { t } = useTranslation();
  const [isCopied, copy] = useCopy();
  return (
    <Dialog
      title={t('settings.issued', { name: issued.name })}
      onClose={onClose}
      foot={<Button onClick={onClose}>{t('settings.stored')}</Button>}
    >
      <div className={styles.form}>
        <Notice tone="warn" icon="triangle" title={t('settings.once')}>{t('settings.onceHint')}</Notice>
        <code className={styles.value}>{issued.value}</code>
        <div>
          <Button kind="primary" icon={isCopied ? 'check' : 'copy'} data-autofocus onClick={() => copy(issued.value)}>
            {t(isCopied ? 'markdown.copied' : 'settings.copy')}
          </Button>
        </div>
      </div>
    </Dialog>
  );
};
