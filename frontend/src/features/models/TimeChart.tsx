import { classNames } from '@/components/ui/classNames';

import { apart, dateOf, dayNumber, roundAbove, scale, segments, type Point } from './scales';
import { onDay, shortDay } from './show';
import { useWidth } from './useWidth';

import styles from './TimeChart.module.css';

export interface Line {
  key: string;
  name: string;
  look: 'solid' | 'dashed' | 'dotted';
  points: readonly Point[];
}

interface TimeChartProps {
  lines: readonly Line[];
  /** First and last day, as `2026-11-25`. */
  from: string;
  to: string;
  language: string;
  /** The same in a sentence: what the chart says to whoever does not see it. */
  caption: string;
  show: (value: number) => string;
  /** The figures of the scale, exactly. */
  axis: (value: number) => string;
  /** The top of the scale; without it a round number above all points. */
  top?: number;
  /** Days on which something happened, with what. */
  marks?: readonly { date: string; label: string }[];
}

const [HEIGHT, LEFT, BOTTOM, TOP, LABEL] = [176, 56, 24, 16, 66];
const GROUND = HEIGHT - BOTTOM;
const FEW_POINTS = 45;

/** Figures by day as lines from zero up, each with its name at its end; days without a figure are gaps. */
export const TimeChart = ({ lines, from, to, language, caption, show, axis, top, marks = [] }: TimeChartProps) => {
  const [box, width] = useWidth(600);
  const drawn = lines.filter(({ points }) => points.length > 0);
  const right = width - (lines.length > 1 ? LABEL : 10);
  const ceiling = top ?? roundAbove(Math.max(0, ...drawn.flatMap(({ points }) => points.map(({ value }) => value))));
  const x = scale([dayNumber(from), dayNumber(to)], [LEFT, right]);
  const y = scale([0, ceiling], [GROUND, TOP]);
  const spot = ({ date, value }: Point): [number, number] => [x(dayNumber(date)), y(value)];
  const labels = apart(drawn.map(({ points }) => y(points.at(-1)?.value ?? 0)), 15, GROUND);
  const middle = dateOf(Math.round((dayNumber(from) + dayNumber(to)) / 2));
  return (
    <figure className={styles.chart}>
      <div ref={box}>
        <svg viewBox={`0 0 ${width} ${HEIGHT}`} width={width} height={HEIGHT} role="img" aria-label={caption}>
          {[0, ceiling / 2, ceiling].map((value) => (
            <g key={value}>
              <line className={styles.grid} x1={LEFT} x2={right} y1={y(value)} y2={y(value)} />
              <text x={LEFT - 8} y={y(value) + 4} textAnchor="end">{axis(value)}</text>
            </g>
          ))}
          <text x={LEFT} y={HEIGHT - 5}>{shortDay(from, language)}</text>
          <text x={(LEFT + right) / 2} y={HEIGHT - 5} textAnchor="middle">{shortDay(middle, language)}</text>
          <text x={right} y={HEIGHT - 5} textAnchor="end">{shortDay(to, language)}</text>
          {marks.filter(({ date }) => date >= from && date <= to).map(({ date, label }) => {
            const at = x(dayNumber(date));
            const isLate = at > (LEFT + right) / 2;
            return (
              <g key={date} className={styles.mark}>
                <line x1={at} x2={at} y1={TOP - 8} y2={GROUND} />
                <text x={at + (isLate ? -6 : 6)} y={TOP - 4} textAnchor={isLate ? 'end' : 'start'}>{label}</text>
              </g>
            );
          })}
          {drawn.map(({ key, name, look, points }, at) => (
            <g key={key} className={classNames(styles.line, styles[look])}>
              {segments(points).map((part) => (
                <polyline key={part[0]?.date} points={part.map((point) => spot(point).join(',')).join(' ')} />
              ))}
              {points.map((point) => {
                const [cx, cy] = spot(point);
                return (
                  <circle key={point.date} cx={cx} cy={cy} r={points.length > FEW_POINTS ? 1.2 : 2.4}>
                    <title>{`${onDay(point.date, language)}: ${show(point.value)}`}</title>
                  </circle>
                );
              })}
              {lines.length > 1 && <text x={right + 8} y={(labels[at] ?? 0) + 4}>{name}</text>}
            </g>
          ))}
        </svg>
      </div>
      <figcaption>{caption}</figcaption>
    </figure>
  );
};
