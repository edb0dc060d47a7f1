package io.instanceworker.provision.postgres;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.Finding;
import io.instanceworker.contracts.InstanceState;
import io.instanceworker.contracts.provision.AddInstance;
import io.instanceworker.contracts.provision.CopyInstance;
import io.instanceworker.contracts.provision.DatabaseNameRules;
import io.instanceworker.contracts.provision.InstanceLock;
import io.instanceworker.contracts.provision.InstanceProvisioner;
import io.instanceworker.contracts.provision.InstanceStatus;
import io.instanceworker.contracts.provision.JournalStore;
import io.instanceworker.contracts.provision.Leftover;
import io.instanceworker.contracts.provision.LockRequest;
import io.instanceworker.contracts.provision.OwnershipMark;
import io.instanceworker.contracts.provision.ProvisioningException;
import io.instanceworker.contracts.provision.ServerAddress;
import io.instanceworker.contracts.provision.ServerDescription;
import io.instanceworker.contracts.provision.StepListener;
import io.instanceworker.contracts.provision.TrashInstance;
import io.instanceworker.contracts.provision.TrashedInstance;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Provisions instances on one PostgreSQL server. */
final class PostgresInstanceProvisioner implements InstanceProvisioner {

    private static final int FORCE_SINCE = 13;

    private static final Logger log = LoggerFactory.getLogger(PostgresInstanceProvisioner.class);

    private final PostgresConnections connections;
    private final PostgresProperties properties;
    private final PostgresProbe probe;
    private final PostgresJournal journal;
    private final PostgresTrash trash;

    /** @param owner identifies the sessions of this worker process */
    PostgresInstanceProvisioner(PostgresConnections connections, PostgresProperties properties, String owner) {
        this.connections = connections;
        this.properties = properties;
        this.probe = new PostgresProbe(connections, PostgresJournal.presenceKey(owner));
        this.journal = new PostgresJournal(connections, probe, owner);
        this.trash = new PostgresTrash(connections, journal);
    }

    @Override
    public void probe() {
        run("Asking the server whether it answers", () -> {
            probe.run();
            if (journal.isReady()) {
                probe.announce();
            }
            connections.renewBrokenPools();
            return probe;
        });
    }

    @Override
    public Optional<JournalStore> journal() {
        return Optional.of(journal);
    }

    @Override
    public DatabaseNameRules nameRules() {
        return PostgresNames.RULES;
    }

    @Override
    public ServerAddress address() {
        return connections.address();
    }

    @Override
    public Optional<InstanceLock> tryLock(LockRequest request, StepListener steps) {
        return run(
                "Locking",
                () -> PostgresLock.tryLock(connections, journal, request, steps).map(lock -> lock));
    }

    @Override
    public void addInstance(InstanceLock lock, AddInstance request, Runnable atCommit) {
        PostgresNames.check(request.databaseName());
        PostgresLock ours = (PostgresLock) lock;
        String from = request.templateDatabase() == null ? "template0" : request.templateDatabase();
        make(ours, atCommit, request.databaseName(), from, true, creator -> creator.add(request));
    }

    @Override
    public void copyInstance(InstanceLock lock, CopyInstance request, Runnable atCommit) {
        PostgresNames.check(request.databaseName());
        PostgresNames.check(request.sourceDatabase());
        PostgresLock ours = (PostgresLock) lock;
        make(ours, atCommit, request.databaseName(), request.sourceDatabase(), false, creator -> creator.copy(request));
    }

    private void make(
            PostgresLock lock,
            Runnable atCommit,
            String databaseName,
            String source,
            boolean fromTemplate,
            Making making) {
        DatabaseCreator creator = new DatabaseCreator(connections, lock, properties, atCommit);
        String doing = "Making \"" + databaseName + "\" from \"" + source + "\"";
        try {
            making.with(creator);
        } catch (SQLException e) {
            throw run(doing, () -> explain(lock, e, doing, databaseName, source, fromTemplate));
        }
    }

