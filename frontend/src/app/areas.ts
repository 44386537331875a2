import { may } from '@/api/me';
import type { Me } from '@/api/client';
import type { IconName } from '@/components/ui/Icon';

/** The areas beside the chat, and the operations of the published table of which one opens each. */
export const AREAS = [
  { to: '/usage', word: 'usage', icon: 'chart', operations: ['usage.read_own'], isInRail: true },
  { to: '/admin/budgets', word: 'budgets', icon: 'wallet', operations: ['budgets.read'], isInRail: true },
  { to: '/admin/people', word: 'people', icon: 'people', operations: ['people.read'], isInRail: true },
  { to: '/admin/models', word: 'models', icon: 'box', operations: ['budgets.read', 'catalogue.read'], isInRail: true },
  { to: '/admin/routing', word: 'routing', icon: 'dial', operations: ['policies.write'], isInRail: true },
  { to: '/admin/lab', word: 'lab', icon: 'flask', operations: ['lab.profile'], isInRail: true },
  { to: '/admin/access', word: 'access', icon: 'key', operations: ['keys.read_team'], isInRail: true },
  { to: '/admin/privacy', word: 'privacy', icon: 'shield', operations: ['policies.read'], isInRail: true },
  { to: '/compliance/trail', word: 'trail', icon: 'list', operations: ['audit.read'], isInRail: true },
  { to: '/compliance/chain', word: 'chain', icon: 'seal', operations: ['audit.read'], isInRail: true },
  { to: '/compliance/exceptions', word: 'exceptions', icon: 'mask', operations: ['exceptions.grant'], isInRail: true },
  { to: '/settings', word: 'settings', icon: 'settings', operations: ['me.read'], isInRail: false },
] as const satisfies readonly { to: string; word: string; icon: IconName; operations: string[]; isInRail: boolean }[];

export type Area = (typeof AREAS)[number];

export const areasOf = (me: Me): Area[] => AREAS.filter(({ operations }) => operations.some((each) => may(me, each)));

/** Pages below an area that need a right of their own. */
const BELOW = [{ under: '/admin/models/', operation: 'profiles.read' }] as const;

/** Whether this person may be at this address; addresses outside the areas are not our concern. */
export const mayVisit = (me: Me, path: string): boolean => {
  const below = BELOW.find(({ under }) => path.startsWith(under) && path !== under);
  if (below) return may(me, below.operation);
  const area = AREAS.find(({ to }) => path === to || path === `${to}/`);
  return area !== undefined && areasOf(me).includes(area);
};
