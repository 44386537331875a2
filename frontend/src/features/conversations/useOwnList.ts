import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

import { conversationsQuery, pinnedQuery } from '@/api/queries';

import { ownSections } from './sections';

const NONE: never[] = [];

/** One's own list, as it is shown. */
export const useOwnList = () => {
  const { t } = useTranslation();
  const list = useInfiniteQuery(conversationsQuery);
  const { data: pinned = NONE } = useQuery(pinnedQuery);
  const today = new Date().toDateString();
  const pages = list.data?.pages;
  const sections = useMemo(
    () => ownSections(pages?.flatMap(({ results }) => results) ?? [], pinned, new Date(today), (name) => t(`conversations.${name}`)),
    [pages, pinned, today, t],
  );
  return { ...list, sections, today };
};
