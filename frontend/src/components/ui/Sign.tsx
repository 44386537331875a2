import type { Hosting } from '@/lib/frames';

import { Icon } from './Icon';

import styles from './Sign.module.css';

/** Who may see it: form, icon and word; solid stays inside, dashed goes outside. */
export const toneOf = (hosting: Hosting | null): 'inside' | 'outside' | 'neutral' =>
  hosting === null ? 'neutral' : hosting === 'self_hosted' ? 'inside' : 'outside';

interface SignProps {
  hosting: Hosting;
  model: string;
  /** The word, and a shorter one for narrow screens. */
  word: string;
  shortWord?: string;
}

export const Sign = ({ hosting, model, word, shortWord }: SignProps) => {
  const tone = toneOf(hosting);
  return (
    <span className={`${styles.sign ?? ''} ${tone}`} data-hosting={hosting}>
      <span className={styles.tile}>
        <Icon name={tone === 'inside' ? 'house' : 'leaving'} size={16} />
      </span>
      <b className={shortWord ? styles.long : undefined}>{word}</b>
      {shortWord && <b className={styles.short}>{shortWord}</b>}
      <span className={styles.model}>{model}</span>
    </span>
  );
};
