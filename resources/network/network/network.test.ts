import { describe, expect, it } from '@jest/globals';
import type { HostState } from '../../../hypervisor/memory/state.ts';
import type { ManifestInput } from '../../../reconciler/admission/manifest.ts';
import type { JsonObject } from '../../../reconciler/json.ts';
import { type Cloud, createCloud, hostManifest, PROJECT } from '../../../test/fixtures/cloud.ts';
import { overlaps, parseCidr } from '../ipv4.ts';

const RESYNC_MS = 400_000;
const LAN = { kind: 'Network', project: 'default', name: 'lan' };

const network = (name: string, spec: JsonObject = {}): ManifestInput => ({ kind: 'Network', metadata: { name }, spec });

async function cloudWith(...manifests: ManifestInput[]): Promise<Cloud> {
  const cloud = createCloud();
  await cloud.apply([...PROJECT, hostManifest('h1'), hostManifest('h2')]);
  await cloud.settle();
  expect(await cloud.apply(manifests)).toMatchObject({ ok: true });
  await cloud.settle();
  return cloud;
}

const host = (cloud: Cloud, name: string) => cloud.world.state.hosts[name] as HostState;
const status = async (cloud: Cloud, name = 'lan') =>
  (await cloud.get('Network', name))?.status as unknown as JsonObject;
const uidOf = async (cloud: Cloud, name = 'lan') => (await cloud.get('Network', name))?.metadata.uid ?? '';
const everywhere = (cloud: Cloud) => ['h1', 'h2'].flatMap((name) => Object.values(host(cloud, name).networks));

describe('a network', () => {
  it('gets addresses, a bridge and a host, runs, and is left alone from then on', async () => {
    const cloud = await cloudWith(network('lan', { cidr: '10.1.1.0/24', domain: 'web.internal' }));
    expect(await cloud.ready('Network', 'lan')).toBe('True Ready');
    const [made] = everywhere(cloud);
    expect(made?.spec).toMatchObject({
      cidr: '10.1.1.0/24',
      gateway: '10.1.1.1',
      dhcp: { first: '10.1.1.192', last: '10.1.1.254' },
      domain: 'web.internal',
      forward: 'nat',
      dns: true,
    });
    expect(made?.spec?.bridge).toMatch(/^stw[0-9a-z]{7}$/);
    expect(await status(cloud)).toMatchObject({ cidr: '10.1.1.0/24', gateway: '10.1.1.1', bridge: made?.spec?.bridge });
    await cloud.settle(2 * RESYNC_MS);
    expect(cloud.deeds()).toEqual(['networks.ensure']);
  });

  it('without a wish of its own gets addresses that nobody else has, also when many ask at once', async () => {
    const names = Array.from({ length: 40 }, (_, index) => `n${index}`);
    const cloud = await cloudWith(...names.map((name) => network(name)));
    const cidrs = await Promise.all(names.map(async (name) => parseCidr(String((await status(cloud, name)).cidr))));
    for (const [index, cidr] of cidrs.entries()) {
      expect(cidr.prefix).toBe(24);
      expect(cidrs.slice(0, index).filter((other) => overlaps(other, cidr))).toEqual([]);
    }
    const bridges = new Set(everywhere(cloud).map(({ spec }) => spec?.bridge));
    expect(bridges.size).toBe(40);
  });

  it('that was stopped or removed outside is put back', async () => {
    const cloud = await cloudWith(network('lan', { host: 'h1' }));
    const uid = await uidOf(cloud);
    cloud.hand('h1').stopNetwork(uid);
    await cloud.settle(RESYNC_MS);
    expect(host(cloud, 'h1').networks[uid]?.active).toBe(true);
    cloud.hand('h1').removeNetwork(uid);
    await cloud.settle(RESYNC_MS);
    expect(await status(cloud)).toMatchObject({ hosts: [{ active: true }] });
    expect(host(cloud, 'h1').networks[uid]?.active).toBe(true);
  });

  it('that was undefined while it runs is defined again, and runs on', async () => {
    const cloud = await cloudWith(network('lan', { host: 'h1' }));
    const uid = await uidOf(cloud);
    cloud.hand('h1').undefineNetwork(uid);
    await cloud.settle(RESYNC_MS);
    expect(await cloud.condition('Network', 'lan')).toMatchObject({ status: 'True', reason: 'Ready' });
    expect(await status(cloud)).toMatchObject({ hosts: [{ active: true }] });
    expect(host(cloud, 'h1').networks[uid]?.spec).not.toBeNull();
    expect(cloud.deeds()).toEqual(['networks.ensure', 'networks.ensure']);
  });

  it('is restarted for a change of its definition only when that risk is allowed', async () => {
    const cloud = await cloudWith(network('lan'));
    await cloud.apply([network('lan', { domain: 'other.internal' })]);
    await cloud.settle();
    expect(await cloud.condition('Network', 'lan')).toMatchObject({
      reason: 'ApprovalRequired',
      params: { risk: 'restart' },
    });
    await cloud.apply([network('lan', { domain: 'other.internal' })], { allowedRisk: 'restart' });
    await cloud.settle();
    expect(everywhere(cloud)[0]?.spec?.domain).toBe('other.internal');
    expect(cloud.deeds()).toEqual(['networks.ensure', 'networks.stop', 'networks.ensure']);
  });

  it('goes without a trace, and its addresses are free again', async () => {
    const cloud = await cloudWith(network('lan', { cidr: '10.1.1.0/24' }));
    await cloud.remove(LAN);
    await cloud.settle();
    expect(everywhere(cloud)).toEqual([]);
    await cloud.apply([network('again', { cidr: '10.1.1.0/24' })]);
    await cloud.settle();
    expect(await cloud.ready('Network', 'again')).toBe('True Ready');
  });

  it('is neither made nor forgotten while its host is silent', async () => {
    const cloud = await cloudWith(network('lan', { host: 'h1' }));
    cloud.hand('h1').setUnreachable(true);
    await cloud.remove(LAN);
    await cloud.settle(RESYNC_MS);
    expect(await cloud.ready('Network', 'lan')).toBe('False PlaceSilent');
    cloud.hand('h1').setUnreachable(false);
    await cloud.settle(RESYNC_MS);
    expect(everywhere(cloud)).toEqual([]);
    expect(await cloud.get('Network', 'lan')).toBeUndefined();
  });

  it('that somebody else made under its uid is left alone', async () => {
    const cloud = await cloudWith();
    await cloud.apply([network('lan', { host: 'h1' })]);
    const uid = await uidOf(cloud);
    const spec = {
      uid,
      installationId: '',
      bridge: 'virbr9',
      domain: 'x',
      forward: 'nat',
      cidr: '10.7.0.0/24',
      gateway: '10.7.0.1',
      dhcp: null,
      dns: false,
      mtu: null,
    } as const;
    cloud.hand('h1').addForeignNetwork(spec);
    await cloud.settle(RESYNC_MS);
    expect(await cloud.ready('Network', 'lan')).toBe('False NotOwned');
    expect(cloud.deeds()).toEqual([]);
  });
});

