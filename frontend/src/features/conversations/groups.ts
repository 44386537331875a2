import type { Conversation } from '@/api/client';

export type GroupName = 'pinned' | 'today' | 'yesterday' | 'week' | 'older';

export interface Group {
  name: GroupName;
  conversations: readonly Conversation[];
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** Conversations under the headings of the list, in its order. Days are those of the reader's clock. */
export const groupsOf = (conversations: readonly Conversation[], now: Date): readonly Group[] => {
  const midnight = new Date(now).setHours(0, 0, 0, 0);
  const nameOf = ({ pinned, active_at }: Conversation): GroupName => {
    const at = Date.parse(active_at);
    if (pinned) return 'pinned';
    if (at >= midnight) return 'today';
    if (at >= midnight - DAY_MS) return 'yesterday';
    return at >= midnight - 6 * DAY_MS ? 'week' : 'older';
  };
  const order: readonly GroupName[] = ['pinned', 'today', 'yesterday', 'week', 'older'];
  return order
    .map((name) => ({ name, conversations: conversations.filter((one) => nameOf(one) === name) }))
    .filter((group) => group.conversations.length > 0);
};

/** A time today, a weekday within the week, a date before that. */
export const shortTime = (at: string, now: Date, language: string): string => {
  const date = new Date(at);
  const isToday = date.toDateString() === now.toDateString();
  if (isToday) return date.toLocaleTimeString(language, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  const isThisWeek = date.getTime() >= new Date(now).setHours(0, 0, 0, 0) - 6 * DAY_MS;
  if (isThisWeek) return date.toLocaleDateString(language, { weekday: 'short' });
  return date.toLocaleDateString(language, { day: 'numeric', month: 'short' });
};
