import { Fragment, useSyncExternalStore, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import { classNames } from '@/components/ui/classNames';
import { Dialog } from '@/components/ui/Dialog';
import { chooseSingleKeys, singleKeys } from '@/lib/shortcuts';

import type { Command } from './commands';
import { KeyCaps } from './KeyCaps';
import { KEYS } from './keys';

import styles from './Palette.module.css';

/** All keys, and the switch for those that could be typed by accident. */
export const KeySheet = ({ commands, onClose }: { commands: readonly Command[]; onClose: () => void }) => {
  const { t } = useTranslation();
  const isOn = useSyncExternalStore(singleKeys.subscribe, singleKeys.get);
  const goals = commands.flatMap(({ id, label, letter }) => (letter === undefined ? [] : [{ id, label, letter }]));
  return (
    <Dialog title={t('keySheet.title')} onClose={onClose} isWide>
      <label className={styles.switch}>
        <input
          type="checkbox"
          role="switch"
          data-autofocus
          checked={isOn}
          onChange={(event) => chooseSingleKeys(event.target.checked)}
        />
        <span>
          {t('keySheet.single')}
          <span className={styles.switchHint}>{t('keySheet.singleHint')}</span>
        </span>
      </label>
      <div className={styles.sheet}>
        {KEYS.map(({ group, lines }) => (
          <Group key={group} title={t(`keySheet.groups.${group}`)}>
            {lines.map(({ what, keys, isSingle }) => (
              <Line key={what} what={t(`keySheet.what.${what}`)} isOff={isSingle === true && !isOn}>
                {keys.map((chord, index) => (
                  <Fragment key={chord.join()}>
                    {index > 0 && <span className={styles.or}>{t('keySheet.or')}</span>}
                    <KeyCaps keys={chord} />
                  </Fragment>
                ))}
              </Line>
            ))}
          </Group>
        ))}
        <Group title={t('keySheet.groups.go')}>
          {goals.map(({ id, label, letter }) => (
            <Line key={id} what={label} isOff={!isOn}>
              <KeyCaps keys={['G']} />
              <span className={styles.or}>{t('keySheet.then')}</span>
              <KeyCaps keys={[letter]} />
            </Line>
          ))}
        </Group>
      </div>
    </Dialog>
  );
};

const Group = ({ title, children }: { title: string; children: ReactNode }) => (
  <section className={styles.group}>
    <h3>{title}</h3>
    <dl>{children}</dl>
  </section>
);

const Line = ({ what, isOff, children }: { what: string; isOff: boolean; children: ReactNode }) => {
  const { t } = useTranslation();
  return (
    <div className={classNames(styles.line, isOff && styles.isOff)}>
      <dt>{what}</dt>
      <dd>
        {children}
        {isOff && <span className={styles.or}>{t('keySheet.off')}</span>}
      </dd>
    </div>
  );
};
