import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import type { UsableModel } from '@/api/client';
import { classNames } from '@/components/ui/classNames';
import { Icon } from '@/components/ui/Icon';
import { Popover, usePopoverClose } from '@/components/ui/Popover';
import { toneOf } from '@/components/ui/Sign';

import { isFree, priceOf } from './prices';

import styles from './ModelPicker.module.css';

export const AUTO = 'auto';

interface ModelPickerProps {
  models: readonly UsableModel[];
  value: string;
  /** The text holds private details: models outside may not see it. */
  isPrivate: boolean;
  onChange: (model: string) => void;
}

export const ModelPicker = ({ models, value, isPrivate, onChange }: ModelPickerProps) => {
  const { t } = useTranslation();
  const isBarred = ({ hosting }: UsableModel) => isPrivate && hosting === 'commercial';
  const ordered = models.toSorted((a, b) => Number(isBarred(a)) - Number(isBarred(b)) || order(a) - order(b));
  return (
    <Popover
      label={t('model.choose')}
      trigger={(props) => (
        <button type="button" className={styles.trigger} {...props}>
          <span className={styles.label}>{t('model.label')}</span>
          <b className={value === AUTO ? undefined : 'mono'}>{value === AUTO ? t('model.auto') : value}</b>
          <Icon name="down" size={15} />
        </button>
      )}
    >
      <fieldset className={styles.options}>
        <legend className="visually-hidden">{t('model.choose')}</legend>
        <Option name={AUTO} isChosen={value === AUTO} isDisabled={false} onChoose={onChange}>
          <Words name={<b>{t('model.autoName')}</b>} hint={t('model.autoHint')} />
        </Option>
        {ordered.map((model) => (
          <Option
            key={model.name}
            name={model.name}
            isChosen={model.name === value}
            isDisabled={isBarred(model)}
            onChoose={onChange}
          >
            <ModelWords model={model} isBarred={isBarred(model)} />
          </Option>
        ))}
      </fieldset>
    </Popover>
  );
};

const order = ({ hosting }: UsableModel): number => (hosting === 'self_hosted' ? 0 : 1);

interface OptionProps {
  name: string;
  isChosen: boolean;
  isDisabled: boolean;
  onChoose: (name: string) => void;
  children: ReactNode;
}

const Option = ({ name, isChosen, isDisabled, onChoose, children }: OptionProps) => {
  const close = usePopoverClose();
  return (
    <label className={classNames(styles.option, isDisabled && styles.barred)}>
      <input
        type="radio"
        name="model"
        value={name}
        checked={isChosen}
        disabled={isDisabled}
        data-autofocus={isChosen || undefined}
        onChange={() => onChoose(name)}
        // Arrow keys choose too, and their clicks have no detail: only a pointer or Enter is done with it.
        onClick={(event) => event.detail > 0 && close()}
        onKeyDown={(event) => {
          if (event.key !== 'Enter') return;
          event.preventDefault();
          close();
        }}
      />
      {children}
    </label>
  );
};

const Words = ({ name, hint }: { name: ReactNode; hint: ReactNode }) => (
  <span className={styles.words}>
    {name}
    <small>{hint}</small>
  </span>
);

const ModelWords = ({ model, isBarred }: { model: UsableModel; isBarred: boolean }) => {
  const { t, i18n } = useTranslation();
  const isInside = model.hosting === 'self_hosted';
  const price = priceOf(model.price, i18n.language);
  const hosting = isInside ? t('model.inside') : t('model.outside');
  const hint = isBarred ? t('model.notForPrivate') : model.healthy ? hosting : t('model.sick');
  return (
    <>
      <Words
        name={<span className="mono">{model.name}</span>}
        hint={
          <>
            <span className={classNames(styles.hosting, toneOf(model.hosting))}>
              <Icon name={isBarred ? 'lock' : isInside ? 'house' : 'leaving'} size={12} />
            </span>
            {` ${hint}`}
          </>
        }
      />
      <span className={classNames(styles.price, 'num')} title={t('model.priceHint')}>
        {isFree(model.price) ? t('hint.free') : price && t('model.price', price)}
      </span>
    </>
  );
};
