package io.instanceworker.contracts.result;

import io.instanceworker.contracts.InstanceRef;
import io.instanceworker.contracts.InstanceState;
import java.time.Instant;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One page of a server's databases, ordered by name.
 *
 * @param page from 1
 * @param total how many databases match the filter, on all pages
 * @param stateCounts how many of these databases are in each state; a state without databases is left out
 */
public record StatusPage(
        List<Entry> instances, int page, int perPage, int total, SortedMap<InstanceState, Integer> stateCounts) {

    public StatusPage {
        instances = List.copyOf(instances);
        stateCounts = new TreeMap<>(stateCounts);
    }

    /**
     * One database.
     *
     * @param instance the instance that owns the database; for an unmanaged database only the database name
     * @param sizeBytes null if the login may not see it
     * @param trash null unless the page is of the trash; then the instance has the name under which the database was deleted
     */
    public record Entry(
            InstanceRef instance,
            StateReport state,
            @Nullable Long sizeBytes,
            @Nullable Integer activeConnections,
            @Nullable Trash trash) {

        /** A database that is not in the trash. */
        public Entry(
                InstanceRef instance,
                StateReport state,
                @Nullable Long sizeBytes,
                @Nullable Integer activeConnections) {
            this(instance, state, sizeBytes, activeConnections, null);
        }
    }

    /**
     * Why a database is in the trash, and for how long.
     *
     * @param databaseName its name while it is there
     * @param deletedByJob the job that deleted it
     * @param keptUntil from when on the sweep drops it
     */
    public record Trash(String databaseName, Instant deletedAt, String deletedByJob, Instant keptUntil) {}
}
