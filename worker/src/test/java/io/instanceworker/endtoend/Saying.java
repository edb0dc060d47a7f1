package io.instanceworker.endtoend;

import java.nio.charset.StandardCharsets;

/** What a server or a client says and can be told by its bytes, so that a connection can be cut just before it arrives. */
enum Saying {
    ANY_ANSWER(true, ""),
    // How PostgreSQL ends its answer to a command.
    CREATED(true, "CREATE DATABASE\0"),
    COMMITTED(true, "COMMIT\0"),
    DROPPED(true, "DROP DATABASE\0"),
    // The worker inserts into and updates nothing but its journal.
    JOURNAL_INSERTED(true, "INSERT 0 1\0"),
    JOURNAL_UPDATED(true, "UPDATE 1\0"),
    /** A method frame of 13 bytes, {@code basic.ack}, which a broker sends only to confirm. */
    CONFIRM(true, "\0\0\0\15\0\74\0\120"),
    /** In {@code basic.publish}. */
    RESULT(false, "instance.events"),
    /** Also in {@code basic.publish}: the headers exchange of the wait queues. */
    NEXT_ATTEMPT(false, "instance.jobs.wait");

    private final boolean byServer;
    private final String sign;

    Saying(boolean byServer, String sign) {
        this.byServer = byServer;
        this.sign = sign;
    }

    boolean isByServer() {
        return byServer;
    }

    boolean isIn(byte[] buffer, int length) {
        return new String(buffer, 0, length, StandardCharsets.ISO_8859_1).contains(sign);
    }
}
