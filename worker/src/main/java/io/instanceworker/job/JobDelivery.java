package io.instanceworker.job;

/**
 * How a job came to this worker.
 *
 * @param bodySha256 of the message's body, in hexadecimal digits
 * @param redelivered whether the broker gave the message to a worker before
 * @param fromWaitQueue whether it comes from a wait queue, where a worker put it
 * @param deliveryCount how often the broker took it back from workers that did not acknowledge it
 */
public record JobDelivery(
        String bodySha256, boolean redelivered, boolean fromWaitQueue, int deliveryCount, Carried carried) {}
