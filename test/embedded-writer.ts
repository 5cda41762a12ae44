import { openDatabase } from '../postgres/embedded/open.ts';
import { openStore } from '../postgres/open-store.ts';
import { createRegistry } from '../reconciler/registry.ts';
import { ANNA, wish } from './contracts/store-fixture.ts';
import { TEST_VAULT } from './fixtures/vault.ts';

/**
 * A process with an embedded database that writes without end and names each write once it was acknowledged, until it is killed. Run as
 * a program; its arguments are the folder and a prefix for names.
 */
async function writeForever(folder: string, prefix: string): Promise<void> {
  const database = await openDatabase({ embedded: folder });
  const { store } = await openStore({ url: database.url, registry: createRegistry([]), personal: TEST_VAULT.personal });
  process.stdout.write('ready\n');
  const writer = async (worker: number) => {
    for (let i = 0; i < 100_000; i++) {
      const name = `${prefix}-${worker}-${i}`;
      const outcome = await store.write(
        [{ op: 'create', object: wish({ name, metadata: { uid: name } }), uniqueKeys: [] }],
        ANNA,
      );
      if (outcome.ok) process.stdout.write(`${name}\n`);
    }
  };
  await Promise.all([1, 2, 3, 4].map(writer));
}

writeForever(process.argv[2] ?? '', process.argv[3] ?? '').catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
});
