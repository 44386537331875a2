/* What a browser calls itself names its relatives too, so the order matters. */
const BROWSERS = [
  [/Edg\//, 'Edge'], [/OPR\//, 'Opera'], [/Firefox\//, 'Firefox'], [/HeadlessChrome|Chrome\//, 'Chrome'], [/Safari\//, 'Safari'],
] as const;
const SYSTEMS = [
  [/iPhone|iPad/, 'iOS'], [/Android/, 'Android'], [/Windows/, 'Windows'], [/Mac OS X|Macintosh/, 'macOS'], [/Linux/, 'Linux'],
] as const;

const UNKNOWN = '?';

const first = (known: readonly (readonly [RegExp, string])[], agent: string): string =>
  known.find(([pattern]) => pattern.test(agent))?.[1] ?? UNKNOWN;

/** The browser and the system that a `User-Agent` tells. */
export const deviceOf = (agent: string): { browser: string; system: string } => ({
  browser: first(BROWSERS, agent), system: first(SYSTEMS, agent),
});
