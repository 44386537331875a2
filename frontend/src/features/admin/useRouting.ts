import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { TFunction } from 'i18next';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { ApiError } from '@/api/client';
import { changePolicy, policyQuery, type Policy } from '@/api/policy';
import { previewQuery, type Preview, type PreviewOrder } from '@/api/routing';
import { announce } from '@/lib/announcer';
import { count } from '@/lib/dates';
import { money } from '@/lib/format';
import { showToast } from '@/lib/toasts';
import { useDebounced } from '@/lib/useDebounced';

import {
  COMPANY, isSame, problemsOf, routingOf, teamsWithOwn, withoutRouting, withRouting, type Problems, type Routing,
} from './routing';

/** What is set for somebody; a team that is not `isOwn` follows the company. */
export interface Setting {
  isOwn: boolean;
  routing: Routing;
}

const settingOf = ({ document }: Policy, team: string): Setting => ({
  isOwn: team === COMPANY || teamsWithOwn(document).includes(team),
  routing: routingOf(document, team),
});

/** A change that is being made: what is in force, what would be, and putting it there. */
export const useRoutingDraft = (policy: Policy, team: string) => {
  const { t } = useTranslation();
  const client = useQueryClient();
  /** `version`: of the policy that it was last looked at beside. */
  const [draft, setDraft] = useState<(Setting & { version: number }) | null>(null);
  const [problems, setProblems] = useState<Problems | null>(null);
  const before = settingOf(policy, team);
  const edited: Setting = draft ?? before;
  const company = routingOf(policy.document, COMPANY);
  const isChanged = edited.isOwn !== before.isOwn || (edited.isOwn && !isSame(edited.routing, before.routing));
  const discard = () => {
    setDraft(null);
    setProblems(null);
  };
  const saving = useMutation({
    mutationFn: (comment: string) => {
      const { document, version } = policy;
      const next = edited.isOwn ? withRouting(document, team, edited.routing) : withoutRouting(document, team);
      return changePolicy(next, version, comment);
    },
    onSuccess: (outcome) => {
      // Only privacy waits for a second person, and of that nothing is changed here.
      if ('version' in outcome) client.setQueryData(policyQuery.queryKey, outcome);
      showToast('version' in outcome ? t('routing.saved', { version: outcome.version }) : t('routing.proposed'));
      discard();
    },
    onError: (error) => setProblems(error instanceof ApiError ? problemsOf(error.fields, team) : null),
    onSettled: () => client.invalidateQueries({ queryKey: ['policy'] }),
  });
  return {
    before, edited, company, isChanged, problems, setProblems, saving, discard,
    /** What holds if this is put into force. */
    effective: edited.isOwn ? edited.routing : company,
    isOvertaken: isChanged && draft !== null && draft.version !== policy.version,
    change: (setting: Setting) => {
      setDraft({ ...setting, version: policy.version });
      setProblems(null);
    },
  };
};

const SETTLED_MS = 400;

/** What the change would have meant, once the dial stands still; until the new figures are there, the last ones stay. */
export const usePreview = (order: PreviewOrder | null) => {
  const { t, i18n } = useTranslation();
  const wanted = order === null ? '' : JSON.stringify(order);
  const [settled] = useDebounced(wanted, SETTLED_MS);
  const asked = settled === '' ? null : (JSON.parse(settled) as PreviewOrder);
  const { data, error, isFetching, isPlaceholderData, refetch } = useQuery({
    ...previewQuery(asked ?? { team: '', strategy: '', dial: 0 }), enabled: asked !== null,
  });
  const preview = asked === null ? undefined : data;
  const isCalculating = isFetching || isPlaceholderData || settled !== wanted;
  const words = preview && !isCalculating ? consequence(preview, t, i18n.language) : null;
  const heard = useRef<string | null>(null);
  useEffect(() => {
    if (words === null) return;
    // What stood there at the beginning is read, not announced.
    if (heard.current !== null && heard.current !== words) announce(words);
    heard.current = words;
  }, [words]);
  return { preview, words, error, isCalculating, isAsked: order !== null, retry: () => void refetch() };
};

/** Good answers in a hundred, from a chance in [0, 1]. */
export const inHundred = (quality: number): number => Math.round(quality * 100);

/** The figures in one sentence; null where there are none. */
const consequence = ({ before, after, changed, decisions }: Preview, t: TFunction, language: string): string | null => {
  if (!before || !after || decisions === 0) return null;
  if (changed === 0) return t('routing.preview.saysSame');
  return t('routing.preview.says', {
    all: count(decisions, language), changed: count(changed, language),
    cost: money(after.cost_micro_usd, language), costBefore: money(before.cost_micro_usd, language),
    quality: inHundred(after.quality ?? 0), qualityBefore: inHundred(before.quality ?? 0),
  });
};
