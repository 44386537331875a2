import { useDeferredValue, useMemo, useState } from 'react';

import type { PolicyDocument } from '@/api/policy';

import { listChanges, listsOf, rowsOf, withEdit, withEdits, type Edits, type Problems } from './terms';

/**
 * What is typed in lists before it is proposed, and which of them is open. It is kept as it differs from the policy in force,
 * so that it undoes nothing that comes into force meanwhile.
 */
export const useTermsDraft = (document: PolicyDocument) => {
  const [edits, setEdits] = useState<Edits>(new Map());
  const [name, setName] = useState<string | null>(null);
  const [problems, setProblems] = useState<Problems | null>(null);
  const lists = useMemo(() => listsOf(document), [document]);
  const settled = useDeferredValue(edits); // thousands of terms are compared after the key was drawn
  const changes = useMemo(() => listChanges(document, withEdits(document, settled)), [document, settled]);
  const rows = useMemo(() => rowsOf(lists, settled, changes), [lists, settled, changes]);
  const isThere = name !== null && (lists.has(name) || edits.has(name));
  return {
    lists, edits, changes, rows, problems,
    current: isThere ? name : (rows[0]?.name ?? null),
    choose: setName,
    edit: (list: string, text: string | null | undefined) => {
      setEdits((before) => withEdit(before, list, text));
      setProblems(null);
    },
    /** Say what is wrong, at the first list that has something. */
    refuse: (found: Problems) => {
      setProblems(found.size > 0 ? found : null);
      for (const first of [...found.keys()].slice(0, 1)) setName(first);
    },
    clear: () => setEdits(new Map()),
  };
};
