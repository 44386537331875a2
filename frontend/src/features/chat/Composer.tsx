import { useState, type KeyboardEvent, type Ref } from 'react';
import { useTranslation } from 'react-i18next';

import type { Me, UsableModel } from '@/api/client';
import { Button } from '@/components/ui/Button';
import { MAX_TEXT_BYTES } from '@/lib/frames';

import { ComposerBar } from './ComposerBar';
import { ComposerFoot } from './ComposerFoot';
import { placeholderOf } from './entities';
import { MarkedField } from './MarkedField';
import { PrivacyHint } from './PrivacyHint';
import { replaced, type Checked } from './privacyMarks';
import { usePrivacyCheck } from './usePrivacyCheck';

import styles from './Composer.module.css';

export interface Sending {
  text: string;
  model: string;
  team: string | null;
}

/** The answer that is being written: how far it is, and how to end it. */
export interface Writing {
  words: number;
  isStopping: boolean;
  stop: () => void;
}

interface ComposerProps {
  conversation: string | null;
  me: Me;
  models: readonly UsableModel[];
  draft: string;
  model: string;
  onModel: (model: string) => void;
  onDraft: (text: string) => void;
  onSend: (sending: Sending) => void;
  writing: Writing | null;
  /** A new conversation is being opened: the next question has nowhere to go yet. */
  isOpening: boolean;
  field: Ref<HTMLTextAreaElement>;
}

const isLonger = (text: string): boolean => text.length * 3 > MAX_TEXT_BYTES && new Blob([text]).size > MAX_TEXT_BYTES;

export const Composer = (props: ComposerProps) => {
  const { conversation, me, models, draft, model, onModel, onDraft, onSend, writing, isOpening, field } = props;
  const { t } = useTranslation();
  const [team, setTeam] = useState(me.teams[0]?.slug ?? null);
  const checked = usePrivacyCheck(draft, conversation, model);
  const isTooLong = isLonger(draft);
  const canSend = draft.trim() !== '' && !isTooLong && !isOpening;
  const teams = conversation === null && me.teams.length > 1 ? me.teams : [];

  const send = () => {
    if (canSend) onSend({ text: draft, model, team: conversation === null ? team : null });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send();
  };

  return (
    <form
      className={styles.composer}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <Hints draft={draft} checked={checked} company={me.tenant.name} onDraft={onDraft} />
      <div className={styles.box}>
        <MarkedField
          field={field}
          text={draft}
          checked={checked}
          label={t('composer.label')}
          placeholder={conversation === null ? t('composer.first') : t('composer.followUp')}
          onChange={onDraft}
          onKeyDown={onKeyDown}
        />
        <ComposerBar
          models={models}
          model={model}
          onModel={onModel}
          isPrivate={checked?.frame.sensitivity === 'sensitive'}
          teams={teams}
          team={team}
          onTeam={setTeam}
          writing={writing}
          canSend={canSend}
        />
      </div>
      <ComposerFoot isTooLong={isTooLong} checked={checked} writing={writing} />
    </form>
  );
};

interface HintsProps {
  draft: string;
  checked: Checked | null;
  company: string;
  onDraft: (text: string) => void;
}

/** What was found in the text, and the way to take it out and back in. */
const Hints = ({ draft, checked, company, onDraft }: HintsProps) => {
  const { t } = useTranslation();
  const [change, setChange] = useState<{ before: string; after: string } | null>(null);
  const replaceFound = () => {
    if (checked?.text !== draft) return;
    const after = replaced(draft, checked.frame.spans, (type) => placeholderOf(type, t));
    setChange({ before: draft, after });
    onDraft(after);
  };
  return (
    <>
      {checked && <PrivacyHint frame={checked.frame} company={company} onReplace={replaceFound} />}
      {change?.after === draft && (
        <p className={styles.hint}>
          {t('hint.replaced')}{' '}
          <Button kind="link" onClick={() => onDraft(change.before)}>{t('hint.undo')}</Button>
        </p>
      )}
    </>
  );
};
