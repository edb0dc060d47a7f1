package io.instanceworker.contracts.job;

import io.instanceworker.contracts.InstanceRef;
import io.instanceworker.contracts.Operation;
import org.jspecify.annotations.Nullable;

/**
 * Takes the database of an instance out of the trash. If the instance has several deleted databases of this name there, it takes
 * the one that was deleted last.
 */
public record RestoreJob(
        JobHeader header, InstanceRef instance, @Nullable String template) implements InstanceJob {
    @Override
    public Operation operation() {
        return Operation.RESTORE;
    }
}
