import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import type { UsableModel } from '@/api/client';
import { classNames } from '@/components/ui/classNames';
import { Icon } from '@/components/ui/Icon';
import { Popover, usePopoverClose } from '@/components/ui/Popover';
import { toneOf } from '@/components/ui/Sign';

import { barOf, reasonOf, type Bar, type Question } from './bars';
import { isFree, priceOf } from './prices';

import styles from './ModelPicker.module.css';

export const AUTO = 'auto';
/** The id of the button: a key opens it from anywhere. */
export const MODEL_BUTTON = 'model-choice';

interface ModelPickerProps {
  models: readonly UsableModel[];
  value: string;
  /** What is known of the question: it bars some models. */
  question: Question;
  onChange: (model: string) => void;
}

export const ModelPicker = ({ models, value, question, onChange }: ModelPickerProps) => {
  const { t } = useTranslation();
  const isBarred = (model: UsableModel) => barOf(model, question) !== null;
  const ordered = models.toSorted((a, b) => Number(isBarred(a)) - Number(isBarred(b)) || order(a) - order(b));
  return (
    <Popover
      label={t('model.choose')}
      trigger={(props) => (
        <button type="button" id={MODEL_BUTTON} className={styles.trigger} {...props}>
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
            <ModelWords model={model} bar={barOf(model, question)} />
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

const ModelWords = ({ model, bar }: { model: UsableModel; bar: Bar | null }) => {
  const { t, i18n } = useTranslation();
  const isInside = model.hosting === 'self_hosted';
  const price = priceOf(model.price, i18n.language);
  const hosting = isInside ? t('model.inside') : t('model.outside');
  const hint = bar ? reasonOf(bar, t) : model.healthy ? hosting : t('model.sick');
  return (
    <>
      <Words
        name={<span className="mono">{model.name}</span>}
        hint={
          <>
            <span className={classNames(styles.hosting, toneOf(model.hosting))}>
              <Icon name={bar ? 'lock' : isInside ? 'house' : 'leaving'} size={12} />
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
