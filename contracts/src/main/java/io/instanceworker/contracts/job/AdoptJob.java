package io.instanceworker.contracts.job;

import io.instanceworker.contracts.InstanceRef;
import io.instanceworker.contracts.Operation;
import org.jspecify.annotations.Nullable;

/**
 * Makes an existing database that of an instance: writes the ownership mark on it and changes nothing else. Works only if the
 * server's settings allow it.
 */
public record AdoptJob(
        JobHeader header, InstanceRef instance, @Nullable String template) implements InstanceJob {
    @Override
    public Operation operation() {
        return Operation.ADOPT;
    }

    @Override
    public boolean destructive() {
        return true;
    }
}
