import { useTranslation } from 'react-i18next';

import type { Task } from '@/api/lab';
import { SelectField } from '@/components/ui/Field';
import { en } from '@/locales';

import { useLab } from './useLab';

/** The task that an address names, where it is one. */
export const taskOf = (word: string | undefined): Task | undefined =>
  word !== undefined && word in en.tasks ? (word as Task) : undefined;

const TASKS = Object.keys(en.tasks) as Task[];

/** Which task is shown. */
export const TaskFilter = ({ task, onTask }: { task: Task | undefined; onTask: (task: Task | undefined) => void }) => {
  const { t } = useLab();
  const { t: words, i18n } = useTranslation();
  const sorted = TASKS.map((each) => ({ each, name: words(`tasks.${each}`) })).sort((a, b) => a.name.localeCompare(b.name, i18n.language));
  return (
    <SelectField label={t('task')} value={task ?? ''} onChange={({ target }) => onTask(taskOf(target.value))}>
      <option value="">{t('allTasks')}</option>
      {sorted.map(({ each, name }) => <option key={each} value={each}>{name}</option>)}
    </SelectField>
  );
};
