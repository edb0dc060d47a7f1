package io.instanceworker.contracts.provision;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.Finding;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * One database server.
 *
 * <p>Called from many threads at once. Each thread runs one job at a time and uses the lock that it took itself. Every method
 * may block for as long as the server takes and may throw {@link ProvisioningException}; those that change something may throw
 * {@link StillRunningException}. Any other exception counts as a defect of the engine and is published as
 * {@code INTERNAL_ERROR}. Names are validated against the configured pattern before a call.
 * An engine must quote them nevertheless, and must refuse a name that does not fit.
 *
 * <p>For a job that changes something the worker calls {@link #tryLock}, then {@link #instanceStatus}, then at most
 * {@link #deleteInstance} and one of {@link #addInstance} and {@link #copyInstance}, then {@link #verifyInstance}, and closes
 * the lock. In the same way it calls {@link #adoptInstance}, {@link #trashInstance} and {@link #restoreInstance}, which not every
 * engine has. The worker decides from the status what to do. An engine never compares ownership marks.
 */
public interface InstanceProvisioner extends AutoCloseable {

    /** Which names are possible on this server. */
    DatabaseNameRules nameRules();

    /** The address for clients, for the connection string that events may carry. */
    ServerAddress address();

    /**
     * Checks that the server answers and can do jobs. Called from time to time on a thread of the server's own, never for a job.
     *
     * @throws ProvisioningException {@code SERVER_UNAVAILABLE}, or {@code AUTHENTICATION_FAILED} if the login is refused; the
     *     server's jobs then wait until a later call succeeds
     */
    default void probe() {
        instanceStatus("instance_worker_probe");
    }

    /**
     * The store for the worker's journal on this server. It is optional. Without it the worker relies only on the state of the
     * databases and on the ownership marks.
     */
    default Optional<JournalStore> journal() {
        return Optional.empty();
    }

    /**
     * Takes locks on database names against every other worker, without waiting. The databases need not exist.
     *
     * @param steps called at each step of the work under this lock
     * @return empty if a conflicting lock is held; then no lock was taken
     */
    Optional<InstanceLock> tryLock(LockRequest request, StepListener steps);

    /**
     * Creates a database, empty or from a template. The database gets its name only when it is complete and has its mark.
     *
     * @param atCommit to be run once, on the calling thread, directly before the database gets its name. If the engine has a
     *     journal, this is in the transaction that gives the name, or in one that is committed right after it
     *     ({@link JournalStore#commitsEndWithName}). If it throws, the engine gives the name to no database, rolls back, and
     *     rethrows the exception
     * @throws ProvisioningException with {@code INSTANCE_CONFLICT} if a database with this name exists; it is not changed
     */
    void addInstance(InstanceLock lock, AddInstance request, Runnable atCommit);

    /**
     * Creates a database as a copy of another, with the source's owner, grants, settings and connection limit. The copy gets
     * its name only when it is complete and has its mark.
     *
     * @param atCommit as for {@link #addInstance}
     * @throws ProvisioningException with {@code INSTANCE_CONFLICT} if a database with this name exists; it is not changed
     */
    void copyInstance(InstanceLock lock, CopyInstance request, Runnable atCommit);

    /**
     * Writes the ownership mark on a database that has none, and changes nothing else.
     *
     * @param atCommit as for {@link #addInstance}, directly before the database has its mark
     * @throws ProvisioningException with {@code INSTANCE_CONFLICT} if the database has a mark; {@code UNSUPPORTED_BY_SERVER} if
     *     the mark would replace something that people have written, or the engine adopts no databases;
     *     {@code PROTECTED_DATABASE} for a template. In each case the database is not changed
     */
    default void adoptInstance(InstanceLock lock, String databaseName, OwnershipMark mark, Runnable atCommit) {
        throw new ProvisioningException(
                ErrorCode.UNSUPPORTED_BY_SERVER, "The engine of this server adopts no databases. Nothing was changed.");
    }

    /**
     * Ends the sessions on a database, as {@link #deleteInstance} does, and puts it into the trash: it gets the
     * {@link TrashMark}, lets nobody connect, as far as the engine can prevent it, and gets its trash name.
     *
     * @param atCommit as for {@link #addInstance}, directly before the database loses its name
     * @throws ProvisioningException with {@code UNSUPPORTED_BY_SERVER} if the server can rename no databases; the database is
     *     then not changed
     */
    default void trashInstance(InstanceLock lock, TrashInstance request, Runnable atCommit) {
        throw new ProvisioningException(
                ErrorCode.UNSUPPORTED_BY_SERVER,
                "The engine of this server has no trash. The database was not deleted. Set delete of the server to drop.");
    }

    /** The deleted databases in the trash, in no order: those with a trash name and a mark that can be read. */
    default List<TrashedInstance> trash() {
        return List.of();
    }

    /**
     * Gives a database in the trash its name and the mark that it had before, and allows connections. Called under the lock of
     * that name.
     *
     * @param atCommit as for {@link #addInstance}
     * @throws ProvisioningException with {@code INSTANCE_CONFLICT} if a database with that name exists, and
     *     {@code INSTANCE_NOT_FOUND} if the database is no longer in the trash with this mark; nothing is changed then
     */
    default void restoreInstance(InstanceLock lock, TrashedInstance trashed, Runnable atCommit) {
        throw new ProvisioningException(ErrorCode.UNSUPPORTED_BY_SERVER, "The engine of this server has no trash.");
    }

    /**
     * Drops a database in the trash. The engine must take the lock of the name that it had, without waiting, and under the lock
     * must find the same mark, with which the database was deleted longer ago than the retention by the server's clock.
     *
     * @return false if it is not so, or a job has the lock; then nothing was dropped
     */
    default boolean dropTrashed(TrashedInstance trashed, Duration retention) {
        return false;
    }

    /** Ends the sessions on a database and drops it. Never one in the trash. An absent database is not an error. A started drop is not cancelled. */
    void deleteInstance(InstanceLock lock, String databaseName);

    /**
     * Removes what an unfinished attempt to create the database left under the engine's own names. Called under the database's
     * exclusive lock, so no other job works on it.
     */
    default void removeLeftovers(InstanceLock lock, String databaseName) {
        // An engine that leaves nothing has nothing to remove.
    }

    /**
     * Everything on the server that {@link #removeLeftovers} would remove, of all jobs. An engine lists only what it has
     * certainly created itself. The worker's sweep calls this from time to time, while jobs run.
     */
    default List<Leftover> leftovers() {
        return List.of();
    }

    /**
     * Removes a leftover if no job works on it. The engine must take the lock of the job that created the leftover, against
     * every other worker, without waiting. A started removal is not cancelled.
     *
     * @return false if a job works on the leftover, or it no longer exists
     */
    default boolean removeLeftover(Leftover leftover) {
        return false;
    }

    /** All that the engine can report about one database; {@code NOT_FOUND} if it is absent. */
    InstanceStatus instanceInfo(String databaseName);

    /** The state of one database and its ownership mark; {@code NOT_FOUND} if it is absent. */
    InstanceStatus instanceStatus(String databaseName);

    /**
     * As {@link #instanceStatus}, through a new connection. If the login may connect to the database, this also checks that
     * connections to it are possible.
     */
    InstanceStatus verifyInstance(String databaseName);

    /** All databases, without the engine's own and its staging databases, in no order, without sizes and connections. */
    List<InstanceStatus> instances();

    /** These databases with sizes and connections. A database that no longer exists is left out. */
    List<InstanceStatus> measure(Collection<String> databaseNames);

    /**
     * What the worker logs about the server once after its start, while jobs may run. Empty if the engine has no description.
     *
     * @param templateDatabases the configured databases of the templates
     */
    default Optional<ServerDescription> describe(Collection<String> templateDatabases) {
        return Optional.empty();
    }

    /**
     * What on the server is not as the worker needs it, for {@code instancectl doctor}. Changes nothing on the server.
     *
     * @param templateDatabases the configured databases of the templates
     * @return what was found, also what is well; if the server cannot be used at all, only that
     */
    default List<Finding> diagnose(Collection<String> templateDatabases) {
        List<Finding> found = new ArrayList<>();
        try {
            probe();
            ServerDescription described = describe(templateDatabases).orElse(null);
            found.add(Finding.ok("login", "Logged in" + (described == null ? "." : ": " + described.product() + ".")));
            Map<String, String> unusable = described == null ? Map.of() : described.unusableTemplates();
            for (String template : new TreeSet<>(templateDatabases)) {
                if (unusable.containsKey(template)) {
                    found.add(Finding.error("template", template + ": " + unusable.get(template) + ".", null));
                } else if (described != null) {
                    found.add(Finding.ok("template", template + " can be used."));
                }
            }
        } catch (ProvisioningException e) {
            found.add(Finding.error("login", String.valueOf(e.getMessage()), null));
        }
        return found;
    }

    /** Closes the connections. Called once, when no job is running. */
    @Override
    void close();
}
