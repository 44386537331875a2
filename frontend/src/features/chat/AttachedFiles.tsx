import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { Icon } from '@/components/ui/Icon';
import type { Attachment } from '@/lib/frames';

import { contentAddress } from './attachments';

import styles from './Attachments.module.css';

/** What came with a question. Everything comes from this server, which serves it inert. */
export const AttachedFiles = ({ files }: { files: readonly Attachment[] }) => {
  const { t } = useTranslation();
  return (
    <ul className={styles.attached} aria-label={t('files.label')}>
      {files.map((file) => (
        <li key={file.id}>{file.kind === 'image' ? <Picture file={file} /> : <File file={file} />}</li>
      ))}
    </ul>
  );
};

const File = ({ file }: { file: Attachment }) => {
  const { t } = useTranslation();
  return (
    <a className={styles.file} href={contentAddress(file.id)} target="_blank" rel="noopener noreferrer" aria-label={t('files.open', { name: file.name })}>
      <Icon name="file" size={15} /> <span>{file.name}</span>
    </a>
  );
};

/** Its height is reserved, so that nothing moves when it has come. */
const Picture = ({ file }: { file: Attachment }) => {
  const { t } = useTranslation();
  const [isGone, setGone] = useState(false);
  if (isGone) return <span className={styles.file}><Icon name="picture" size={15} /> {file.name}: {t('files.gone')}</span>;
  return (
    <a className={styles.picture} href={contentAddress(file.id)} target="_blank" rel="noopener noreferrer">
      <img src={contentAddress(file.id)} alt={t('files.picture', { name: file.name })} loading="lazy" decoding="async" onError={() => setGone(true)} />
    </a>
  );
};
