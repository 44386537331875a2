import { useTranslation } from 'react-i18next';

import type { Me, UsableModel } from '@/api/client';
import { Button, IconButton } from '@/components/ui/Button';
import { Icon } from '@/components/ui/Icon';

import type { Question } from './bars';
import type { Writing } from './Composer';
import { ModelPicker } from './ModelPicker';

import styles from './Composer.module.css';

interface ComposerBarProps {
  models: readonly UsableModel[];
  model: string;
  onModel: (model: string) => void;
  question: Question;
  /** Who may pay for a new conversation; empty when there is nothing to choose. */
  teams: Me['teams'];
  team: string | null;
  onTeam: (slug: string) => void;
  onAddFiles: () => void;
  writing: Writing | null;
  canSend: boolean;
}

export const ComposerBar = (props: ComposerBarProps) => {
  const { models, model, onModel, question, teams, team, onTeam, onAddFiles, writing, canSend } = props;
  const { t } = useTranslation();
  return (
    <div className={styles.bar}>
      <IconButton icon="clip" label={t('files.add')} onClick={onAddFiles} />
      <ModelPicker models={models} value={model} question={question} onChange={onModel} />
      {teams.length > 0 && (
        <label className={styles.team}>
          {t('composer.team')}
          <select value={team ?? ''} onChange={(event) => onTeam(event.target.value)}>
            {teams.map(({ slug, name }) => <option key={slug} value={slug}>{name}</option>)}
          </select>
        </label>
      )}
      <span className={styles.grow} />
      {writing && (
        <Button icon="stop" className={styles.stop} disabled={writing.isStopping} onClick={writing.stop}>
          {writing.isStopping ? t('composer.stopping') : t('composer.stop')} <kbd>{t('keys.escape')}</kbd>
        </Button>
      )}
      {(!writing || canSend) && (
        <button type="submit" className={styles.send} disabled={!canSend} aria-label={t('composer.send')} title={t('composer.send')}>
          <Icon name="send" size={20} />
        </button>
      )}
    </div>
  );
};
