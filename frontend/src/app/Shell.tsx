import { getRouteApi, useNavigate, useParams } from '@tanstack/react-router';
import { lazy, Suspense, useCallback, useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { Me } from '@/api/client';
import { IconButton } from '@/components/ui/Button';
import { classNames } from '@/components/ui/classNames';
import { Sheet } from '@/components/ui/Sheet';
import { useMedia } from '@/components/ui/useMedia';
import { ChatView } from '@/features/chat/ChatView';
import { ConversationList } from '@/features/conversations/ConversationList';
import { ConversationTools } from '@/features/conversations/ConversationTools';
import { useNeighbourKeys } from '@/features/conversations/useNeighbourKeys';
import { usePageKeys } from '@/lib/shortcuts';

import { AccountMenu } from './AccountMenu';
import { ConnectionBanner } from './ConnectionBanner';
import { Rail } from './Rail';

import styles from './Shell.module.css';

const DecisionDrawer = lazy(() =>
  import('@/features/decision/DecisionDrawer').then(({ DecisionDrawer }) => ({ default: DecisionDrawer })),
);
const FramesPanel = lazy(() =>
  import('@/features/developer/FramesPanel').then(({ FramesPanel }) => ({ default: FramesPanel })),
);
const route = getRouteApi('/shell');

/** The place without the record that is open beside it. */
const without = <Search extends { why?: string }>(search: Search): Omit<Search, 'why'> => {
  const rest = { ...search };
  delete rest.why;
  return rest;
};

/** The page: rail, list, conversation, and beside it the record of one answer. On phones list and record are sheets. */
export const Shell = ({ me }: { me: Me }) => {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const conversation = useParams({ strict: false }).conversation ?? null;
  const { why = null, at = null } = route.useSearch();
  const isNarrow = useMedia('(max-width: 767px)');
  const [isListOpen, setListOpen] = useState(false);
  const [hasFrames, setFrames] = useState(false);

  const explain = useCallback(
    (turn: string) =>
      void navigate({ to: '.', search: (old) => (old.why === turn ? without(old) : { ...old, why: turn }), replace: true }),
    [navigate],
  );
  const closeRecord = useCallback(() => void navigate({ to: '.', search: without, replace: true }), [navigate]);
  const opened = useCallback(
    (id: string) => void navigate({ to: '/c/$conversation', params: { conversation: id }, replace: true }),
    [navigate],
  );
  const startNew = () => void navigate({ to: '/' });
  useNewConversationKey(startNew);
  useNeighbourKeys(conversation);

  const list = <ConversationList current={conversation} company={me.tenant.name} onLeave={() => setListOpen(false)} />;
  const record = why !== null && (
    <Suspense>
      <DecisionDrawer turn={why} company={me.tenant.name} onClose={closeRecord} />
    </Suspense>
  );
  return (
    <div className={classNames(styles.shell, why !== null && styles.withRecord)}>
      <a className={styles.skip} href="#question">{t('skip')}</a>
      {!isNarrow && (
        <>
          <Rail me={me} hasFrames={hasFrames} onFrames={() => setFrames(!hasFrames)} />
          <div className={styles.list}>{list}</div>
        </>
      )}
      {isNarrow && isListOpen && (
        <Sheet side="left" label={t('conversations.title')} onClose={() => setListOpen(false)}>
          {list}
          <footer className={styles.sheetFoot}>
            <AccountMenu me={me} side="above" />
            <span>{me.name}</span>
          </footer>
        </Sheet>
      )}
      <div className={styles.middle}>
        <ChatView
          conversation={conversation}
          me={me}
          explained={why}
          at={at}
          onWhy={explain}
          onOpened={opened}
          banner={<ConnectionBanner />}
          navigation={isNarrow && <IconButton icon="menu" label={t('conversations.open')} onClick={() => setListOpen(true)} />}
          tools={
            <div className={styles.tools}>
              {conversation !== null && (
                <ConversationTools key={conversation} conversation={conversation} company={me.tenant.name} isNarrow={isNarrow} />
              )}
              {isNarrow && <IconButton icon="plus" label={t('conversations.new')} onClick={startNew} />}
            </div>
          }
        />
        {hasFrames && (
          <div className={styles.frames}>
            <Suspense>
              <FramesPanel onClose={() => setFrames(false)} />
            </Suspense>
          </div>
        )}
      </div>
      {record && (isNarrow
        ? <Sheet side="bottom" label={t('why.title')} onClose={closeRecord}>{record}</Sheet>
        : <div className={styles.record}>{record}</div>)}
    </div>
  );
};

const useNewConversationKey = (open: () => void): void =>
  usePageKeys((event) => {
    if (!event.ctrlKey || !event.shiftKey || event.code !== 'KeyO') return;
    event.preventDefault();
    open();
  });
