import type { ReactNode } from 'react';

import { classNames } from './classNames';
import { Icon, type IconName } from './Icon';

import styles from './Chip.module.css';

export type Tone = 'inside' | 'outside' | 'sensitive' | 'warn' | 'stop' | 'ok' | 'neutral';

/** A small fact. Without an icon it is a plain one. */
export const Chip = ({ tone = 'neutral', icon, children }: { tone?: Tone; icon?: IconName; children: ReactNode }) => (
  <span className={classNames(styles.chip, !icon && styles.plain, tone)}>
    {icon && <Icon name={icon} size={15} />}
    {children}
  </span>
);
