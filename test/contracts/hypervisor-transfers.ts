import { randomBytes, randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { can, codeOf, good, MIB, pool, type Scene, volumeNames } from './hypervisor-fixture.ts';

export function describeTransfers(scene: () => Scene, timeoutMs: number): void {
  const BYTES = MIB / 4;

  async function* pieces(content: Uint8Array, between: () => Promise<void> = async () => {}) {
    const size = Math.ceil(content.byteLength / 4);
    for (let at = 0; at < content.byteLength; at += size) {
      yield content.subarray(at, at + size);
      await between();
    }
  }

  const request = (poolUid: string, content: AsyncIterable<Uint8Array>) => ({
    volume: { poolUid, name: `${randomUUID()}.raw` },
    bytes: BYTES,
    format: 'raw' as const,
    content,
  });

  async function able(poolUid: string): Promise<boolean> {
    const { volumes } = scene().hypervisor;
    const call = () => volumes.upload(request(poolUid, pieces(new Uint8Array(BYTES))));
    return can(scene(), { capability: 'transferVolume', call });
  }

  describe('transfers', () => {
    it(
      'bring content in and out unchanged, and count it',
      async () => {
        const { volumes } = scene().hypervisor;
        const poolUid = await pool(scene());
        if (!(await able(poolUid))) return;
        const content = randomBytes(BYTES);
        const counted: number[] = [];
        const upload = { ...request(poolUid, pieces(content)), onProgress: (bytes: number) => counted.push(bytes) };
        await good(volumes.upload(upload));
        expect(counted.at(-1)).toBe(BYTES);
        expect(counted).toEqual([...counted].sort((a, b) => a - b));
        const [sight] = await good(volumes.sight({ poolUid, names: [upload.volume.name] }));
        expect(sight).toMatchObject({ capacityBytes: BYTES, format: 'raw' });
        const back: Uint8Array[] = [];
        for await (const piece of await good(volumes.download({ volume: upload.volume }))) back.push(piece);
        expect(Buffer.concat(back).equals(content)).toBe(true);
      },
      timeoutMs,
    );

    it(
      'show a volume under its name only once it is complete',
      async () => {
        const { volumes } = scene().hypervisor;
        const poolUid = await pool(scene());
        if (!(await able(poolUid))) return;
        const seen: string[] = [];
        const look = async () => {
          seen.push(...(await volumeNames(scene(), poolUid)));
        };
        const upload = request(poolUid, pieces(randomBytes(BYTES), look));
        await good(volumes.upload(upload));
        expect(seen).not.toContain(upload.volume.name);
        expect(await volumeNames(scene(), poolUid)).toEqual([upload.volume.name]);
      },
      timeoutMs,
    );

    it('that are aborted leave nothing, and can be made again', () => afterAbort(), timeoutMs);

    it(
      'whose content fails, or is not as long as announced, leave nothing',
      async () => {
        const { volumes } = scene().hypervisor;
        const poolUid = await pool(scene());
        if (!(await able(poolUid))) return;
        const broken = pieces(randomBytes(BYTES), async () => {
          throw new Error('checksum mismatch');
        });
        const answer = await volumes.upload(request(poolUid, broken));
        expect(answer).toMatchObject({ ok: false, error: { message: expect.stringContaining('checksum mismatch') } });
        expect(await codeOf(volumes.upload(request(poolUid, pieces(randomBytes(BYTES - 5)))))).toBe('Failed');
        expect(await codeOf(volumes.upload(request(poolUid, pieces(randomBytes(BYTES + 5)))))).toBe('Failed');
        expect(await volumeNames(scene(), poolUid)).toEqual([]);
      },
      timeoutMs,
    );

    it(
      'of what is not there are refused',
      async () => {
        const { volumes } = scene().hypervisor;
        const poolUid = await pool(scene());
        if (!(await able(poolUid))) return;
        expect(await codeOf(volumes.download({ volume: { poolUid, name: 'none.raw' } }))).toBe('NotFound');
        const nowhere = request(randomUUID(), pieces(randomBytes(BYTES)));
        expect(await codeOf(volumes.upload(nowhere))).toBe('NotFound');
      },
      timeoutMs,
    );
  });

  async function afterAbort(): Promise<void> {
    const { volumes } = scene().hypervisor;
    const poolUid = await pool(scene());
    if (!(await able(poolUid))) return;
    const content = randomBytes(BYTES);
    const caller = new AbortController();
    const upload = request(
      poolUid,
      pieces(content, async () => caller.abort()),
    );
    expect(await codeOf(volumes.upload(upload, { signal: caller.signal }))).toBe('Aborted');
    expect(await volumeNames(scene(), poolUid)).toEqual([]);
    await good(volumes.upload({ ...upload, content: pieces(content) }));
    await good(volumes.upload({ ...upload, content: pieces(content) }));
    expect(await volumeNames(scene(), poolUid)).toEqual([upload.volume.name]);
  }
}
