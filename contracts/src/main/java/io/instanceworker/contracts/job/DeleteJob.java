package io.instanceworker.contracts.job;

import io.instanceworker.contracts.InstanceRef;
import io.instanceworker.contracts.Operation;
import org.jspecify.annotations.Nullable;

/**
 * Drops the database of an instance, or puts it into the trash if the server's settings say so.
 *
 * @param allowUnmanaged delete the database even if it has no ownership mark; works only if the server's settings allow it
 */
public record DeleteJob(
        JobHeader header, InstanceRef instance, @Nullable String template, boolean allowUnmanaged)
        implements InstanceJob {
    @Override
    public Operation operation() {
        return Operation.DELETE;
    }

    @Override
    public boolean destructive() {
        return true;
    }
}
