package io.instanceworker.contracts.result;

import io.instanceworker.contracts.InstanceState;
import org.jspecify.annotations.Nullable;

/**
 * The state of a database in an event.
 *
 * @param code see {@link InstanceState#code()}
 * @param description for people
 */
public record StateReport(InstanceState name, @Nullable Integer code, String description) {

    /** A report with the state's own code and name. */
    public static StateReport of(InstanceState state) {
        return new StateReport(state, state.code(), state.name());
    }

    /** The report after an error if the server was not asked for the state. */
    static StateReport ofError(JobError error) {
        return new StateReport(
                InstanceState.UNKNOWN,
                InstanceState.UNKNOWN.code(),
                error.code().name());
    }
}
