import type { IdentityAudit } from '../../identity/parts.ts';
import { userNotice } from '../../letters/notices.ts';
import type { PersonalSeal } from '../../reconciler/personal.ts';
import type { Database } from '../database.ts';
import { putNotices } from '../notifications/notifications.ts';
import { sealedFrom } from '../personal/from.ts';
import { json } from '../statement.ts';
import { APPEND_AUDIT } from '../statements/append-audit.ts';

/** What signing in does to a User, and people decide about an Account, stands in the audit with what else was done to it. */
export function createIdentityAudit(database: Pick<Database, 'transaction'>, personal: PersonalSeal): IdentityAudit {
  return {
    append: async ({ uid, kind = 'User', name, what, how, actor, onBehalfOf = null, from, requestId }) => {
      const changes = how === null ? [] : [{ path: 'how', from: null, to: how }];
      const row = { uid, kind, project: '', name, op: what, generation: 0, changes };
      const values = [json([row]), actor, onBehalfOf, sealedFrom(personal, { from, requestId }), requestId];
      const notice = kind === 'User' ? userNotice({ uid, what, requestId }) : null;
      await database.transaction(async (tx) => {
        await tx.run(APPEND_AUDIT, values);
        await putNotices(tx, notice === null ? [] : [notice]);
        return { commit: true, value: null };
      });
    },
  };
}
