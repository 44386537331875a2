import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';

import { useMe } from '@/api/me';
import { confirmProposal, proposalsQuery, rejectProposal, type PolicyDocument, type Preset, type Proposal } from '@/api/policy';
import { Button } from '@/components/ui/Button';
import { Failure } from '@/components/ui/Failure';
import { Notice } from '@/components/ui/Notice';
import { dayAndTime } from '@/lib/dates';
import { showToast } from '@/lib/toasts';

import { kindOf } from './kinds';
import { ListChanges } from './ListChanges';
import { COMPANY, profileOf, profilesOf, type Profile } from './profiles';
import { listChanges } from './terms';
import { usePersonName } from './useNames';

/** Changes that wait for a second person, in words. */
export const Proposals = ({ document, presets }: { document: PolicyDocument; presets: readonly Preset[] }) => {
  const query = useQuery(proposalsQuery);
  return (query.data ?? []).map((proposal) => (
    <Waiting key={proposal.id} proposal={proposal} document={document} presets={presets} />
  ));
};

const Waiting = ({ proposal, document, presets }: { proposal: Proposal; document: PolicyDocument; presets: readonly Preset[] }) => {
  const { t, i18n } = useTranslation();
  const me = useMe();
  const client = useQueryClient();
  const nameOf = usePersonName();
  const isOwn = proposal.author === me.id;
  const deciding = useMutation<unknown, Error, boolean>({
    mutationFn: (isConfirmed) => (isConfirmed ? confirmProposal(proposal.id) : rejectProposal(proposal.id)),
    onSuccess: (_, isConfirmed) => showToast(t(isConfirmed ? 'privacy.rules.confirmed' : 'privacy.rules.rejected')),
    onSettled: () => client.invalidateQueries({ queryKey: ['policy'] }),
  });
  const changes = told(document, proposal.document, presets, t);
  const isMore = touchesOther(document, proposal.document);
  const lists = listChanges(document, proposal.document);
  const at = dayAndTime(proposal.at, i18n.language, me.tenant.timezone);
  return (
    <Notice
      tone="warn" icon="people"
      title={t('privacy.rules.waits', { name: nameOf(proposal.author), at })}
      more={
        <>
          <ListChanges changes={lists} />
          {isOwn && <p>{t('privacy.rules.ownWaits')}</p>}
          {deciding.error && <Failure error={deciding.error} />}
        </>
      }
      actions={
        <>
          {!isOwn && <Button size="small" aria-disabled={deciding.isPending} onClick={() => deciding.mutate(true)}>{t('privacy.rules.confirm')}</Button>}
          <Button size="small" kind="quiet" aria-disabled={deciding.isPending} onClick={() => deciding.mutate(false)}>
            {t(isOwn ? 'privacy.rules.withdraw' : 'privacy.rules.reject')}
          </Button>
        </>
      }
    >
      {proposal.comment !== '' && <>“{proposal.comment}” </>}
      {changes.map((change) => <span key={change}><br />{change}</span>)}
      {isMore && <><br />{t('privacy.rules.otherChange')}</>}
    </Notice>
  );
};

/** Whether something differs that is not told here. Both documents come from the server, which orders keys alike. */
const touchesOther = (before: PolicyDocument, after: PolicyDocument): boolean => {
  const rest = (document: PolicyDocument) => JSON.stringify({ ...document, sensitivity: null });
  return rest(before) !== rest(after);
};

/** A sentence for everything that differs between two documents, profile by profile. */
const told = (before: PolicyDocument, after: PolicyDocument, presets: readonly Preset[], t: TFunction): string[] => {
  const names = [...new Set([...profilesOf(before), ...profilesOf(after)])];
  return names.flatMap((name) => {
    const whose = name === COMPANY ? t('admin.company') : t(`privacy.channels.${name as 'chat'}`, { defaultValue: name });
    return differences(profileOf(before, name, presets), profileOf(after, name, presets), t).map((each) => `${whose}: ${each}`);
  });
};

const differences = (a: Profile, b: Profile, t: TFunction): string[] => {
  const kinds = (types: readonly string[]) => types.map((type) => kindOf(type, t)).join(', ');
  const without = (from: readonly string[], what: readonly string[]) => from.filter((each) => !what.includes(each));
  const lists = [
    [without(b.types, a.types), 'counts'], [without(a.types, b.types), 'countsNot'],
    [without(b.maskTypes, a.maskTypes), 'masks'], [without(a.maskTypes, b.maskTypes), 'masksNot'],
  ] as const;
  return [
    ...lists.filter(([types]) => types.length > 0).map(([types, word]) => t(`privacy.rules.diff.${word}`, { kinds: kinds(types) })),
    ...(a.person === b.person ? [] : [`${t('privacy.rules.names')}: ${t(`privacy.rules.levels.${b.person}`)}`]),
    ...(a.action === b.action ? [] : [`${t('privacy.rules.action')}: ${t(`privacy.rules.actions.${b.action}`)}`]),
    ...(a.threshold === b.threshold ? [] : [`${t('privacy.rules.threshold')}: ${a.threshold} → ${b.threshold}`]),
    ...without(b.allow, a.allow).map((text) => t('privacy.rules.diff.allows', { text })),
    ...without(a.allow, b.allow).map((text) => t('privacy.rules.diff.allowsNot', { text })),
  ];
};
