import type { ReactNode } from 'react';

import { classNames } from './classNames';
import type { Tone } from './Chip';
import { Icon, type IconName } from './Icon';

import styles from './Notice.module.css';

interface NoticeProps {
  tone: Tone;
  icon: IconName;
  title: string;
  role?: 'status' | 'alert' | undefined;
  /** What can be done about it. */
  actions?: ReactNode;
  /** What is more than words, below them. */
  more?: ReactNode;
  children?: ReactNode;
}

/** What was wrong, what happened to the text, and the next step. */
export const Notice = ({ tone, icon, title, role, actions, more, children }: NoticeProps) => (
  <div className={classNames(styles.notice, tone)} role={role}>
    <Icon name={icon} />
    <div className={styles.words}>
      <p>
        <b>{title}</b> {children}
      </p>
      {more}
      {actions && <div className={styles.actions}>{actions}</div>}
    </div>
  </div>
);
