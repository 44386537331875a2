import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';

import { Button } from '@/components/ui/Button';
import { classNames } from '@/components/ui/classNames';
import { Icon } from '@/components/ui/Icon';
import { useConnection, useSocket } from '@/lib/connections';
import { CLOSED } from '@/lib/frames';
import { leaveToSignIn } from '@/lib/signIn';

import { useLoss } from './useLoss';

import styles from './ConnectionBanner.module.css';

/** Honest about the connection: that there is none, when the next try is, and that nothing was lost. */
export const ConnectionBanner = () => {
  const { t } = useTranslation();
  const connection = useConnection();
  const { state, now } = useLoss(connection);

  useEffect(() => {
    if (connection.state === 'ended' && connection.code !== CLOSED.notAllowed) leaveToSignIn();
  }, [connection]);

  return (
    <div role="status">
      {state === 'lost' && <Lost retryAt={connection.state === 'waiting' ? connection.retryAt : null} now={now} />}
      {state === 'back' && (
        <p className={classNames(styles.banner, 'ok')}>
          <Icon name="check" size={16} /> <b>{t('connection.back')}</b> {t('connection.backHint')}
        </p>
      )}
      {connection.state === 'ended' && connection.code === CLOSED.notAllowed && (
        <p className={classNames(styles.banner, 'stop')}>
          <Icon name="lock" size={16} /> {t('connection.notAllowed')}
        </p>
      )}
    </div>
  );
};

const Lost = ({ retryAt, now }: { retryAt: number | null; now: number }) => {
  const { t } = useTranslation();
  const socket = useSocket();
  const left = retryAt === null ? 0 : Math.max(1, Math.ceil((retryAt - now) / 1000));
  return (
    <p className={classNames(styles.banner, 'neutral')}>
      <Icon name="noNetwork" size={16} /> <b>{t('connection.lost')}</b>
      <span className={styles.hint}>{t('connection.lostHint')} {t('list.offline')}</span>
      <span aria-hidden="true" className="num">
        {retryAt === null ? t('connection.trying') : t('connection.next', { count: left })}
      </span>
      <Button kind="link" onClick={socket.retryNow}>{t('connection.now')}</Button>
    </p>
  );
};