    /** One SQLSTATE has several causes at a CREATE. The catalog shows which one it was. */
    private static ProvisioningException explain(
            PostgresLock lock, SQLException e, String doing, String databaseName, String source, boolean fromTemplate)
            throws SQLException {
        String state = String.valueOf(e.getSQLState());
        switch (state) {
            case PostgresErrors.UNIQUE_VIOLATION, PostgresErrors.DUPLICATE_DATABASE -> {
                return PostgresErrors.exception(
                        ErrorCode.INSTANCE_CONFLICT,
                        "A database \"" + databaseName + "\" appeared meanwhile. It is left as it is.",
                        e);
            }
            case PostgresErrors.OBJECT_IN_USE -> {
                return PostgresErrors.exception(
                        ErrorCode.SOURCE_BUSY,
                        doing + " has to wait: " + DatabaseUse.by(lock.session(), source)
                                + ". PostgreSQL copies a database only while nobody is connected to it.",
                        e);
            }
            case PostgresErrors.UNDEFINED_DATABASE -> {
                if (PostgresCatalog.status(lock.session(), source, lock.journalDatabase())
                        .exists()) {
                    return PostgresErrors.exception(
                            ErrorCode.INSTANCE_NOT_FOUND,
                            "Somebody dropped the database while it was being made. Nothing is left of it.",
                            e);
                }
                return PostgresErrors.exception(
                        fromTemplate ? ErrorCode.TEMPLATE_NOT_FOUND : ErrorCode.SOURCE_NOT_FOUND,
                        "There is no database \"" + source + "\" to copy from.",
                        e);
            }
            case PostgresErrors.INTERNAL_ERROR -> {
                if (PostgresCatalog.collationVersionDiffers(lock.session(), source)) {
                    return PostgresErrors.exception(
                            ErrorCode.COLLATION_MISMATCH,
                            "\"" + source + "\" was made with another version of the operating system's collations, so"
                                    + " PostgreSQL does not copy it. Rebuild its indexes and run ALTER DATABASE … REFRESH"
                                    + " COLLATION VERSION.",
                            e);
                }
                return PostgresErrors.translate(doing, e);
            }
            default -> {
                return PostgresErrors.translate(doing, e);
            }
        }
    }

    @Override
    public void adoptInstance(InstanceLock lock, String databaseName, OwnershipMark mark, Runnable atCommit) {
        PostgresNames.check(databaseName);
        run("Adopting \"" + databaseName + "\"", () -> {
            ExistingDatabase.adopt((PostgresLock) lock, databaseName, mark, atCommit);
            return databaseName;
        });
    }

    @Override
    public void trashInstance(InstanceLock lock, TrashInstance request, Runnable atCommit) {
        PostgresNames.check(request.databaseName());
        PostgresNames.check(request.trashName());
        run("Putting \"" + request.databaseName() + "\" into the trash", () -> {
            trash.put((PostgresLock) lock, request, atCommit);
            return request;
        });
    }

    @Override
    public List<TrashedInstance> trash() {
        return run("Looking into the trash", () -> {
            try (Connection connection = connections.getForQuery()) {
                return PostgresTrash.list(connection);
            }
        });
    }

    @Override
    public void restoreInstance(InstanceLock lock, TrashedInstance trashed, Runnable atCommit) {
        PostgresNames.check(trashed.mark().databaseName());
        run("Restoring \"" + trashed.mark().databaseName() + "\"", () -> {
            PostgresTrash.restore((PostgresLock) lock, trashed, atCommit);
            return trashed;
        });
    }

    @Override
    public boolean dropTrashed(TrashedInstance trashed, Duration retention) {
        return run("Dropping \"" + trashed.databaseName() + "\"", () -> trash.drop(trashed, retention));
    }

    @Override
    public void deleteInstance(InstanceLock lock, String databaseName) {
        PostgresNames.check(databaseName);
        PostgresNames.refuseTrash(databaseName);
        PostgresLock ours = (PostgresLock) lock;
        String doing = "Dropping \"" + databaseName + "\"";
        run(doing, () -> {
            if (!PostgresCatalog.ownsOrIsAbsent(ours.session(), databaseName)) {
                throw PostgresErrors.notOwned(databaseName, "drop it");
            }
            new DatabaseUse(ours, databaseName).refuseWhatCannotBeEnded(true);
            ours.step("drop");
            dropOrExplain(ours, databaseName);
            ours.step("dropped");
            return databaseName;
        });
    }

    @Override
    public void removeLeftovers(InstanceLock lock, String databaseName) {
        run("Removing what was left of \"" + databaseName + "\"", () -> {
            DatabaseCreator.removeLeftovers((PostgresLock) lock, databaseName);
            return databaseName;
        });
    }

    @Override
    public List<Leftover> leftovers() {
        return run("Looking for leftovers", () -> PostgresSweep.leftovers(connections));
    }

    @Override
    public boolean removeLeftover(Leftover leftover) {
        String name = leftover.databaseName();
        return run("Removing \"" + name + "\"", () -> PostgresSweep.remove(connections, journal, name));
    }

    /**
     * With FORCE where the server has it. FORCE fails if the role may not end a session, also one of an autovacuum worker,
     * which an ordinary DROP ends by itself.
     */
    private void drop(PostgresLock lock, String databaseName) throws SQLException {
        lock.execute(PostgresConnections.NO_TIMEOUTS);
        if (lock.majorVersion() >= FORCE_SINCE) {
            try {
                lock.execute(Sql.dropWithForce(databaseName));
                return;
            } catch (SQLException e) {
                if (!PostgresErrors.INSUFFICIENT_PRIVILEGE.equals(e.getSQLState())) {
                    throw e;
                }
            }
        }
        try (SessionTerminator terminator = SessionTerminator.start(connections, databaseName, lock)) {
            lock.execute(Sql.drop(databaseName));
        }
    }

