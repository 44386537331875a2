import { memo, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { Button, IconButton } from '@/components/ui/Button';
import { sliceCodePoints } from '@/lib/codePoints';
import { useCopy } from '@/lib/useCopy';

import type { ThreadActions } from './Answer';
import { AttachedFiles } from './AttachedFiles';
import { BranchSwitcher } from './BranchSwitcher';
import { QuestionEditor } from './QuestionEditor';
import { QuestionLabel } from './QuestionLabel';
import { isPrivate, isUnchecked, type QuestionItem } from './thread';

import styles from './Question.module.css';

interface QuestionProps {
  item: QuestionItem;
  initials: string;
  /** Whose question it is, where it is not one's own. */
  author: string | null;
  isReader: boolean;
  /** The new wording, while it is being changed. It lives outside, because the question may leave the page meanwhile. */
  editing: string | null;
  onEditing: (key: string, text: string | null) => void;
  actions: ThreadActions;
}

const QuestionView = ({ item, initials, author, isReader, editing, onEditing, actions }: QuestionProps) => {
  const { t } = useTranslation();
  const root = useRef<HTMLElement>(null);
  const wasCancelled = useRef(false);
  const close = () => onEditing(item.key, null);
  // The button that opened the editor was taken away with it: the focus goes to the one that stands there now.
  useEffect(() => {
    if (editing !== null || !wasCancelled.current) return;
    wasCancelled.current = false;
    root.current?.querySelector<HTMLElement>('[data-edit]')?.focus();
  }, [editing]);
  return (
    <section ref={root} role="group" className={styles.question} aria-label={author ?? t('question.by')}>
      <span className={styles.who} aria-hidden="true">{initials}</span>
      {editing === null ? (
        <Asked text={item.text} />
      ) : (
        <QuestionEditor
          text={editing}
          onChange={(text) => onEditing(item.key, text)}
          onCancel={() => {
            wasCancelled.current = true;
            close();
          }}
          onSend={() => {
            close();
            actions.resend(item, editing);
          }}
        />
      )}
      {item.attachments.length > 0 && <AttachedFiles files={item.attachments} />}
      {editing === null && <Meta item={item} isReader={isReader} onEdit={() => onEditing(item.key, item.text)} actions={actions} />}
    </section>
  );
};

/** So many lines or characters of a question are shown; a pasted report would push its answer off the page. */
const LINES = 14;
const CHARACTERS = 1_600;

const isLong = (text: string): boolean => text.length > CHARACTERS * 1.25 || text.split('\n', LINES * 2).length > LINES * 1.25;

const Asked = ({ text }: { text: string }) => {
  const { t } = useTranslation();
  const [isOpen, setOpen] = useState(false);
  if (!isLong(text)) return <p className={styles.text}>{text}</p>;
  const begin = sliceCodePoints(text.split('\n', LINES).join('\n'), 0, CHARACTERS).trimEnd();
  return (
    <>
      <p className={styles.text}>{isOpen ? text : `${begin} …`}</p>
      <Button kind="link" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        {isOpen ? t('question.less') : t('question.more')}
      </Button>
    </>
  );
};

const Meta = ({ item, isReader, onEdit, actions }: Pick<QuestionProps, 'item' | 'isReader' | 'actions'> & { onEdit: () => void }) => {
  const { t } = useTranslation();
  const [isCopied, copy] = useCopy();
  const canChange = item.stored !== null && !isReader;
  return (
    <div className={styles.meta}>
      <QuestionLabel item={item} canChange={canChange} onWithout={() => actions.without(item)} />
      <span className={styles.tools}>
        <BranchSwitcher siblings={item.siblings} onChoose={(child) => actions.choose(item.stored?.parent ?? '', child)} />
        {canChange && <IconButton icon="pen" label={t('talk.editQuestion')} data-edit onClick={onEdit} />}
        <IconButton
          icon={isCopied ? 'check' : 'copy'}
          label={isCopied ? t('answer.copied') : t('talk.copyQuestion')}
          onClick={() => copy(item.text)}
        />
      </span>
    </div>
  );
};

export const Question = memo(
  QuestionView,
  (a, b) =>
    a.item.stored === b.item.stored &&
    a.item.text === b.item.text &&
    isPrivate(a.item) === isPrivate(b.item) &&
    isUnchecked(a.item) === isUnchecked(b.item) &&
    a.item.siblings.index === b.item.siblings.index &&
    a.item.siblings.ids.length === b.item.siblings.ids.length &&
    a.editing === b.editing &&
    a.initials === b.initials &&
    a.author === b.author &&
    a.isReader === b.isReader &&
    a.actions === b.actions,
);
