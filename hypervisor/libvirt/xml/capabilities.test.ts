import { describe, expect, it } from '@jest/globals';
import { parseCapabilities, parseFirmware } from './capabilities.ts';
import { readXml } from './read.ts';
import { parsePool, parseVolume } from './storage.ts';

describe('capabilities', () => {
  it("are those of the host's own architecture", () => {
    const guest = (arch: string, kvm: boolean) =>
      `<guest><os_type>hvm</os_type><arch name='${arch}'><machine>pc-${arch}</machine><machine canonical='x'>pc</machine>
       <domain type='qemu'/>${kvm ? "<domain type='kvm'><machine>pc</machine><machine>kvm-only</machine></domain>" : ''}</arch></guest>`;
    const host = '<host><uuid>h</uuid><cpu><arch>x86_64</arch><model>Skylake</model></cpu></host>';
    const read = parseCapabilities(
      readXml(`<capabilities>${host}${guest('i686', false)}${guest('x86_64', true)}</capabilities>`),
    );
    expect(read).toEqual({
      uuid: 'h',
      arch: 'x86_64',
      cpuModel: 'Skylake',
      machineTypes: ['pc-x86_64', 'pc', 'kvm-only'],
      kvm: true,
    });
  });

  it('are those of the first whole machine where the host runs none of its own', () => {
    const xen = "<guest><os_type>xen</os_type><arch name='i686'/></guest>";
    const hvm = "<guest><os_type>hvm</os_type><arch name='i686'><domain type='test'/></arch></guest>";
    const read = parseCapabilities(readXml(`<capabilities><host/>${xen}${hvm}</capabilities>`));
    expect(read).toMatchObject({ uuid: null, arch: 'i686', machineTypes: [], kvm: false });
  });

  it('name the firmware', () => {
    const os = (values: string) =>
      readXml(`<domainCapabilities><os><enum name='firmware'>${values}</enum></os></domainCapabilities>`);
    expect(parseFirmware(os('<value>bios</value><value>efi</value>'))).toEqual(['bios', 'uefi']);
    expect(parseFirmware(os(''))).toEqual(['bios']);
  });
});

describe('storage', () => {
  it('is read from what libvirt says of it', () => {
    const pool = "<pool type='dir'><name>n</name><uuid>u</uuid><target><path>/srv</path></target></pool>";
    expect(parsePool(readXml(pool))).toEqual({ name: 'n', uuid: 'u', type: 'dir', path: '/srv' });
    const volume = `<volume><name>v</name><capacity unit='bytes'>10</capacity><allocation unit='bytes'>4</allocation>
      <target><path>/srv/v</path><format type='qcow2'/><timestamps><mtime>7.25</mtime></timestamps></target></volume>`;
    const read = { name: 'v', path: '/srv/v', capacityBytes: 10, allocatedBytes: 4, format: 'qcow2' };
    expect(parseVolume(readXml(volume))).toEqual({ ...read, modifiedAt: '7.25' });
    const untold = volume.replace(/<timestamps>.*<\/timestamps>/, '');
    expect(parseVolume(readXml(untold))).toEqual({ ...read, modifiedAt: '' });
  });
});