describe('with span eachHost', () => {
  it('is on every host of its zone, also on one that comes later', async () => {
    const cloud = await cloudWith(network('lan', { span: 'eachHost' }));
    expect(everywhere(cloud)).toHaveLength(2);
    await cloud.apply([hostManifest('h3')]);
    await cloud.settle(RESYNC_MS);
    expect(Object.keys(host(cloud, 'h3').networks)).toEqual([await uidOf(cloud)]);
    expect(await cloud.ready('Network', 'lan')).toBe('True Ready');
    await cloud.remove(LAN);
    await cloud.settle();
    expect([...everywhere(cloud), ...Object.values(host(cloud, 'h3').networks)]).toEqual([]);
  });

  it('keeps the hosts that answer when one does not', async () => {
    const cloud = await cloudWith(network('lan', { span: 'eachHost' }));
    const uid = await uidOf(cloud);
    cloud.hand('h2').setUnreachable(true);
    cloud.hand('h1').stopNetwork(uid);
    await cloud.settle(RESYNC_MS);
    expect(host(cloud, 'h1').networks[uid]?.active).toBe(true);
    expect(await cloud.condition('Network', 'lan')).toMatchObject({ status: 'False', reason: 'PlaceSilent' });
  });
});

describe('overlap', () => {
  it('with another network is refused at the door', async () => {
    const cloud = await cloudWith(network('lan', { cidr: '10.1.0.0/22' }));
    const outcome = await cloud.apply([network('other', { cidr: '10.1.3.128/25' })]);
    expect(outcome).toMatchObject({ ok: false, issues: [{ code: 'Conflict', path: '/spec/cidr' }] });
    expect(JSON.stringify(outcome)).toContain('which Network \\"lan\\" has');
  });

  it('of two in one batch is told by both names, and all of them at once', async () => {
    const cloud = await cloudWith(network('lan', { cidr: '10.3.0.0/24' }));
    const wishes = [
      network('one', { cidr: '10.1.0.0/24' }),
      network('two', { cidr: '10.1.0.0/22' }),
      network('three', { cidr: '10.3.0.0/24' }),
    ];
    const outcome = await cloud.apply(wishes);
    expect(outcome).toMatchObject({ ok: false, issues: [{ index: 1 }, { index: 2 }] });
    expect(JSON.stringify(outcome)).toMatch(/which Network \\"one\\" has.*which Network \\"lan\\" has/);
  });

  it('with a chosen network waits with a reason that names it within its project, and ends when that is gone', async () => {
    const cloud = await cloudWith(network('lan'));
    const cidr = String((await status(cloud)).cidr);
    const far = { kind: 'Network', project: 'far', name: 'other' };
    const wishes = [
      { kind: 'Project', metadata: { name: 'far' }, spec: {} },
      { kind: 'Network', metadata: { name: 'other', project: 'far' }, spec: { cidr } },
    ];
    expect(await cloud.apply(wishes)).toMatchObject({ ok: true });
    await cloud.settle();
    const [theirs] = await cloud.store.getByKey([far]);
    const unnamed = { type: 'Ready', reason: 'CidrTaken', params: { cidr } };
    expect(theirs?.status.conditions).toContainEqual(expect.objectContaining(unnamed));
    await cloud.remove(far);
    await cloud.settle();
    await cloud.apply([network('other', { cidr })]);
    await cloud.settle();
    const named = { reason: 'CidrTakenBy', params: { cidr, network: 'lan' } };
    expect(await cloud.condition('Network', 'other')).toMatchObject(named);
    await cloud.remove(LAN);
    await cloud.settle();
    expect(await cloud.ready('Network', 'other')).toBe('True Ready');
  });

  it('of a wished CIDR with a route of the host is refused, and nothing is made', async () => {
    const cloud = await cloudWith();
    host(cloud, 'h1').routes = ['0.0.0.0/0', '10.1.0.0/16', 'fe80::/64'];
    await cloud.apply([network('lan', { cidr: '10.1.1.0/24', host: 'h1' })]);
    await cloud.settle(RESYNC_MS);
    expect(await cloud.condition('Network', 'lan')).toMatchObject({
      reason: 'Overlaps',
      params: { route: '10.1.0.0/16' },
    });
    expect(everywhere(cloud)).toEqual([]);
  });

  it('of a chosen CIDR with routes of the host makes it choose again', async () => {
    const cloud = await cloudWith();
    for (const name of ['h1', 'h2']) host(cloud, name).routes = ['10.0.0.0/8', '172.16.0.0/12'];
    await cloud.apply([network('lan')]);
    await cloud.settle(RESYNC_MS);
    expect(await cloud.ready('Network', 'lan')).toBe('True Ready');
    expect(String((await status(cloud)).cidr)).toMatch(/^192\.168\./);
  });
});

