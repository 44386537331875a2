import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';

import type { Strategy } from '@/api/routing';
import { SelectField } from '@/components/ui/Field';

import { Dial } from './Dial';
import { zoneOf, type Problems, type Routing } from './routing';

interface RoutingFieldsProps {
  routing: Routing;
  /** What is in force. */
  before: Routing;
  strategies: readonly Strategy[];
  models: readonly string[];
  problems: Problems | null;
  onChange: (routing: Routing) => void;
}

/** A strategy with what it takes: a model, and the dial where it does something. */
export const RoutingFields = ({ routing, before, strategies, models, problems, onChange }: RoutingFieldsProps) => {
  const { t, i18n } = useTranslation();
  const chosen = strategies.find(({ name }) => name === routing.strategy);
  const number = (dial: number) => dialNumber(dial, i18n.language);
  const why = t(`routing.strategies.${routing.strategy as 'balanced'}.why`, { defaultValue: '' });
  return (
    <>
      <SelectField
        label={t('routing.strategy')} hint={why} error={problems?.strategy} value={routing.strategy}
        onChange={({ target }) => onChange({ ...routing, strategy: target.value, model: target.value === before.strategy ? before.model : '' })}
      >
        {!chosen && <option value={routing.strategy}>{strategyName(routing.strategy, t)}</option>}
        {strategies.map(({ name }) => <option key={name} value={name}>{strategyName(name, t)}</option>)}
      </SelectField>
      {chosen?.takes_model && (
        <SelectField
          label={t('routing.model')} error={problems?.model} value={routing.model}
          onChange={({ target }) => onChange({ ...routing, model: target.value })}
        >
          <option value="" disabled>{t('routing.chooseModel')}</option>
          {routing.model !== '' && !models.includes(routing.model) && (
            <option value={routing.model}>{t('routing.notInCatalogue', { name: routing.model })}</option>
          )}
          {models.map((name) => <option key={name} value={name}>{name}</option>)}
        </SelectField>
      )}
      {chosen?.takes_dial && (
        <Dial
          label={t('routing.dial')} least={t('routing.cheapest')} most={t('routing.best')} error={problems?.dial}
          value={routing.dial} before={before.dial} words={dialWords(routing.dial, t, i18n.language)}
          hint={routing.dial === before.dial
            ? t('routing.dialStays', { dial: number(routing.dial) })
            : t('routing.dialMoved', { before: number(before.dial), dial: number(routing.dial) })}
          onChange={(dial) => onChange({ ...routing, dial })}
        />
      )}
    </>
  );
};

/** What a strategy is called; one that the page does not know keeps its own name. */
export const strategyName = (name: string, t: TFunction): string =>
  t(`routing.strategies.${name as 'balanced'}.name`, { defaultValue: name });

const dialNumber = (dial: number, language: string): string =>
  dial.toLocaleString(language, { minimumFractionDigits: 2, maximumFractionDigits: 2 });

/** “0.60, in the middle” */
export const dialWords = (dial: number, t: TFunction, language: string): string =>
  t('routing.dialIs', { dial: dialNumber(dial, language), zone: t(`routing.zones.${zoneOf(dial)}`) });
