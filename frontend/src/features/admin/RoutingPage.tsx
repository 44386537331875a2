import { useQueries } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

import { companyModelsQuery, teamsQuery, type Team } from '@/api/admin';
import { may, useMe } from '@/api/me';
import { policyQuery, type Policy } from '@/api/policy';
import { strategiesQuery, type Strategy } from '@/api/routing';
import { AreaPage } from '@/components/ui/AreaPage';
import { Chip } from '@/components/ui/Chip';
import { Failure } from '@/components/ui/Failure';
import { SelectField } from '@/components/ui/Field';
import { Skeleton } from '@/components/ui/Skeleton';

import { COMPANY, teamsWithOwn } from './routing';
import { RoutingEditor } from './RoutingEditor';

/** Which strategy chooses the model, and how much an answer may cost: of the company, and of teams that differ. */
export const RoutingPage = () => {
  const { t } = useTranslation();
  const me = useMe();
  const [policy, strategies, models, teams] = useQueries({
    queries: [
      policyQuery, strategiesQuery, companyModelsQuery(may(me, 'teams.write')),
      { ...teamsQuery, enabled: may(me, 'teams.read') },
    ],
  });
  const failed = [policy, strategies, models].find(({ error, data }) => error && data === undefined);
  const aside = policy.data && <Chip>{t('routing.inForce', { version: policy.data.version })}</Chip>;
  return (
    <AreaPage title={t('area.titles.routing')} aside={aside}>
      {failed?.error && <Failure error={failed.error} onRetry={() => void failed.refetch()} />}
      {!failed && !(policy.data && strategies.data && models.data) && <Skeleton label={t('area.loading')} lines={8} />}
      {policy.data && strategies.data && models.data && (
        <Chosen
          policy={policy.data} strategies={strategies.data} teams={teams.data ?? []}
          models={models.data.map(({ name }) => name).toSorted()}
        />
      )}
    </AreaPage>
  );
};

interface ChosenProps {
  policy: Policy;
  strategies: readonly Strategy[];
  models: readonly string[];
  teams: readonly Team[];
}

/** For whom stands in the address, so that it can be sent to a colleague. What is not saved is lost with the choice. */
const Chosen = ({ policy, strategies, models, teams }: ChosenProps) => {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { team: wanted }: { team?: string } = useSearch({ strict: false });
  const team = teams.find(({ slug }) => slug === wanted)?.slug ?? COMPANY;
  const own = new Set(teamsWithOwn(policy.document));
  const choose = (slug: string) =>
    void navigate({ to: '/admin/routing', search: slug === COMPANY ? {} : { team: slug }, replace: true });
  return (
    <RoutingEditor
      key={team} policy={policy} team={team} strategies={strategies} models={models}
      withOwn={teams.filter(({ slug }) => own.has(slug)).map(({ name }) => name)}
    >
      <SelectField label={t('routing.whose')} value={team} onChange={({ target }) => choose(target.value)}>
        <option value={COMPANY}>{t('admin.company')}</option>
        {teams.map(({ slug, name }) => (
          <option key={slug} value={slug}>{own.has(slug) ? t('routing.ownRouting', { name }) : name}</option>
        ))}
      </SelectField>
    </RoutingEditor>
  );
};
