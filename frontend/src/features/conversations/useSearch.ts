import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';

import { asQuery, searchQuery, type Found } from '@/api/finding';
import { useDebounced } from '@/lib/useDebounced';

const PATIENCE_MS = 200;
const NONE: never[] = [];

/** The search as one types: what is in the field, and what was found for it. */
export const useSearch = () => {
  const navigate = useNavigate();
  const [text, setText] = useState('');
  const [settled, settle] = useDebounced(text, PATIENCE_MS);
  const query = asQuery(settled);
  const { data, status, isPlaceholderData, hasNextPage, isFetchingNextPage, fetchNextPage, refetch } =
    useInfiniteQuery({ ...searchQuery(query), enabled: query !== '' });
  const found: readonly Found[] = data?.pages.flatMap(({ results }) => results) ?? NONE;
  const isCurrent = query === asQuery(text) && status === 'success' && !isPlaceholderData;
  const opensFirst = useRef(false);

  const open = ({ conversation, matches }: Found) => {
    const message = matches.find(({ message }) => message !== null)?.message;
    const inTitle = matches.some(({ message }) => message === null);
    void navigate({
      to: '/c/$conversation',
      params: { conversation: conversation.id },
      search: message && !inTitle ? { at: message } : {},
    });
  };
  // Enter before the results are there opens the first when they come.
  useEffect(() => {
    const first = found[0];
    if (!opensFirst.current || !isCurrent) return;
    opensFirst.current = false;
    if (first) open(first);
  });
  return {
    text,
    setText: (typed: string) => {
      opensFirst.current = false;
      setText(typed);
    },
    openFirst: () => {
      if (asQuery(text) === '') return;
      opensFirst.current = !isCurrent;
      if (isCurrent && found[0]) open(found[0]);
      else settle();
    },
    isOn: asQuery(text) !== '',
    query, found, status, hasNextPage, isFetchingNextPage, fetchNextPage, refetch,
  };
};

export type Search = ReturnType<typeof useSearch>;
