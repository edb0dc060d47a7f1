package io.instanceworker.contracts.provision;

import org.jspecify.annotations.Nullable;

/**
 * The server goes on with the work by itself, without a session of the worker. The job waits and is then called again, with the
 * same request: the engine must find the work that is under way, and not start it a second time. Nothing counts as failed.
 */
public final class StillRunningException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final @Nullable Integer percent;

    /** @param work what the server does, for people: {@code the restore was submitted} */
    public StillRunningException(String work) {
        super(work);
        this.percent = null;
    }

    /** @param percent how much of the whole work is done, from 0 to 100; it is published */
    public StillRunningException(String work, int percent) {
        super(work);
        this.percent = percent;
    }

    /** Null if it is not known. */
    public @Nullable Integer percent() {
        return percent;
    }
}
