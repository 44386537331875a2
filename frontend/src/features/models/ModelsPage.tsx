import { useNavigate, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

import { may, useMe } from '@/api/me';
import { AreaPage } from '@/components/ui/AreaPage';
import { Tabs } from '@/components/ui/Tabs';

import { PricesTab } from './PricesTab';
import { ProfilesTab } from './ProfilesTab';

import './words';

const TABS = ['profiles', 'prices'] as const;

/** What the models are worth here, for administrators; and what they cost, for everybody who looks after money. */
export const ModelsPage = () => {
  const { t: common } = useTranslation();
  const { t } = useTranslation('models');
  const me = useMe();
  const navigate = useNavigate();
  const { tab }: { tab?: string } = useSearch({ strict: false });
  if (!may(me, 'profiles.read')) {
    return <AreaPage title={common('area.titles.models')} aside={common('admin.models.priceHint')}><PricesTab /></AreaPage>;
  }
  const current = TABS.find((each) => each === tab) ?? 'profiles';
  const choose = (next: (typeof TABS)[number]) =>
    void navigate({ to: '/admin/models', search: next === 'profiles' ? {} : { tab: next }, replace: true });
  return (
    <AreaPage title={common('area.titles.models')}>
      <Tabs label={t('tabs')} current={current} onChoose={choose} tabs={TABS.map((key) => ({ key, label: t(key) }))}>
        {current === 'profiles' ? <ProfilesTab /> : <PricesTab />}
      </Tabs>
    </AreaPage>
  );
};
