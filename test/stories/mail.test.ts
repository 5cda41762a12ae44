import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type IdentityServer, startIdentityServer } from '../fixtures/identity-server.ts';
import { startMailServer } from '../fixtures/mail-server.ts';
import { until } from '../lab/command.ts';

describe('letters leave by SMTP', () => {
  let post: Awaited<ReturnType<typeof startMailServer>>;
  let server: IdentityServer;
  beforeAll(async () => {
    post = await startMailServer();
    const smtp = {
      host: '127.0.0.1',
      port: post.port,
      tls: 'none' as const,
      from: 'Example Cloud <cloud@example.org>',
    };
    const brand = { name: 'Example Cloud', url: 'https://cloud.example', support: '' };
    server = await startIdentityServer(
      { publicUrl: 'https://cloud.example' },
      { mail: { smtp, domain: 'example.org', brand } },
    );
    await server.apply(
      { kind: 'Account', metadata: { name: 'acme' } },
      {
        kind: 'User',
        metadata: { name: 'anna' },
        spec: { displayName: 'Anna', email: 'anna@acme.example', account: 'acme' },
      },
    );
  });
  afterAll(async () => {
    await server?.close();
    await post?.close();
  });

  const invited = async () => {
    const before = post.received.length;
    await server.asAdmin('mutation { inviteUser(user: "anna") }');
    return until('a letter', () => post.received[before], { timeoutMs: 30_000 });
  };

  it('an invitation arrives with its link, from the provider to the one who is invited', async () => {
    const letter = await invited();
    expect(letter).toMatchObject({ subject: 'You are invited to Example Cloud' });
    expect(letter.to).toMatchObject({ text: 'anna@acme.example' });
    expect(letter.text).toMatch(/https:\/\/cloud\.example\/invitation#token=\S+/);
    expect(letter.text).toContain('Your user name is anna.');
  });

  it("the provider's own words take the place of the product's", async () => {
    await server.apply({
      kind: 'EmailTemplate',
      metadata: { name: 'invitation' },
      spec: { template: 'Invitation', subject: 'Come in, {{ name }}', body: '[Here]({{ link }})' },
    });
    expect(await invited()).toMatchObject({ subject: 'Come in, Anna', text: expect.stringMatching(/^Here:\nhttps:/) });
  });
});
