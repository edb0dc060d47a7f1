package io.instanceworker.contracts.provision;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A database to put into the trash.
 *
 * @param trashName the name that the database gets; no database has it
 * @param instanceId with the tenant, the instance whose job deletes the database
 */
public record TrashInstance(
        String databaseName,
        String trashName,
        String instanceId,
        @Nullable String tenant,
        String jobId) {

    /** The mark to write on the database; see {@link TrashMark}. */
    public TrashMark mark(Instant deletedAt, @Nullable String comment) {
        return new TrashMark(instanceId, tenant, databaseName, jobId, deletedAt, comment);
    }
}
