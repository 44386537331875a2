import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

import type { ModelProfile } from '@/api/models';
import { Icon } from '@/components/ui/Icon';
import { toneOf } from '@/components/ui/Sign';

import styles from './Models.module.css';

/** Where it runs, its name as a way to its page, what it can, and whether it has changed. */
export const ModelName = ({ profile, isChanged }: { profile: ModelProfile; isChanged: boolean }) => {
  const { t } = useTranslation('models');
  const { model, hosting, capabilities } = profile;
  return (
    <span className={styles.name}>
      <span className={`${styles.sign ?? ''} ${toneOf(hosting)}`}>
        <Icon name={hosting === 'self_hosted' ? 'house' : 'leaving'} size={16} />
        <span className="visually-hidden">{t(hosting === 'self_hosted' ? 'inside' : 'outside')}</span>
      </span>
      <span className={styles.nameWords}>
        <Link to="/admin/models/$model" params={{ model }} className="mono">{model}</Link>
        <span className={styles.can}>
          {capabilities.map((each) => t(`can.${each as 'tools'}`, { defaultValue: each })).join(', ') || t('cannot')}
        </span>
        {isChanged && <span className={`${styles.changedMark ?? ''} warn`}><Icon name="falling" size={15} />{t('changedMark')}</span>}
      </span>
    </span>
  );
};
