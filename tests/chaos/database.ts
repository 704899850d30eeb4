import { createServer, connect, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../infra/database/embedded';

/** A PostgreSQL behind an address that stays the same while it is stopped and started. */
export class ChaosDatabase {
  private readonly sockets = new Set<Socket>();
  private port = 0;

  private constructor(
    readonly dataFolder: string,
    private server: EmbeddedPostgres,
    private readonly proxy: Server,
  ) {
    proxy.on('connection', (socket) => this.forward(socket));
  }

  static async start(folder: string): Promise<ChaosDatabase> {
    const proxy = createServer();
    proxy.listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    const database = new ChaosDatabase(folder, await startEmbeddedPostgres(folder), proxy);
    database.port = Number(new URL(database.server.url).port);
    return database;
  }

  /** Address by way of the proxy. */
  get url(): string {
    const url = new URL(this.server.url);
    url.port = String((this.proxy.address() as { port: number }).port);
    return url.toString();
  }

  /** Stops the server, and starts it after so long. */
  async away(ms: number): Promise<void> {
    this.port = 0;
    for (const socket of this.sockets) socket.destroy();
    await this.server.stop();
    await sleep(ms);
    this.server = await startEmbeddedPostgres(this.dataFolder);
    this.port = Number(new URL(this.server.url).port);
  }

  /** Cuts every connection. */
  cut(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  async stop(): Promise<void> {
    this.cut();
    this.proxy.close();
    await this.server.stop();
  }

  private forward(socket: Socket): void {
    if (this.port === 0) {
      socket.destroy();
      return;
    }
    const upstream = connect(this.port, '127.0.0.1');
    for (const one of [socket, upstream]) {
      this.sockets.add(one);
      one.on('error', () => undefined).once('close', () => {
        this.sockets.delete(one);
        (one === socket ? upstream : socket).destroy();
      });
    }
    socket.pipe(upstream).pipe(socket);
  }
}
