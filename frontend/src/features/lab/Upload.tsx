import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';

import { ApiError } from '@/api/client';
import { uploadSuite, type Suite } from '@/api/lab';
import { Dialog } from '@/components/ui/Dialog';
import { TextField } from '@/components/ui/Field';
import { FieldForm } from '@/components/ui/FieldForm';
import { interrupt } from '@/lib/announcer';
import { showToast } from '@/lib/toasts';

import { FileField, type ChosenFile } from './FileField';
import { LARGEST_MB, nameOf, SLUG, slugOf, wrongLines, type WrongLine } from './upload';
import { useFigures, useLab } from './useLab';
import { WrongLines } from './WrongLines';

import styles from './Lab.module.css';

/** A line as a suite has it; names of fields are the same in every language. */
const EXAMPLE = `{"id": "vat-1", "task": "math", "domain": "finance_business",
 "prompt": "What is 19 % of 200? End with the number.",
 "check": {"kind": "numeric", "value": 38}}`;

type Problems = Partial<Record<'file' | 'name' | 'slug', string>>;

interface UploadProps {
  /** A new version of this one; null: a suite of its own, or of whatever short name is typed. */
  suite: Suite | null;
  onClose: () => void;
}

/** A suite from a file. Every line is checked; with a wrong one nothing is stored, and each is named. */
export const Upload = ({ suite, onClose }: UploadProps) => {
  const { t } = useLab();
  const figures = useFigures();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [file, setFile] = useState<ChosenFile | null>(null);
  const [name, setName] = useState(suite?.name ?? '');
  const [slug, setSlug] = useState(suite?.slug ?? '');
  const [problems, setProblems] = useState<Problems | null>(null);
  const [wrong, setWrong] = useState<readonly WrongLine[]>([]);
  const storing = useMutation({
    mutationFn: (lines: string) => uploadSuite({ slug, name: name.trim(), lines }),
    onSuccess: (stored) => {
      showToast(t('upload.stored', {
        name: stored.name, questions: t('manyQuestions', { count: stored.questions, number: figures.number(stored.questions) }),
      }));
      onClose();
      void navigate({ to: '/admin/lab', search: { suite: stored.slug } });
      return client.invalidateQueries({ queryKey: ['lab', 'suites'] });
    },
    onError: (error, lines) => {
      if (!(error instanceof ApiError)) return;
      const found = wrongLines(error.fields, lines);
      setWrong(found);
      setProblems(found.length > 0 ? null : { ...error.fields });
      if (found.length > 0) interrupt(t('upload.wrong', { count: found.length, number: figures.number(found.length) }));
    },
  });
  const choose = (next: ChosenFile) => {
    setFile(next);
    setWrong([]);
    storing.reset();
    if (suite) return;
    if (name === '') setName(nameOf(next.name).slice(0, 120));
    if (slug === '') setSlug(slugOf(nameOf(next.name)));
  };
  const submit = () => {
    const found: Problems = {
      ...(file === null ? { file: t('upload.fileMissing') } : {}),
      ...(file?.isLarge ? { file: t('upload.fileLarge', { megabytes: LARGEST_MB }) } : {}),
      ...(name.trim() === '' ? { name: t('upload.nameMissing') } : {}),
      ...(SLUG.test(slug) ? {} : { slug: t('upload.slugWrong') }),
    };
    const isRight = Object.keys(found).length === 0 && file !== null;
    setProblems(isRight ? null : found);
    if (isRight) storing.mutate(file.text);
  };
  return (
    <Dialog title={t(suite ? 'suites.again' : 'upload.title')} onClose={onClose} isWide>
      <FieldForm
        submit={t('upload.submit')} isBusy={storing.isPending} problems={problems}
        failure={wrong.length > 0 ? null : storing.error} onSubmit={submit} onCancel={onClose}
      >
        <FileField file={file} error={problems?.file} onFile={choose} />
        {wrong.length > 0 && <WrongLines lines={wrong} />}
        <TextField
          label={t('upload.name')} error={problems?.name} maxLength={120} autoComplete="off" value={name}
          onChange={({ target }) => setName(target.value)}
        />
        {!suite && (
          <TextField
            label={t('upload.slug')} hint={t('upload.slugHint')} error={problems?.slug} maxLength={40} autoComplete="off"
            spellCheck={false} value={slug} onChange={({ target }) => setSlug(target.value)}
          />
        )}
        <details className={styles.format}>
          <summary>{t('upload.format')}</summary>
          <pre className={styles.code} tabIndex={0}>{EXAMPLE}</pre>
          <p className={styles.hint}>{t('upload.formatHint')}</p>
        </details>
      </FieldForm>
    </Dialog>
  );
};
