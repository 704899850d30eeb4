/** The poller's metrics. */
import type { Telemetry } from '../../../infra/telemetry/telemetry';
import type { PollFault } from './poll-error';

/** What a poll was, for the metrics. */
export interface PollOutcome {
  readonly fault: PollFault | null;
  readonly seconds: number;
  readonly requests: number;
}

export class PollMetrics {
  private readonly polls;
  private readonly seconds;
  private readonly requests;
  private readonly errors;
  private readonly timeouts;
  private readonly devices;
  private readonly down;
  private readonly interfaces;
  private readonly component;

  constructor(telemetry: Telemetry) {
    this.component = telemetry.component('source', 'snmp');
    this.polls = telemetry.counter('poll_polls', 'Polls of devices that ended, well or not.');
    this.seconds = telemetry.counter('poll_seconds', 'Time that polls took, added up; with netweaver_poll_polls_total the mean duration. Seconds.');
    this.requests = telemetry.counter('poll_requests', 'SNMP requests, without repetitions.');
    this.errors = telemetry.counter('poll_errors', 'Polls that failed, by code.', ['code']);
    this.timeouts = telemetry.counter('poll_timeouts', 'Polls that failed for want of an answer.');
    this.devices = telemetry.gauge('poll_devices', 'Devices that are polled.');
    this.down = telemetry.gauge('poll_devices_failing', 'Devices whose last poll failed.');
    this.interfaces = telemetry.gauge('poll_interfaces', 'Interfaces of the last reading of each device.');
  }

  /** A poll ended. */
  ended({ fault, seconds, requests }: PollOutcome): void {
    this.polls.inc();
    this.seconds.inc(seconds);
    this.requests.inc(requests);
    if (fault === null) {
      this.component.received(1);
      return;
    }
    this.errors.inc({ code: fault });
    this.component.error(fault);
    if (fault === 'timeout' || fault === 'deadline') this.timeouts.inc();
  }

  /** A part of a reading failed. */
  partly(fault: PollFault): void {
    this.errors.inc({ code: fault });
    this.component.error(fault);
  }

  /** Records are durable. */
  published(records: number): void {
    this.component.sent(records);
  }

  /** How the devices stand. */
  set(devices: number, failing: number, interfaces: number): void {
    this.devices.set(devices);
    this.down.set(failing);
    this.interfaces.set(interfaces);
  }
}
