package io.instanceworker.messaging.deadletters;

/** Shows the messages that the command has read, replayed or discarded. */
interface Report extends AutoCloseable {

    void add(DeadLetter letter);

    /** Shows the rest of the added messages, also after a failure. */
    @Override
    default void close() {}
}
