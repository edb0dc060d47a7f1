package io.instanceworker.provision.postgres;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.InstanceState;
import io.instanceworker.contracts.provision.AddInstance;
import io.instanceworker.contracts.provision.CopyInstance;
import io.instanceworker.contracts.provision.OwnershipMark;
import io.instanceworker.contracts.provision.ProvisioningException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * Creates a database under a staging name, to which nobody may connect. One transaction then sets its owner, settings and
 * mark, allows connections and renames it, so that the database appears under its name complete or not at all.
 */
final class DatabaseCreator {

    /** The template of an empty database. Nobody can be connected to it, and it has no objects of users. */
    private static final String EMPTY_TEMPLATE = "template0";

    private final PostgresConnections connections;
    private final PostgresLock lock;
    private final PostgresProperties properties;
    private final Connection session;
    private final Runnable atCommit;

    /** @param atCommit run in the transaction that gives the database its name */
    DatabaseCreator(
            PostgresConnections connections, PostgresLock lock, PostgresProperties properties, Runnable atCommit) {
        this.connections = connections;
        this.lock = lock;
        this.properties = properties;
        this.atCommit = atCommit;
        this.session = lock.session();
    }

    void add(AddInstance request) throws SQLException {
        String template = request.templateDatabase();
        String staging = staging(request.databaseName(), request.mark(), InstanceState.BUILDING);
        DatabaseTraits traits = template == null ? null : settableTraits(template, ErrorCode.TEMPLATE_NOT_FOUND);
        String owner = traits == null ? lock.currentUser() : newOwner(traits, true);
        make(
                request.databaseName(),
                staging,
                template == null ? EMPTY_TEMPLATE : template,
                InstanceState.BUILDING,
                false);
        List<String> finish = new ArrayList<>();
        if (traits != null) {
            finish.addAll(traits.statementsFor(staging, owner));
        }
        completeOrRemove(staging, request.databaseName(), owner, finish, request.mark());
    }

    void copy(CopyInstance request) throws SQLException {
        String staging = staging(request.databaseName(), request.mark(), InstanceState.COPYING);
        DatabaseTraits traits = settableTraits(request.sourceDatabase(), ErrorCode.SOURCE_NOT_FOUND);
        String owner = newOwner(traits, traits.template());
        make(
                request.databaseName(),
                staging,
                request.sourceDatabase(),
                InstanceState.COPYING,
                request.disconnectSource());
        List<String> finish = new ArrayList<>(traits.statementsFor(staging, owner));
        finish.add(Sql.connectionLimit(staging, traits.connectionLimit()));
        completeOrRemove(staging, request.databaseName(), owner, finish, request.mark());
    }

    private DatabaseTraits settableTraits(String source, ErrorCode whenAbsent) throws SQLException {
        DatabaseTraits traits = DatabaseTraits.of(session, source, whenAbsent);
        return UnsettableSettings.settable(lock, source, traits, properties.unsettable());
    }

    private String staging(String databaseName, OwnershipMark mark, InstanceState making) {
        return PostgresNames.staging(databaseName, mark.jobId(), making, lock.takenAt());
    }

    /** A template often belongs to an administrator; a database made from it may then belong to the worker's role. */
    private String newOwner(DatabaseTraits source, boolean mayStayOurs) {
        if (source.ownerCanBeGiven()) {
            return source.owner();
        }
        if (mayStayOurs) {
            return lock.currentUser();
        }
        throw new ProvisioningException(
                ErrorCode.INSUFFICIENT_PRIVILEGE,
                "The copy must belong to \"" + source.owner()
                        + "\" as its source does, and the worker's role cannot give"
                        + " it away. Make the worker's role a member of that one.");
    }

    private void make(
            String databaseName, String staging, String template, InstanceState making, boolean disconnectTemplate)
            throws SQLException {
        lock.step("clean");
        removeLeftovers(lock, databaseName);
        refuseBusy(template, disconnectTemplate);
        String strategy = properties.copyStrategy().prepare(lock, template);
        lock.announce(making);
        lock.step("create");
        try (SessionTerminator terminator =
                disconnectTemplate ? SessionTerminator.start(connections, template, lock) : null) {
            lock.execute(Sql.create(staging, template) + strategy);
        } catch (SQLException e) {
            lock.endCreateAfter(e);
            throw e;
        }
        lock.endCreate();
    }

    private void refuseBusy(String template, boolean disconnectTemplate) throws SQLException {
        DatabaseUse use = new DatabaseUse(lock, template);
        if (disconnectTemplate) {
            use.refuseWhatCannotBeEnded(false);
        } else if (!template.equals(EMPTY_TEMPLATE)) {
            use.refuseWhatStays();
        }
    }

    /** The jobs that made them held the lock that is held here, so no job uses them any more. */
    static void removeLeftovers(PostgresLock lock, String databaseName) throws SQLException {
        for (String leftover : PostgresCatalog.stagingOf(lock.session(), databaseName)) {
            lock.execute(Sql.drop(leftover));
        }
    }

    /** A database that cannot be completed is dropped; otherwise it would use disk space until the sweep drops it. */
    private void completeOrRemove(
            String staging, String databaseName, String owner, List<String> statements, OwnershipMark mark)
            throws SQLException {
        try {
            complete(staging, databaseName, owner, statements, mark);
        } catch (SQLException | RuntimeException e) {
            try {
                lock.execute(Sql.drop(staging));
            } catch (SQLException lost) {
                e.addSuppressed(lost);
            }
            throw e;
        }
    }

    private void complete(
            String staging, String databaseName, String owner, List<String> statements, OwnershipMark mark)
            throws SQLException {
        lock.inTransaction(atCommit, () -> {
            lock.step("mark");
            List<String> all = new ArrayList<>(statements);
            all.add(Sql.mark(staging, mark));
            all.add(Sql.allowConnections(staging, true));
            all.add(PostgresConnections.DURABLE_COMMIT);
            lock.execute(String.join("; ", all));
            StagingCheck.run(lock, staging, owner);
            lock.step("rename");
            lock.execute(Sql.rename(staging, databaseName));
        });
        lock.step("renamed");
    }
}
