/** Export protocols, as the indices of the `FlowProtocol` symbols in `schemas/flows/flow-batch.avsc`. */
export const Protocol = { NETFLOW_V5: 0, NETFLOW_V9: 1, IPFIX: 2, SFLOW_V5: 3 } as const;
export type Protocol = (typeof Protocol)[keyof typeof Protocol];

/** Names for metrics and output, by index. */
export const PROTOCOL_NAMES = ['netflow5', 'netflow9', 'ipfix', 'sflow5'] as const;

/**
 * Why (a part of) a datagram could not be decoded; the label `reason` of the collector's error metric.
 * None of them stops a collector; sets and samples before the fault are kept.
 */
export const FAULTS = {
  unsupported_version: 'The version is none of NetFlow 5, NetFlow 9, IPFIX, sFlow 5; nothing of the datagram was decoded.',
  truncated: 'The datagram ends inside its header, a set, a record or a sample.',
  bad_length: 'A length or count in a header contradicts the datagram; what fits was decoded.',
  bad_template: 'A template has no fields, a reserved id, too many fields, or records of no length; it was not learnt.',
  template_missing: 'A data set came before its template; it is kept for a while, within the bounds of collector.waitingMiB, and decoded when the template comes.',
  template_changed: 'An exporter gave the id of a template another definition; data that follows is decoded by the new one.',
  template_collision: 'Two definitions take turns at one template id: most likely two exporters send from one address. Set collector.templateScope to address-and-port.',
  template_limit: 'An exporter sent more templates than its share of memory; the template was not learnt.',
  template_evicted: 'The memory for templates was full; the templates of the domain that was silent for longest were forgotten.',
  bad_list: 'A list in a record (RFC 6313) contradicts itself; the record was decoded, and what came before it in the list.',
  list_template_missing: 'A list in a record (RFC 6313) has records whose template is not known; the record around it was decoded.',
  exporter_refused: 'The exporter is not among those of collector.exporters; nothing of the datagram was looked at.',
  reserved_set: 'A set has an id that no standard gives a meaning; it was skipped.',
  record_limit: 'A datagram claims more records, or more values in lists and options, than any real one holds; those beyond the limit were skipped.',
  bad_message: 'What came on a connection of TCP or TLS is no IPFIX message (another version, or a length below that of a header); the connection was closed, for nothing after it can be told apart.',
  oversize: 'The datagram is longer than UDP allows; it was skipped.',
} as const;
export type Fault = keyof typeof FAULTS;

/** Records of one datagram that are decoded at most: what keeps a batch below the log's limit whatever a datagram claims. */
export const MAX_RECORDS = 8192;
