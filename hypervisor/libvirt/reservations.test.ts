import { describe, expect, it } from '@jest/globals';
import { editsToRelease, editsToReserve } from './reservations.ts';
import { bareNetwork, natNetwork, reservations } from './xml/examples.fixture.ts';
import { buildNetwork, type Network, parseNetwork } from './xml/network.ts';

const [web, db] = reservations as [(typeof reservations)[0], (typeof reservations)[0]];
const record = ({ ip, hostname }: typeof web) => ({ ip, hostnames: [hostname] });
const network = (more: Partial<Network> = {}): Network => ({
  ...parseNetwork(buildNetwork(natNetwork, [web, db])),
  ...more,
});

describe('reserving an address', () => {
  it('makes nothing that is there', () => {
    expect(editsToReserve(network(), web)).toEqual([]);
  });

  it('makes a lease and a name', () => {
    expect(editsToReserve(parseNetwork(buildNetwork(natNetwork, [])), web)).toEqual([
      { verb: 'add', name: record(web) },
      { verb: 'add', lease: web },
    ]);
  });

  it('makes the half that is missing, of either', () => {
    expect(editsToReserve(network({ leases: [db] }), web)).toEqual([{ verb: 'add', lease: web }]);
    expect(editsToReserve(network({ names: [record(db)] }), web)).toEqual([{ verb: 'add', name: record(web) }]);
  });

  it('moves what has another address or name, leaving nothing of the old one', () => {
    const moved = { ...web, ip: '10.20.0.99' };
    expect(editsToReserve(network(), moved)).toEqual([
      { verb: 'remove', lease: web },
      { verb: 'remove', name: record(web) },
      { verb: 'add', name: record(moved) },
      { verb: 'add', lease: moved },
    ]);
    const renamed = { ...web, hostname: 'www' };
    expect(editsToReserve(network(), renamed)).toEqual([
      { verb: 'remove', lease: web },
      { verb: 'remove', name: record(web) },
      { verb: 'add', name: record(renamed) },
      { verb: 'add', lease: renamed },
    ]);
  });

  it('takes neither address nor name away from another', () => {
    const mac = '52:54:00:00:00:77';
    expect(() => editsToReserve(network(), { mac, ip: web.ip, hostname: 'x' })).toThrow(
      `The address ${web.ip} is reserved for ${web.mac}`,
    );
    expect(() => editsToReserve(network(), { mac, ip: '10.20.0.50', hostname: 'db' })).toThrow(
      `The name db is reserved for ${db.mac}`,
    );
  });

  it('needs the name alone where there is no DHCP', () => {
    const bare = parseNetwork(buildNetwork(bareNetwork, [web]));
    expect(editsToReserve(bare, web)).toEqual([]);
    expect(editsToReserve(bare, db)).toEqual([
      { verb: 'add', name: { ip: db.ip, hostnames: ['db', 'mac-52-54-00-00-00-02'] } },
    ]);
    expect(editsToRelease(bare, web.mac)).toEqual([
      { verb: 'remove', name: { ip: web.ip, hostnames: ['web', 'mac-52-54-00-00-00-01'] } },
    ]);
  });
});

describe('releasing an address', () => {
  it('takes lease and name, whatever the letters of the MAC, and nothing of another', () => {
    const upper = { ...web, mac: '52:54:00:AA:00:01' };
    const named = network({ leases: [upper, db] });
    expect(editsToRelease(named, '52:54:00:aa:00:01')).toEqual([
      { verb: 'remove', lease: upper },
      { verb: 'remove', name: record(web) },
    ]);
    expect(editsToRelease(named, '52:54:00:00:00:99')).toEqual([]);
  });
});