describe('a wrong network is refused at the door:', () => {
  it.each([
    ['host bits', { cidr: '10.1.1.7/24' }, '/spec/cidr'],
    ['too large', { cidr: '10.0.0.0/16' }, '/spec/cidr'],
    ['too small', { cidr: '10.0.0.0/30' }, '/spec/cidr'],
    ['loopback', { cidr: '127.0.1.0/24' }, '/spec/cidr'],
    ['no CIDR at all', { cidr: 'ten' }, '/spec/cidr'],
    ['a gateway outside', { cidr: '10.1.1.0/24', gateway: '10.1.2.1' }, '/spec/gateway'],
    ['a gateway without a cidr', { gateway: '10.1.2.1' }, '/spec/gateway'],
    [
      'a range the wrong way round',
      { cidr: '10.1.1.0/24', dhcp: { first: '10.1.1.9', last: '10.1.1.5' } },
      '/spec/dhcp/first',
    ],
    [
      'a gateway that is leased',
      { cidr: '10.1.1.0/24', dhcp: { first: '10.1.1.1', last: '10.1.1.5' } },
      '/spec/dhcp/first',
    ],
    ['one host of each', { span: 'eachHost', host: 'h1' }, '/spec/host'],
  ])('%s', async (_what, spec, path) => {
    const cloud = await cloudWith();
    const outcome = await cloud.apply([network('lan', spec)]);
    expect(outcome).toMatchObject({ ok: false, issues: [expect.objectContaining({ path })] });
  });
});
