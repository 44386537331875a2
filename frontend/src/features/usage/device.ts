/** What the server keeps of a browser's name for itself: “Firefox on Linux”, or one of both alone, or nothing. */
export const deviceOf = (agent: string): { browser: string; system: string } | null => {
  const [browser, system] = agent.split(' on ');
  return browser && system ? { browser, system } : null;
};
