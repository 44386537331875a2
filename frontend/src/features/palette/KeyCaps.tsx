import { useTranslation } from 'react-i18next';

import { en } from '@/locales/palette';

import styles from './Palette.module.css';

type Named = keyof (typeof en)['keySheet']['names'];
const isNamed = (key: string): key is Named => key in en.keySheet.names;

/** A chord, as it is printed on the keys of this language. */
export const KeyCaps = ({ keys }: { keys: readonly string[] }) => {
  const { t } = useTranslation();
  return (
    <span className={styles.caps}>
      {keys.map((key) => <kbd key={key}>{isNamed(key) ? t(`keySheet.names.${key}`) : key}</kbd>)}
    </span>
  );
};
