import type { AuditBreak, AuditVerdict } from '../reconciler/audit-chain.ts';
import { iso } from '../reconciler/clock.ts';
import type { Builder } from './builder.ts';
import { UserError } from './derive/list.ts';

/** `verifyAudit`: whether the audit trail is as it was written. Only for those who may read all of it. */
export function addAudit(builder: Builder): void {
  const broken = builder.objectRef<AuditBreak>('AuditBreak').implement({
    description: 'The first place of the audit trail that is not as it was written.',
    fields: (t) => ({
      position: t.field({ type: 'SafeInt', nullable: true, resolve: (b) => b.position }),
      at: t.field({ type: 'DateTime', nullable: true, resolve: (b) => (b.at === null ? null : iso(b.at)) }),
      row: t.field({ type: 'SafeInt', nullable: true, resolve: (b) => b.id }),
      why: t.exposeString('why', {
        description: 'RowChanged, RowMissing, RowAdded, LinkMissing, EndMissing or SealWrong.',
      }),
    }),
  });
  const verdict = builder.objectRef<AuditVerdict>('AuditVerdict').implement({
    fields: (t) => ({
      rows: t.field({ type: 'SafeInt', description: 'Rows that were looked at.', resolve: (v) => v.rows }),
      head: t.exposeString('head', {
        nullable: true,
        description: 'End of the chain: note it elsewhere, and compare.',
      }),
      sealedAt: t.field({
        type: 'DateTime',
        nullable: true,
        resolve: (v) => (v.sealedAt === null ? null : iso(v.sealedAt)),
      }),
      broken: t.field({ type: broken, nullable: true, resolve: (v) => v.broken }),
    }),
  });
  builder.queryField('verifyAudit', (t) =>
    t.field({
      type: verdict,
      description: 'Reads the whole audit trail and compares every row with the chain of hashes.',
      resolve: (_root, _args, { api }) => {
        if (!api.auditChain) throw new UserError('The audit trail of this server is not kept: it is in memory.');
        return api.auditChain.verify();
      },
    }),
  );
}
