import { createContext } from 'react';

/** What a form was last refused for: another object each time, null before. Fields tell by it whether they were changed since. */
export const Refusal = createContext<object | null>(null);