    /** Drops the database, or throws an exception that says why it cannot be dropped now. */
    private void dropOrExplain(PostgresLock lock, String databaseName) throws SQLException {
        try {
            drop(lock, databaseName);
        } catch (SQLException e) {
            String state = String.valueOf(e.getSQLState());
            // The owner was checked, so the missing privilege is that to end a session.
            if (state.equals(PostgresErrors.OBJECT_IN_USE) || state.equals(PostgresErrors.INSUFFICIENT_PRIVILEGE)) {
                throw DatabaseUse.mustWait(lock, "Dropping", databaseName, e);
            }
            if (state.equals(PostgresErrors.WRONG_OBJECT_TYPE)) {
                throw PostgresErrors.exception(
                        ErrorCode.PROTECTED_DATABASE,
                        "The database \"" + databaseName + "\" is marked as a template, so PostgreSQL does not drop it."
                                + " Run ALTER DATABASE … IS_TEMPLATE false first.",
                        e);
            }
            throw e;
        }
    }

    @Override
    public InstanceStatus instanceInfo(String databaseName) {
        return run("Looking at \"" + databaseName + "\"", () -> {
            try (Connection connection = connections.getForQuery()) {
                List<InstanceStatus> found =
                        PostgresCatalog.measured(connection, List.of(databaseName), DatabaseSizes.IN_TIME);
                return found.isEmpty()
                        ? PostgresCatalog.status(connection, databaseName, connections.journalDatabase())
                        : found.get(0);
            }
        });
    }

    @Override
    public InstanceStatus instanceStatus(String databaseName) {
        return run("Looking at \"" + databaseName + "\"", () -> {
            try (Connection connection = connections.getForQuery()) {
                return PostgresCatalog.status(connection, databaseName, connections.journalDatabase());
            }
        });
    }

    @Override
    public InstanceStatus verifyInstance(String databaseName) {
        return run("Connecting to \"" + databaseName + "\"", () -> {
            InstanceStatus status;
            boolean mayConnect;
            try (Connection connection = connections.getForQuery()) {
                status = PostgresCatalog.status(connection, databaseName, connections.journalDatabase());
                mayConnect =
                        status.state() == InstanceState.ONLINE && PostgresCatalog.mayConnect(connection, databaseName);
            }
            if (status.state() == InstanceState.ONLINE && !(mayConnect && opens(databaseName))) {
                log.info(
                        "The database {} was checked in the catalog only: its connection limit, its grants or pg_hba.conf"
                                + " do not let the worker's role connect to it, or the server has no connection left",
                        databaseName);
            }
            return status;
        });
    }

    /** @return false if the server refuses this login, which says nothing of the database */
    private boolean opens(String databaseName) throws SQLException {
        try {
            connections.open(databaseName).close();
            return true;
        } catch (SQLException e) {
            ErrorCode code = PostgresErrors.code(e);
            if (code == ErrorCode.AUTHENTICATION_FAILED || code == ErrorCode.TOO_MANY_CONNECTIONS) {
                return false;
            }
            throw e;
        }
    }

    @Override
    public List<InstanceStatus> instances() {
        return run("Listing databases", () -> {
            try (Connection connection = connections.getForQuery()) {
                return PostgresCatalog.all(connection, connections.journalDatabase());
            }
        });
    }

    @Override
    public List<InstanceStatus> measure(Collection<String> databaseNames) {
        return run("Measuring databases", () -> {
            try (Connection connection = connections.getForQuery()) {
                return PostgresCatalog.measured(connection, databaseNames, DatabaseSizes.IN_TIME);
            }
        });
    }

    @Override
    public Optional<ServerDescription> describe(Collection<String> templateDatabases) {
        return run("Asking for the version and the templates", () -> {
            // Not from the pool, which would keep the connection open.
            try (Connection connection = connections.open(null)) {
                return Optional.of(PostgresDescription.of(connection, templateDatabases));
            }
        });
    }

    @Override
    public List<Finding> diagnose(Collection<String> templateDatabases) {
        return new PostgresDiagnosis(connections, journal).of(templateDatabases);
    }

    @Override
    public void close() {
        probe.close();
        connections.close();
    }

    private static <T> T run(String doing, Work<T> work) {
        try {
            return work.run();
        } catch (SQLException e) {
            throw PostgresErrors.translate(doing, e);
        }
    }

    private interface Work<T> {
        T run() throws SQLException;
    }

    private interface Making {
        void with(DatabaseCreator creator) throws SQLException;
    }
}
