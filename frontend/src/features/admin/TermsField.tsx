import { useDeferredValue, useMemo, useRef, useState, type ClipboardEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import { Button } from '@/components/ui/Button';
import { TextAreaField } from '@/components/ui/Field';
import { count } from '@/lib/dates';

import { columnOf, firstColumn, MOST_BYTES } from './column';
import { doubtsOf, typedTerms } from './terms';
import { useTermNames } from './useTermNames';

import styles from './Admin.module.css';

interface TermsFieldProps {
  name: string;
  text: string;
  error: ReactNode;
  isReadOnly: boolean;
  onChange: (text: string) => void;
  /** What else can be done with the list. */
  also: ReactNode;
}

const ROWS = 14;

/** The terms of one list, one a line: typed, pasted from a sheet, or read from a file. */
export const TermsField = ({ name, text, error, isReadOnly, onChange, also }: TermsFieldProps) => {
  const { t } = useTranslation();
  const picker = useRef<HTMLInputElement>(null);
  const [note, setNote] = useState<Note | null>(null);
  const read = async (file: File) => {
    const column = await columnOf(file);
    const first = 'cells' in column ? column.cells.find((cell) => cell !== '') : undefined;
    setNote({ file: file.name, first: first ?? '', ...('cells' in column ? { lines: column.cells.length } : { problem: column.problem }) });
    if ('cells' in column) onChange([...(text.trim() === '' ? [] : [text.trimEnd()]), ...column.cells].join('\n'));
  };
  // What has many lines is put in at once: browsers insert line by line, which takes seconds for thousands.
  const paste = (event: ClipboardEvent<HTMLTextAreaElement>) => {
    const pasted = event.clipboardData.getData('text/plain');
    if (isReadOnly || !/[\t\n]/.test(pasted)) return;
    event.preventDefault();
    const isLarge = pasted.length > MOST_BYTES;
    setNote(isLarge ? { file: '', first: '', problem: 'large' } : null);
    if (isLarge) return;
    const { currentTarget: area } = event;
    const column = pasted.includes('\t') ? firstColumn(pasted, '\t').map((cell) => `${cell}\n`).join('') : pasted;
    area.setRangeText(column, area.selectionStart, area.selectionEnd, 'end');
    onChange(area.value);
  };
  const type = (typed: string) => {
    setNote(null);
    onChange(typed);
  };
  return (
    <div className={styles.terms}>
      <TextAreaField
        label={t('privacy.terms.of', { name })} hint={t('privacy.terms.hint')} error={error} rows={ROWS} wrap="off" spellCheck={false}
        autoComplete="off" readOnly={isReadOnly} value={text} onPaste={paste} onChange={({ target }) => type(target.value)}
      />
      <Counted text={text} />
      {note && <Noted note={note} />}
      {!isReadOnly && (
        <div className={styles.facts}>
          <input
            ref={picker} type="file" hidden accept=".txt,.csv,text/plain,text/csv"
            onChange={({ target }) => {
              const [file] = target.files ?? [];
              if (file) void read(file);
              target.value = ''; // the same file may be chosen again
            }}
          />
          <Button size="small" icon="file" onClick={() => picker.current?.click()}>{t('privacy.terms.read')}</Button>
          {also}
        </div>
      )}
    </div>
  );
};

/** How many terms it has, what is left out, and which are hardly meant. */
const Counted = ({ text }: { text: string }) => {
  const { t, i18n } = useTranslation();
  const named = useTermNames();
  const settled = useDeferredValue(text);
  const { terms, blank, repeated } = useMemo(() => typedTerms(settled), [settled]);
  const { tiny, cut } = useMemo(() => doubtsOf(terms), [terms]);
  const many = (what: 'terms' | 'blank' | 'repeated', some: number) => t(`privacy.terms.${what}`, { count: some, number: count(some, i18n.language) });
  const left = [blank > 0 && many('blank', blank), repeated > 0 && many('repeated', repeated)].filter(Boolean).join(', ');
  return (
    <div role="status" className={styles.hint}>
      <p>{many('terms', terms.length)}{left !== '' && <> · {t('privacy.terms.leftOut', { what: left })}</>}</p>
      {tiny.length > 0 && <p className={styles.doubt}>{t('privacy.terms.tiny', { terms: named(tiny) })}</p>}
      {cut.length > 0 && <p className={styles.doubt}>{t('privacy.terms.cut', { terms: named(cut) })}</p>}
    </div>
  );
};

/** What came of reading a file, or why something was not taken. */
interface Note {
  file: string;
  first: string;
  lines?: number;
  problem?: 'large' | 'noText' | 'unreadable';
}

const Noted = ({ note: { file, first, lines, problem } }: { note: Note }) => {
  const { t, i18n } = useTranslation();
  const named = useTermNames();
  if (problem !== undefined) {
    return <p role="alert" className={styles.refused}>{file === '' ? t('privacy.terms.pastedLarge') : t(`privacy.terms.file.${problem}`, { file })}</p>;
  }
  const number = count(lines ?? 0, i18n.language);
  return (
    <p role="status" className={styles.hint}>
      {t('privacy.terms.file.read', { count: lines ?? 0, number, file })}
      {first !== '' && <> {t('privacy.terms.file.first', { term: named([first]) })}</>}
    </p>
  );
};
