import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

import type { Me } from '@/api/client';
import { useMe } from '@/api/me';
import { ownUsageQuery, type OwnUsage } from '@/api/usage';
import { AreaPage, Card, Nothing } from '@/components/ui/AreaPage';
import { Chip } from '@/components/ui/Chip';
import { Figure, Figures } from '@/components/ui/Figure';
import { Loaded } from '@/components/ui/Loaded';
import { toneOf } from '@/components/ui/Sign';
import { Table, type Column } from '@/components/ui/Table';
import { count, dateIn, day as dayName, lastMonths, monthName, percent } from '@/lib/dates';
import { exactMoney, money } from '@/lib/format';

import { DayChart, type Series } from './DayChart';
import { daysOf, questionsOf, totalsOf, type Day } from './days';
import { PrivateText } from './PrivateText';

import styles from './UsagePage.module.css';

const MONTHS = 12;

/** One's own numbers, and nobody else's. */
export const UsagePage = () => {
  const { t, i18n } = useTranslation();
  const me = useMe();
  const navigate = useNavigate();
  const search: { month?: string } = useSearch({ strict: false });
  const months = lastMonths(dateIn(new Date(), me.tenant.timezone), MONTHS);
  const month = search.month ?? months[0] ?? '';
  const query = useQuery(ownUsageQuery(search.month ?? null));
  const aside = (
    <label className={styles.month}>
      <span className="visually-hidden">{t('usage.month')}</span>
      <select
        value={month}
        onChange={({ target }) =>
          void navigate({ to: '/usage', search: target.value === months[0] ? {} : { month: target.value }, replace: true })}
      >
        {months.map((each) => <option key={each} value={each}>{monthName(each, i18n.language)}</option>)}
      </select>
    </label>
  );
  return (
    <AreaPage title={t('area.titles.usage')} aside={<>{aside}<span>{t('usage.onlyYou')}</span></>}>
      <Loaded query={query} lines={6}>{(usage) => <Month usage={usage} me={me} />}</Loaded>
    </AreaPage>
  );
};

const Month = ({ usage, me }: { usage: OwnUsage; me: Me }) => {
  const { t, i18n } = useTranslation();
  const language = i18n.language;
  const days = daysOf(usage);
  const totals = totalsOf(days);
  const questions = questionsOf(totals);
  if (questions === 0 && totals.cost === 0) return <Nothing title={t('usage.empty')}>{t('usage.emptyHint')}</Nothing>;
  const series: Series[] = [
    { key: 'inside', name: t('sign.inside', { company: me.tenant.name }), look: 'inside', value: (day) => day.inside },
    { key: 'outside', name: t('sign.outside'), look: 'outside', value: (day) => day.outside },
    ...(totals.nowhere > 0
      ? [{ key: 'nowhere', name: t('usage.nowhere'), look: 'neutral' as const, value: (day: Day) => day.nowhere }]
      : []),
  ];
  const busiest = days.reduce((most, day) => (questionsOf(day) > questionsOf(most) ? day : most));
  const dearest = days.reduce((most, day) => (day.cost > most.cost ? day : most));
  const on = (date: string) => dayName(`${date}T12:00:00Z`, language, 'UTC');
  const saved = usage.largest_microusd - totals.cost;
  return (
    <>
      <Figures label={t('usage.sums')}>
        <Figure name={t('usage.questions')} value={count(questions, language)}>{t('usage.onDays', { count: totals.active })}</Figure>
        <Figure name={t('usage.cost')} value={money(totals.cost, language)} exact={exactMoney(totals.cost, language)}>
          {t('usage.costHint')}
        </Figure>
        <Figure name={t('why.largest')} value={money(usage.largest_microusd, language)} exact={exactMoney(usage.largest_microusd, language)}>
          {saved > 0 ? t('usage.saved', { amount: money(saved, language) }) : t('usage.savedNothing')}
        </Figure>
        <Figure name={t('sign.inside', { company: me.tenant.name })} value={percent(questions === 0 ? 0 : totals.inside / questions, language)}>
          {t('usage.insideHint', { count: totals.inside })}
        </Figure>
      </Figures>
      <div className={styles.pair}>
        <Card title={t('usage.questionsADay')}>
          <DayChart
            days={days}
            series={series}
            isWhole
            show={(value) => count(value, language)}
            caption={t('usage.busiest', { day: on(busiest.date), count: questionsOf(busiest), inside: count(totals.inside, language), outside: count(totals.outside, language) })}
          />
        </Card>
        <Card title={t('usage.costADay')}>
          <DayChart
            days={days}
            series={[{ key: 'cost', name: t('usage.cost'), look: 'plain', value: (day) => day.cost }]}
            isWhole={false}
            show={(value) => (value === 0 ? '0' : money(value, language))}
            caption={dearest.cost > 0 ? t('usage.dearest', { day: on(dearest.date), amount: money(dearest.cost, language) }) : t('usage.nothingSpent')}
          />
        </Card>
      </div>
      <details className={styles.details}>
        <summary>{t('usage.asTable')}</summary>
        <DayTable days={days.filter((day) => questionsOf(day) > 0 || day.cost > 0)} on={on} />
      </details>
      <div className={styles.pair}>
        <Card title={t('usage.byModel')}><ModelTable models={usage.models} /></Card>
        <Card title={t('usage.privateText')}><PrivateText usage={usage} questions={questions} company={me.tenant.name} /></Card>
      </div>
    </>
  );
};

