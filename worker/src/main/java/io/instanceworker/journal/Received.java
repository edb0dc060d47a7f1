package io.instanceworker.journal;

/** What the journal says about a received message. */
public sealed interface Received {

    /**
     * The job is to be run, and this worker has the claim.
     *
     * @param isNew whether the row was just inserted
     */
    record Open(JobRun run, boolean isNew) implements Received {}

    /** The job has ended before. Its result is to be published again, and nothing else is to be done. */
    record Ended(String runId, End end) implements Received {}

    /**
     * How a run ended.
     *
     * @param event the published result, in JSON
     * @param deadLettered whether the message is also dead-lettered
     */
    record End(String outcome, String event, boolean deadLettered) {}
}
