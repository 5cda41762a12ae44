#!/usr/bin/env node
import { requireNode } from './install.mjs';
import { runTypeScript } from './typescript.mjs';

/** The `steward` command: TypeScript is run as it is, once this Node is known to be new enough. */
requireNode();
await runTypeScript({ stays: process.argv.includes('serve') });
await import('./main.ts');
