import type { Conversation } from '@/api/client';
import type { IconName } from '@/components/ui/Icon';
import { hostingOf } from '@/lib/frames';

interface Origin {
  tone: 'inside' | 'outside' | 'sensitive' | 'neutral';
  icon: IconName;
  word?: 'sign.insideShort' | 'sign.outside';
}

/** Where the last answer came from, as the list shows it; before the first answer, whether there is private text. */
export const originOf = ({ hosting, sensitivity }: Pick<Conversation, 'hosting' | 'sensitivity'>): Origin => {
  switch (hostingOf(hosting)) {
    case 'self_hosted':
      return { tone: 'inside', icon: 'house', word: 'sign.insideShort' };
    case 'commercial':
      return { tone: 'outside', icon: 'leaving', word: 'sign.outside' };
    case null:
      return sensitivity === 'clean' ? { tone: 'neutral', icon: 'chat' } : { tone: 'sensitive', icon: 'shield' };
  }
};
