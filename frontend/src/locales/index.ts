/** All words: those of the chat, and one file for each further feature. */
import { de as chatDe } from './de';
import { en as chatEn } from './en';
import { de as talkDe, en as talkEn } from './chat';
import { de as listDe, en as listEn } from './list';
import { de as paletteDe, en as paletteEn } from './palette';
import { de as adminDe, en as adminEn } from './admin';
import { de as complianceDe, en as complianceEn } from './compliance';
import { de as exceptionsDe, en as exceptionsEn } from './exceptions';
import { de as privacyDe, en as privacyEn } from './privacy';
import { de as routingDe, en as routingEn } from './routing';
import { de as usageDe, en as usageEn } from './usage';

export const en = {
  ...chatEn, ...talkEn, ...listEn, ...paletteEn, ...adminEn, ...complianceEn, ...exceptionsEn, ...privacyEn, ...routingEn, ...usageEn,
};

export const de: typeof en = {
  ...chatDe, ...talkDe, ...listDe, ...paletteDe, ...adminDe, ...complianceDe, ...exceptionsDe, ...privacyDe, ...routingDe, ...usageDe,
};
