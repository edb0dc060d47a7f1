package io.instanceworker.tds;

/** Answers the statements of one session. */
public interface SqlHandler {

    /**
     * Called on a thread of the session, for one statement after the other.
     *
     * @throws SqlError to answer with an error instead
     * @throws InterruptedException if the client cancels the statement or has gone
     */
    Answer answer(Session session, SqlStatement statement) throws InterruptedException;

    /**
     * A client with a right password logs in.
     *
     * @throws SqlError to refuse it
     */
    default void began(Session session) {}

    /** The client has left, or its connection has broken. */
    default void ended(Session session) {}
}
