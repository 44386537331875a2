import type { TFunction } from 'i18next';

import type { UsableModel } from '@/api/client';

import { isFree } from './prices';

/** What is known of a question before it is sent. */
export interface Question {
  isPrivate: boolean;
  hasPicture: boolean;
  isBudgetUsedUp: boolean;
}

export type Bar = 'private' | 'picture' | 'vision' | 'budget';

export const reasonOf = (bar: Bar, t: TFunction): string => (bar === 'private' ? t('model.notForPrivate') : t(`barred.${bar}`));

/** Why a model may not, or cannot, answer this question; null: it may. The server decides in the end. */
export const barOf = (model: UsableModel, { isPrivate, hasPicture, isBudgetUsedUp }: Question): Bar | null => {
  const isOutside = model.hosting === 'commercial';
  if (isPrivate && isOutside) return 'private';
  if (hasPicture && isOutside) return 'picture';
  if (hasPicture && !model.capabilities.includes('vision')) return 'vision';
  return isBudgetUsedUp && !isFree(model.price) ? 'budget' : null;
};
