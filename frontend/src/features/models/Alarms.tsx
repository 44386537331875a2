import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';

import { acknowledgeAlarm, type Alarm } from '@/api/models';
import { Button } from '@/components/ui/Button';
import { Failure } from '@/components/ui/Failure';
import { Icon } from '@/components/ui/Icon';
import { day } from '@/lib/dates';
import { showToast } from '@/lib/toasts';

import { openAlarms } from './profiles';
import { useShow } from './show';

import styles from './Alarms.module.css';

interface AlarmsProps {
  alarms: readonly Alarm[];
  /** On the page of the model itself its name needs no way there. */
  isLinked?: boolean;
}

/** Models that have silently changed and whose change nobody has seen yet. */
export const OpenAlarms = ({ alarms, isLinked = false }: AlarmsProps) => {
  const { t, alarm: told } = useShow();
  const client = useQueryClient();
  const seeing = useMutation({
    mutationFn: (alarm: Alarm) => acknowledgeAlarm(alarm.id),
    onSuccess: (_, { model }) => {
      showToast(t('seenDone', { model }));
      // The button goes away with its notice: the focus goes where the page begins.
      document.querySelector<HTMLElement>('main h1')?.focus();
      return client.invalidateQueries({ queryKey: ['lab'] });
    },
  });
  const open = openAlarms(alarms);
  if (open.length === 0) return null;
  return (
    <>
      <ul className={styles.alarms}>
        {open.map((alarm) => (
          <li key={alarm.id} className={`${styles.alarm ?? ''} warn`}>
            <Icon name="falling" />
            <p>
              <b>
                {isLinked
                  ? <Link to="/admin/models/$model" params={{ model: alarm.model }}>{t('changed', { model: alarm.model })}</Link>
                  : t('changed', { model: alarm.model })}
              </b>{' '}
              {told(alarm)}{' '}
              <Link to="/admin/lab" search={{ run: alarm.run, tab: 'answers', model: alarm.model, only: 'wrong' }}>{t('wrongAnswers')}</Link>
            </p>
            <Button size="small" disabled={seeing.isPending} aria-label={t('seenOf', { model: alarm.model })} onClick={() => seeing.mutate(alarm)}>
              {t('seen')}
            </Button>
          </li>
        ))}
      </ul>
      {seeing.error && <Failure error={seeing.error} />}
    </>
  );
};

/** Everything that was noticed of a model, with who has seen it. */
export const AlarmList = ({ alarms }: { alarms: readonly Alarm[] }) => {
  const { t, language, alarm: told } = useShow();
  const state = ({ acknowledged_at: at, acknowledged_by: name }: Alarm): string => {
    if (at === null) return '';
    return name ? t('alarmSeenBy', { name, day: day(at, language) }) : t('alarmSeen', { day: day(at, language) });
  };
  return (
    <ul className={styles.past}>
      {alarms.map((alarm) => (
        <li key={alarm.id}>{told(alarm)} <span className={styles.state}>{state(alarm)}</span></li>
      ))}
    </ul>
  );
};
