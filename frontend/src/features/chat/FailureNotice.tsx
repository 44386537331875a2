import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import type { Tone } from '@/components/ui/Chip';
import type { IconName } from '@/components/ui/Icon';
import { Notice } from '@/components/ui/Notice';
import { Spoken } from '@/components/ui/Spoken';
import type { Said } from '@/lib/said';
import { en as talk } from '@/locales/chat';
import { en } from '@/locales/en';

const steps = talk.next;

type ErrorCode = keyof typeof en.errors;
type Step = keyof typeof steps;

/** Faults of ours or of a provider, which pass; everything else is a rule or a limit. */
const PASSING = new Set(['classification_unavailable', 'provider_unavailable', 'rate_limited', 'overloaded', 'interrupted']);
const LOCKED = new Set(['no_permitted_model', 'refused_by_policy', 'permission_denied']);

const lookOf = (code: string): { tone: Tone; icon: IconName } => {
  if (PASSING.has(code)) return { tone: 'warn', icon: 'triangle' };
  return { tone: 'stop', icon: LOCKED.has(code) ? 'lock' : 'octagon' };
};

interface FailureNoticeProps {
  code: string;
  /** The server's sentence with the details, where it is known. */
  detail?: string | undefined;
  said?: Said | undefined;
  actions: ReactNode;
  children?: ReactNode;
}

export const FailureNotice = ({ code, detail, said, actions, children }: FailureNoticeProps) => {
  const { t } = useTranslation();
  const known: ErrorCode = code in en.errors ? (code as ErrorCode) : 'other';
  return (
    <Notice {...lookOf(code)} title={t(`errors.${known}`)} actions={actions}>
      <Spoken said={said} text={detail ?? ''} /> {children} {code in steps && t(`next.${code as Step}`)}
    </Notice>
  );
};
