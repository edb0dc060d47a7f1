package io.instanceworker.contracts.job;

import io.instanceworker.contracts.InstanceRef;
import io.instanceworker.contracts.Operation;
import org.jspecify.annotations.Nullable;

/** Describes the database of an instance. */
public record InfoJob(
        JobHeader header, InstanceRef instance, @Nullable String template) implements InstanceJob {
    @Override
    public Operation operation() {
        return Operation.INFO;
    }
}
