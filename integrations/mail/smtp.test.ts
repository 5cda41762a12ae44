import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { ParsedMail } from 'mailparser';
import type { SMTPServerOptions } from 'smtp-server';
import type { Mail, Mailer } from '../../letters/mailer.ts';
import { startMailServer } from '../../test/fixtures/mail-server.ts';
import { createSmtpMailer, type SmtpOptions } from './smtp.ts';

const mail: Mail = {
  to: 'sam@example.org',
  subject: 'Grüße: 100 €',
  text: 'Hello Sam\n',
  html: '<p>Hello Sam</p>',
  messageId: '<l1@cloud.example>',
};

describe('a letter by SMTP', () => {
  const open: { close(): unknown }[] = [];
  let received: ParsedMail[] = [];
  afterEach(async () => {
    received = [];
    await Promise.all(open.splice(0).map((each) => each.close()));
  });

  async function serve(options: SMTPServerOptions = {}): Promise<number> {
    const server = await startMailServer({ ...options });
    open.push(server);
    received = server.received;
    return server.port;
  }

  function mailer(port: number, options: Partial<SmtpOptions> = {}): Mailer {
    const made = createSmtpMailer({
      host: '127.0.0.1',
      port,
      tls: 'none',
      from: 'Example Cloud <cloud@example.org>',
      timeoutMs: 20_000,
      ...options,
    });
    open.unshift(made);
    return made;
  }

  it('arrives as text and as HTML, from us, to the one it is for', async () => {
    const port = await serve();
    expect(await mailer(port).send(mail)).toEqual({ outcome: 'sent' });
    const [letter] = received;
    expect(letter).toMatchObject({
      subject: mail.subject,
      text: mail.text,
      html: mail.html,
      messageId: mail.messageId,
    });
    expect(letter?.from?.text).toBe('"Example Cloud" <cloud@example.org>');
    expect(letter?.to).toMatchObject({ text: 'sam@example.org' });
    expect(letter?.headers.get('auto-submitted')).toBe('auto-generated');
  });

  it('cannot be given another recipient or header line by an address or a subject', async () => {
    const port = await serve();
    const sent = await mailer(port).send({ ...mail, subject: 'a\r\nBcc: all@example.org' });
    expect(sent).toEqual({ outcome: 'sent' });
    expect(received[0]?.bcc).toBeUndefined();
    const two = await mailer(port).send({ ...mail, to: 'sam@example.org>,<all@example.org' });
    expect(two).toEqual({ outcome: 'refused', problem: expect.any(String) });
    expect(received).toHaveLength(1);
  });

  it('is refused for good when the server knows no such recipient, and waits when it is busy', async () => {
    const answer = (responseCode: number) =>
      serve({ onRcptTo: (_to, _session, done) => done(Object.assign(new Error('no'), { responseCode })) });
    expect(await mailer(await answer(550)).send(mail)).toEqual({ outcome: 'refused', problem: expect.any(String) });
    expect(await mailer(await answer(451)).send(mail)).toEqual({ outcome: 'later', problem: expect.any(String) });
  });

  it('waits when nobody answers, or answers nothing', async () => {
    const silent = createServer(() => undefined);
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    expect(await mailer(port, { timeoutMs: 200 }).send(mail)).toMatchObject({ outcome: 'later' });
    await new Promise((resolve) => silent.close(resolve));
    expect(await mailer(port).send(mail)).toMatchObject({ outcome: 'later' });
  });

  it('never goes in the clear, nor to a server that cannot prove who it is', async () => {
    const plain = await serve();
    expect(await mailer(plain, { tls: 'required' }).send(mail)).toMatchObject({ outcome: 'later' });
    const selfSigned = await serve({ disabledCommands: [] });
    expect(await mailer(selfSigned, { tls: 'required' }).send(mail)).toMatchObject({ outcome: 'later' });
    expect(received).toEqual([]);
  });

  it('signs in, and tells nobody the password when that fails', async () => {
    const port = await serve({
      authOptional: false,
      allowInsecureAuth: true,
      onAuth: ({ username, password }, _session, done) =>
        username === 'cloud' && password === 'swordfish'
          ? done(null, { user: 'cloud' })
          : done(new Error(`not ${password}`)),
    });
    const as = (password: string) => mailer(port, { user: 'cloud', password });
    expect(await as('swordfish').send(mail)).toEqual({ outcome: 'sent' });
    const refused = await as('tunafish').send(mail);
    expect(refused).toMatchObject({ outcome: 'later' });
    expect(JSON.stringify(refused)).not.toContain('tunafish');
  });
});
