const COMPANY = 'openroute.company';

/** The company's sign-in page is remembered, so that an ended session leads back to it and not to the question which. */
export const rememberCompany = (slug: string): void => localStorage.setItem(COMPANY, slug);

export const signInAddress = (company: string | null, next: string): string =>
  company ? `/accounts/${encodeURIComponent(company)}/login/?next=${encodeURIComponent(next)}` : '/accounts/';

/** The session ended: sign in, then come back here. Drafts stay in this tab. */
export const leaveToSignIn = (): void => {
  const here = window.location.pathname + window.location.search;
  window.location.assign(signInAddress(localStorage.getItem(COMPANY), here));
};
