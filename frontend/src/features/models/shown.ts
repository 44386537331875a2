import type { ModelProfile } from '@/api/models';
import type { Sorting } from '@/components/ui/Table';

import type { ColumnKey } from './profiles';

/** Profiles in their order, and what each view of them needs. */
export interface ShownProfiles {
  profiles: readonly ModelProfile[];
  /** Names of models with an alarm that nobody has seen. */
  changed: ReadonlySet<string>;
  sortOf: (key: ColumnKey) => Sorting;
}
