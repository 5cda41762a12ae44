import { describe, expect, it } from '@jest/globals';
import { bareNetwork, natNetwork, reservations } from './examples.fixture.ts';
import { buildNetwork, mergeNetwork, parseNetwork } from './network.ts';
import { readXml } from './read.ts';
import { descend } from './tree.ts';
import { writeXml } from './write.ts';

describe('a network', () => {
  it.each([
    { name: 'with NAT and DHCP', spec: natNetwork },
    { name: 'with neither', spec: bareNetwork },
    { name: 'with DHCP and no DNS', spec: { ...natNetwork, dns: false } },
    { name: 'with DNS and no DHCP', spec: { ...natNetwork, dhcp: null } },
    {
      name: 'of IPv6',
      spec: {
        ...natNetwork,
        cidr: 'fd00:1::/64',
        gateway: 'fd00:1::1',
        dhcp: { first: 'fd00:1::100', last: 'fd00:1::1ff' },
      },
    },
  ])('$name is read back as it was built, with its reservations', ({ spec }) => {
    const read = parseNetwork(readXml(writeXml(buildNetwork(spec, reservations))));
    expect(read).toMatchObject({
      uuid: spec.uid,
      name: spec.uid,
      installationId: spec.installationId,
      spec,
      reservations,
      connections: 0,
    });
  });

  it('shows a reservation only when both its lease and its name are there', () => {
    const whole = writeXml(buildNetwork(natNetwork, reservations));
    const nameless = readXml(whole.replace('<hostname>web</hostname>', '<hostname>other</hostname>'));
    expect(parseNetwork(nameless).reservations).toEqual([reservations[1]]);
    const leaseless = readXml(whole.replace(/<host mac="52:54:00:00:00:02".*/, ''));
    expect(parseNetwork(leaseless).reservations).toEqual([reservations[0]]);
  });

  it('tells an address block that was changed behind our back', () => {
    const changed = writeXml(buildNetwork(natNetwork, [])).replace('address="10.20.0.1"', 'address="10.99.0.1"');
    expect(parseNetwork(readXml(changed)).spec).toMatchObject({ cidr: '10.99.0.0/16', gateway: '10.99.0.1' });
  });

  it('of others has no installation, and its netmask and port range are understood', () => {
    const theirs = readXml(
      `<network connections='3'><name>default</name><uuid>u</uuid><forward mode='nat'><nat><port start='1' end='2'/></nat></forward>
       <bridge name='virbr0'/><ip address='192.168.122.1' netmask='255.255.255.0'/></network>`,
    );
    expect(parseNetwork(theirs)).toMatchObject({
      installationId: null,
      connections: 3,
      spec: { cidr: '192.168.122.0/24', forward: 'nat', dhcp: null, bridge: 'virbr0' },
    });
  });

  it('that changes keeps its reservations, its MAC address and what others noted in it', () => {
    const text = writeXml(buildNetwork(natNetwork, reservations))
      .replace('<metadata>', "<metadata><o:x xmlns:o='https://other.example/1'/>")
      .replace('<mtu', "<mac address='52:54:00:12:34:56'/><mtu");
    const wanted = { ...natNetwork, domain: 'db.internal', mtu: null, dhcp: null };
    const merged = readXml(writeXml(mergeNetwork(readXml(text), wanted)));
    expect(parseNetwork(merged)).toMatchObject({ spec: wanted, reservations });
    expect(descend(merged, 'mac')?.attributes.address).toBe('52:54:00:12:34:56');
    expect(descend(merged, 'metadata', 'o:x')).toBeDefined();
  });
});
