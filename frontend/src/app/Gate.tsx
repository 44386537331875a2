import { useQuery } from '@tanstack/react-query';
import { Outlet } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { meQuery } from '@/api/queries';
import { Button } from '@/components/ui/Button';
import { Notice } from '@/components/ui/Notice';
import { ChatProvider } from '@/features/chat/ChatProvider';
import { SocketContext } from '@/lib/connections';
import { followAccountLanguage } from '@/lib/i18n';
import { rememberCompany } from '@/lib/signIn';
import { ChatSocket } from '@/lib/socket';

import { Everywhere } from './Everywhere';

import styles from './Page.module.css';

const SOCKET = `${window.location.origin.replace(/^http/, 'ws')}/ws/v1/chat`;

/** Who is here? Then the socket is opened, and everything behind knows the person. */
export const Gate = () => {
  const { t } = useTranslation();
  const { data: me, status, refetch } = useQuery(meQuery);
  const [socket] = useState(() => new ChatSocket(SOCKET));

  useEffect(() => {
    if (!me) return;
    rememberCompany(me.tenant.slug);
    void followAccountLanguage(me.locale);
    return socket.start();
  }, [me, socket]);

  if (status === 'error') {
    return (
      <main className={styles.page}>
        <Notice
          tone="warn"
          icon="noNetwork"
          title={t('connection.lost')}
          role="alert"
          actions={<Button kind="link" onClick={() => void refetch()}>{t('answer.retry')}</Button>}
        />
      </main>
    );
  }
  if (!me) return null;
  return (
    <SocketContext value={socket}>
      <ChatProvider>
        <Outlet />
        <Everywhere me={me} />
      </ChatProvider>
    </SocketContext>
  );
};
