import { useId } from 'react';

import { ceilingOf, type Day } from './days';

import styles from './DayChart.module.css';

export interface Series {
  key: string;
  name: string;
  look: 'inside' | 'outside' | 'neutral' | 'plain';
  value: (day: Day) => number;
}

interface DayChartProps {
  days: readonly Day[];
  series: readonly Series[];
  /** The same in a sentence: what the chart says to whoever does not see it. */
  caption: string;
  isWhole: boolean;
  show: (value: number) => string;
}

const [WIDTH, HEIGHT, LEFT, BOTTOM, TOP] = [760, 168, 52, 22, 8];
const GROUND = HEIGHT - BOTTOM;

/** Bars for the days of a month, one series on the other. A table beside it holds the same figures. */
export const DayChart = ({ days, series, caption, isWhole, show }: DayChartProps) => {
  const id = useId();
  const ceiling = ceilingOf(Math.max(...days.map((day) => series.reduce((sum, { value }) => sum + value(day), 0))), isWhole);
  const step = (WIDTH - LEFT) / days.length;
  const height = (value: number): number => (value / ceiling) * (GROUND - TOP);
  return (
    <figure className={styles.chart}>
      {series.length > 1 && (
        <ul className={styles.legend} aria-hidden="true">
          {series.map(({ key, name, look }) => <li key={key}><span className={styles[look]} /> {name}</li>)}
        </ul>
      )}
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={caption}>
        <defs>
          <pattern id={id} width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
            <rect width="6" height="6" className={styles.outsideGround} />
            <rect width="3.6" height="6" className={styles.outsideLine} />
          </pattern>
        </defs>
        {[0, ceiling / 2, ceiling].map((value) => (
          <g key={value}>
            <line x1={LEFT} x2={WIDTH} y1={GROUND - height(value)} y2={GROUND - height(value)} className={styles.line} />
            <text x={LEFT - 8} y={GROUND - height(value) + 4} textAnchor="end">{show(value)}</text>
          </g>
        ))}
        {days.map((day, at) => (
          <g key={day.date}>
            {stacked(day, series).map(({ look, key, from, value }) => value > 0 && (
              <rect
                key={key}
                x={LEFT + at * step + step * 0.18}
                y={GROUND - height(from + value)}
                width={step * 0.64}
                height={Math.max(1.5, height(value) - (from > 0 ? 0 : 0.5))}
                className={styles[look]}
                {...(look === 'outside' ? { fill: `url(#${id})` } : {})}
              />
            ))}
            {(at % 5 === 0 || days.length < 12) && (
              <text x={LEFT + (at + 0.5) * step} y={HEIGHT - 5} textAnchor="middle">{at + 1}</text>
            )}
          </g>
        ))}
      </svg>
      <figcaption>{caption}</figcaption>
    </figure>
  );
};

const stacked = (day: Day, series: readonly Series[]) => {
  let from = 0;
  return series.map(({ key, look, value }) => {
    const part = { key, look, from, value: value(day) };
    from += part.value;
    return part;
  });
};
