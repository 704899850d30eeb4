import type { Command } from 'commander';
import { collectorSection } from '../../connectors/sources/flow/settings';
import { httpSection } from '../../infra/http/settings';
import { startHttpServer } from '../../infra/http/server';
import { loadConfig } from '../context';
import { reportError } from '../output';
import type { RoleName } from '../roles';
import { runRole } from './running-role';
import { untilStopped } from './signals';
import { runWorkers } from './workers-foreground';

/**
 * Runs one role as this process: serves its HTTP, starts it, and drains it at SIGTERM or SIGINT. The exit code is 0 after a
 * drain, that of the coded error where the role cannot start or go on.
 */
export async function runInForeground(name: RoleName, command: Command): Promise<void> {
  try {
    const config = loadConfig(command);
    const stopped = untilStopped();
    const role = name === 'collect' && config.get(collectorSection).workers > 1 ? runWorkers(name, config) : await runRole(name, config);
    const http = config.get(httpSection);
    try {
      const server = await startHttpServer({
        host: http.host,
        port: http[`${name}Port`],
        portKey: `http.${name}Port`,
        maxConnections: http.maxConnections,
        metrics: () => role.metrics(),
        readiness: () => role.readiness(),
        routes: () => role.routes(),
      });
      role.telemetry.logger.info({ url: server.url }, 'serving /metrics, /healthz, /readyz');
      const end = await Promise.race([
        role.failed,
        role.started.then(() => stopped, (error: Error) => error),
        stopped,
      ]);
      if (end instanceof Error) throw end;
      role.telemetry.logger.info({ signal: end }, 'draining');
    } catch (error) {
      reportError(error);
    }
    await role.stop();
  } catch (error) {
    reportError(error);
  }
  // Native clients may keep threads alive; everything that matters is closed.
  process.exit();
}
