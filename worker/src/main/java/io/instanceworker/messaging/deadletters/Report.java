package io.instanceworker.messaging.deadletters;

/** Tells which messages were dealt with. */
interface Report {

    void add(DeadLetter letter);

    /** Whatever happened, what was added before has to be told. */
    default void end() {}
}
