package io.instanceworker.job;

import io.instanceworker.contracts.InstanceRef;
import io.instanceworker.contracts.result.JobResult;
import org.jspecify.annotations.Nullable;

/** Observes one job while it runs, on the thread that runs it, unless a method says otherwise. */
public interface JobObserver {

    /** A confirm that may not have arrived yet. */
    @FunctionalInterface
    interface Confirmation {
        /** @throws DeliveryLostException if the worker stops before the broker has confirmed */
        void await();
    }

    /** @param instance the instance of the job; null for a query of a whole server */
    default void isAbout(String server, @Nullable InstanceRef instance) {}

    /** @param number of the attempt, from 1 */
    default void isAttempt(int number) {}

    /** The job is about to change something. Returns without waiting for the broker. */
    Confirmation starts(JobResult.InProgress started);

    /**
     * Publishes once how much is done, and returns when the broker has answered or the event is given up. Called on any thread.
     *
     * @param beforeSending throws an exception if the event must not be published any more
     * @throws DeliveryLostException if nothing of this job must be published any more
     */
    default void progress(JobResult.InProgress progress, Runnable beforeSending) {}

    /**
     * Asks the broker whether the message is still this worker's.
     *
     * @throws DeliveryLostException if it is not: another worker may have it
     */
    default void requireDelivery() {}

    /** @param step {@code lock}, {@code create}, … */
    default void at(String step) {}
}
