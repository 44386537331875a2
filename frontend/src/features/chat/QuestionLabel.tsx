import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { Button } from '@/components/ui/Button';
import { Chip } from '@/components/ui/Chip';

import { ExceptionDialog } from './ExceptionDialog';
import { isPrivate, isUnchecked, type QuestionItem } from './thread';

interface QuestionLabelProps {
  item: QuestionItem;
  canChange: boolean;
  onWithout: () => void;
}

/** Whether a question stays inside, and what can be done about it. */
export const QuestionLabel = ({ item, canChange, onWithout }: QuestionLabelProps) => {
  const { t } = useTranslation();
  const [isAsking, setAsking] = useState(false);
  const dialog = isAsking && item.stored && <ExceptionDialog message={item.stored.id} onClose={() => setAsking(false)} />;
  if (isPrivate(item)) {
    const isDoubtful = isUnchecked(item);
    return (
      <>
        {isDoubtful
          ? <Chip tone="warn" icon="triangle">{t('question.unchecked')}</Chip>
          : <Chip tone="sensitive" icon="shield">{t('question.private')}</Chip>}
        {canChange && <Button kind="link" onClick={onWithout}>{t('talk.without')}</Button>}
        {canChange && !isDoubtful && <Button kind="link" onClick={() => setAsking(true)}>{t('exceptions.ask')}</Button>}
        {dialog}
      </>
    );
  }
  if (!item.stored?.is_exempt) return null;
  return (
    <>
      <Chip tone="ok" icon="check">{t('exceptions.declared')}</Chip>
      {canChange && <Button kind="link" onClick={() => setAsking(true)}>{t('exceptions.details')}</Button>}
      {dialog}
    </>
  );
};
