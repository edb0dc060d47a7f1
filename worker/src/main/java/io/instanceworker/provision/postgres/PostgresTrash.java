package io.instanceworker.provision.postgres;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.InstanceState;
import io.instanceworker.contracts.provision.DatabaseNameRules;
import io.instanceworker.contracts.provision.ProvisioningException;
import io.instanceworker.contracts.provision.TrashInstance;
import io.instanceworker.contracts.provision.TrashMark;
import io.instanceworker.contracts.provision.TrashedInstance;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Deleted databases in the trash. Each has a trash name, lets nobody connect, and has the {@link TrashMark} in the place of its
 * comment, which the mark contains. All of this changes in one transaction, so a crash leaves the database as it was.
 */
final class PostgresTrash {

    private static final String TRASH = """
            SELECT d.datname, d.datallowconn, d.datconnlimit, shobj_description(d.oid, 'pg_database') AS comment,
                   clock_timestamp() AS now
            FROM pg_catalog.pg_database d
            WHERE starts_with(d.datname, ?) AND pg_has_role(current_user, d.datdba, 'USAGE')
            """;

    /** One that somebody has opened to connections is not dropped. */
    private static final Set<InstanceState> DROPPED = Set.of(InstanceState.OFFLINE, InstanceState.INVALID);

    private final PostgresConnections connections;
    private final PostgresJournal journal;

    PostgresTrash(PostgresConnections connections, PostgresJournal journal) {
        this.connections = connections;
        this.journal = journal;
    }

    static List<TrashedInstance> list(Connection connection) throws SQLException {
        List<TrashedInstance> trashed = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(TRASH)) {
            statement.setString(1, DatabaseNameRules.TRASH_PREFIX);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    String name = row.getString("datname");
                    InstanceState state = PostgresCatalog.state(row);
                    Instant now = row.getObject("now", OffsetDateTime.class).toInstant();
                    TrashMark.parse(row.getString("comment"))
                            .ifPresent(mark -> trashed.add(
                                    new TrashedInstance(name, state, mark, PostgresSweep.age(mark.deletedAt(), now))));
                }
            }
        }
        return trashed;
    }

    void put(PostgresLock lock, TrashInstance request, Runnable atCommit) throws SQLException {
        String name = request.databaseName();
        ExistingDatabase found = ExistingDatabase.of(lock.session(), name);
        if (!found.owned()) {
            throw PostgresErrors.notOwned(name, "put it into the trash");
        }
        found.refuseTemplate();
        new DatabaseUse(lock, name).refuseWhatCannotBeEnded(true);
        lock.step("trash");
        try {
            lock.inTransaction(atCommit, () -> rename(lock, request));
        } catch (SQLException e) {
            if (PostgresErrors.OBJECT_IN_USE.equals(e.getSQLState())) {
                throw DatabaseUse.mustWait(lock, "Renaming", name, e);
            }
            throw e;
        }
        lock.step("trashed");
    }

    /** The rename is first: it takes the database's lock, which blocks new logins until the end of the transaction. */
    private void rename(PostgresLock lock, TrashInstance request) throws SQLException {
        String name = request.trashName();
        try (SessionTerminator terminator = SessionTerminator.start(connections, request.databaseName(), lock)) {
            lock.execute(Sql.rename(request.databaseName(), name));
        }
        ExistingDatabase renamed = ExistingDatabase.of(lock.session(), name);
        TrashMark mark = request.mark(renamed.now(), renamed.comment());
        lock.execute(String.join(
                "; ",
                PostgresConnections.DURABLE_COMMIT,
                Sql.comment(name, mark.toJson()),
                Sql.allowConnections(name, false)));
    }

    static void restore(PostgresLock lock, TrashedInstance trashed, Runnable atCommit) throws SQLException {
        String name = trashed.mark().databaseName();
        lock.step("restore");
        try {
            lock.inTransaction(atCommit, () -> {
                lock.execute(Sql.rename(trashed.databaseName(), name));
                requireMark(ExistingDatabase.of(lock.session(), name), trashed);
                lock.execute(String.join(
                        "; ",
                        PostgresConnections.DURABLE_COMMIT,
                        Sql.comment(name, trashed.mark().comment()),
                        Sql.allowConnections(name, true)));
            });
        } catch (SQLException e) {
            if (PostgresErrors.DUPLICATE_DATABASE.equals(e.getSQLState())) {
                throw PostgresErrors.exception(
                        ErrorCode.INSTANCE_CONFLICT,
                        "There is a database \"" + name + "\" by now, so the deleted one stays in the trash.",
                        e);
            }
            throw e;
        }
        lock.step("restored");
    }

    private static void requireMark(ExistingDatabase renamed, TrashedInstance trashed) {
        if (TrashMark.parse(renamed.comment()).filter(trashed.mark()::equals).isEmpty()) {
            throw new ProvisioningException(
                    ErrorCode.INSTANCE_NOT_FOUND,
                    "The database \"" + trashed.databaseName() + "\" no longer has the mark with which it was put into"
                            + " the trash. It is left as it is.");
        }
    }

    /** A Restore takes the same lock. Nobody can be connected, so an ordinary DROP is enough. */
    boolean drop(TrashedInstance trashed, Duration retention) throws SQLException {
        long key = PostgresNames.lockKey(trashed.mark().databaseName());
        try (PostgresLock lock = PostgresLock.tryLock(connections, journal, key).orElse(null)) {
            if (lock == null
                    || list(lock.session()).stream().noneMatch(each -> isSameAndOld(each, trashed, retention))) {
                return false;
            }
            lock.execute(Sql.drop(trashed.databaseName()));
            return true;
        }
    }

    private static boolean isSameAndOld(TrashedInstance found, TrashedInstance trashed, Duration retention) {
        return found.databaseName().equals(trashed.databaseName())
                && found.mark().equals(trashed.mark())
                && found.age().compareTo(retention) > 0
                && DROPPED.contains(found.state());
    }
}
