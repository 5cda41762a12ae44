import { describe, expect, it } from '@jest/globals';
import { explain } from './explain.ts';
import { KINDS } from './fixtures/kinds.ts';

const text = (path: string, recursive = false) => {
  const explained = explain(KINDS, path, { recursive });
  return explained.ok ? explained.text : `error: ${explained.message}`;
};

describe('explain', () => {
  it('shows a kind with its fields, found by any of its names', () => {
    expect(text('net')).toBe(`KIND:     Network (net)
VERSION:  steward/v1
SCOPE:    project

DESCRIPTION:
  Machines that can talk to each other.

FIELDS:
  cidr                 <string> -required-
      Address range.
  mode                 <isolated | bridged> default: "isolated"
      How it reaches the outside.
  peer                 <ref Network>
      A network whose machines this one reaches.
`);
    expect(text('networks')).toBe(text('net'));
    expect(text('machine')).toContain('REQUESTS:\n  reboot          Starts it anew.');
  });

  it('shows a field: its type, default, and what a change of it means', () => {
    expect(text('machine.spec.cpus')).toContain(`FIELD:    Machine.spec.cpus <int>

DESCRIPTION:
  Virtual CPUs.
  It is a whole number from 1 to 64.
  Default: 1.
  A change takes effect at the next start.
`);
    expect(text('machine.spec.password')).toContain('never shown again');
    expect(text('machine.spec.disks[0].sizeGiB')).toContain('FIELD:    Machine.spec.disks.sizeGiB <int>');
  });

  it('shows everything below, in one indented list', () => {
    const all = text('m.spec', true);
    expect(all).toContain(
      '  disks                <[]object> default: []\n    sizeGiB            <int> default: 10\n    name               <string>\n',
    );
    expect(all).toContain(
      '  boot                 <object>\n    image              <string> -required-\n    iso                <string> -required-\n',
    );
  });

  it('knows what was meant', () => {
    expect(text('machne')).toBe('error: "machne" is not a kind; did you mean "Machine"?');
    expect(text('machine.spec.disk')).toBe('error: "disk" is not a field of Machine.spec; did you mean "disks"?');
    expect(text('machine.spec.cpus.x')).toBe('error: "x" is not a field of Machine.spec.cpus; it has no fields');
    expect(text('machine.spek')).toContain('did you mean "spec"?');
  });
});
