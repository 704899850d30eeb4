/** Why a poll failed; the label `code` of `netweaver_poll_errors_total`. */
export const POLL_FAULTS = {
  timeout: 'The device did not answer in time, after all repetitions: it is down, filters us, or does not know the community.',
  authentication: 'The device refused the user: an unknown name, a wrong password, another protocol or security level (RFC 3414 section 3.2).',
  deadline: 'The device answered, but so slowly that the poll was ended.',
  malformed: 'What the device answered cannot be read as SNMP, or does not go forward in its tables.',
  agent_error: 'The agent answered with an error status (RFC 3416 section 3).',
  too_many_rows: 'A table has more rows than snmp.maxInterfaces allows.',
  unresolved: 'The name of the device is not known.',
  credentials: 'A secret that the configuration refers to is not there.',
  unreachable: 'The system could not send to the device: no route, or it says so.',
  stopped: 'The poll was ended because the role stops.',
} as const;

/** Key of {@link POLL_FAULTS}. */
export type PollFault = keyof typeof POLL_FAULTS;

/** A failed poll. Its message names no secret. */
export class PollError extends Error {
  constructor(
    readonly fault: PollFault,
    detail: string,
  ) {
    super(detail);
    this.name = 'PollError';
  }
}
