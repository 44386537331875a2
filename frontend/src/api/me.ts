import { useSuspenseQuery } from '@tanstack/react-query';

import type { Me } from '@/api/client';
import { meQuery } from '@/api/queries';

/** Who is here. Behind the gate it is always known. */
export const useMe = (): Me => useSuspenseQuery(meQuery).data;

/** Whether the published table lets this person do it, at least in some team. */
export const may = (me: Me, operation: string): boolean => me.operations.includes(operation);
