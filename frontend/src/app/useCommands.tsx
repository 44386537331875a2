import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import { api, type Conversation, type Me } from '@/api/client';
import { may } from '@/api/me';
import { conversationQuery } from '@/api/queries';
import { ShareDialog } from '@/features/conversations/ShareDialog';
import { useConversationActions } from '@/features/conversations/useConversationActions';
import type { Command } from '@/features/palette/commands';
import { chooseLanguage, LANGUAGES } from '@/lib/i18n';
import { chooseTheme, THEMES } from '@/lib/theme';

import { areasOf } from './areas';

/** Letters after `G`. They are positions on the keyboard that people learn, and so the same in every language. */
const LETTERS = {
  usage: 'U', budgets: 'B', people: 'P', models: 'M', access: 'A', trail: 'T', chain: 'V', privacy: 'D', exceptions: 'E', routing: 'R',
  settings: 'S', lab: 'L',
} as const;

interface CommandInputs {
  me: Me;
  conversation: string | null;
  showKeys: () => void;
}

/** Everything that the palette offers here and now, and the dialog that one of them opened. */
export const useCommands = ({ me, conversation, showKeys }: CommandInputs): { commands: readonly Command[]; dialog: ReactNode } => {
  const { t, i18n } = useTranslation();
  const [sharing, setSharing] = useState<Conversation | null>(null);
  const { data: row } = useQuery({ ...conversationQuery(conversation ?? ''), enabled: conversation !== null });
  const goals = useGoals(me);
  const own = useOwnCommands(row ?? null, setSharing);

  const settings: Command[] = [
    ...THEMES.map((theme): Command => ({
      id: `theme-${theme}`, icon: 'settings', group: 'commands',
      label: t('palette.theme', { name: t(`account.themes.${theme}`) }), run: () => chooseTheme(theme),
    })),
    ...LANGUAGES.filter((language) => language !== i18n.language).map((language): Command => ({
      id: `language-${language}`, icon: 'settings', group: 'commands',
      label: t('palette.language', { name: t(`account.languages.${language}`) }),
      run: () => {
        void chooseLanguage(language);
        // The account remembers it for other devices; here it holds already.
        api.PATCH('/api/v1/me/', { body: { locale: language } }).catch(() => undefined);
      },
    })),
  ];
  const keys: Command = {
    id: 'keys', icon: 'keyboard', group: 'commands', label: t('palette.keys'), keys: ['?'], run: showKeys,
  };
  return {
    commands: [...own, ...goals, keys, ...settings],
    dialog: sharing && <ShareDialog row={sharing} company={me.tenant.name} onClose={() => setSharing(null)} />,
  };
};

/** Where one can go: the areas of one's role. */
const useGoals = (me: Me): Command[] => {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const toChat: Command[] = !may(me, 'chat.ask') ? [] : [
    { id: 'new', icon: 'plus', group: 'commands', label: t('palette.new'), keys: ['Ctrl', 'Shift', 'O'], run: () => void navigate({ to: '/' }) },
    { id: 'go-chat', icon: 'chat', group: 'go', label: t('chat'), letter: 'C', run: () => void navigate({ to: '/' }) },
  ];
  return [
    ...toChat,
    ...areasOf(me).map(({ to, word, icon }): Command => ({
      id: `go-${word}`, icon, group: 'go', label: t(`area.rail.${word}`), letter: LETTERS[word],
      run: () => void navigate({ to }),
    })),
  ];
};

/** What can be done with the open conversation. */
const useOwnCommands = (row: Conversation | null, share: (row: Conversation) => void): Command[] => {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const actions = useConversationActions();
  if (!row) return [];
  const command = (id: string, icon: Command['icon'], label: string, run: () => void): Command => ({ id, icon, label, run, group: 'commands' });
  return [
    command('link', 'link', t('list.copyLink'), () => void actions.copyLink(row.id)),
    command('markdown', 'download', t('list.exportMarkdown'), () => void actions.saveAs(row, 'markdown')),
    command('json', 'download', t('list.exportJson'), () => void actions.saveAs(row, 'json')),
    ...(!row.is_own ? [] : [
      command('share', 'people', t('list.shareMore'), () => share(row)),
      command('pin', 'pin', row.pinned ? t('list.unpin') : t('list.pin'), () => void actions.pin(row, !row.pinned)),
      command('archive', 'archive', row.archived ? t('list.unarchive') : t('list.archive'), () => void actions.archive(row, !row.archived)),
      command('delete', 'trash', t('list.delete'), () => {
        void actions.remove(row);
        void navigate({ to: '/' });
      }),
    ]),
  ];
};
