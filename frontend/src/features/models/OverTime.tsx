import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';

import { historyQuery, type Alarm, type ProfileDay } from '@/api/models';
import { Card, Nothing } from '@/components/ui/AreaPage';
import { Loaded } from '@/components/ui/Loaded';
import { Table, type Column } from '@/components/ui/Table';
import { count, dateIn } from '@/lib/dates';

import { chartsOf, type Chart } from './charts';
import { Choice } from './Choice';
import { Details } from './Details';
import { dateOf, dayNumber, SPANS, spanOf, USUAL_SPAN, type Span } from './scales';
import { onDay, shortDay, useShow } from './show';
import { TimeChart } from './TimeChart';

import styles from './Models.module.css';

/** How the model went, day by day. */
export const OverTime = ({ model, alarms }: { model: string; alarms: readonly Alarm[] }) => {
  const { t } = useShow();
  const navigate = useNavigate();
  const { span: word }: { span?: string } = useSearch({ strict: false });
  const span = spanOf(word);
  const query = useQuery(historyQuery(model, span.days));
  return (
    <>
      <div className={styles.head}>
        <div><h2>{t('overTime')}</h2>{t('utc')}</div>
        <Choice
          label={t('spans')} current={span.word}
          options={SPANS.map((each) => ({ key: each.word, label: each.word === 'year' ? t('year') : t('span', { days: each.days }) }))}
          onChoose={(next) => void navigate({ to: '/admin/models/$model', params: { model }, search: next === USUAL_SPAN.word ? {} : { span: next }, replace: true })}
        />
      </div>
      <Loaded query={query} lines={6}>
        {(found) => found.length === 0
          ? <Nothing title={t('noDays')}>{t('noDaysHint')}</Nothing>
          : <Charts days={found} span={span} alarms={alarms} />}
      </Loaded>
    </>
  );
};

const Charts = ({ days, span, alarms }: { days: readonly ProfileDay[]; span: Span; alarms: readonly Alarm[] }) => {
  const show = useShow();
  const [today] = useState(() => dateIn(new Date(), 'UTC'));
  const marks = alarms.map(({ raised_at: at }) => {
    const date = dateIn(new Date(at), 'UTC');
    return { date, label: show.t('changedOn', { day: shortDay(date, show.language) }) };
  });
  return (
    <div className={styles.pair}>
      {chartsOf(days, show).map((chart) => (
        <Card key={chart.key} title={show.t(`charts.${chart.key}`)}>
          {chart.lines.every(({ points }) => points.length === 0)
            ? <p className={styles.hint}>{chart.caption}</p>
            : (
              <>
                <TimeChart
                  lines={chart.lines} from={dateOf(dayNumber(today) - span.days + 1)} to={today} language={show.language}
                  caption={chart.caption} show={chart.show} axis={chart.axis} marks={chart.key === 'quality' ? marks : []}
                  {...(chart.top === undefined ? {} : { top: chart.top })}
                />
                <ChartTable chart={chart} days={days} />
              </>
            )}
        </Card>
      ))}
    </div>
  );
};

/** The name of a line as the head of a column. */
const capital = (name: string): string => name.slice(0, 1).toUpperCase() + name.slice(1);

const ChartTable = ({ chart, days }: { chart: Chart; days: readonly ProfileDay[] }) => {
  const { t, language } = useShow();
  const what = t(`charts.${chart.key}`);
  const rows = days.filter(({ date }) => chart.lines.some(({ points }) => points.some((point) => point.date === date)));
  const value = (line: Chart['lines'][number], date: string): string => {
    const found = line.points.find((point) => point.date === date);
    return found ? chart.show(found.value) : '–';
  };
  const columns: Column<ProfileDay>[] = [
    { key: 'date', head: t('day'), phone: 'first', cell: ({ date }) => onDay(date, language) },
    ...chart.lines.map((line) => ({ key: line.key, head: chart.key === 'quality' ? t('quality') : capital(line.name), isNumber: true, cell: ({ date }: ProfileDay) => value(line, date) })),
    chart.key === 'quality'
      ? { key: 'samples', head: t('samples'), isNumber: true, cell: ({ samples }) => (samples === null ? '–' : count(Math.round(samples), language)) }
      : { key: 'attempts', head: t('attempts'), isNumber: true, cell: ({ attempts }) => (attempts === null ? '–' : count(attempts, language)) },
  ];
  return (
    <Details what={what}>
      <Table label={what} columns={columns} rows={rows} keyOf={({ date }) => date} />
    </Details>
  );
};
