import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { installModules, repository, requireNode } from './install.mjs';
import { runTypeScript } from './typescript.mjs';

/** `npm start`: installs what is missing, then is `steward serve --quick-start` with the arguments that were given. */
requireNode();
installModules({ development: false });

// One process, so that a signal to it is a signal to the server.
const main = join(repository, 'cmd', 'main.ts');
process.argv = [process.execPath, main, 'serve', '--quick-start', ...process.argv.slice(2)];
await runTypeScript({ stays: true });
await import(pathToFileURL(main).href);
