import type { en } from '@/locales/palette';

type Words = (typeof en)['keySheet'];
export type KeyGroup = keyof Words['groups'];

/** `keys`: one or more ways, each a chord. A name that the locales know is translated, everything else is the key itself. */
export interface KeyLine {
  what: keyof Words['what'];
  keys: readonly (readonly string[])[];
  /** Without a modifier: can be switched off. */
  isSingle?: true;
}

/** Every key of the product, in one place. Keys that lead to areas come from the areas. */
export const KEYS: readonly { group: KeyGroup; lines: readonly KeyLine[] }[] = [
  {
    group: 'everywhere',
    lines: [
      { what: 'palette', keys: [['Ctrl', 'K']] },
      { what: 'sheet', keys: [['?']], isSingle: true },
      { what: 'newConversation', keys: [['Ctrl', 'Shift', 'O']] },
      { what: 'neighbour', keys: [['Alt', 'Up'], ['Alt', 'Down']] },
      { what: 'search', keys: [['/']], isSingle: true },
      { what: 'undo', keys: [['Ctrl', 'Z']] },
      { what: 'toast', keys: [['F8']] },
      { what: 'close', keys: [['Escape']] },
    ],
  },
  {
    group: 'list',
    lines: [
      { what: 'move', keys: [['Up'], ['Down']] },
      { what: 'ends', keys: [['Home'], ['End']] },
      { what: 'open', keys: [['Enter']] },
      { what: 'rename', keys: [['F2']] },
      { what: 'delete', keys: [['Delete']] },
      { what: 'menu', keys: [['Menu'], ['Shift', 'F10']] },
    ],
  },
  {
    group: 'composer',
    lines: [
      { what: 'send', keys: [['Enter']] },
      { what: 'line', keys: [['Shift', 'Enter']] },
      { what: 'stop', keys: [['Escape']] },
      { what: 'model', keys: [['Ctrl', 'M']] },
    ],
  },
  {
    group: 'answer',
    lines: [
      { what: 'why', keys: [['W']], isSingle: true },
      { what: 'again', keys: [['R']], isSingle: true },
      { what: 'edit', keys: [['E']], isSingle: true },
    ],
  },
  {
    group: 'dialogs',
    lines: [
      { what: 'choose', keys: [['Up'], ['Down']] },
      { what: 'letters', keys: [['letters']] },
    ],
  },
];
