import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { conversationQuery } from '@/api/queries';
import { Button, IconButton } from '@/components/ui/Button';
import { Menu } from '@/components/ui/Menu';

import { RenameDialog } from './RenameDialog';
import { rowMenu } from './rowMenu';
import { ShareDialog } from './ShareDialog';
import { useConversationActions } from './useConversationActions';

interface ToolsProps {
  conversation: string;
  company: string;
  isNarrow: boolean;
}

/** What can be done with the open conversation, beside its title. */
export const ConversationTools = ({ conversation, company, isNarrow }: ToolsProps) => {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const actions = useConversationActions();
  const { data: row } = useQuery(conversationQuery(conversation));
  const [dialog, setDialog] = useState<'share' | 'rename' | null>(null);
  if (!row) return null;

  const remove = () => {
    void actions.remove(row);
    void navigate({ to: '/' });
  };
  const items = rowMenu(row, t, { actions, rename: () => setDialog('rename'), share: () => setDialog('share'), remove });
  return (
    <>
      {row.is_own && !isNarrow && (
        <Button kind="quiet" icon="people" onClick={() => setDialog('share')}>
          {t('list.share')}
        </Button>
      )}
      <Menu
        label={t('list.actions')}
        items={items}
        trigger={(trigger) => <IconButton icon="more" label={t('list.actions')} {...trigger} />}
      />
      {dialog === 'share' && <ShareDialog row={row} company={company} onClose={() => setDialog(null)} />}
      {dialog === 'rename' && (
        <RenameDialog
          title={row.title}
          onClose={() => setDialog(null)}
          onSave={(title) => {
            setDialog(null);
            void actions.rename(row, title);
          }}
        />
      )}
    </>
  );
};
