import type { ComponentProps } from 'react';

import { classNames } from './classNames';
import { Icon, type IconName } from './Icon';

import styles from './Button.module.css';

export type ButtonKind = 'second' | 'primary' | 'go' | 'quiet' | 'link';

interface ButtonProps extends ComponentProps<'button'> {
  kind?: ButtonKind;
  size?: 'normal' | 'small';
  icon?: IconName;
}

export const Button = ({ kind = 'second', size = 'normal', icon, className, children, ...rest }: ButtonProps) => (
  <button type="button" {...rest} className={classNames(styles.button, styles[kind], styles[size], className)}>
    {icon && <Icon name={icon} size={15} />}
    {children}
  </button>
);

interface IconButtonProps extends Omit<ComponentProps<'button'>, 'children'> {
  icon: IconName;
  label: string;
}

/** A button whose word is heard and shown as a tooltip. */
export const IconButton = ({ icon, label, className, ...rest }: IconButtonProps) => (
  <button type="button" aria-label={label} title={label} {...rest} className={classNames(styles.icon, className)}>
    <Icon name={icon} />
  </button>
);
