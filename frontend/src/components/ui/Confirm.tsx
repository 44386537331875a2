import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import { Button } from './Button';
import { Dialog } from './Dialog';
import { Failure } from './Failure';

import styles from './Confirm.module.css';

interface ConfirmProps {
  title: string;
  /** What the button does, in its own words. */
  act: string;
  isBusy: boolean;
  failure?: Error | null;
  onConfirm: () => void;
  onClose: () => void;
  /** What will be different afterwards. */
  children: ReactNode;
}

/** Asks before something is done that cannot simply be undone, and says what follows from it. */
export const Confirm = ({ title, act, isBusy, failure = null, onConfirm, onClose, children }: ConfirmProps) => {
  const { t } = useTranslation();
  return (
    <Dialog
      title={title}
      onClose={onClose}
      foot={
        <>
          <Button kind="quiet" data-autofocus onClick={onClose}>{t('area.cancel')}</Button>
          <Button kind="primary" aria-disabled={isBusy} onClick={() => !isBusy && onConfirm()}>{isBusy ? t('area.saving') : act}</Button>
        </>
      }
    >
      <div className={styles.words}>
        <p>{children}</p>
        {failure && <Failure error={failure} />}
      </div>
    </Dialog>
  );
};
