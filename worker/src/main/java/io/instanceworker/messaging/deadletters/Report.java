package io.instanceworker.messaging.deadletters;

/** Shows which messages were dealt with. */
interface Report extends AutoCloseable {

    void add(DeadLetter letter);

    /** Shows what is left to show of what was added, also after a failure. */
    @Override
    default void close() {}
}
