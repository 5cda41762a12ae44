import { appendFileSync, chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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

describeReal('SSH to a real sshd in front of libvirtd', [...labParts, 'sshd', 'sshKeygen'], () => {
  let folder: string;
  let host: LabHost;
  let port: number;
  const sessions: Session[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'steward-ssh-'));
    for (const [name, type] of [
      ['host-ed25519', 'ed25519'],
      ['host-rsa', 'rsa'],
      ['operator', 'ed25519'],
      ['stranger', 'ed25519'],
    ] as const) {
      await command('ssh-keygen', ['-q', '-t', type, '-N', '', '-C', name, '-f', join(folder, name)]);
    }
    copyFileSync(join(folder, 'operator.pub'), join(folder, 'authorized_keys'));
    host = await startLabHost({ name: 'ssh', driver: 'test' });
    await startSshd();
    port = (await host.forward(2222)).port;
    writeFileSync(join(folder, 'known_hosts'), line('host-ed25519'));
  }, 60_000);

  afterEach(async () => {
    await Promise.all(sessions.splice(0).map((session) => session.close()));
  });

  afterAll(async () => {
    await host.stop();
    rmSync(folder, { recursive: true });
  }, 60_000);

  it('calls through the forwarded socket', async () => {
    const session = open();
    await session.connected(10_000);
    await expect(session.call(procedures.connectGetHostname, {})).resolves.toEqual({ hostname: 'ssh' });
    const many = await Promise.all(Array.from({ length: 500 }, () => session.call(procedures.connectGetUri, {})));
    expect(many).toHaveLength(500);
  });

  it('asks for the kind of host key that is on file', async () => {
    writeFileSync(join(folder, 'rsa_hosts'), line('host-rsa'));
    await open({ known_hosts: 'rsa_hosts' }).connected(10_000);
  });

  it('finds a host under a hashed name', async () => {
    copyFileSync(join(folder, 'known_hosts'), join(folder, 'hashed_hosts'));
    await command('ssh-keygen', ['-q', '-H', '-f', join(folder, 'hashed_hosts')]);
    expect(readFileSync(join(folder, 'hashed_hosts'), 'utf8')).toMatch(/^\|1\|/);
    await open({ known_hosts: 'hashed_hosts' }).connected(10_000);
  });

  it('refuses a host that is not on file, showing how to put it there', async () => {
    writeFileSync(join(folder, 'no_hosts'), '');
    const { stdout } = { stdout: await command('ssh-keygen', ['-l', '-f', join(folder, 'host-ed25519.pub')]) };
    const [, print = ''] = stdout.split(' ');
    await expect(firstFailure(open({ known_hosts: 'no_hosts' }))).resolves.toMatch(
      new RegExp(
        `is not in .*no_hosts \\((${escaped(print)}|SHA256:.*)\\); check it, then add it: ssh-keyscan -p ${port} 127.0.0.1`,
      ),
    );
  });

  it('refuses a host whose key has changed, or was revoked', async () => {
    const stranger = readFileSync(join(folder, 'stranger.pub'), 'utf8').split(' ').slice(0, 2).join(' ');
    writeFileSync(join(folder, 'changed_hosts'), `[127.0.0.1]:${port} ${stranger}\n`);
    await expect(firstFailure(open({ known_hosts: 'changed_hosts' }))).resolves.toMatch('somebody may be in between');
    writeFileSync(join(folder, 'revoked_hosts'), line('host-ed25519'));
    appendFileSync(join(folder, 'revoked_hosts'), `@revoked * ${line('host-ed25519').split(' ').slice(1).join(' ')}`);
    await expect(firstFailure(open({ known_hosts: 'revoked_hosts' }))).resolves.toMatch('marks as revoked');
  });

  it('says so when the key is not accepted there', async () => {
    await expect(firstFailure(open({ keyfile: 'stranger' }))).resolves.toMatch(
      /SSH to 127\.0\.0\.1 port \d+: All configured authentication/,
    );
    await expect(firstFailure(open({ keyfile: 'nothing' }))).resolves.toMatch(/nothing cannot be read \(ENOENT\)/);
  });

  it('says which socket did not open on the far side', async () => {
    await expect(firstFailure(open({ socket: '/run/libvirt/elsewhere' }))).resolves.toMatch(
      /the libvirt socket does not open there \(\/run\/libvirt\/elsewhere: /,
    );
  });

  it('notices when the far daemon dies behind the tunnel, and comes back', async () => {
    const session = open();
    await session.connected(10_000);
    const down = new Promise<string>((resolve) => {
      session.onState((state) => state.name === 'down' && resolve(state.name));
    });
    await host.killLibvirtd();
    await expect(down).resolves.toBe('down');
    await host.startLibvirtd();
    await session.connected(30_000);
    await expect(session.call(procedures.connectGetHostname, {})).resolves.toEqual({ hostname: 'ssh' });
  }, 60_000);

  function open(files: { keyfile?: string; known_hosts?: string; socket?: string } = {}): Session {
    const keyfile = join(folder, files.keyfile ?? 'operator');
    const knownHosts = join(folder, files.known_hosts ?? 'known_hosts');
    const socket = files.socket ?? '/run/libvirt/libvirt-sock';
    const query = `keyfile=${keyfile}&known_hosts=${knownHosts}&socket=${socket}`;
    const session = openSession({ uri: `test+ssh://root@127.0.0.1:${port}/default?${query}` });
    sessions.push(session);
    return session;
  }

  /** A host's line of known_hosts. */
  function line(keyName: string): string {
    const [type, key] = readFileSync(join(folder, `${keyName}.pub`), 'utf8').split(' ');
    return `[127.0.0.1]:${port} ${type} ${key}\n`;
  }

  async function startSshd(): Promise<void> {
    chmodSync(folder, 0o755);
    const config = [
      'Port 2222',
      `HostKey ${folder}/host-ed25519`,
      `HostKey ${folder}/host-rsa`,
      `AuthorizedKeysFile ${folder}/authorized_keys`,
      'PermitRootLogin prohibit-password',
      'PasswordAuthentication no',
      'StrictModes no',
      'UsePAM no',
      'PidFile none',
    ];
    writeFileSync(join(folder, 'sshd_config'), `${config.join('\n')}\n`);
    await host.exec(['mkdir', '-p', '/run/sshd']);
    await host.daemon(['/usr/sbin/sshd', '-D', '-e', '-f', join(folder, 'sshd_config')], {
      logFile: join(folder, 'sshd.log'),
    });
  }
});

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}

/** Why the first attempt to connect failed. */
function firstFailure(session: Session): Promise<string> {
  return new Promise((resolve, reject) => {
    session.onState((state) => {
      if (state.name === 'down') resolve(state.cause.message);
      if (state.name === 'up') reject(new Error('it connected'));
    });
  });
}
