import type { TFunction } from 'i18next';

import { en } from '@/locales';

/** What a kind of finding is called; kinds that only a policy knows keep their own name. */
export const kindOf = (type: string, t: TFunction): string =>
  type in en.entities ? t(`entities.${type as keyof typeof en.entities}`) : type;
