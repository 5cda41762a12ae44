import type { PersonalSeal } from '../../reconciler/personal.ts';
import type { Database } from '../database.ts';
import { json, statement } from '../statement.ts';
import { mailIndex, sealedMail } from './mail.ts';

interface ClearMail {
  account: string;
  event: string;
  recipient: string;
  template: string;
  params: Record<string, string>;
  is_sent: boolean;
}

const PAGE = 500;

const CLEAR_MAIL = statement(
  'mail_in_clear',
  `select account, event, recipient, template, params, sent_at is not null as is_sent from mail_outbox
   where not params ? 'sealed' and recipient like '%@%' order by account, event, recipient, template limit ${PAGE}`,
);

/** $1: [{account, event, recipient, template, index, params}]. One that was taken meanwhile is left to the next look. */
const SEAL_MAIL = statement(
  'mail_sealed',
  `update mail_outbox o set recipient = m.index, params = m.params
   from jsonb_to_recordset($1::jsonb) as m(account text, event text, recipient text, template text, index text, params jsonb, is_sent boolean)
   where o.account = m.account and o.event = m.event and o.recipient = m.recipient and o.template = m.template
     and (o.sent_at is not null) = m.is_sent
     and not exists (select from mail_outbox x
       where x.account = m.account and x.event = m.event and x.recipient = m.index and x.template = m.template)
   returning 1`,
);

/** Letters of the books that an older version wrote in clear: those that wait are sealed, of the others only the address is left. */
export async function sealMail(database: Database, personal: PersonalSeal): Promise<number> {
  for (let count = 0; ; ) {
    const rows = await database.run<ClearMail>(CLEAR_MAIL, []);
    const sealed = rows.map(({ is_sent, ...row }) => ({
      ...row,
      is_sent,
      index: mailIndex(personal, row.recipient),
      params: is_sent ? row.params : sealedMail(personal, row.account, row).params,
    }));
    const done = rows.length === 0 ? 0 : (await database.run(SEAL_MAIL, [json(sealed)])).length;
    count += done;
    if (done === 0 || rows.length < PAGE) return count;
  }
}
