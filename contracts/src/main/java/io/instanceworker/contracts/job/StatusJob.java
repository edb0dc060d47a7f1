package io.instanceworker.contracts.job;

import io.instanceworker.contracts.InstanceRef;
import io.instanceworker.contracts.Operation;
import org.jspecify.annotations.Nullable;

/** Reports the state of one instance's database. */
public record StatusJob(
        JobHeader header, InstanceRef instance, @Nullable String template) implements InstanceJob {
    @Override
    public Operation operation() {
        return Operation.STATUS;
    }
}