const DayTable = ({ days, on }: { days: readonly Day[]; on: (date: string) => string }) => {
  const { t, i18n } = useTranslation();
  const number = (value: number) => count(value, i18n.language);
  const columns: Column<Day>[] = [
    { key: 'date', head: t('usage.day'), phone: 'first', cell: ({ date }) => on(date) },
    { key: 'inside', head: t('usage.inside'), isNumber: true, cell: ({ inside }) => number(inside) },
    { key: 'outside', head: t('usage.outside'), isNumber: true, cell: ({ outside }) => number(outside) },
    { key: 'nowhere', head: t('usage.nowhere'), isNumber: true, cell: ({ nowhere }) => number(nowhere) },
    { key: 'cost', head: t('usage.cost'), isNumber: true, phone: 'aside', cell: ({ cost }) => money(cost, i18n.language) },
  ];
  return <Table label={t('usage.asTable')} columns={columns} rows={days} keyOf={({ date }) => date} />;
};

type ModelSums = OwnUsage['models'][number];

const ModelTable = ({ models }: { models: readonly ModelSums[] }) => {
  const { t, i18n } = useTranslation();
  const columns: Column<ModelSums>[] = [
    { key: 'model', head: t('usage.model'), phone: 'first', cell: ({ model }) => <span className="mono">{model}</span> },
    {
      key: 'hosting', head: t('usage.where'), phone: 'plain',
      cell: ({ hosting }) => (
        <Chip tone={toneOf(hosting)} icon={hosting === 'self_hosted' ? 'house' : 'leaving'}>
          {t(hosting === 'self_hosted' ? 'sign.insideShort' : 'sign.outside')}
        </Chip>
      ),
    },
    { key: 'questions', head: t('usage.questions'), isNumber: true, cell: ({ questions }) => count(questions, i18n.language) },
    {
      key: 'cost', head: t('usage.cost'), isNumber: true, phone: 'aside',
      cell: ({ cost_microusd: cost }) => <span title={exactMoney(cost, i18n.language)}>{cost === 0 ? t('answer.free') : money(cost, i18n.language)}</span>,
    },
  ];
  return <Table label={t('usage.byModel')} columns={columns} rows={models} keyOf={({ model, hosting }) => `${model} ${hosting}`} />;
};
