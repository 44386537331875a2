import { Notice } from '@/components/ui/Notice';
import { Table, type Column } from '@/components/ui/Table';

import { MOST_NAMED, type WrongLine } from './upload';
import { useFigures, useLab } from './useLab';

import styles from './Lab.module.css';

/** Which lines of a file are wrong, and why. */
export const WrongLines = ({ lines }: { lines: readonly WrongLine[] }) => {
  const { t } = useLab();
  const figures = useFigures();
  const number = figures.number(lines.length);
  const columns: Column<WrongLine>[] = [
    { key: 'number', head: t('upload.lineNumber'), isNumber: true, phone: 'second', cell: (line) => figures.number(line.number) },
    { key: 'what', head: t('upload.what'), phone: 'second', cell: ({ what }) => <span lang="en">{what}</span> },
    { key: 'text', head: t('upload.text'), phone: 'second', cell: ({ text }) => <span className={styles.line}>{text}</span> },
  ];
  return (
    <>
      <Notice
        tone="stop" icon="octagon"
        title={lines.length >= MOST_NAMED ? t('upload.wrongMany', { number }) : t('upload.wrong', { count: lines.length, number })}
      >
        {t('upload.wrongHint')}
      </Notice>
      <div className={styles.wrong} tabIndex={0} role="group" aria-label={t('upload.what')}>
        <Table label={t('upload.what')} columns={columns} rows={lines} keyOf={(line) => line.number} />
      </div>
    </>
  );
};
