// A load generator in a process of its own: keep-alive connections on loopback, each with one request under way, for a bounded time.
import { Agent, request } from 'node:http';

const { url, token, bodies, connections, seconds } = JSON.parse(process.argv[2]);
const agent = new Agent({ keepAlive: true, maxSockets: connections });
const latencies = [];
let failed = 0;
let end = 0;

function once(body) {
  return new Promise((resolve) => {
    const start = performance.now();
    const req = request(
      url,
      {
        method: 'POST',
        agent,
        headers: {
          'content-type': 'application/json',
          authorization: token,
          'content-length': Buffer.byteLength(body),
        },
      },
      (res) => {
        let bytes = 0;
        res.on('data', (chunk) => {
          bytes += chunk.length;
        });
        res.on('end', () => {
          if (res.statusCode !== 200 || bytes < 500) failed++;
          latencies.push(performance.now() - start);
          resolve();
        });
      },
    );
    req.on('error', () => {
      failed++;
      resolve();
    });
    req.end(body);
  });
}

async function connection(index) {
  for (let turn = index; performance.now() < end; turn += connections) await once(bodies[turn % bodies.length]);
}

end = performance.now() + 1_000;
await Promise.all(Array.from({ length: connections }, (_, index) => connection(index)));
latencies.length = 0;
const start = performance.now();
end = start + seconds * 1_000;
await Promise.all(Array.from({ length: connections }, (_, index) => connection(index)));
const elapsed = (performance.now() - start) / 1_000;
latencies.sort((a, b) => a - b);
const at = (percent) => latencies[Math.floor((latencies.length * percent) / 100)] ?? 0;
console.log(JSON.stringify({ perSecond: latencies.length / elapsed, p50: at(50), p99: at(99), failed }));
process.exit(0);
