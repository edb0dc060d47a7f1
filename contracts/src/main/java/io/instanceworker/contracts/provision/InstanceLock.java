package io.instanceworker.contracts.provision;

/**
 * Locks held against every other worker, together with the session that holds them. The work is done on that same session:
 * a worker that is killed leaves the server finishing a statement, and until it has, nobody else gets the lock.
 *
 * <p>Used by one thread.
 */
public interface InstanceLock extends AutoCloseable {

    /** Releases the locks; does not throw. */
    @Override
    void close();
}
