import { useRef, useState, type ClipboardEvent, type KeyboardEvent, type Ref } from 'react';
import { useTranslation } from 'react-i18next';

import type { Me, UsableModel } from '@/api/client';
import { MAX_TEXT_BYTES } from '@/lib/frames';

import { AttachmentTray } from './AttachmentTray';
import { budgetState } from './budget';
import { ComposerBar } from './ComposerBar';
import { ComposerFoot } from './ComposerFoot';
import { Hints } from './Hints';
import { MarkedField } from './MarkedField';
import type { Upload } from './uploads';
import { useDraft } from './useDraft';
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
  model: string;
  onModel: (model: string) => void;
  onSend: (sending: Sending) => void;
  writing: Writing | null;
  /** A new conversation is being opened: the next question has nowhere to go yet. */
  isOpening: boolean;
  field: Ref<HTMLTextAreaElement>;
  files: readonly Upload[];
  onFiles: (files: readonly File[]) => void;
  onRemoveFile: (key: string) => void;
  onRetryFile: (key: string) => void;
}

const isLonger = (text: string): boolean => text.length * 3 > MAX_TEXT_BYTES && new Blob([text]).size > MAX_TEXT_BYTES;

export const Composer = (props: ComposerProps) => {
  const { conversation, me, models, model, onModel, onSend, writing, isOpening, field, files, onFiles, onRemoveFile, onRetryFile } = props;
  const { t } = useTranslation();
  const [draft, setDraft] = useDraft(conversation);
  const [team, setTeam] = useState(me.teams[0]?.slug ?? null);
  const attached = files.flatMap(({ stored }) => (stored ? [stored.id] : []));
  const checked = usePrivacyCheck(draft, conversation, model, attached.join(' '));
  const isTooLong = isLonger(draft);
  const hasPictures = files.some(({ isPicture }) => isPicture);
  const areReady = files.every(({ state }) => state === 'ready');
  const canSend = draft.trim() !== '' && !isTooLong && !isOpening && areReady;
  const teams = conversation === null && me.teams.length > 1 ? me.teams : [];
  const picker = useRef<HTMLInputElement>(null);

  const send = () => {
    if (canSend) onSend({ text: draft, model, team: conversation === null ? team : null });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send();
  };
  const onPaste = (event: ClipboardEvent) => {
    const pasted = [...event.clipboardData.files];
    // A spreadsheet brings its cells as a picture too: then the text is what was meant.
    if (pasted.length === 0 || event.clipboardData.types.includes('text/plain')) return;
    event.preventDefault();
    onFiles(pasted);
  };

  return (
    <form
      className={styles.composer}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <Hints
        draft={draft}
        checked={checked}
        enclosed={{ files, hasPictures }}
        company={me.tenant.name}
        onDraft={setDraft}
      />
      <div className={styles.box}>
        <AttachmentTray uploads={files} onRemove={onRemoveFile} onRetry={onRetryFile} />
        <MarkedField
          field={field}
          text={draft}
          checked={checked}
          label={t('composer.label')}
          placeholder={conversation === null ? t('composer.first') : t('composer.followUp')}
          onChange={setDraft}
          onKeyDown={onKeyDown}
          onPaste={onPaste}
        />
        <input
          ref={picker}
          type="file"
          multiple
          hidden
          onChange={(event) => {
            onFiles([...(event.target.files ?? [])]);
            event.target.value = ''; // the same file may be chosen again
          }}
        />
        <ComposerBar
          models={models}
          model={model}
          onModel={onModel}
          question={{
            isPrivate: checked?.frame.sensitivity === 'sensitive' || (checked?.frame.sensitivity === 'unclassified' && !hasPictures),
            hasPicture: hasPictures,
            isBudgetUsedUp: checked?.frame.budget ? budgetState(checked.frame.budget).state === 'over' : false,
          }}
          teams={teams}
          team={team}
          onTeam={setTeam}
          onAddFiles={() => picker.current?.click()}
          writing={writing}
          canSend={canSend}
        />
      </div>
      <ComposerFoot isTooLong={isTooLong} checked={checked} writing={writing} files={{ areReady, hasFailed: files.some(({ state }) => state === 'failed'), count: files.length, hasText: draft.trim() !== '' }} />
    </form>
  );
};
