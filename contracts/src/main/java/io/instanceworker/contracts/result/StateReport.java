package io.instanceworker.contracts.result;

import io.instanceworker.contracts.InstanceState;
import org.jspecify.annotations.Nullable;

/**
 * The state of a database, as events carry it.
 *
 * @param code see {@link InstanceState#code()}
 * @param description for a person
 */
public record StateReport(InstanceState name, @Nullable Integer code, String description) {

    /** The state by itself. */
    public static StateReport of(InstanceState state) {
        return new StateReport(state, state.code(), state.name());
    }

    /** What is said where the server was not asked for the state after an error. */
    static StateReport ofError(JobError error) {
        return new StateReport(
                InstanceState.UNKNOWN,
                InstanceState.UNKNOWN.code(),
                error.code().name());
    }
}
