import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { memo } from 'react';
import { useTranslation } from 'react-i18next';

import type { Conversation } from '@/api/client';
import { conversationsQuery } from '@/api/queries';
import { Button } from '@/components/ui/Button';
import { classNames } from '@/components/ui/classNames';
import { Icon } from '@/components/ui/Icon';
import { Notice } from '@/components/ui/Notice';
import { Skeleton } from '@/components/ui/Skeleton';

import { groupsOf, shortTime, type GroupName } from './groups';
import { originOf } from './origin';
import { useConversationFrames } from './useConversationFrames';

import styles from './ConversationList.module.css';

export const ConversationList = ({ current, onLeave }: { current: string | null; onLeave: () => void }) => {
  const { t } = useTranslation();
  const { data, status, hasNextPage, isFetchingNextPage, fetchNextPage, refetch } = useInfiniteQuery(conversationsQuery);
  useConversationFrames();
  const now = new Date();
  const groups = groupsOf(data?.pages.flatMap((page) => page.results) ?? [], now);

  return (
    <nav className={styles.list} aria-label={t('conversations.title')}>
      <header className={styles.header}>
        <Link to="/" className={styles.new} onClick={onLeave}>
          <Icon name="plus" size={15} /> {t('conversations.new')}
        </Link>
      </header>
      <div className={styles.scroll}>
        {status === 'pending' && <Skeleton label={t('conversations.loading')} lines={5} />}
        {status === 'error' && (
          <Notice
            tone="warn"
            icon="triangle"
            title={t('conversations.failed')}
            actions={<Button kind="link" onClick={() => void refetch()}>{t('answer.retry')}</Button>}
          />
        )}
        {status === 'success' && groups.length === 0 && <p className={styles.empty}>{t('conversations.empty')}</p>}
        {groups.map(({ name, conversations }) => (
          <section key={name} aria-labelledby={`group-${name}`}>
            <h2 id={`group-${name}`}>{t(`conversations.${name}`)}</h2>
            <ul>
              {conversations.map((conversation) => (
                <Row
                  key={conversation.id}
                  conversation={conversation}
                  group={name}
                  isCurrent={conversation.id === current}
                  today={now.toDateString()}
                  onLeave={onLeave}
                />
              ))}
            </ul>
          </section>
        ))}
        {hasNextPage && (
          <Button kind="quiet" size="small" className={styles.more} disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            {t('conversations.more')}
          </Button>
        )}
      </div>
    </nav>
  );
};

interface RowProps {
  conversation: Conversation;
  group: GroupName;
  isCurrent: boolean;
  today: string;
  onLeave: () => void;
}

const Row = memo(({ conversation, group, isCurrent, today, onLeave }: RowProps) => {
  const { t, i18n } = useTranslation();
  const isPrivate = conversation.sensitivity !== 'clean';
  const origin = originOf(conversation);
  return (
    <li>
      <Link
        to="/c/$conversation"
        params={{ conversation: conversation.id }}
        className={styles.row}
        aria-current={isCurrent ? 'page' : undefined}
        onClick={onLeave}
      >
        <span className={classNames(styles.kind, origin.tone)} title={origin.word && t(origin.word)}>
          <Icon name={origin.icon} size={15} />
        </span>
        <span className={styles.title}>{conversation.title || t('conversations.untitled')}</span>
        {origin.word && <span className="visually-hidden">{`, ${t(origin.word)}`}</span>}
        {isPrivate && <span className="visually-hidden">{`, ${t('conversations.private')}`}</span>}
        <time dateTime={conversation.active_at} className="num">
          {shortTime(conversation.active_at, group, new Date(today), i18n.language)}
        </time>
      </Link>
    </li>
  );
});
Row.displayName = 'Row';
