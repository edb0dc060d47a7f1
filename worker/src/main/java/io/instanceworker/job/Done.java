package io.instanceworker.job;

import io.instanceworker.contracts.result.InstanceInfo;
import io.instanceworker.contracts.result.StateReport;
import io.instanceworker.contracts.result.StatusPage;
import org.jspecify.annotations.Nullable;

/** What a job that succeeded has to tell. */
record Done(
        boolean changed,
        @Nullable StateReport state,
        @Nullable InstanceInfo info,
        @Nullable StatusPage page,
        @Nullable String connectionString) {

    static Done found(StateReport state) {
        return new Done(false, state, null, null, null);
    }
}
