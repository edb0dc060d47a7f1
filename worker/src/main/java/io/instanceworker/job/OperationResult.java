package io.instanceworker.job;

import io.instanceworker.contracts.result.InstanceInfo;
import io.instanceworker.contracts.result.StateReport;
import io.instanceworker.contracts.result.StatusPage;
import org.jspecify.annotations.Nullable;

/** The result of a job that has succeeded. */
record OperationResult(
        boolean changed,
        @Nullable StateReport state,
        @Nullable InstanceInfo info,
        @Nullable StatusPage page,
        @Nullable String connectionString) {

    /** Nothing was changed. */
    static OperationResult found(StateReport state) {
        return of(false, state, null);
    }

    static OperationResult of(boolean changed, StateReport state, @Nullable String connectionString) {
        return new OperationResult(changed, state, null, null, connectionString);
    }
}
