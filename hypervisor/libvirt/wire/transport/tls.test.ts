import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it, jest } from '@jest/globals';
import { command } from '../../../../test/lab/command.ts';
import type { LabHost } from '../../../../test/lab/host.ts';
import { startLabHost } from '../../../../test/lab/lab.ts';
import { describeReal, labParts } from '../../../../test/real-parts.ts';
import { procedures } from '../procedures.ts';
import { openSession } from '../session.ts';
import type { Session } from '../session-types.ts';

// Daemons on a busy machine take their time.
jest.setTimeout(60_000);

describeReal('TLS with a real libvirtd', labParts, () => {
  let folder: string;
  let host: LabHost;
  let port: number;
  const sessions: Session[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'steward-tls-'));
    await makeAuthority('ca');
    await makeAuthority('other-ca');
    await makeCertificate({ name: 'server', authority: 'ca', subject: '/CN=localhost', use: 'serverAuth' });
    await makeClient({ name: 'operator', authority: 'ca' });
    await makeClient({ name: 'stranger', authority: 'ca' });
    await makeClient({ name: 'impostor', authority: 'other-ca' });
    host = await startLabHost({ name: 'tls', driver: 'test' });
    await listenWithTls();
    port = (await host.forward(16_514)).port;
  }, 60_000);

  afterEach(async () => {
    await Promise.all(sessions.splice(0).map((session) => session.close()));
  });

  afterAll(async () => {
    await host.stop();
    rmSync(folder, { recursive: true });
  }, 60_000);

  function open(client: string, extra = ''): Session {
    const uri = `test+tls://localhost:${port}/default?pkipath=${folder}/${client}${extra}`;
    const session = openSession({ uri });
    sessions.push(session);
    return session;
  }

  it('calls as on a local socket, once both sides have shown their certificates', async () => {
    const session = open('operator');
    await session.connected(10_000);
    await expect(session.call(procedures.connectGetHostname, {})).resolves.toEqual({ hostname: 'tls' });
  });

  it('leaves no call behind among many that go out at once', async () => {
    const session = open('operator');
    await session.connected(10_000);
    for (let round = 0; round < 20; round++) {
      // A call that libvirtd overlooked would wait for its next sign of life, five seconds later.
      const ask = () => session.call(procedures.connectGetUri, {}, { timeoutMs: 4500 });
      const answers = await Promise.all(Array.from({ length: 300 }, ask));
      expect(new Set(answers.map(({ uri }) => uri))).toEqual(new Set(['test:///default']));
    }
  }, 60_000);

  it('says that the server turned its certificate away', async () => {
    await expect(firstFailure(open('stranger'))).resolves.toMatch('does not accept our certificate');
    await expect(firstFailure(open('impostor'))).resolves.toMatch(/TLS with localhost port \d+: /);
  });

  it('does not talk to a server of another authority or another name', async () => {
    renameSync(join(folder, 'stranger/cacert.pem'), join(folder, 'stranger/real.pem'));
    await command('cp', [join(folder, 'other-ca.pem'), join(folder, 'stranger/cacert.pem')]);
    await expect(firstFailure(open('stranger'))).resolves.toMatch(/unable to verify|self-signed|certificate/);
    await expect(firstFailure(open('operator', '&tls_hostname=elsewhere.example'))).resolves.toMatch(
      /elsewhere\.example.*is not in the cert/,
    );
    await open('operator', '&tls_hostname=elsewhere.example&no_verify=1').connected(10_000);
  });

  it('says which file is missing and where it may be named', async () => {
    mkdirSync(join(folder, 'empty'));
    await expect(firstFailure(open('empty'))).resolves.toMatch(
      /empty\/cacert\.pem cannot be read \(ENOENT\); .*\?pkipath=/,
    );
  });

  it('does not take another TCP service for libvirtd', async () => {
    const server = createServer((socket) => socket.end('220 mail.example ready\r\n'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const at = address !== null && typeof address === 'object' ? address.port : 0;
    const session = openSession({ uri: `test+tls://localhost:${at}/default?pkipath=${folder}/operator` });
    sessions.push(session);
    await expect(firstFailure(session)).resolves.toMatch(/TLS with localhost/);
    server.close();
  });

  /** In libvirt's configuration the first of two equal names counts, so what is there is replaced, not appended to. */
  async function listenWithTls(): Promise<void> {
    const settings = [
      'listen_tls = 1',
      'auth_tls = "none"',
      'auth_unix_rw = "none"',
      `ca_file = "${folder}/ca.pem"`,
      `cert_file = "${folder}/server.pem"`,
      `key_file = "${folder}/server.key"`,
      'tls_allowed_dn_list = ["CN=operator"]',
    ];
    writeFileSync(join(host.dir, 'etc/libvirtd.conf'), `${settings.join('\n')}\n`);
    await host.killLibvirtd();
    await host.startLibvirtd();
  }

  async function makeAuthority(name: string): Promise<void> {
    await openssl(
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-days',
      '2',
      '-subj',
      `/CN=${name}`,
      ...['-keyout', `${name}.key`, '-out', `${name}.pem`, '-addext', 'keyUsage=critical,keyCertSign'],
    );
  }

  async function makeClient({ name, authority }: { name: string; authority: string }): Promise<void> {
    await makeCertificate({ name, authority, subject: `/CN=${name}`, use: 'clientAuth' });
    mkdirSync(join(folder, name));
    renameSync(join(folder, `${name}.pem`), join(folder, name, 'clientcert.pem'));
    renameSync(join(folder, `${name}.key`), join(folder, name, 'clientkey.pem'));
    await command('cp', [join(folder, 'ca.pem'), join(folder, name, 'cacert.pem')]);
  }

  async function makeCertificate(of: { name: string; authority: string; subject: string; use: string }): Promise<void> {
    await openssl(
      'req',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-subj',
      of.subject,
      ...[
        '-keyout',
        `${of.name}.key`,
        '-out',
        `${of.name}.csr`,
        '-addext',
        'subjectAltName=DNS:localhost,IP:127.0.0.1',
        '-addext',
        'keyUsage=critical,digitalSignature,keyEncipherment',
        '-addext',
        `extendedKeyUsage=${of.use}`,
      ],
    );
    await openssl(
      'x509',
      '-req',
      '-in',
      `${of.name}.csr`,
      '-days',
      '2',
      '-copy_extensions',
      'copy',
      ...['-CA', `${of.authority}.pem`, '-CAkey', `${of.authority}.key`, '-CAcreateserial', '-out', `${of.name}.pem`],
    );
  }

  /** Arguments that name files of the test's folder are made absolute. */
  async function openssl(...args: string[]): Promise<void> {
    await command(
      'openssl',
      args.map((arg) => (/^[a-z-]+\.(pem|key|csr)$/.test(arg) ? join(folder, arg) : arg)),
    );
  }
});

/** Why the first attempt to connect failed. */
function firstFailure(session: Session): Promise<string> {
  return new Promise((resolve, reject) => {
    session.onState((state) => {
      if (state.name === 'down') resolve(state.cause.message);
      if (state.name === 'up') reject(new Error('it connected'));
    });
  });
}
