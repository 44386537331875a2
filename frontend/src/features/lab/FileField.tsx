import { useState, type DragEvent } from 'react';

import { classNames } from '@/components/ui/classNames';
import { Field } from '@/components/ui/Field';

import { LARGEST_MB, linesIn } from './upload';
import { useFigures, useLab } from './useLab';

import styles from './Lab.module.css';

const MEGABYTE = 1_000_000;

export interface ChosenFile {
  name: string;
  text: string;
  isLarge: boolean;
}

interface FileFieldProps {
  file: ChosenFile | null;
  error: string | undefined;
  onFile: (file: ChosenFile) => void;
}

/** A file that is dropped or chosen. It is read here, so that what is wrong can be shown with what stands there. */
export const FileField = ({ file, error, onFile }: FileFieldProps) => {
  const { t } = useLab();
  const figures = useFigures();
  const [isOver, setOver] = useState(false);
  const take = async (files: FileList | null) => {
    const chosen = files?.[0];
    if (!chosen) return;
    const isLarge = chosen.size > LARGEST_MB * MEGABYTE;
    onFile({ name: chosen.name, text: isLarge ? '' : await chosen.text(), isLarge });
  };
  const drag = (isHere: boolean) => (event: DragEvent) => {
    event.preventDefault();
    setOver(isHere);
  };
  const lines = file ? linesIn(file.text) : 0;
  return (
    <div
      className={classNames(styles.drop, isOver && styles.dragged)}
      onDragOver={drag(true)}
      onDragLeave={drag(false)}
      onDrop={(event) => {
        drag(false)(event);
        void take(event.dataTransfer.files);
      }}
    >
      <Field label={t('upload.file')} hint={isOver ? t('upload.drop') : t('upload.fileHint')} error={error}>
        {(control) => (
          <span>
            <input
              {...control} type="file" accept=".jsonl,.ndjson,.json,application/x-ndjson" data-autofocus
              className={classNames('visually-hidden', styles.file)}
              onChange={({ target }) => {
                void take(target.files);
                target.value = ''; // the same file, corrected, can be chosen again
              }}
            />
            <label htmlFor={control.id} className={styles.choose}>{t('upload.choose')}</label>
          </span>
        )}
      </Field>
      {file && !file.isLarge && (
        <p role="status" className={styles.strong}>
          {t('upload.chosen', { name: file.name, lines: t('upload.lines', { count: lines, number: figures.number(lines) }) })}
        </p>
      )}
    </div>
  );
};
