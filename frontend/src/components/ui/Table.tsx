import type { ReactNode } from 'react';

import { classNames } from './classNames';

import styles from './Table.module.css';

export interface Column<Row> {
  key: string;
  head: string;
  cell: (row: Row) => ReactNode;
  /** Numbers stand at the end. */
  isNumber?: boolean;
  /** On phones a row has two lines: what stands in the first, at its end, in the second with its head, or not at all. */
  phone?: 'first' | 'aside' | 'second' | 'plain' | 'none';
  /** The head is heard and not seen: for buttons. */
  isMute?: boolean;
  /** The head is a button that sorts by this column. */
  sort?: Sorting;
}

export interface Sorting {
  /** How the rows are sorted by this column now; null where they are not. */
  direction: 'ascending' | 'descending' | null;
  onSort: () => void;
}

/** The head of a column by which one can sort: its word, and an arrow where the rows are sorted by it. */
export const SortHead = ({ sort: { direction, onSort }, children }: { sort: Sorting; children: ReactNode }) => (
  <button type="button" className={classNames(styles.sort, direction && styles.sorted)} onClick={onSort}>
    <span>{children}</span>
    <span className={styles.arrow} aria-hidden="true">{direction === 'descending' ? '↓' : '↑'}</span>
  </button>
);

interface TableProps<Row> {
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  keyOf: (row: Row) => string | number;
  /** The row where one is. */
  current?: string | number | null;
  onPick?: (row: Row) => void;
  foot?: ReactNode;
}

/** A list with columns. Roles are written out, because a browser forgets them where rows become two lines. */
export const Table = <Row,>({ label, columns, rows, keyOf, current = null, onPick, foot }: TableProps<Row>) => (
  <div className={styles.frame}>
    <table role="table" className={styles.table} aria-label={label}>
      <thead role="rowgroup">
        <tr role="row">
          {columns.map(({ key, head, isNumber, isMute, sort }) => (
            <th
              key={key} role="columnheader" scope="col" className={classNames(isNumber && styles.number)}
              aria-sort={sort?.direction ?? undefined}
            >
              {isMute ? <span className="visually-hidden">{head}</span> : sort ? <SortHead sort={sort}>{head}</SortHead> : head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {rows.map((row) => (
          <tr
            key={keyOf(row)}
            role="row"
            data-key={keyOf(row)}
            className={classNames(keyOf(row) === current && styles.current, onPick && styles.picked)}
            onClick={onPick && (() => onPick(row))}
          >
            {columns.map(({ key, head, cell, isNumber, phone = 'second' }) => (
              <td key={key} role="cell" className={classNames(isNumber && styles.number, styles[phone])} data-head={head}>
                {cell(row)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
    {foot && <div className={styles.foot}>{foot}</div>}
  </div>
);
