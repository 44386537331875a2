import type { ClipboardEvent, KeyboardEvent, Ref } from 'react';

import { piecesOf, type Checked } from './privacyMarks';

import styles from './Composer.module.css';

/** A last line that is empty has a height only with something in it. */
const END = '\u200b';

interface MarkedFieldProps {
  text: string;
  checked: Checked | null;
  label: string;
  placeholder: string;
  field: Ref<HTMLTextAreaElement>;
  onChange: (text: string) => void;
  onKeyDown: (event: KeyboardEvent) => void;
  onPaste: (event: ClipboardEvent) => void;
}

/**
 * A text field in which private details are underlined. The text is laid out twice, exactly alike: behind, with the
 * marks, where it also gives the height; in front, transparent to the marks, where it is written.
 */
export const MarkedField = ({ text, checked, label, placeholder, field, onChange, onKeyDown, onPaste }: MarkedFieldProps) => (
  <div className={styles.field}>
    <div className={styles.marks} aria-hidden="true">
      {piecesOf(text, checked).map((piece, index) =>
        piece.type ? <mark key={index}>{piece.text}</mark> : <span key={index}>{piece.text}</span>,
      )}
      {END}
    </div>
    <textarea
      ref={field}
      id="question"
      rows={1}
      value={text}
      aria-label={label}
      placeholder={placeholder}
      onChange={(event) => onChange(event.target.value)}
      onKeyDown={onKeyDown}
      onPaste={onPaste}
    />
  </div>
);
