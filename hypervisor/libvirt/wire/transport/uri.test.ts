import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { InvalidUri } from '../errors.ts';
import { parseUri } from './uri.ts';

const systemSockets = (daemon: string) => [
  '/run/libvirt/libvirt-sock',
  '/var/run/libvirt/libvirt-sock',
  `/run/libvirt/${daemon}-sock`,
  `/var/run/libvirt/${daemon}-sock`,
];

describe('a libvirt URI', () => {
  it('without a host means a local socket', () => {
    expect(parseUri('qemu:///system')).toEqual({
      uri: 'qemu:///system',
      driver: 'qemu',
      remoteUri: 'qemu:///system',
      transport: { kind: 'unix', socketPaths: systemSockets('virtqemud') },
    });
    expect(parseUri('test:///default')).toMatchObject({ driver: 'test', remoteUri: 'test:///default' });
  });

  it('may name the socket, or the kind of daemon', () => {
    const named = parseUri('test+unix:///default?socket=/tmp/a%20b/sock');
    expect(named).toMatchObject({
      remoteUri: 'test:///default',
      transport: { kind: 'unix', socketPaths: ['/tmp/a b/sock'] },
    });
    expect(parseUri('qemu:///system?mode=direct').transport).toMatchObject({
      socketPaths: ['/run/libvirt/virtqemud-sock', '/var/run/libvirt/virtqemud-sock'],
    });
    expect(parseUri('qemu:///system?mode=legacy').transport).toMatchObject({
      socketPaths: ['/run/libvirt/libvirt-sock', '/var/run/libvirt/libvirt-sock'],
    });
  });

  it('finds the daemon of a session in its run folder', () => {
    const target = parseUri('qemu:///session', { XDG_RUNTIME_DIR: '/run/user/1000' });
    expect(target.transport).toEqual({
      kind: 'unix',
      socketPaths: ['/run/user/1000/libvirt/libvirt-sock', '/run/user/1000/libvirt/virtqemud-sock'],
    });
    expect(() => parseUri('qemu:///session')).toThrow('add socket=/path/to/libvirt-sock');
  });

  it('with a host means TLS, with the files of a folder and the name to be verified', () => {
    expect(parseUri('qemu://node1.example/system')).toMatchObject({
      remoteUri: 'qemu:///system',
      transport: {
        kind: 'tls',
        host: 'node1.example',
        port: 16_514,
        pkiPath: null,
        serverName: 'node1.example',
        verify: true,
      },
    });
    expect(
      parseUri('qemu+tls://[2001:db8::1]:99/system?pkipath=/etc/pki/x&no_verify=1&tls_hostname=n1').transport,
    ).toEqual({
      kind: 'tls',
      host: '2001:db8::1',
      port: 99,
      pkiPath: '/etc/pki/x',
      serverName: 'n1',
      verify: false,
    });
  });

  it('goes through SSH to the socket on the far side', () => {
    const uri = 'qemu+ssh://op%40corp@node1:2222/system?keyfile=/k&known_hosts=/h&socket=/s&no_tty=1&netcat=nc';
    expect(parseUri(uri)).toEqual({
      uri,
      driver: 'qemu',
      remoteUri: 'qemu:///system',
      transport: {
        kind: 'ssh',
        host: 'node1',
        port: 2222,
        user: 'op@corp',
        keyFile: '/k',
        knownHostsFile: '/h',
        socketPaths: ['/s'],
      },
    });
    expect(parseUri('qemu+libssh2://node1/system').transport).toMatchObject({
      kind: 'ssh',
      port: 22,
      user: null,
      keyFile: null,
      knownHostsFile: null,
      socketPaths: systemSockets('virtqemud'),
    });
  });

  it('passes on what is not its own, and may be renamed for the far side', () => {
    expect(parseUri('xen+tcp://host:1/?vcenter=a%26b&socket=/s').remoteUri).toBe('xen:///?vcenter=a%26b');
    expect(parseUri('qemu+tcp://host').remoteUri).toBe('qemu:///');
    expect(parseUri('qemu+tcp://host/system?name=test:///default').remoteUri).toBe('test:///default');
    expect(parseUri('qemu+tcp://host/system').transport).toEqual({ kind: 'tcp', host: 'host', port: 16_509 });
  });

  it.each([
    ['/run/libvirt/libvirt-sock', 'it should look like one of qemu:///system'],
    ['qemu:/system', 'it should look like'],
    ['qemu+quic://host/system', 'the transport quic is not known; known are unix, tls, ssh, tcp'],
    ['qemu+unix://host/system', 'write qemu+unix:///system in place of'],
    ['qemu+ssh:///system', 'SSH needs a host: qemu+ssh://user@host/system'],
    ['qemu+ssh://host/system?no_verify=1', 'name it with known_hosts='],
    ['qemu+tls://host/system?no_verify=yes', 'it is 0 or 1'],
    ['qemu+tls://host:70000/system', 'port 70000 is not between 1 and 65535'],
    ['qemu+tls://ho:st:1/system', '[user@]host[:port]'],
    ['qemu+tls://host/system?pkipath=pki', 'pkipath=pki is not an absolute path'],
    ['qemu:///system?socket=run/sock', 'socket=run/sock is not an absolute path'],
    ['qemu:///system?mode=fast', 'it is auto, direct or legacy'],
    ['qemu+ssh://host/system?command=/bin/sh', 'this client runs no commands'],
    ['qemu+ssh://%zz@host/system', 'is not percent-encoded properly'],
  ])('that is wrong, as %s is, is refused with what would be right', (uri, words) => {
    expect(() => parseUri(uri)).toThrow(InvalidUri);
    expect(() => parseUri(uri)).toThrow(words);
  });

  it('may hold no password, and never shows one', () => {
    const attempt = () => parseUri('qemu+ssh://user:hunter2@host/system');
    expect(attempt).toThrow('for SSH use a key');
    expect(attempt).not.toThrow('hunter2');
  });

  it('is parsed or refused, never anything else', () => {
    const noise = fc.oneof(
      fc.string(),
      fc.string().map((text) => `qemu+ssh://${text}`),
      fc.webUrl(),
    );
    fc.assert(
      fc.property(noise, (uri) => {
        try {
          parseUri(uri);
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidUri);
        }
      }),
    );
  });
});
