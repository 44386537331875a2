import { useTranslation } from 'react-i18next';

import type { UsableModel } from '@/api/client';
import { IconButton } from '@/components/ui/Button';
import { Menu, type MenuItem } from '@/components/ui/Menu';

import { AUTO } from './ModelPicker';

interface ModelMenuProps {
  /** Read when it is needed: who may answer changes more often than an answer is rendered. */
  models: () => readonly UsableModel[];
  /** The model that answered. */
  current: string;
  onChoose: (model: string) => void;
}

/** Answer once more, by a model of one's choice. */
export const ModelMenu = ({ models, current, onChoose }: ModelMenuProps) => {
  const { t } = useTranslation();
  const items: MenuItem[] = models().map(({ name, hosting, healthy }, index) => ({
    id: name,
    label: name,
    icon: hosting === 'self_hosted' ? 'house' : 'leaving',
    hint: [
      hosting === 'self_hosted' ? t('model.inside') : t('model.outside'),
      name === current ? t('talk.withNow') : healthy ? '' : t('model.sick'),
    ].filter(Boolean).join(' · '),
    isApart: index === 0,
    onSelect: () => onChoose(name),
  }));
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
