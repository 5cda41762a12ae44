import type { AuditFinding } from '../../billing/loop/books-reader.ts';
import type { Database } from '../database.ts';
import { AUDITS } from './statements/audits.ts';

/** Every check of BR-37 that SQL can make by itself: each row that one of them finds is a promise that was broken. */
export async function audit(database: Database, now: number): Promise<AuditFinding[]> {
  const findings: AuditFinding[] = [];
  for (const [check, sql] of Object.entries(AUDITS)) {
    const rows = await database.run<{ account: string | null; detail: string }>(
      sql,
      sql.text.includes('$1') ? [now] : [],
    );
    findings.push(...rows.map(({ account, detail }) => ({ check, account, detail })));
  }
  return findings;
}
