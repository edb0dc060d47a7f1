package io.instanceworker.contracts.provision;

/**
 * Locks against every other worker, together with the session that holds them. The work is done on the same session: if the
 * worker crashes while the server runs a statement, the session keeps the locks until the statement has ended.
 *
 * <p>Used by one thread.
 */
public interface InstanceLock extends AutoCloseable {

    /** Releases the locks; does not throw. */
    @Override
    void close();
}
