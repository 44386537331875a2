import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';

import { alarmsQuery, profilesQuery, type ModelProfile } from '@/api/models';
import { may, useMe } from '@/api/me';
import { Nothing } from '@/components/ui/AreaPage';
import { SelectField } from '@/components/ui/Field';
import { Loaded } from '@/components/ui/Loaded';
import { Notice } from '@/components/ui/Notice';
import { useMedia } from '@/components/ui/useMedia';

import { OpenAlarms } from './Alarms';
import { Choice } from './Choice';
import { Matrix } from './Matrix';
import { PhoneList } from './PhoneList';
import { PlainTable } from './PlainTable';
import { bestFirst, chosen, COLUMNS, openAlarms, orderOf, sorted, wordOf, type Order } from './profiles';
import { useShow } from './show';
import type { ShownProfiles } from './shown';
import { WaitChart } from './WaitChart';

import styles from './Models.module.css';

/** What the company measured of its models, and which have silently changed. */
export const ProfilesTab = () => {
  const { t } = useShow();
  const me = useMe();
  const profiles = useQuery(profilesQuery);
  const alarms = useQuery({ ...alarmsQuery, enabled: may(me, 'lab.profile') });
  const changed = new Set(openAlarms(alarms.data ?? []).map(({ model }) => model));
  return (
    <>
      <OpenAlarms alarms={alarms.data ?? []} isLinked />
      <Loaded query={profiles} lines={6}>
        {(found) => found.length === 0
          ? <Nothing title={t('none')}>{t('noneHint')}</Nothing>
          : <Profiles found={found} changed={changed} />}
      </Loaded>
    </>
  );
};

const Profiles = ({ found, changed }: { found: readonly ModelProfile[]; changed: ReadonlySet<string> }) => {
  const { t, head } = useShow();
  const isNarrow = useMedia('(max-width: 767px)');
  const navigate = useNavigate();
  const { view, sort }: { view?: string; sort?: string } = useSearch({ strict: false });
  const order = orderOf(sort);
  const go = (nextView: string | undefined, next: Order) => {
    const word = wordOf(next);
    const search = { ...(nextView === 'table' ? { view: 'table' } : {}), ...(word === wordOf(bestFirst('overall')) ? {} : { sort: word }) };
    void navigate({ to: '/admin/models', search, replace: true });
  };
  const shown: ShownProfiles = {
    profiles: sorted(found, order),
    changed,
    sortOf: (key) => ({
      direction: order.key === key ? (order.isDescending ? 'descending' : 'ascending') : null,
      onSort: () => go(view, chosen(order, key)),
    }),
  };
  const isTable = view === 'table';
  return (
    <>
      {found.every(({ updated_at: at }) => at === null) && <Notice tone="neutral" icon="chart" title={t('nothing')}>{t('nothingHint')}</Notice>}
      <div className={styles.above}>
        <span>{t('aside')}</span>
        <Choice
          label={t('look')} current={isTable ? 'table' : 'dots'} onChoose={(next) => go(next, order)}
          options={[{ key: 'dots', label: t('asDots') }, { key: 'table', label: t('asTable') }]}
        />
      </div>
      {isNarrow && (
        <SelectField
          label={t(isTable ? 'sortBy' : 'showAndSort')} value={order.key}
          onChange={({ target }) => go(view, bestFirst(COLUMNS.find((key) => key === target.value) ?? 'overall'))}
        >
          {COLUMNS.map((key) => <option key={key} value={key}>{head(key)}</option>)}
        </SelectField>
      )}
      {isTable && <PlainTable {...shown} hasHeads={!isNarrow} />}
      {!isTable && isNarrow && <PhoneList {...shown} current={order.key} />}
      {!isTable && !isNarrow && <Matrix {...shown} />}
      <WaitChart profiles={shown.profiles} />
    </>
  );
};
