/** All words in German, a chunk of their own. */
import type { en } from '@/locales';

import { de as chat } from './de';
import { de as talk } from './chat';
import { de as list } from './list';
import { de as palette } from './palette';
import { de as admin } from './admin';
import { de as compliance } from './compliance';
import { de as exceptions } from './exceptions';
import { de as privacy } from './privacy';
import { de as routing } from './routing';
import { de as usage } from './usage';

export const de: typeof en = { ...chat, ...talk, ...list, ...palette, ...admin, ...compliance, ...exceptions, ...privacy, ...routing, ...usage };
