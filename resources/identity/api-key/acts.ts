import { keptActs } from '../kept.ts';

/** What signing in keeps goes with its object. */
export const apiKeyActs = keptActs;
