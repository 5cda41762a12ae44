import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { judgeHostKey, knownKeyTypes } from './known-hosts.ts';

const key = Buffer.from('the host key');
const other = Buffer.from('another key');
const host = { host: 'node1.example', port: 22 };
const line = (patterns: string, shown = key, type = 'ssh-ed25519') =>
  `${patterns} ${type} ${shown.toString('base64')} comment\n`;

function hashed(name: string): string {
  const salt = Buffer.from('01234567890123456789');
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`;
}

describe('a known_hosts file', () => {
  it.each([
    ['by name', 'node1.example'],
    ['in a list', 'other,node1.example,10.0.0.1'],
    ['in whatever case', 'NODE1.Example'],
    ['by pattern', '*.example'],
    ['by single characters', 'node?.example'],
    ['by hash', hashed('node1.example')],
  ])('knows a host %s', (_, patterns) => {
    expect(judgeHostKey(line(patterns), host, key)).toBe('known');
    expect(judgeHostKey(line(patterns), host, other)).toBe('changed');
  });

  it.each([
    ['another name', 'node2.example'],
    ['a name that only a careless pattern would match', 'node1xexample'],
    ['an exception', '*.example,!node1.*'],
    ['another port', '[node1.example]:2222'],
    ['another hash', hashed('node2.example')],
    ['a comment', '#node1.example'],
  ])('does not know it by %s', (_, patterns) => {
    expect(judgeHostKey(line(patterns), host, key)).toBe('unknown');
  });

  it('keeps ports apart', () => {
    const contents = line('[node1.example]:2222') + line(hashed('[node1.example]:2223'));
    expect(judgeHostKey(contents, { ...host, port: 2222 }, key)).toBe('known');
    expect(judgeHostKey(contents, { ...host, port: 2223 }, key)).toBe('known');
    expect(judgeHostKey(contents, { ...host, port: 2224 }, key)).toBe('unknown');
  });

  it('lets a revocation win over everything', () => {
    expect(judgeHostKey(line('node1.example') + line('@revoked *'), host, key)).toBe('revoked');
    expect(judgeHostKey(line('@revoked *', other) + line('node1.example'), host, key)).toBe('known');
  });

  it('takes no authority for a host key', () => {
    expect(judgeHostKey(line('@cert-authority *.example'), host, key)).toBe('unknown');
  });

  it('lists the kinds of key on file', () => {
    const contents = line('node1.example') + line('node1.example', other, 'ssh-rsa') + line('node2', other, 'ecdsa');
    expect(knownKeyTypes(contents, host)).toEqual(['ssh-ed25519', 'ssh-rsa']);
  });

  it('survives lines that are none', () => {
    expect(judgeHostKey('\n\n   \n@revoked\nnode1.example\n|1|x\n', host, key)).toBe('unknown');
  });
});
