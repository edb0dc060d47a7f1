package io.instanceworker.contracts.provision;

/**
 * The server goes on with the work by itself, without a session of the worker. The job waits and is then called again, with the
 * same request: the engine must find the work that is under way, and not start it a second time. Nothing counts as failed.
 */
public final class StillRunningException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** @param work what the server does, for people: {@code the restore is at 40 %} */
    public StillRunningException(String work) {
        super(work);
    }
}
