package netweaver.rival;

import netweaver.flows.FlowBatch;

/**
 * A batch after dedup, on its way to aggregate within the task.
 *
 * @param observers for each flow the exporters known to have reported it, negative where another's record of it stands, 0
 *     where its datagram came before
 */
record Known(FlowBatch batch, byte[] observers) {}
