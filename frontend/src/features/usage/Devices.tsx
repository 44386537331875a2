import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { endSession, sessionsQuery, type Session } from '@/api/usage';
import { Button } from '@/components/ui/Button';
import { Chip } from '@/components/ui/Chip';
import { Failure } from '@/components/ui/Failure';
import { Loaded } from '@/components/ui/Loaded';
import { Table, type Column } from '@/components/ui/Table';
import { dayAndTime } from '@/lib/dates';
import { showToast } from '@/lib/toasts';

import { deviceOf } from './device';

import styles from './SettingsPage.module.css';

const UNKNOWN = 'Unknown device'; // the server's words where it recognises nothing

/** Where one is signed in, and a way to end each of it. */
export const Devices = () => {
  const { t, i18n } = useTranslation();
  const client = useQueryClient();
  const query = useQuery(sessionsQuery);
  const ending = useMutation({
    mutationFn: endSession,
    onSuccess: () => {
      showToast(t('settings.ended'));
      return client.invalidateQueries({ queryKey: sessionsQuery.queryKey });
    },
  });
  const named = ({ agent }: Session) => {
    const device = deviceOf(agent);
    if (device) return t('settings.device', device);
    return agent === UNKNOWN ? t('settings.unknownDevice') : agent;
  };
  const columns: Column<Session>[] = [
    {
      key: 'device', head: t('settings.deviceHead'), phone: 'first',
      cell: (session) => (
        <>
          <span className={styles.strong}>{named(session)}</span>
          <span className={styles.hint}>{t('settings.network', { network: session.network })}</span>
        </>
      ),
    },
    { key: 'seen', head: t('settings.lastSeen'), cell: (session) => dayAndTime(session.last_seen_at, i18n.language) },
    { key: 'since', head: t('settings.since'), cell: (session) => dayAndTime(session.created_at, i18n.language) },
    {
      key: 'end', head: t('settings.signOut'), isMute: true, phone: 'aside', isNumber: true,
      cell: (session) =>
        session.current ? (
          <Chip tone="ok" icon="check">{t('settings.thisDevice')}</Chip>
        ) : (
          <Button
            size="small"
            aria-label={t('settings.signOutOf', { device: named(session) })}
            onClick={() => ending.mutate(session.id)}
          >
            {t('settings.signOut')}
          </Button>
        ),
    },
  ];
  return (
    <>
      {ending.error && <Failure error={ending.error} />}
      <Loaded query={query}>
        {(sessions) => <Table label={t('settings.devices')} columns={columns} rows={sessions} keyOf={({ id }) => id} />}
      </Loaded>
    </>
  );
};
