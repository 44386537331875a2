import { useEffect, useState } from 'react';

/** A value once it has not changed for a while; what is empty is taken over at once. `now` takes the newest over. */
export const useDebounced = (value: string, ms: number): [settled: string, now: () => void] => {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), value === '' ? 0 : ms);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return [value === '' ? '' : settled, () => setSettled(value)];
};
