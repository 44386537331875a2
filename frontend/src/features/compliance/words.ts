import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

import { everybodyQuery } from '@/api/admin';
import { kindsQuery } from '@/api/audit';
import { may, useMe } from '@/api/me';

/** `turn.dispatched` as a key of the words: a dot would lead into a level below. */
export const wordKey = (kind: string): string => kind.replace('.', '_');

/** What happened, in words of the page; a kind that it does not know yet is told in the server's own, English ones. */
export const useKindName = (): ((kind: string) => string) => {
  const { t } = useTranslation();
  const { data } = useQuery(kindsQuery);
  return (kind) => {
    const words = t(`compliance.kinds.${wordKey(kind) as 'turn_dispatched'}`, { defaultValue: '' });
    return words || (data?.[kind] ?? kind);
  };
};

export interface Who {
  id: string;
  name: string;
}

/** Who acted: people by name, programs and the product itself by what they are. */
export const useActors = (): { people: readonly Who[]; nameOf: (actor: string) => string } => {
  const { t } = useTranslation();
  const me = useMe();
  const { data } = useQuery({ ...everybodyQuery, enabled: may(me, 'people.read') });
  return useMemo(() => {
    const people = (data ?? []).map(({ id, name }) => ({ id: `user:${id}`, name }));
    const names = new Map(people.map((who) => [who.id, who.name]));
    const nameOf = (actor: string): string => {
      const [kind, id] = actor.split(':');
      if (kind === 'system') return t('compliance.system');
      if (kind === 'key') return t('compliance.key', { id });
      if (kind === 'operator') return t('compliance.operator', { id });
      return names.get(actor) ?? t('compliance.person', { id });
    };
    return { people, nameOf };
  }, [data, t]);
};

/** `entry 731004`: the number of the entry, where the place is one. */
export const entryOf = (where: string): number | null => {
  const found = /^entry (\d+)$/.exec(where);
  return found ? Number(found[1]) : null;
};
