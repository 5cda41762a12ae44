import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import type { LabHost } from '../../../test/lab/host.ts';
import { startLabHost } from '../../../test/lab/lab.ts';
import { describeReal, labParts } from '../../../test/real-parts.ts';
import { CallTimeout } from './errors.ts';
import { domainState } from './flags.ts';
import { procedures } from './procedures.ts';
import type { DomainRef } from './refs.ts';
import { openSession } from './session.ts';
import type { Session } from './session-types.ts';

// Daemons on a busy machine take their time.
jest.setTimeout(60_000);

describeReal('a guest that hangs', labParts, () => {
  let host: LabHost;
  let session: Session;
  let domain: DomainRef;

  beforeAll(async () => {
    host = await startLabHost({ name: 'hung' });
    session = openSession({ uri: host.uri, keepalive: { intervalMs: 100, count: 3 } });
    await session.connected(20_000);
    const defined = await session.call(procedures.domainDefineXmlFlags, { xml: machineXml, flags: 0 });
    ({ domain } = await session.call(
      procedures.domainCreateWithFlags,
      { ...defined, flags: 0 },
      { timeoutMs: 60_000 },
    ));
  }, 120_000);

  afterAll(async () => {
    await session.close();
    await host.stop();
  }, 60_000);

  it('holds its own calls, but neither the connection nor the listings beside it', async () => {
    const listing = openSession({ uri: host.uri });
    await listing.connected(20_000);
    const states: string[] = [];
    session.onState(({ name }) => states.push(name));
    await host.signalGuest('still', 'STOP');

    const ask = (timeoutMs = 1500) =>
      session.call(procedures.domainMemoryStats, { domain, maxStats: 13, flags: 0 }, { timeoutMs });
    const outcomes = await Promise.allSettled([ask(), ask(), ask(), ask()]);
    const timeouts = outcomes.map((outcome) => (outcome.status === 'rejected' ? outcome.reason : null));
    expect(timeouts.every((reason) => reason instanceof CallTimeout && reason.sent)).toBe(true);
    // Four stuck calls leave libvirtd one place of five, enough to hear our pings.
    expect(states).toEqual([]);

    const { domains } = await listing.call(procedures.connectListAllDomains, { needResults: true, flags: 0 });
    expect(domains.map(({ name }) => name)).toEqual(['still']);
    await expect(listing.call(procedures.domainGetState, { domain, flags: 0 })).resolves.toMatchObject({
      state: domainState.running,
    });
    const control = await listing.call(procedures.domainGetControlInfo, { domain, flags: 0 });
    expect(control.state).not.toBe(0);

    await host.signalGuest('still', 'CONT');
    await Promise.all(timeouts.map((reason: CallTimeout) => reason.answered));
    await expect(ask(30_000)).resolves.toBeDefined();
    await listing.close();
  }, 60_000);
});

const machineXml = `
<domain type='qemu'>
  <name>still</name>
  <memory unit='MiB'>96</memory>
  <vcpu>1</vcpu>
  <os><type arch='x86_64'>hvm</type></os>
  <devices><memballoon model='virtio'/></devices>
</domain>`;
