import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { Button } from '@/components/ui/Button';
import { Dialog } from '@/components/ui/Dialog';

import styles from './ShareDialog.module.css';

interface RenameDialogProps {
  title: string;
  onClose: () => void;
  onSave: (title: string) => void;
}

/** A new title, where there is no row to write it into. */
export const RenameDialog = ({ title, onClose, onSave }: RenameDialogProps) => {
  const { t } = useTranslation();
  const form = useId();
  const [text, setText] = useState(title);
  return (
    <Dialog
      title={t('list.rename')}
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>{t('ui.cancel')}</Button>
          <Button kind="primary" type="submit" form={form} disabled={text.trim() === ''}>{t('ui.save')}</Button>
        </>
      }
    >
      <form
        id={form}
        onSubmit={(event) => {
          event.preventDefault();
          onSave(text);
        }}
      >
        <label className={styles.label}>
          {t('list.renameLabel')}
          <input className={styles.input} data-autofocus maxLength={200} value={text} onChange={(event) => setText(event.target.value)} />
        </label>
      </form>
    </Dialog>
  );
};
