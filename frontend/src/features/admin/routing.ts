import type { PolicyDocument } from '@/api/policy';
import type { Preview, PreviewTotal } from '@/api/routing';
import type { Hosting } from '@/lib/frames';

/** How questions are routed. `model` is what stands behind the colon of `fixed:MODEL`; `dial` is in [0, 1], 1: the best answer. */
export interface Routing {
  strategy: string;
  model: string;
  dial: number;
}

/** What stands for the company where a team's slug could. */
export const COMPANY = '';

/** Where nothing is said. */
const USUAL: Routing = { strategy: 'balanced', model: '', dial: 0.5 };

/** As the document writes it; what a team does not name is the company's. */
interface Written {
  strategy?: string;
  dial?: number;
}

const teamsOf = ({ teams }: PolicyDocument): Readonly<Record<string, Written>> =>
  (teams as Record<string, Written> | undefined) ?? {};

/** The teams that do not simply follow the company. */
export const teamsWithOwn = (document: PolicyDocument): readonly string[] =>
  Object.entries(teamsOf(document)).filter(([, own]) => Object.keys(own).length > 0).map(([slug]) => slug);

/** What holds for the company, or for a team. */
export const routingOf = (document: PolicyDocument, team: string): Routing => {
  const company = merged(document, USUAL);
  return team === COMPANY ? company : merged(teamsOf(document)[team] ?? {}, company);
};

/** `fixed:MODEL`, or the name alone: as the policy and the preview write a strategy. */
export const strategyOf = ({ strategy, model }: Routing): string => (model === '' ? strategy : `${strategy}:${model}`);

export const isSame = (a: Routing, b: Routing): boolean => strategyOf(a) === strategyOf(b) && a.dial === b.dial;

/** The document with this routing. A team that has its own keeps both parts of it, whatever the company does later. */
export const withRouting = (document: PolicyDocument, team: string, routing: Routing): PolicyDocument => {
  const written = { strategy: strategyOf(routing), dial: routing.dial };
  if (team !== COMPANY) return { ...document, teams: { ...teamsOf(document), [team]: written } };
  const before = routingOf(document, COMPANY);
  return {
    ...document,
    ...(written.strategy === strategyOf(before) ? {} : { strategy: written.strategy }),
    ...(written.dial === before.dial ? {} : { dial: written.dial }),
  };
};

/** The document in which this team follows the company. */
export const withoutRouting = (document: PolicyDocument, team: string): PolicyDocument => {
  const left = Object.entries(teamsOf(document)).filter(([slug]) => slug !== team);
  const others = Object.entries(document).filter(([key]) => key !== 'teams');
  return Object.fromEntries(left.length > 0 ? [...others, ['teams', Object.fromEntries(left)]] : others);
};

const PARTS = ['strategy', 'dial', 'comment'] as const;
export type Problems = Partial<Record<(typeof PARTS)[number] | 'model', string>>;

/** What the server says of which field; its paths lead through the document. Null where it says nothing of these. */
export const problemsOf = (fields: Readonly<Record<string, string>>, team: string): Problems | null => {
  const found = PARTS.flatMap((part) => {
    const words = (team === COMPANY ? undefined : fields[`teams.${team}.${part}`]) ?? fields[part];
    return words === undefined ? [] : [[part, words] as const];
  });
  return found.length > 0 ? Object.fromEntries(found) : null;
};

export type Zone = 'cheapest' | 'cheap' | 'middle' | 'good' | 'best';
const MIDDLE = [0.4, 0.6] as const;

/** Where the dial stands, for words: a number alone says little. */
export const zoneOf = (dial: number): Zone => {
  if (dial <= 0) return 'cheapest';
  if (dial >= 1) return 'best';
  return dial < MIDDLE[0] ? 'cheap' : dial > MIDDLE[1] ? 'good' : 'middle';
};

/** How many of the questions a model answers, before and after, as shares in [0, 1]. */
export interface Share {
  model: string;
  hosting: Hosting;
  before: number;
  after: number;
}

/** Every model that answers some: inside first, then who answered most, so that nothing jumps while the dial is turned. */
export const sharesOf = ({ before, after, decisions }: Preview): readonly Share[] => {
  const found = new Map<string, Share>();
  const add = (total: PreviewTotal | null, side: 'before' | 'after') => {
    for (const { model, hosting, decisions: many } of total?.models ?? []) {
      const share = found.get(model) ?? { model, hosting, before: 0, after: 0 };
      found.set(model, { ...share, [side]: many / Math.max(1, decisions) });
    }
  };
  add(before, 'before');
  add(after, 'after');
  return [...found.values()].toSorted((a, b) =>
    Number(b.hosting === 'self_hosted') - Number(a.hosting === 'self_hosted') || b.before - a.before || a.model.localeCompare(b.model));
};

/** The model whose share changes most; null where none does. */
export const mostMoved = (shares: readonly Share[]): Share | null => {
  const by = ({ before, after }: Share) => Math.abs(after - before);
  const most = shares.reduce<Share | null>((found, each) => (found && by(found) >= by(each) ? found : each), null);
  return most && by(most) > 0 ? most : null;
};

/** The share of the questions that models inside answer, before and after. */
export const insideOf = (shares: readonly Share[]): { before: number; after: number } => {
  const inside = shares.filter(({ hosting }) => hosting === 'self_hosted');
  return { before: sum(inside.map(({ before }) => before)), after: sum(inside.map(({ after }) => after)) };
};

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** How a sum changed, as a share of what it was; null where that says nothing: it was nothing, or it hardly changed. */
export const changeOf = (before: number, after: number): number | null => {
  const change = before === 0 ? 0 : after / before - 1;
  return Math.abs(change) < 0.005 ? null : change;
};

const merged = ({ strategy, dial }: Written, base: Routing): Routing => {
  if (strategy === undefined) return { ...base, dial: dial ?? base.dial };
  const [name = '', ...rest] = strategy.split(':');
  return { strategy: name, model: rest.join(':'), dial: dial ?? base.dial };
};
