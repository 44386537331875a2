import { useMutation, useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import { teamsQuery } from '@/api/admin';
import { may, useMe } from '@/api/me';
import { coverageQuery, tryOut, type Coverage, type Trial, type TrialOrder } from '@/api/privacy';
import { AreaPage, Card } from '@/components/ui/AreaPage';
import { Button } from '@/components/ui/Button';
import { Chip } from '@/components/ui/Chip';
import { Failure } from '@/components/ui/Failure';
import { Field, SelectField } from '@/components/ui/Field';
import { Loaded } from '@/components/ui/Loaded';
import { Tabs } from '@/components/ui/Tabs';
import { announce } from '@/lib/announcer';
import { en } from '@/locales';

import { kindOf } from './kinds';
import { RulesTab } from './RulesTab';
import { TermsTab } from './TermsTab';
import { TrialResult } from './TrialResult';

import styles from './Admin.module.css';

const CHANNELS = ['chat', 'api', 'lab'] as const;
const LONGEST = 20_000;
const TABS = ['try', 'rules', 'terms', 'covers'] as const;

/** The playground of private text, the rules about it, and what the detector covers. */
export const PrivacyPage = () => {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { tab }: { tab?: string } = useSearch({ strict: false });
  const current = TABS.find((each) => each === tab) ?? 'try';
  const choose = (next: (typeof TABS)[number]) =>
    void navigate({ to: '/admin/privacy', search: next === 'try' ? {} : { tab: next }, replace: true });
  return (
    <AreaPage title={t('area.titles.privacy')} aside={t('privacy.aside')}>
      <Tabs
        label={t('privacy.which')} current={current} onChoose={choose}
        tabs={TABS.map((key) => ({ key, label: t(`privacy.tabs.${key}`) }))}
      >
        {current === 'try' && <Playground />}
        {current === 'rules' && <RulesTab />}
        {current === 'terms' && <TermsTab />}
        {current === 'covers' && <Coverages />}
      </Tabs>
    </AreaPage>
  );
};

const Coverages = () => {
  const coverage = useQuery(coverageQuery);
  return <Loaded query={coverage}>{(found) => <Covered found={found} />}</Loaded>;
};

const Playground = () => {
  const { t } = useTranslation();
  const me = useMe();
  const teams = useQuery({ ...teamsQuery, enabled: may(me, 'teams.read') });
  const [text, setText] = useState('');
  const [channel, setChannel] = useState<(typeof CHANNELS)[number]>('chat');
  const [team, setTeam] = useState('');
  const trying = useMutation<Trial, Error, TrialOrder>({
    mutationFn: tryOut,
    onSuccess: ({ outcome }) => announce(t(`privacy.outcome.${outcome}`)),
  });
  const look = () => {
    if (text.trim() !== '' && !trying.isPending) trying.mutate({ text, channel, team });
  };
  return (
    <Card title={t('privacy.try')}>
      <form
        className={styles.playground}
        onSubmit={(event) => {
          event.preventDefault();
          look();
        }}
      >
        <Field label={t('privacy.text')} hint={t('privacy.tryHint')}>
          {(control) => (
            <textarea
              {...control} className={styles.pasted} rows={5} maxLength={LONGEST} value={text}
              onChange={({ target }) => setText(target.value)}
            />
          )}
        </Field>
        <div className={styles.choices}>
          <SelectField label={t('privacy.channel')} value={channel} onChange={({ target }) => setChannel(target.value as typeof channel)}>
            {CHANNELS.map((each) => <option key={each} value={each}>{t(`privacy.channels.${each}`)}</option>)}
          </SelectField>
          <SelectField label={t('privacy.team')} value={team} onChange={({ target }) => setTeam(target.value)}>
            <option value="">{t('privacy.noTeam')}</option>
            {(teams.data ?? []).map(({ slug, name }) => <option key={slug} value={slug}>{name}</option>)}
          </SelectField>
          <Button kind="primary" type="submit" icon="shield" aria-disabled={text.trim() === '' || trying.isPending}>
            {t(trying.isPending ? 'privacy.looking' : 'privacy.look')}
          </Button>
        </div>
      </form>
      {trying.error && <Failure error={trying.error} />}
      {trying.data && <TrialResult trial={trying.data} text={trying.variables.text} />}
    </Card>
  );
};

const Covered = ({ found }: { found: Coverage }) => {
  const { t, i18n } = useTranslation();
  const regions = new Intl.DisplayNames(i18n.language, { type: 'region' });
  const byDefault = new Set(found.by_default);
  return (
    <Card title={t('privacy.covers')}>
      <p className={styles.hint}>{t('privacy.coversHint')}</p>
      <dl className={styles.covered}>
        <Row name={t('privacy.mode')}><span className="mono">{found.mode}</span></Row>
        <Row name={t('privacy.types')}>
          <span className={styles.chips}>
            {found.covered.map((type) => (
              <Chip key={type} tone={byDefault.has(type) ? 'sensitive' : 'neutral'}>
                {type in en.entities && kindOf(type, t)} <span className="mono">{type}</span>
              </Chip>
            ))}
          </span>
        </Row>
        <Row name={t('privacy.missing')}><span className="mono">{found.not_covered.join(', ')}</span></Row>
        <Row name={t('privacy.countries')}>{found.countries.map((code) => regions.of(code) ?? code).join(', ')}</Row>
        <Row name={t('privacy.languages')}><span lang="en">{found.languages.join('; ')}</span></Row>
        <Row name={t('privacy.normalisations')}><span lang="en">{found.normalisations.join('; ')}</span></Row>
      </dl>
    </Card>
  );
};

const Row = ({ name, children }: { name: string; children: ReactNode }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);
