package io.instanceworker.journal;

/** What the journal says of a message that was received. */
public sealed interface Received {

    /** It is to be run, and this worker has the claim. */
    record Open(JobRun run) implements Received {}

    /** It has ended before. Its result is to be published again, and nothing else is to be done. */
    record Ended(End end) implements Received {}

    /**
     * How a run ended.
     *
     * @param event the result as it is published, in JSON
     * @param deadLettered whether its message goes to the dead queue too
     */
    record End(String outcome, String event, boolean deadLettered) {}
}
