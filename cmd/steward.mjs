#!/usr/bin/env node
import { requireNode } from './install.mjs';

/** The `steward` command: TypeScript is run as it is, once this Node is known to be new enough. */
requireNode();
await import('tsx');
await import('./main.ts');
