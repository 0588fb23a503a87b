// A plain TCP relay before the server that counts bytes: tells what really went over the wire.
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

export class Meter {
  up = 0;
  down = 0;

  /** Starts relaying to `target` (http://host:port). */
  static async start(after, target) {
    const meter = new Meter();
    const { hostname, port } = new URL(target);
    const sockets = new Set();
    const relay = createServer((client) => {
      const upstream = connect(Number(port), hostname);
      for (const socket of [client, upstream]) {
        sockets.add(socket);
        socket.on('close', () => sockets.delete(socket));
      }
      client.on('data', (bytes) => (meter.up += bytes.length));
      upstream.on('data', (bytes) => (meter.down += bytes.length));
      // One side that breaks breaks the other: a killed client must look killed to the server.
      client.on('error', () => upstream.destroy());
      upstream.on('error', () => client.destroy());
      client.pipe(upstream);
      upstream.pipe(client);
    });
    relay.listen(0, '127.0.0.1');
    await once(relay, 'listening');
    after(() => {
      relay.close();
      for (const socket of sockets) socket.destroy();
    });
    meter.url = `http://127.0.0.1:${relay.address().port}`;
    return meter;
  }

  /** Bytes that clients sent while `action` ran. */
  async sent(action) {
    const before = this.up;
    await action();
    return this.up - before;
  }
}
