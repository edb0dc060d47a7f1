package io.instanceworker.provision.sqlserver;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.provision.ProvisioningException;
import io.instanceworker.contracts.provision.TrashInstance;
import io.instanceworker.contracts.provision.TrashMark;
import io.instanceworker.contracts.provision.TrashedInstance;
import io.instanceworker.provision.sqlserver.SqlServerCatalog.Marked;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Deleted databases in the trash. Each has a trash name, admits only its owners and administrators, and has the
 * {@link TrashMark} in an extended property beside the ownership mark. It stays online, because the properties of a database that
 * is offline cannot be read.
 */
final class SqlServerTrash {

    private final SqlServerConnections connections;
    private final SqlServerJournal journal;
    private final HostingForms forms;

    SqlServerTrash(SqlServerConnections connections, SqlServerJournal journal, HostingForms forms) {
        this.connections = connections;
        this.journal = journal;
        this.forms = forms;
    }

    List<TrashedInstance> list(Connection server) throws SQLException {
        HostingForm form = forms.of(server);
        List<TrashedInstance> trashed = new ArrayList<>();
        if (form.hasTrash()) {
            Instant now = now(server);
            for (Marked each : form.catalog().trash(server)) {
                TrashMark.parse(each.mark()).ifPresent(mark -> {
                    Duration age = Duration.between(mark.deletedAt(), now);
                    trashed.add(new TrashedInstance(
                            each.database().name(),
                            each.database().state(),
                            mark,
                            age.isNegative() ? Duration.ZERO : age));
                });
            }
        }
        return trashed;
    }

    private static Instant now(Connection session) throws SQLException {
        try (Statement statement = session.createStatement();
                ResultSet row = statement.executeQuery(TSql.NOW)) {
            row.next();
            return row.getObject("now", OffsetDateTime.class).toInstant().truncatedTo(ChronoUnit.MILLIS);
        }
    }

    private HostingForm requireTrash(SqlServerLock lock) throws SQLException {
        HostingForm form = forms.of(lock.session());
        if (!form.hasTrash()) {
            throw new ProvisioningException(
                    ErrorCode.UNSUPPORTED_BY_SERVER,
                    "There is a trash only on SQL Server on a machine or in a container, and this server is hosted"
                            + " otherwise. Nothing was changed. Set delete of the server to drop.");
        }
        return form;
    }

    /** A trash mark on a database with another name has no meaning, so it is written before the rename. */
    void put(SqlServerLock lock, TrashInstance request, Runnable atCommit) throws SQLException {
        HostingForm form = requireTrash(lock);
        String name = request.databaseName();
        String mark = request.mark(now(lock.session()), null).toJson();
        lock.step("trash");
        SqlServerLock.execute(lock.server(), TSql.setTrashMark(name), mark, mark);
        lock.commit(atCommit, () -> form.trash(lock, name, request.trashName()));
        lock.step("trashed");
    }

    /** Everybody may enter it again before it has its name, so that a crash leaves no database that is half restored. */
    void restore(SqlServerLock lock, TrashedInstance trashed, Runnable atCommit) throws SQLException {
        HostingForm form = requireTrash(lock);
        String name = trashed.mark().databaseName();
        if (find(lock.server(), trashed).isEmpty()) {
            throw new ProvisioningException(
                    ErrorCode.INSTANCE_NOT_FOUND,
                    "The database \"" + trashed.databaseName() + "\" is no longer in the trash, or has another mark.");
        }
        lock.step("restore");
        lock.execute(TSql.setMultiUser(trashed.databaseName()));
        try {
            lock.commit(atCommit, () -> lock.execute(form.rename(trashed.databaseName(), name)));
        } catch (SQLException | RuntimeException e) {
            closeAgain(lock, trashed.databaseName(), e);
            throw e;
        }
        lock.step("restored");
        try {
            lock.execute(TSql.removeTrashMark(name));
        } catch (SQLException e) {
            // It has no meaning under this name.
            BackupFiles.warn("Removing the trash mark of \"" + name + "\"", e);
        }
    }

    private static void closeAgain(SqlServerLock lock, String trashName, Exception failure) {
        try {
            if (SqlServerCatalog.exists(lock.server(), trashName)) {
                lock.execute(TSql.setRestrictedUser(trashName));
            }
        } catch (SQLException lost) {
            failure.addSuppressed(lost);
        }
    }

    private Optional<TrashedInstance> find(Connection server, TrashedInstance wanted) throws SQLException {
        return list(server).stream()
                .filter(each -> each.databaseName().equals(wanted.databaseName())
                        && each.mark().equals(wanted.mark()))
                .findFirst();
    }

    /** A Restore takes the same lock. One that somebody has opened to everybody is not dropped. */
    boolean drop(TrashedInstance trashed, Duration retention) throws SQLException {
        String key = SqlServerNames.lockKey(trashed.mark().databaseName());
        try (SqlServerLock lock =
                SqlServerLock.tryLock(connections, journal, forms, key).orElse(null)) {
            if (lock == null
                    || find(lock.server(), trashed)
                            .filter(each -> each.age().compareTo(retention) > 0)
                            .isEmpty()
                    || isOpen(lock.server(), trashed.databaseName())) {
                return false;
            }
            forms.of(lock.session()).drop(lock, trashed.databaseName());
            return true;
        }
    }

    private static boolean isOpen(Connection server, String databaseName) throws SQLException {
        try (PreparedStatement statement = server.prepareStatement(TSql.USER_ACCESS)) {
            statement.setString(1, databaseName);
            try (ResultSet row = statement.executeQuery()) {
                return !row.next() || row.getInt("user_access") == 0;
            }
        }
    }
}
