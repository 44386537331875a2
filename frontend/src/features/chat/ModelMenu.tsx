import { useTranslation } from 'react-i18next';

import type { UsableModel } from '@/api/client';
import { IconButton } from '@/components/ui/Button';
import { Menu, type MenuItem } from '@/components/ui/Menu';

import { barOf, reasonOf, type Question } from './bars';
import { AUTO } from './ModelPicker';

interface ModelMenuProps {
  /** Read when it is needed: who may answer changes more often than an answer is rendered. */
  models: () => readonly UsableModel[];
  /** The model that answered. */
  current: string;
  /** What is known of the question: it bars some models. */
  question: Question;
  onChoose: (model: string) => void;
}

/** Answer once more, by a model of one's choice. */
export const ModelMenu = ({ models, current, question, onChoose }: ModelMenuProps) => {
  const { t } = useTranslation();
  const items: MenuItem[] = models().map((model, index) => {
    const { name, hosting, healthy } = model;
    const bar = barOf(model, question);
    const state = name === current ? t('talk.withNow') : bar ? reasonOf(bar, t) : healthy ? '' : t('model.sick');
    return {
      id: name,
      label: name,
      icon: bar ? 'lock' : hosting === 'self_hosted' ? 'house' : 'leaving',
      hint: [hosting === 'self_hosted' ? t('model.inside') : t('model.outside'), state].filter(Boolean).join(' · '),
      isApart: index === 0,
      isDisabled: bar !== null,
      onSelect: () => onChoose(name),
    };
  });
  const automatic: MenuItem = {
    id: AUTO, label: t('talk.withAuto'), hint: t('model.autoHint'), onSelect: () => onChoose(AUTO),
  };
  return (
    <Menu
      label={t('talk.withModel')}
      items={[automatic, ...items]}
      trigger={(props) => <IconButton icon="swap" label={t('talk.withModel')} {...props} />}
    />
  );
};
