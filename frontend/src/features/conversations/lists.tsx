import { useInfiniteQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

import type { Conversation } from '@/api/client';
import { archiveQuery } from '@/api/queries';
import { sharedWithMeQuery, type SharedConversation } from '@/api/sharing';

import { Rows } from './Rows';
import { useOwnList } from './useOwnList';

interface ListProps {
  current: string | null;
  company: string;
  onLeave: () => void;
}

export const OwnList = (props: ListProps) => {
  const { t } = useTranslation();
  const { sections, ...list } = useOwnList();
  return <Rows {...props} list={list} sections={sections} empty={t('list.empty')} emptyHint={t('list.emptyHint')} />;
};

export const ArchiveList = (props: ListProps) => {
  const { t } = useTranslation();
  const { data, ...list } = useInfiniteQuery(archiveQuery);
  const sections = useMemo(() => asSection(data?.pages.flatMap(({ results }) => results) ?? []), [data]);
  return <Rows {...props} list={list} sections={sections} empty={t('list.emptyArchive')} emptyHint={t('list.emptyArchiveHint')} />;
};

export const SharedList = (props: ListProps) => {
  const { t } = useTranslation();
  const { data, ...list } = useInfiniteQuery(sharedWithMeQuery);
  const { sections, owners } = useMemo(() => {
    const rows = data?.pages.flatMap(({ results }) => results) ?? [];
    return {
      sections: asSection(rows.map(asConversation)),
      owners: new Map(rows.map(({ id, owner, via }) => [id, { name: owner.name, via }])),
    };
  }, [data]);
  const ownerOf = ({ id }: Conversation) => {
    const owner = owners.get(id);
    return owner && t(owner.via === 'team' ? 'list.viaTeam' : 'list.by', { name: owner.name });
  };
  return (
    <Rows
      {...props}
      list={list}
      sections={sections}
      ownerOf={ownerOf}
      empty={t('list.emptyShared')}
      emptyHint={t('list.emptySharedHint')}
    />
  );
};

const asConversation = (row: SharedConversation): Conversation => ({ ...row, owner: row.owner.id });

const asSection = (items: readonly Conversation[]) => (items.length > 0 ? [{ key: 'all', heading: null, items }] : []);
