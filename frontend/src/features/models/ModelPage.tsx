import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';

import { ApiError } from '@/api/client';
import { may, useMe } from '@/api/me';
import { alarmsQuery, historyQuery, profilesQuery, type Alarm, type ModelProfile } from '@/api/models';
import { AreaPage, Card, Nothing } from '@/components/ui/AreaPage';
import { Chip } from '@/components/ui/Chip';
import { Figure, Figures } from '@/components/ui/Figure';
import { Icon } from '@/components/ui/Icon';
import { Loaded } from '@/components/ui/Loaded';
import { Notice } from '@/components/ui/Notice';
import { toneOf } from '@/components/ui/Sign';
import { count, day } from '@/lib/dates';
import { exactMoney, seconds } from '@/lib/format';

import { AlarmList, OpenAlarms } from './Alarms';
import { OverTime } from './OverTime';
import { openAlarms } from './profiles';
import { rate, useShow } from './show';
import { TaskMultiples } from './TaskMultiples';

import './words';
import styles from './Models.module.css';

/** Everything that was measured of one model. */
export const ModelPage = () => {
  const { t } = useShow();
  const me = useMe();
  const { model }: { model?: string } = useParams({ strict: false });
  const name = model ?? '';
  const profiles = useQuery(profilesQuery);
  const alarms = useQuery({ ...alarmsQuery, enabled: may(me, 'lab.profile') });
  const own = (alarms.data ?? []).filter((alarm) => alarm.model === name);
  const profile = profiles.data?.find((each) => each.model === name);
  return (
    <AreaPage
      title={name}
      aside={profile && <Hosting profile={profile} company={me.tenant.name} />}
      actions={<Link to="/admin/models" className={styles.back}><Icon name="left" size={15} />{t('back')}</Link>}
    >
      <Loaded query={profiles} lines={6}>
        {() => profile
          ? <Measured key={name} profile={profile} alarms={own} />
          : <Gone key={name} model={name} alarms={own} />}
      </Loaded>
    </AreaPage>
  );
};

const Hosting = ({ profile, company }: { profile: ModelProfile; company: string }) => {
  const { t, common } = useShow();
  const isInside = profile.hosting === 'self_hosted';
  return (
    <Chip tone={toneOf(profile.hosting)} icon={isInside ? 'house' : 'leaving'}>
      {isInside ? t('isInside', { company }) : common('sign.outside')}
    </Chip>
  );
};

const Measured = ({ profile, alarms }: { profile: ModelProfile; alarms: readonly Alarm[] }) => {
  const { t, language } = useShow();
  const isChanged = openAlarms(alarms).length > 0;
  const observations = Math.round(profile.overall.samples);
  return (
    <>
      <OpenAlarms alarms={alarms} />
      {profile.updated_at === null
        ? <Notice tone="neutral" icon="chart" title={t('nothing')}>{t('nothingHint')}</Notice>
        : <p>{t('measured', { count: observations, shown: count(observations, language), day: day(profile.updated_at, language) })}</p>}
      <Facts profile={profile} />
      <TaskMultiples profile={profile} isChanged={isChanged} />
      {profile.updated_at !== null && <OverTime model={profile.model} alarms={alarms} />}
      <PastAlarms alarms={alarms} />
    </>
  );
};

const Facts = ({ profile }: { profile: ModelProfile }) => {
  const { t, language, figure } = useShow();
  const { first_token_p95_ms: late, cost_microusd: cost, refusal_rate: refused, truncation_rate: truncated, capabilities } = profile;
  const tokens = (value: number): string => count(value, language);
  const share = (value: number | null): string => (value === null ? '–' : rate(value, language));
  return (
    <Figures label={t('facts')}>
      <Figure name={t('first')} value={figure(profile, 'first') ?? '–'}>
        {late === null ? t('unknown') : t('p95', { value: seconds(late, language) })}
      </Figure>
      <Figure name={t('speed')} value={figure(profile, 'speed') ?? '–'}>{profile.tokens_per_s === null ? t('unknown') : t('speedHint')}</Figure>
      <Figure name={t('cost')} value={figure(profile, 'cost') ?? '–'} exact={cost === null ? undefined : exactMoney(cost, language)}>
        {cost === null ? t('unknown') : t('costHint')}
      </Figure>
      <Figure name={t('failing')} value={figure(profile, 'errors') ?? '–'}>
        {refused === null ? t('unknown') : t('failingHint', { refused: share(refused), truncated: share(truncated) })}
      </Figure>
      <Figure name={t('reads')} value={t('tokens', { value: tokens(profile.context_tokens) })}>
        {t('readsHint', { longest: tokens(profile.max_output_tokens) })}
        <span className={styles.chips}>
          {capabilities.map((each) => <Chip key={each}>{t(`can.${each as 'tools'}`, { defaultValue: each })}</Chip>)}
          {capabilities.length === 0 && <Chip>{t('cannot')}</Chip>}
        </span>
      </Figure>
    </Figures>
  );
};

const PastAlarms = ({ alarms }: { alarms: readonly Alarm[] }) => {
  const { t } = useShow();
  const seen = alarms.filter(({ acknowledged_at: at }) => at !== null);
  return seen.length > 0 && <Card title={t('alarms')}><AlarmList alarms={seen} /></Card>;
};

/** A model that the company may not use: with what was measured before, or one that never was. */
const Gone = ({ model, alarms }: { model: string; alarms: readonly Alarm[] }) => {
  const { t } = useShow();
  const history = useQuery({
    ...historyQuery(model, 90),
    retry: (failures, error) => !(error instanceof ApiError && error.status === 404) && failures < 2,
  });
  if (history.error instanceof ApiError && history.error.status === 404) {
    return <Nothing title={t('missing')}>{t('missingHint')}</Nothing>;
  }
  return (
    <>
      <Notice tone="neutral" icon="box" title={t('gone')} />
      <OverTime model={model} alarms={alarms} />
      <PastAlarms alarms={alarms} />
    </>
  );
};
