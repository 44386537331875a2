/** All words in English: those of the chat, and one file for each further feature. Other languages come when they are spoken. */
import { en as chat } from './en';
import { en as talk } from './chat';
import { en as list } from './list';
import { en as palette } from './palette';
import { en as admin } from './admin';
import { en as compliance } from './compliance';
import { en as exceptions } from './exceptions';
import { en as privacy } from './privacy';
import { en as routing } from './routing';
import { en as usage } from './usage';

export const en = { ...chat, ...talk, ...list, ...palette, ...admin, ...compliance, ...exceptions, ...privacy, ...routing, ...usage };
