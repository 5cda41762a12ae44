import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What goes wrong with the next request. `…Cut`: the connection breaks, after it was done or before. */
export type Fault = 'doneCut' | 'undoneCut' | 'hang' | 'half' | 'busy' | 'broken' | 'maintenance';

export interface FakeServer {
  url: string;
  next(fault: Fault): void;
  close(): Promise<void>;
}

export interface FakeAnswer {
  status: number;
  body: string;
  headers?: Record<string, string>;
}

/** A gateway on this machine. `done` acts and answers; what the faults do to that, every fake has alike. */
export async function fakeServer(
  done: (req: IncomingMessage, body: string) => FakeAnswer | Promise<FakeAnswer>,
  refusals: Record<'busy' | 'broken' | 'maintenance', (answer: FakeAnswer | null) => FakeAnswer>,
): Promise<FakeServer> {
  const faults: Fault[] = [];
  const write = (res: ServerResponse, { status, body, headers = {} }: FakeAnswer, isHalf: boolean) => {
    const bytes = Buffer.from(body);
    res.writeHead(status, { 'content-type': 'application/json', ...headers, 'content-length': bytes.length });
    if (!isHalf) return void res.end(bytes);
    res.write(bytes.subarray(0, bytes.length / 2), () => res.destroy());
  };
  const server = createServer((req, res) => {
    const pieces: Buffer[] = [];
    req.on('data', (piece: Buffer) => pieces.push(piece));
    req.on('end', async () => {
      const body = Buffer.concat(pieces).toString('utf8');
      const fault = faults.shift();
      if (fault === 'undoneCut') return void res.destroy();
      if (fault === 'busy' || fault === 'maintenance') return write(res, refusals[fault](null), false);
      const answer = await done(req, body);
      if (fault === 'doneCut') return void res.destroy();
      if (fault === 'hang') return;
      write(res, fault === 'broken' ? refusals.broken(answer) : answer, fault === 'half');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    next: (fault) => faults.push(fault),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
