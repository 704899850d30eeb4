import type { LoadedConfiguration } from '../../infra/config/load';
import { kafkaSection } from '../../infra/log/settings';
import { openTelemetry } from '../../infra/telemetry/open';
import type { RoleName } from '../roles';
import type { MetricValues } from './messages';
import type { RunningRole } from './running-role';
import { Supervisor } from './supervisor';

/** Starts the workers of a role and keeps watch over them; for whoever asks they are one role. */
export function runWorkers(name: RoleName, config: LoadedConfiguration): RunningRole {
  const telemetry = openTelemetry(config, `${name}-workers`);
  const supervisor = new Supervisor(config, config.get(kafkaSection).brokers.length > 0 ? 'processes' : 'threads', telemetry.logger, [name]);
  let fail: (error: Error) => void = () => undefined;
  const failed = new Promise<Error>((resolve) => (fail = resolve));
  const started = supervisor.start(fail);
  started.catch(() => undefined);
  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    await started.catch(() => undefined);
    await supervisor.stop();
    await telemetry.close();
  };
  return {
    telemetry,
    started,
    failed,
    metrics: async () => supervisor.metrics((await telemetry.metrics.getMetricsAsJSON()) as MetricValues[]),
    readiness: () => supervisor.readiness(),
    routes: () => supervisor.routes(),
    stop: () => (stopping ??= stop()),
  };
}
