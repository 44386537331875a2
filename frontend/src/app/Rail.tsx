import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

import type { Me } from '@/api/client';
import { Icon } from '@/components/ui/Icon';
import { Mark } from '@/components/ui/Mark';

import { AccountMenu } from './AccountMenu';

import styles from './Rail.module.css';

interface RailProps {
  me: Me;
  hasFrames: boolean;
  onFrames: () => void;
}

/** The areas of the product that there are. */
export const Rail = ({ me, hasFrames, onFrames }: RailProps) => {
  const { t } = useTranslation();
  return (
    <nav className={styles.rail} aria-label={t('main')}>
      <span className={styles.mark}><Mark /></span>
      <Link to="/" className={styles.item} aria-current="page">
        <Icon name="chat" size={20} />
        {t('chat')}
      </Link>
      <span className={styles.grow} />
      <button type="button" className={styles.item} aria-pressed={hasFrames} onClick={onFrames}>
        <Icon name="frames" size={20} />
        {t('frames.open')}
      </button>
      <AccountMenu me={me} side="beside" />
    </nav>
  );
};
