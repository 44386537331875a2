import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { ApiError } from '@/api/client';
import { changePolicy, proposalsQuery, type PolicyDocument } from '@/api/policy';
import { showToast } from '@/lib/toasts';

import { listsOf, problemsAt, type Problems } from './terms';

interface Order {
  wanted: PolicyDocument;
  comment: string;
}

/** Propose a document with other lists. What the server finds wrong with a list is told there, the rest is `failure`. */
export const useProposing = (onRefused: (problems: Problems) => void, onProposed: () => void) => {
  const { t } = useTranslation();
  const client = useQueryClient();
  const proposing = useMutation<unknown, Error, Order>({
    mutationFn: ({ wanted, comment }) => changePolicy(wanted, comment),
    onSuccess: () => {
      showToast(t('privacy.rules.proposed'));
      onProposed();
      return client.invalidateQueries({ queryKey: proposalsQuery.queryKey });
    },
    onError: (error, { wanted }) => {
      const problems = foundAt(error, wanted).byList;
      if (problems.size > 0) onRefused(problems);
    },
  });
  const { error, variables } = proposing;
  const isToldElsewhere = error !== null && isAtLists(foundAt(error, variables.wanted));
  return { propose: proposing.mutate, isPending: proposing.isPending, failure: isToldElsewhere ? null : error };
};

const foundAt = (error: Error, wanted: PolicyDocument) => problemsAt(error instanceof ApiError ? error.fields : {}, listsOf(wanted));

const isAtLists = ({ byList, elsewhere }: ReturnType<typeof problemsAt>): boolean => byList.size > 0 && elsewhere === 0;
