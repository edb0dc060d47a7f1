package io.instanceworker.contracts.job;

import io.instanceworker.contracts.InstanceRef;
import io.instanceworker.contracts.Operation;
import org.jspecify.annotations.Nullable;

/**
 * Creates a database for an instance as a copy of another database.
 *
 * @param sourceDatabaseName a managed database of the same server, or one of its templates
 */
public record CopyJob(
        JobHeader header,
        InstanceRef instance,
        @Nullable String template,
        String sourceDatabaseName,
        WhenSourceBusy whenSourceBusy)
        implements InstanceJob {
    @Override
    public Operation operation() {
        return Operation.COPY;
    }

    @Override
    public boolean destructive() {
        return whenSourceBusy == WhenSourceBusy.DISCONNECT;
    }
}
