package io.instanceworker.contracts.job;

import io.instanceworker.contracts.InstanceRef;
import io.instanceworker.contracts.Operation;
import org.jspecify.annotations.Nullable;

/**
 * Creates a database for an instance.
 *
 * @param template name of a configured template, never a path; null for the server's default, empty for an empty database
 */
public record AddJob(
        JobHeader header, InstanceRef instance, @Nullable String template) implements InstanceJob {
    @Override
    public Operation operation() {
        return Operation.ADD;
    }
}
