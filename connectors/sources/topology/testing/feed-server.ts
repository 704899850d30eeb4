/** A feed for tests: a real WebSocket server whose answers a test decides. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';

/** A client that is connected. */
export interface Client {
  readonly socket: WebSocket;
  readonly authorization: string | undefined;
  /** What it sent. */
  readonly asked: { type: string; after?: number | null }[];
}

export class FeedServer {
  /** Every client that ever came, in that order. */
  readonly clients: Client[] = [];
  /** Called with each message of a client. */
  onAsked: (client: Client, message: { type: string; after?: number | null }) => void = () => undefined;
  /** Answer to those who come without this token; null lets everyone in. */
  token: string | null = null;
  refused = 0;
  port = 0;

  private constructor(
    private readonly http: Server,
    private readonly sockets: WebSocketServer,
    private readonly scheme: string,
  ) {}

  static async start(tls?: { key: string; cert: string }, port = 0): Promise<FeedServer> {
    const http = tls === undefined ? createServer() : (createTlsServer(tls) as Server);
    const sockets = new WebSocketServer({ noServer: true });
    const server = new FeedServer(http, sockets, tls === undefined ? 'ws' : 'wss');
    http.on('upgrade', (request, socket, head) => {
      if (server.token !== null && request.headers.authorization !== `Bearer ${server.token}`) {
        server.refused++;
        socket.end('HTTP/1.1 401 Unauthorized\r\n\r\n');
        return;
      }
      sockets.handleUpgrade(request, socket, head, (ws) => {
        const client: Client = { socket: ws, authorization: request.headers.authorization, asked: [] };
        server.clients.push(client);
        ws.on('error', () => undefined);
        ws.on('message', (data: Buffer) => {
          const message = JSON.parse(data.toString()) as { type: string; after?: number | null };
          client.asked.push(message);
          server.onAsked(client, message);
        });
      });
    });
    http.listen(port, '127.0.0.1');
    await once(http, 'listening');
    server.port = (http.address() as AddressInfo).port;
    return server;
  }

  get url(): string {
    return `${this.scheme}://localhost:${this.port}/`;
  }

  async stop(): Promise<void> {
    for (const { socket } of this.clients) socket.terminate();
    this.sockets.close();
    this.http.closeAllConnections();
    await new Promise((resolve) => this.http.close(resolve));
  }
}
