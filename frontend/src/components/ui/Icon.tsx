import styles from './Icon.module.css';

/** Strokes on a grid of 20. An icon never stands alone: a word beside it, or a label on its button, says the same. */
const PATHS = {
  again: 'M15.8 8.2A6.2 6.2 0 1 0 16.2 11M16.5 4.3v4h-4',
  chat: 'M3.5 5.2A1.7 1.7 0 0 1 5.2 3.5h9.6a1.7 1.7 0 0 1 1.7 1.7v6.6a1.7 1.7 0 0 1-1.7 1.7H9l-3.6 3v-3h-.2a1.7 1.7 0 0 1-1.7-1.7z',
  check: 'M4.5 10.5l3.7 3.7 7.3-8',
  clock: 'M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM10 6v4.2l2.8 1.6',
  close: 'M5 5l10 10M15 5L5 15',
  copy: 'M7.5 7.5h8v8.5h-8zM12.5 7.5V4h-8v8.5h3',
  down: 'M5.5 8l4.5 4.5L14.5 8',
  frames: 'M7 4.5C5.5 4.5 5.5 5.5 5.5 7s0 3-2 3c2 0 2 1.5 2 3s0 2.5 1.5 2.5M13 4.5c1.5 0 1.5 1 1.5 2.5s0 3 2 3c-2 0-2 1.5-2 3s0 2.5-1.5 2.5M10 8.2v.1M10 12v.1',
  house: 'M3 9.2 10 3.5l7 5.7M5 8v8.5h10V8M8.3 16.5v-4.6h3.4v4.6',
  leaving: 'M8.5 4H4.6A1.1 1.1 0 0 0 3.5 5.1v10.3a1.1 1.1 0 0 0 1.1 1.1h10.3a1.1 1.1 0 0 0 1.1-1.1v-3.9M11.5 3.5h5v5M16.2 3.8 9.5 10.5',
  left: 'M12 5.5L7.5 10l4.5 4.5',
  lock: 'M5 9h10v7.5H5zM7 9V6.5a3 3 0 0 1 6 0V9',
  mask: 'M3 7.5c2-1 5-1 7 .3 2-1.3 5-1.3 7-.3 0 4-1.5 6.5-4 6.5-1.5 0-2.3-1-3-2-.7 1-1.5 2-3 2-2.5 0-4-2.5-4-6.5zM6 10.2h1.5M12.5 10.2H14',
  menu: 'M3.5 5.5h13M3.5 10h13M3.5 14.5h13',
  noNetwork: 'M3 8a10 10 0 0 1 3.5-2.2M10.5 5A10 10 0 0 1 17 8M5.5 11a6.5 6.5 0 0 1 3-1.7M12.5 9.8a6.5 6.5 0 0 1 2 1.2M8.3 13.7a2.6 2.6 0 0 1 3.4 0M10 16.3v.1M4 3l12 14',
  octagon: 'M7.1 3h5.8L17 7.1v5.8L12.9 17H7.1L3 12.9V7.1zM10 6.6v4.2M10 13.3v.1',
  picture: 'M3.5 4.5h13v11h-13zM3.5 13l3.5-3.5 3 3 2.5-2.5 4 4M12.8 7.8h.1',
  pin: 'M7 3.5h6M8 3.5v5L5.5 11.5h9L12 8.5v-5M10 11.5V17',
  plus: 'M10 4v12M4 10h12',
  right: 'M8 5.5l4.5 4.5L8 14.5',
  send: 'M10 16V4.5M5 9l5-5 5 5',
  shield: 'M10 2.8 4 5v4.6c0 3.6 2.5 6.2 6 7.6 3.5-1.4 6-4 6-7.6V5zM10 7.2v3.6M10 13.2v.1',
  stop: 'M5.5 5.5h9v9h-9z',
  swap: 'M4 7h10.5M11.5 4l3 3-3 3M16 13H5.5M8.5 10l-3 3 3 3',
  triangle: 'M10 3.2l7.3 13H2.7zM10 8v3.8M10 14v.1',
} as const;

export type IconName = keyof typeof PATHS;

export const Icon = ({ name, size = 18 }: { name: IconName; size?: 12 | 15 | 16 | 18 | 20 }) => (
  <svg className={styles.icon} data-size={size} viewBox="0 0 20 20" aria-hidden="true" focusable="false">
    <path d={PATHS[name]} />
  </svg>
);
