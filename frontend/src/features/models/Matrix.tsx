import { useRef, useState, type KeyboardEvent } from 'react';

import type { ModelProfile } from '@/api/models';
import { classNames } from '@/components/ui/classNames';
import { SortHead } from '@/components/ui/Table';

import { Interval, Key } from './Interval';
import { ModelName } from './ModelName';
import { estimateOf, FIGURES, inHundred, isBest, QUALITIES, TASKS, type ColumnKey, type Quality } from './profiles';
import { useShow } from './show';
import type { ShownProfiles } from './shown';

import styles from './Matrix.module.css';

interface Place {
  row: number;
  column: number;
}

/** Where an arrow key leads in a field of dots; null for other keys. */
const step = (key: string, { row, column }: Place, rows: number): Place | null => {
  const goals: Record<string, Place> = {
    ArrowRight: { row, column: column + 1 }, ArrowLeft: { row, column: column - 1 },
    ArrowDown: { row: row + 1, column }, ArrowUp: { row: row - 1, column },
    Home: { row, column: 0 }, End: { row, column: QUALITIES.length - 1 },
  };
  const goal = goals[key];
  return goal === undefined ? null : {
    row: Math.max(0, Math.min(rows - 1, goal.row)), column: Math.max(0, Math.min(QUALITIES.length - 1, goal.column)),
  };
};

/** A dot with its interval for each model and kind of question. One stop for Tab; arrows go from dot to dot. */
export const Matrix = ({ profiles, changed, sortOf }: ShownProfiles) => {
  const { t, told, figure } = useShow();
  const [place, setPlace] = useState<Place>({ row: 0, column: 0 });
  const [read, setRead] = useState<string | null>(null);
  const body = useRef<HTMLTableSectionElement>(null);
  const onKeyDown = (event: KeyboardEvent) => {
    if (!(event.target instanceof HTMLElement) || event.target.dataset.place === undefined) return;
    const goal = step(event.key, place, profiles.length);
    if (!goal) return;
    event.preventDefault();
    body.current?.querySelector<HTMLElement>(`[data-place="${goal.row}-${goal.column}"]`)?.focus();
  };
  const row = Math.min(place.row, profiles.length - 1);
  const tell = (profile: ModelProfile, key: Quality) => {
    const estimate = estimateOf(profile, key);
    setRead(estimate && told(profile.model, key, estimate));
  };
  return (
    <div className={styles.frame}>
      <div className={styles.scroll}>
        <table role="grid" className={styles.matrix} aria-label={t('matrix')} aria-description={t('matrixHint')}>
          <thead>
            <tr>
              <Head column="model" sortOf={sortOf} />
              {QUALITIES.map((key) => <Head key={key} column={key} sortOf={sortOf} />)}
              {FIGURES.map((key) => <Head key={key} column={key} sortOf={sortOf} />)}
            </tr>
          </thead>
          <tbody ref={body} onKeyDown={onKeyDown} onPointerLeave={() => setRead(null)}>
            {profiles.map((profile, at) => (
              <tr key={profile.model}>
                <th scope="row" className={styles.model}><ModelName profile={profile} isChanged={changed.has(profile.model)} /></th>
                {QUALITIES.map((key, column) => (
                  <td
                    key={key}
                    data-place={`${at}-${column}`}
                    tabIndex={row === at && place.column === column ? 0 : -1}
                    className={classNames(styles.cell, key === 'overall' && styles.overall)}
                    onFocus={() => {
                      setPlace({ row: at, column });
                      tell(profile, key);
                    }}
                    onBlur={() => setRead(null)}
                    onPointerEnter={() => tell(profile, key)}
                  >
                    <Dot profile={profile} column={key} isBest={isBest(profiles, profile, key)} isChanged={changed.has(profile.model)} />
                  </td>
                ))}
                {FIGURES.map((key) => <td key={key} className={styles.figure}><FigureCell text={figure(profile, key)} /></td>)}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <div className={styles.foot}>
        <p className={styles.read} aria-hidden="true">{read ?? t('point')}</p>
        <p className={styles.legend}>
          <span>{t('legend')}</span>
          <span><Key look="band" />{t('legendBand')}</span>
          <span><Key look="dot" />{t('legendDot')}</span>
          <span><Key look="ring" />{t('legendRing')}</span>
          <span>{t('legendBest')}</span>
        </p>
        <p>{t('figuresHint')}</p>
      </div>
    </div>
  );
};

const Head = ({ column, sortOf }: { column: ColumnKey; sortOf: ShownProfiles['sortOf'] }) => {
  const { t, head } = useShow();
  const sort = sortOf(column);
  const isTask = (TASKS as readonly string[]).includes(column);
  const isFigure = (FIGURES as readonly string[]).includes(column);
  return (
    <th
      scope="col"
      aria-sort={sort.direction ?? undefined}
      className={classNames(column === 'model' && styles.model, isFigure && styles.figure, column === 'overall' && styles.overall)}
    >
      <SortHead sort={sort}>
        {isTask ? <><span aria-hidden="true">{t(`heads.${column as 'math'}`)}</span><span className="visually-hidden">{head(column)}</span></> : head(column)}
      </SortHead>
    </th>
  );
};

interface DotProps {
  profile: ModelProfile;
  column: Quality;
  isBest: boolean;
  isChanged: boolean;
}

const Dot = ({ profile, column, isBest: best, isChanged }: DotProps) => {
  const { told } = useShow();
  const estimate = estimateOf(profile, column);
  if (!estimate) return null;
  return (
    <>
      <span className={classNames(styles.value, best && styles.best)} aria-hidden="true">{inHundred(estimate.quality)}</span>
      <Interval estimate={estimate} isChanged={isChanged && column === 'overall'} />
      <span className="visually-hidden">{told(profile.model, column, estimate)}</span>
    </>
  );
};

const FigureCell = ({ text }: { text: string | null }) => {
  const { t } = useShow();
  if (text !== null) return <>{text}</>;
  return <><span aria-hidden="true">–</span><span className="visually-hidden">{t('unknown')}</span></>;
};

