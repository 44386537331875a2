import { useEffect, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import type { Conversation } from '@/api/client';
import { Chip } from '@/components/ui/Chip';

import { namesOf } from './entities';

import styles from './ChatView.module.css';

interface ChatHeaderProps {
  navigation: ReactNode;
  tools: ReactNode;
  details: Conversation | null;
  isMissing: boolean;
}

export const ChatHeader = ({ navigation, tools, details, isMissing }: ChatHeaderProps) => {
  const { t, i18n } = useTranslation();
  const named = details?.title === '' ? undefined : details?.title;
  const title = isMissing ? t('thread.missing') : (named ?? t('conversations.untitled'));
  useEffect(() => {
    document.title = `${title} · ${t('openroute')}`;
  }, [title, t]);
  return (
    <header className={styles.header}>
      {navigation}
      <h1>{title}</h1>
      {details && details.sensitivity !== 'clean' && (
        <span className={styles.label}>
          <Label label={details.sensitivity} types={namesOf(details.entities, t, i18n.language)} />
        </span>
      )}
      {tools}
    </header>
  );
};

/** `types`: what was found, in words; empty where nothing is named. */
const Label = ({ label, types }: { label: Conversation['sensitivity']; types: string }) => {
  const { t } = useTranslation();
  if (label === 'unclassified' && types === '') return <Chip tone="warn" icon="triangle">{t('thread.unchecked')}</Chip>;
  return <Chip tone="sensitive" icon="shield">{types ? t('thread.privateOf', { types }) : t('thread.private')}</Chip>;
};
