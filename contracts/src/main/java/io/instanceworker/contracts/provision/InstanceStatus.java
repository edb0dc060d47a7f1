package io.instanceworker.contracts.provision;

import io.instanceworker.contracts.InstanceState;
import io.instanceworker.contracts.result.InstanceInfo;
import org.jspecify.annotations.Nullable;

/**
 * What a server reports about one database.
 *
 * @param mark null if the database has no ownership mark, or a mark that cannot be read
 * @param markUnreadable whether the database has a mark that cannot be read, so its owner is not known
 * @param sizeBytes null if it was not asked for, or the login may not see it
 * @param activeConnections null if it was not asked for, or the login may not see it
 * @param info only from {@link InstanceProvisioner#instanceInfo}
 * @param identity differs from that of any other database that had this name before or gets it later: the oid on PostgreSQL;
 *     null if the engine has no such id
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

    /** A status with only the state and the mark. */
    public static InstanceStatus of(String databaseName, InstanceState state, @Nullable OwnershipMark mark) {
        return new InstanceStatus(databaseName, state, mark, false, null, null, null, null);
    }

    /** The status of an absent database. */
    public static InstanceStatus notFound(String databaseName) {
        return of(databaseName, InstanceState.NOT_FOUND, null);
    }

    /**
     * Whether a database with this name exists, in any state. A database that a job is still creating does not exist yet: it has
     * no identity. One that somebody else copies on the server under this name exists.
     */
    public boolean exists() {
        return switch (state) {
            case NOT_FOUND -> false;
            case BUILDING, COPYING -> identity != null;
            default -> true;
        };
    }
}
