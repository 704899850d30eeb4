import { parentPort } from 'node:worker_threads';
import { LoadedConfiguration } from '../../infra/config/load';
import { sections } from '../sections';
import { sendable, type FromRole, type ToRole } from './messages';
import { runRole, type RunningRole } from './running-role';

/**
 * Entry of a worker thread or a child process that runs one role for {@link Supervisor}: told to begin, asked how it is,
 * told to stop, all by messages. Exit code 0 after a drain.
 */
function serve(): void {
  const send = (message: FromRole): void => void (parentPort === null ? process.send?.(message) : parentPort.postMessage(message));
  const receive = (listener: (message: ToRole) => void): void => void (parentPort === null ? process.on('message', listener) : parentPort.on('message', listener));
  let role: Promise<RunningRole> | undefined;

  const end = async (error?: unknown): Promise<void> => {
    if (error !== undefined) send({ type: 'failed', error: sendable(error) });
    let code = error === undefined ? 0 : 1;
    try {
      await (await role)?.stop();
    } catch (stopError) {
      if (code === 0) send({ type: 'failed', error: sendable(stopError) });
      code = 1;
    }
    // A process may hold threads of native clients; a thread must give its handles back first.
    if (parentPort === null) setTimeout(() => process.exit(code), 50);
    else process.exit(code);
  };

  receive((message) => {
    if (message.type === 'begin') {
      role = runRole(message.role, new LoadedConfiguration(sections, message.values), message.worker);
      role
        .then(async (running) => {
          void running.failed.then(end);
          await running.started;
          send({ type: 'started' });
        })
        .catch(end);
    } else if (message.type === 'stop') {
      void end();
    } else {
      void answer(message, role).then(send);
    }
  });

  if (parentPort === null) {
    // Ctrl-C and service managers signal the whole group of processes: whoever started this one says when to stop, in order, or is gone.
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);
    process.on('disconnect', () => void end());
  }
}

async function answer({ id, route }: ToRole & { type: 'ask' }, role: Promise<RunningRole> | undefined): Promise<FromRole> {
  try {
    const running = await role;
    if (running === undefined) return { type: 'answer', id };
    if (route === null) {
      const metrics = await running.telemetry.metrics.getMetricsAsJSON();
      return { type: 'answer', id, state: { readiness: await running.readiness(), routes: Object.keys(await running.routes()), metrics: JSON.parse(JSON.stringify(metrics)) } };
    }
    const routes = await running.routes();
    const handler = routes[`${route.method} ${route.path}`] ?? routes[route.path];
    return { type: 'answer', id, response: handler === undefined ? { status: 404, body: 'not found\n' } : await handler(route) };
  } catch (error) {
    return { type: 'answer', id, response: { status: 500, body: { error: error instanceof Error ? error.message : String(error) } } };
  }
}

serve();
