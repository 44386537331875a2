import { useQueryClient } from '@tanstack/react-query';

/** Everything that shows people or teams is read again. */
export const useRefreshPeople = (): (() => Promise<unknown>) => {
  const client = useQueryClient();
  return () =>
    Promise.all([
      client.invalidateQueries({ queryKey: ['people'] }),
      client.invalidateQueries({ queryKey: ['teams'] }),
      client.invalidateQueries({ queryKey: ['me'] }),
    ]);
};
