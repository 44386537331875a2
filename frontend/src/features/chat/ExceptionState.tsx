import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import type { Exception } from '@/api/exceptions';
import { useMe } from '@/api/me';
import type { Tone } from '@/components/ui/Chip';
import type { IconName } from '@/components/ui/Icon';
import { Notice } from '@/components/ui/Notice';
import { dayAndTime } from '@/lib/dates';

import { namesOf } from './entities';

const SIGNS: Readonly<Record<Exception['state'], readonly [Tone, IconName]>> = {
  waiting: ['neutral', 'clock'], granted: ['ok', 'check'], refused: ['sensitive', 'shield'],
  withdrawn: ['neutral', 'close'], ended: ['sensitive', 'shield'],
};

/** Who asked for what and why, who read the question, who decided what and why, and until when it holds. */
export const ExceptionState = ({ exception, children }: { exception: Exception; children?: ReactNode }) => {
  const { t, i18n } = useTranslation();
  const me = useMe();
  const time = (at: string | null) => (at === null ? '' : dayAndTime(at, i18n.language, me.tenant.timezone));
  const name = (person: Exception['asked_by'] | null) => (person === null || person.name === '' ? t('exceptions.somebody') : person.name);
  const [tone, icon] = SIGNS[exception.state];
  const kinds = namesOf(exception.types, t, i18n.language);
  return (
    <Notice tone={tone} icon={icon} title={t(`exceptions.states.${exception.state}`, { until: time(exception.until) })}>
      <span>{exception.types.length > 0 ? t('exceptions.found', { kinds }) : t('exceptions.foundNothing')}</span>
      <br />
      <span>{t('exceptions.askedOn', { at: time(exception.asked_at), reason: exception.asked_because })}</span>
      {exception.opened_at && <><br />{t('exceptions.openedBy', { name: name(exception.opened_by), at: time(exception.opened_at) })}</>}
      {exception.decided_at && (
        <><br />{t('exceptions.decidedBy', { name: name(exception.decided_by), at: time(exception.decided_at), reason: exception.decided_because })}</>
      )}
      {exception.ended_at && exception.state === 'ended' && (
        <><br />{exception.ended_by
          ? t('exceptions.endedBy', { name: name(exception.ended_by), at: time(exception.ended_at) })
          : t('exceptions.endedByTime', { at: time(exception.ended_at) })}</>
      )}
      {children}
    </Notice>
  );
};
