import { useTranslation } from 'react-i18next';

import { Button, IconButton } from '@/components/ui/Button';
import { Icon } from '@/components/ui/Icon';

import { MAX_FILE_BYTES } from './attachments';
import type { Upload } from './uploads';

import styles from './Attachments.module.css';

interface AttachmentTrayProps {
  uploads: readonly Upload[];
  onRemove: (key: string) => void;
  onRetry: (key: string) => void;
}

/** The files of the question that is being written: how far they are, what went wrong, and how to be rid of them. */
export const AttachmentTray = ({ uploads, onRemove, onRetry }: AttachmentTrayProps) => {
  const { t } = useTranslation();
  if (uploads.length === 0) return null;
  return (
    <ul className={styles.tray} aria-label={t('files.label')}>
      {uploads.map((upload) => (
        <li key={upload.key} className={styles.upload} data-state={upload.state}>
          <Icon name={upload.state === 'failed' ? 'triangle' : upload.isPicture ? 'picture' : 'file'} size={15} />
          <span className={styles.words}>
            <span className={styles.name}>{upload.name}</span>
            <State upload={upload} />
          </span>
          {upload.state === 'failed' && !upload.isLasting && (
            <Button kind="link" onClick={() => onRetry(upload.key)}>{t('files.again')}</Button>
          )}
          <IconButton icon="close" label={t('files.remove', { name: upload.name })} onClick={() => onRemove(upload.key)} />
        </li>
      ))}
    </ul>
  );
};

const State = ({ upload }: { upload: Upload }) => {
  const { t, i18n } = useTranslation();
  const { state, progress, name, problem } = upload;
  if (state === 'failed') {
    const limit = new Intl.NumberFormat(i18n.language, { style: 'unit', unit: 'megabyte' }).format(MAX_FILE_BYTES / 1e6);
    const words = typeof problem === 'string' ? problem || t('files.failed') : t('files.tooLarge', { name, limit });
    return <small role="alert">{words}</small>;
  }
  if (state === 'ready') return upload.isShortened ? <small>{t('files.shortened')}</small> : null;
  const percent = new Intl.NumberFormat(i18n.language, { style: 'percent' }).format(progress);
  return (
    <>
      <progress max={1} value={progress} aria-label={t('files.sending', { name, percent })} />
      {progress >= 1 && <small>{t('files.reading')}</small>}
    </>
  );
};
