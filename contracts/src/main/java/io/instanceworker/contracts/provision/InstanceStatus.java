package io.instanceworker.contracts.provision;

import io.instanceworker.contracts.InstanceState;
import io.instanceworker.contracts.result.InstanceInfo;
import org.jspecify.annotations.Nullable;

/**
 * What a server says of one database.
 *
 * @param mark null if it carries none, or none that can be read
 * @param markUnreadable it carries one that cannot be read, so it is somebody's, only not known whose
 * @param sizeBytes null if not asked for or not to be seen
 * @param activeConnections likewise
 * @param info only as the answer of {@link InstanceProvisioner#instanceInfo}
 * @param identity what tells this database from another that had its name before or gets it later: the oid on PostgreSQL;
 *     null where the engine has no such thing
 */
public record InstanceStatus(
        String databaseName,
        InstanceState state,
        @Nullable OwnershipMark mark,
        boolean markUnreadable,
        @Nullable Long sizeBytes,
        @Nullable Integer activeConnections,
        @Nullable InstanceInfo info,
        @Nullable String identity) {

    /** A status that says no more than the state and the mark. */
    public static InstanceStatus of(String databaseName, InstanceState state, @Nullable OwnershipMark mark) {
        return new InstanceStatus(databaseName, state, mark, false, null, null, null, null);
    }

    /** A database that is not there. */
    public static InstanceStatus notFound(String databaseName) {
        return of(databaseName, InstanceState.NOT_FOUND, null);
    }

    /** Whether a database of this name is there, in whatever state; one that is still being made is not there yet. */
    public boolean exists() {
        return state != InstanceState.NOT_FOUND && state != InstanceState.BUILDING && state != InstanceState.COPYING;
    }
}
