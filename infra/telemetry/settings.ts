import { choice, section, text, whole } from '../config/section';

/** Logs and traces. Metrics are always on: see the section `http`. */
export const telemetrySection = section('telemetry', 'Structured logs and OpenTelemetry traces.', {
  logLevel: choice({ doc: 'Least severe level that is written.', default: 'info', of: ['trace', 'debug', 'info', 'warn', 'error', 'silent'] }),
  logFile: text({ doc: 'File for the logs, JSON lines; empty writes them to standard error. At 10 MB it is renamed to `<file>.1` at the next start.', default: '' }),
  otlpUrl: text({ doc: 'OTLP/HTTP endpoint for traces, e.g. http://127.0.0.1:4318/v1/traces; empty makes no traces.', default: '' }),
  tracePercent: whole({ doc: 'Share of new traces that is recorded, in percent; a trace begun elsewhere follows its own decision.', default: 10, min: 0, max: 100 }),
});
