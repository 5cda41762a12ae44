import { lettersByOutbox } from '../../identity/letters.ts';
import { emailKeys } from '../../identity/logins.ts';
import { digestOf } from '../../identity/one-way.ts';
import { forgetAll, standingOf } from '../../identity/standing.ts';
import type { Vault } from '../../integrations/seal/seal.ts';
import type { StoredObject } from '../../reconciler/object.ts';
import type { ObjectStore } from '../../reconciler/store.ts';
import type { IdentityPort, MasqueradeTold } from '../../resources/ports.ts';
import { systemClock, uuidv7 } from './environment.ts';
import type { Storage } from './storage.ts';

const DAY_MS = 86_400_000;

/** What the kinds may know of signing in, and have it do. */
export function identityPort(
  { records, outbox }: Pick<Storage['identity'], 'records' | 'outbox'>,
  { vault, store }: { vault: Vault; store: Pick<ObjectStore, 'getByKey'> },
): IdentityPort {
  const secrets = { blindIndexes: vault.personal.indexes };
  const { now } = systemClock;
  const letters = lettersByOutbox(outbox, {
    seal: vault.seal,
    blindIndex: vault.personal.index,
    now,
    uid: () => uuidv7(now()),
  });
  return {
    standing: (uid, email) => standingOf(records, uid, email === null ? [] : emailKeys({ secrets }, email)),
    forget: (uid) => forgetAll(records, uid),
    isMasqueradeTold: async (uid) => (await records.get('seen', toldKey(uid))) !== undefined,
    tellMasquerade: async (told) => {
      const [user, staff] = await people(store, told);
      const { email } = user?.spec ?? {};
      if (typeof email === 'string') {
        const event = `masquerade:${told.uid}`;
        await letters.send({
          event,
          recipient: email,
          template: 'MasqueradeBegan',
          params: wordsOf(told, { user, staff }),
        });
      }
      const row = { key: toldKey(told.uid), subject: `masquerade:${told.uid}`, value: { at: now() } };
      await records.insert('seen', { ...row, expiresAt: told.until + DAY_MS });
    },
  };
}

function people(store: Pick<ObjectStore, 'getByKey'>, { user, by }: MasqueradeTold) {
  const names = [user, by.replace(/^user:/, '')];
  return store.getByKey(names.map((name) => ({ kind: 'User', project: null, name })));
}

function wordsOf(
  { name, user, by, reason, until }: MasqueradeTold,
  shown: { user: StoredObject | undefined; staff: StoredObject | undefined },
): Record<string, string> {
  const called = (person: StoredObject | undefined, otherwise: string) => String(person?.spec.displayName ?? otherwise);
  const locale = shown.user?.spec.locale;
  return {
    name: called(shown.user, user),
    by: called(shown.staff, by.replace(/^user:/, '')),
    reason,
    until: new Date(until).toISOString(),
    masquerade: name,
    ...(typeof locale === 'string' ? { locale } : {}),
  };
}

function toldKey(uid: string): string {
  return digestOf('masqueradeTold', uid);
}
