import { z } from 'zod';
import type { NetworkSight } from '../../../hypervisor/port.ts';
import { ref } from '../../../reconciler/field-meta.ts';
import { defineKind } from '../../../reconciler/kind.ts';
import { PORT_MESSAGES } from '../../act-result.ts';
import { expelAtHost } from '../../expel.ts';
import { PLACEMENT_MESSAGES } from '../../placement/filters.ts';
import { cell, tags } from '../../schema.ts';
import { networkActs } from './acts.ts';
import { allocateNetwork, consultNetwork, networkFits } from './allocate.ts';
import { checkNetwork, networkKeys } from './check.ts';
import { networkInventory, observeNetwork } from './observe.ts';
import { planNetwork } from './plan.ts';
import { reportNetwork } from './report.ts';

const address = () => z.ipv4().optional();

const spec = z.object({
  span: z
    .enum(['host', 'eachHost'])
    .default('host')
    .meta({ update: 'immutable' })
    .describe(
      'host: it lives on one chosen host, and its machines with it. eachHost: every host of the zone has a segment of its own with the same addresses; machines on different hosts do not reach each other through it.',
    ),
  zone: ref('Zone').optional().meta({ update: 'immutable', group: 'Placement' }).describe('Only hosts of this zone.'),
  host: ref('Host')
    .optional()
    .meta({ update: 'immutable', group: 'Placement' })
    .describe('Only this host (span host).'),
  hostTags: tags().meta({ update: 'immutable' }).describe('Only hosts that have all of these tags.'),
  cidr: z
    .cidrv4()
    .optional()
    .meta({ update: 'immutable', group: 'Addresses' })
    .describe('IPv4 network, /20 to /29, e.g. 10.1.1.0/24. Without it a free /24 is chosen. No two networks overlap.'),
  gateway: address()
    .meta({ update: 'immutable', group: 'Addresses' })
    .describe("The network's own address; the first one by default."),
  forward: z
    .enum(['nat', 'none'])
    .default('nat')
    .meta({ update: 'live' })
    .describe('nat: machines reach the outside through their host. none: they only reach each other.'),
  dhcp: z
    .object({
      enabled: z.boolean().default(true).describe('Machines get the address that is reserved for them.'),
      first: address().describe('First address for guests that are no machines of ours.'),
      last: address().describe('Last of those addresses. By default they are the last quarter of the network.'),
    })
    .prefault({})
    .meta({ update: 'live', group: 'Addresses' })
    .describe('Address leases.'),
  dns: z.boolean().default(true).meta({ update: 'live' }).describe('Machines find each other by name.'),
  domain: z
    .string()
    .max(190)
    .regex(
      /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/,
      'a DNS domain such as web.internal',
    )
    .optional()
    .meta({ update: 'live' })
    .describe('DNS domain of its machines; <name>.<project>.internal by default.'),
  mtu: z
    .int()
    .min(576)
    .max(9216)
    .optional()
    .meta({ update: 'live' })
    .describe("Largest packet in bytes; the host's default without it."),
});

const status = z.object({
  cidr: z.string().optional(),
  gateway: z.string().optional(),
  bridge: z.string().optional().describe('Bridge on the host, at most 15 characters.'),
  domain: z.string().optional(),
  dhcp: z
    .object({ first: z.string(), last: z.string() })
    .nullable()
    .optional()
    .describe('Addresses for guests that are no machines of ours.'),
  hosts: z
    .array(
      z.object({
        uid: z.string(),
        active: z.boolean(),
      }),
    )
    .optional()
    .describe('How it stands on each of its hosts.'),
});

export type NetworkSpec = z.output<typeof spec>;
export type NetworkStatus = z.output<typeof status>;

export const Network = defineKind({
  kind: 'Network',
  plural: 'networks',
  group: 'network',
  scope: 'project',
  shortNames: ['net'],
  description:
    'An isolated network with NAT, DHCP and DNS. Its machines keep their addresses for life and know each other by name.',
  spec,
  status,
  conditions: ['Addressed', 'Active'],
  columns: [
    { header: 'CIDR', value: (network) => cell(network.status.cidr) ?? cell(network.spec.cidr) },
    { header: 'SPAN', value: (network) => cell(network.spec.span) },
    { header: 'DOMAIN', value: (network) => cell(network.status.domain) },
    { header: 'GATEWAY', wide: true, value: (network) => cell(network.status.gateway) },
    { header: 'BRIDGE', wide: true, value: (network) => cell(network.status.bridge) },
  ],
  messages: {
    ...PORT_MESSAGES,
    ...PLACEMENT_MESSAGES,
    NoCidrLeft: 'No free network of 256 addresses is left to choose: set cidr.',
    CidrTaken:
      'Another network has addresses of {cidr}, and two never share a /24: make this one anew with another cidr. It comes by itself when that one goes.',
    CidrTakenBy:
      'Network "{network}" has addresses of {cidr}, and two never share a /24: make this one anew with another cidr. It comes by itself when that one goes.',
    Overlaps: '{cidr} overlaps with {route}, which the host reaches elsewhere: choose another cidr.',
    Addressed: 'It has its addresses.',
    Active: 'It runs on {hosts} hosts.',
    Inactive: 'It does not run on {down} of {hosts} hosts.',
    Exists:
      'Something on the host is in its way: {message}. If it has the same addresses, choose another cidr; a bridge that is left over there goes by "ip link delete".',
    Absent: 'It is not there.',
    Stopped: 'It was stopped.',
    Undefined: 'It runs, but its definition is gone.',
    DefinitionDiffers: 'Its definition is another than wished.',
  },
  meters: [
    {
      meter: 'network.active',
      level: ({ observed: { sightings, silent } }) => {
        const runs = sightings.some(({ owned, state }) => owned && (state as NetworkSight).active);
        // One segment that runs is enough; that none does is only known when all have answered.
        return runs ? 1 : silent.length > 0 ? null : 0;
      },
      attributes: ({ object }) => ({ span: object.spec.span, zone: object.spec.zone ?? '' }),
    },
  ],
  amounts: () => ({ networks: 1 }),
  check: checkNetwork,
  uniqueKeys: ({ spec: wished }) => networkKeys(wished),
  uniqueField: '/cidr',
  consult: consultNetwork,
  allocate: allocateNetwork,
  fits: networkFits,
  pinnedSlots: ['host'],
  observe: observeNetwork,
  plan: planNetwork,
  acts: networkActs,
  report: reportNetwork,
  locality: ({ claims, object }) => claims?.chosen.host ?? object.metadata.uid,
  inventory: networkInventory,
  expel: expelAtHost({
    quarantine: (host, uid) => host.networks.stop(uid),
    remove: (host, uid) => host.networks.remove(uid),
  }),
  example: {
    apiVersion: 'steward/v1',
    kind: 'Network',
    metadata: { name: 'web', project: 'default' },
    spec: { cidr: '10.1.1.0/24', domain: 'web.internal' },
  },
});
