package io.instanceworker.job;

/**
 * The delivery of a job's message to this worker.
 *
 * @param bodySha256 SHA-256 of the message's body, in hexadecimal digits
 * @param redelivered whether the broker has delivered the message to a worker before
 * @param fromWaitQueue whether the message comes from a wait queue
 * @param mayBeReplay whether an operator may have replayed the message from the dead queue, as far as the broker shows: true for
 *     every first delivery
 * @param deliveryCount how often the message went back to its queue without an acknowledgement
 */
public record JobDelivery(
        String bodySha256,
        boolean redelivered,
        boolean fromWaitQueue,
        boolean mayBeReplay,
        int deliveryCount,
        Carried carried) {}
