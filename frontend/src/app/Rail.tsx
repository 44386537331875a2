import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

import type { Me } from '@/api/client';
import { may } from '@/api/me';
import { Icon } from '@/components/ui/Icon';
import { Mark } from '@/components/ui/Mark';

import { AccountMenu } from './AccountMenu';
import { areasOf } from './areas';
import { WaitingCount } from './WaitingCount';

import styles from './Rail.module.css';

interface RailProps {
  me: Me;
  hasFrames?: boolean;
  /** Without it there are no frames to be seen. */
  onFrames?: () => void;
}

/** The areas of the product that this person may enter; on phones a bar at the bottom. */
export const Rail = ({ me, hasFrames = false, onFrames }: RailProps) => {
  const { t } = useTranslation();
  const mayAsk = may(me, 'chat.ask');
  return (
    <nav className={styles.rail} aria-label={t('main')}>
      <span className={styles.mark}><Mark /></span>
      <div className={styles.areas}>
        {mayAsk && (
          // Inside a conversation one is in the chat too, so that its exactness is no matter of the path alone.
          <Link to="/" className={styles.item} activeOptions={{ exact: true }} aria-current={onFrames ? 'page' : undefined}>
            <Icon name="chat" size={20} />
            {t('chat')}
          </Link>
        )}
        {areasOf(me).filter(({ isInRail }) => isInRail).map(({ to, word, icon }) => (
          <Link key={to} to={to} className={styles.item}>
            <Icon name={icon} size={20} />
            {t(`area.rail.${word}`)}
            {word === 'exceptions' && <WaitingCount />}
          </Link>
        ))}
      </div>
      <span className={styles.grow} />
      {onFrames && (
        <button type="button" className={styles.item} aria-pressed={hasFrames} onClick={onFrames}>
          <Icon name="frames" size={20} />
          {t('frames.open')}
        </button>
      )}
      <AccountMenu me={me} side="beside" />
    </nav>
  );
};
