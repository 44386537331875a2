import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { companyModelsQuery, teamsQuery } from '@/api/admin';
import type { UsableModel } from '@/api/client';
import { may, useMe } from '@/api/me';
import { Nothing } from '@/components/ui/AreaPage';
import { Chip } from '@/components/ui/Chip';
import { Loaded } from '@/components/ui/Loaded';
import { toneOf } from '@/components/ui/Sign';
import { Table, type Column } from '@/components/ui/Table';
import { count } from '@/lib/dates';
import { money } from '@/lib/format';

import styles from './Models.module.css';

const MICRO = 1_000_000;

/** What may be asked: where it runs, what it costs and can do, and which teams may use it. */
export const PricesTab = () => {
  const { t } = useTranslation();
  const me = useMe();
  const query = useQuery(companyModelsQuery(may(me, 'teams.write')));
  return (
    <Loaded query={query} lines={6}>
      {(models) => models.length === 0
        ? <Nothing title={t('admin.models.none')}>{t('admin.models.noneHint')}</Nothing>
        : <ModelTable models={models} />}
    </Loaded>
  );
};

const ModelTable = ({ models }: { models: readonly UsableModel[] }) => {
  const { t, i18n } = useTranslation();
  const me = useMe();
  const teams = useQuery({ ...teamsQuery, enabled: may(me, 'teams.read') });
  const usedBy = (name: string): string => {
    const all = teams.data ?? [];
    const who = all.filter(({ models: allowed }) => allowed === null || allowed.includes(name));
    return who.length === all.length ? t('admin.models.allTeams') : who.map((team) => team.name).join(', ') || t('admin.models.noTeam');
  };
  const price = (model: UsableModel, side: 'input' | 'output'): string => {
    const value: unknown = model.price?.[side];
    if (typeof value !== 'string' && typeof value !== 'number') return t('admin.models.unknown');
    return Number(value) === 0 ? t('answer.free') : money(Number(value) * MICRO, i18n.language);
  };
  const columns: Column<UsableModel>[] = [
    {
      key: 'name', head: t('usage.model'), phone: 'first',
      cell: ({ name, healthy }) => (
        <>
          <span className="mono">{name}</span>
          {!healthy && <span className={styles.hint}>{t('model.sick')}</span>}
        </>
      ),
    },
    {
      key: 'hosting', head: t('usage.where'), phone: 'aside',
      cell: ({ hosting, region }) => (
        <Chip tone={toneOf(hosting)} icon={hosting === 'self_hosted' ? 'house' : 'leaving'}>
          {[t(hosting === 'self_hosted' ? 'sign.insideShort' : 'sign.outside'), region.toUpperCase()].filter(Boolean).join(' · ')}
        </Chip>
      ),
    },
    { key: 'input', head: t('admin.models.input'), isNumber: true, cell: (model) => price(model, 'input') },
    { key: 'output', head: t('admin.models.output'), isNumber: true, cell: (model) => price(model, 'output') },
    { key: 'context', head: t('admin.models.context'), isNumber: true, cell: (model) => count(model.context_tokens, i18n.language) },
    { key: 'longest', head: t('admin.models.longest'), isNumber: true, phone: 'none', cell: (model) => count(model.max_output_tokens, i18n.language) },
    {
      key: 'abilities', head: t('admin.models.abilities'), phone: 'plain',
      cell: ({ capabilities }) => (
        <span className={styles.chips}>
          {capabilities.map((each) => <Chip key={each}>{t(`admin.models.can.${each as 'tools'}`, { defaultValue: each })}</Chip>)}
        </span>
      ),
    },
    ...(may(me, 'teams.write') ? [{ key: 'teams', head: t('admin.teams.tab'), phone: 'second' as const, cell: ({ name }: UsableModel) => usedBy(name) }] : []),
  ];
  const sorted = [...models].sort((a, b) => b.hosting.localeCompare(a.hosting) || a.name.localeCompare(b.name));
  return <Table label={t('area.titles.models')} columns={columns} rows={sorted} keyOf={({ name }) => name} foot={<><span>{t('admin.models.priceHint')}.</span> <span>{t('admin.models.foot')}</span></>} />;
};
