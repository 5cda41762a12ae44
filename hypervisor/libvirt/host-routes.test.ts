import { describe, expect, it } from '@jest/globals';
import { parseIpv6Routes, parseRoutes, readHostRoutes } from './host-routes.ts';

describe('routes of a host', () => {
  it('are read from the table of its kernel, without the default route', () => {
    const table = [
      'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT',
      'eth0\t00000000\t0101A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0',
      'eth0\t0001A8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0',
      'virbr0\t0000140A\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0',
      '',
    ].join('\n');
    expect(parseRoutes(table)).toEqual([
      { device: 'eth0', cidr: '192.168.1.0/24' },
      { device: 'virbr0', cidr: '10.20.0.0/16' },
    ]);
  });

  it('are read for IPv6 as well, without what every host has', () => {
    const zeros = '0'.repeat(32);
    const line = (destination: string, prefix: string, device: string) =>
      `${destination} ${prefix} ${zeros} 00 ${zeros} 00000100 00000001 00000000 00000001 ${device}`;
    const table = [
      line('fd000001000000000000000000000000', '40', 'eth0'),
      line('fe800000000000000000000000000000', '40', 'eth0'),
      line('00000000000000000000000000000001', '80', 'lo'),
      line(zeros, '00', 'eth0'),
      line('ff000000000000000000000000000000', '08', 'eth0'),
    ].join('\n');
    expect(parseIpv6Routes(table)).toEqual([{ device: 'eth0', cidr: 'fd00:1::/64' }]);
  });

  it('are not known of a host that is somewhere else', async () => {
    const unknown = { known: false, cidrs: [] };
    expect(await readHostRoutes('qemu+tls://far.example/system', new Set())).toEqual(unknown);
    expect(await readHostRoutes('qemu+unix:///system?socket=/nonexistent/sock', new Set())).toEqual(unknown);
  });
});
