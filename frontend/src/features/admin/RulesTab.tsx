import { useMutation, useQueries, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { teamsQuery, type Team } from '@/api/admin';
import { may, useMe } from '@/api/me';
import { changePolicy, policyQuery, presetsQuery, proposalsQuery, type Policy, type Preset } from '@/api/policy';
import { coverageQuery } from '@/api/privacy';
import { Card } from '@/components/ui/AreaPage';
import { Failure } from '@/components/ui/Failure';
import { SelectField, TextField } from '@/components/ui/Field';
import { FieldForm } from '@/components/ui/FieldForm';
import { Skeleton } from '@/components/ui/Skeleton';
import { showToast } from '@/lib/toasts';

import { ProfileFields } from './ProfileFields';
import { COMPANY, isSame, profileOf, profilesOf, withProfile, type Profile } from './profiles';
import { Proposals } from './Proposals';

import styles from './Admin.module.css';

const CHANNELS = ['chat', 'api', 'lab'] as const;

/** What counts as private and what then happens. Nobody changes it alone. */
export const RulesTab = () => {
  const me = useMe();
  const [policy, presets, coverage, teams] = useQueries({
    queries: [policyQuery, presetsQuery, coverageQuery, { ...teamsQuery, enabled: may(me, 'teams.read') }],
  });
  const error = policy.error ?? presets.error ?? coverage.error;
  const { t } = useTranslation();
  if (error) return <Failure error={error} />;
  if (!policy.data || !presets.data || !coverage.data) return <Skeleton label={t('area.loading')} lines={8} />;
  return (
    <>
      <Proposals document={policy.data.document} presets={presets.data} />
      <Editor key={policy.data.version} policy={policy.data} presets={presets.data} covered={coverage.data.covered} teams={teams.data ?? []} />
    </>
  );
};

interface EditorProps {
  policy: Policy;
  presets: readonly Preset[];
  covered: readonly string[];
  teams: readonly Team[];
}

const Editor = ({ policy, presets, covered, teams }: EditorProps) => {
  const { t } = useTranslation();
  const me = useMe();
  const client = useQueryClient();
  const [name, setName] = useState(COMPANY);
  const before = profileOf(policy.document, name, presets);
  const [edited, setEdited] = useState<Profile>(before);
  const [comment, setComment] = useState('');
  const mayChange = may(me, 'policies.write_privacy') || may(me, 'policies.write');
  const proposing = useMutation({
    mutationFn: () => changePolicy(withProfile(policy.document, name, edited, presets), policy.version, comment.trim()),
    onSuccess: () => {
      showToast(t('privacy.rules.proposed'));
      setEdited(before);
      setComment('');
      return client.invalidateQueries({ queryKey: proposalsQuery.queryKey });
    },
  });
  const choose = (next: string) => {
    setName(next);
    setEdited(profileOf(policy.document, next, presets));
  };
  const own = new Set(profilesOf(policy.document));
  const label = (key: string, title: string) => (key !== COMPANY && own.has(key) ? t('privacy.rules.ownProfile', { title }) : title);
  return (
    <Card title={t('privacy.rules.title')}>
      <p className={styles.hint}>{t('privacy.rules.hint', { version: policy.version })}</p>
      <div className={styles.narrow}>
        <FieldForm
          submit={t('privacy.rules.propose')} isBusy={proposing.isPending} problems={null} failure={proposing.error}
          onSubmit={() => mayChange && !isSame(before, edited) && proposing.mutate()}
        >
          <SelectField label={t('privacy.rules.whose')} value={name} onChange={({ target }) => choose(target.value)}>
            <option value={COMPANY}>{t('admin.company')}</option>
            {CHANNELS.map((each) => <option key={each} value={each}>{label(each, t(`privacy.channels.${each}`))}</option>)}
            {teams.map(({ slug, name: team }) => <option key={slug} value={`team:${slug}`}>{label(`team:${slug}`, team)}</option>)}
          </SelectField>
          <ProfileFields profile={edited} presets={presets} covered={covered} isCompany={name === COMPANY} onChange={setEdited} />
          <TextField
            label={t('privacy.rules.comment')} hint={t('privacy.rules.twoPeople')} maxLength={500} value={comment}
            onChange={({ target }) => setComment(target.value)}
          />
          {isSame(before, edited) && <p className={styles.hint}>{t('privacy.rules.nothingChanged')}</p>}
        </FieldForm>
      </div>
    </Card>
  );
};
