package io.instanceworker.provision.sqlserver;

import io.instanceworker.contracts.provision.Leftover;
import io.instanceworker.provision.sqlserver.BackupFiles.BackupFile;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Drops databases: those of jobs, and what unfinished attempts have left, together with the backups of these. */
final class DatabaseRemover {

    private final SqlServerConnections connections;
    private final SqlServerJournal journal;

    DatabaseRemover(SqlServerConnections connections, SqlServerJournal journal) {
        this.connections = connections;
        this.journal = journal;
    }

    /** Ends the sessions on the database and drops it. Nothing is done where there is none. */
    void drop(SqlServerLock lock, String databaseName) throws SQLException {
        if (SqlServerCatalog.mayConnect(lock.session(), databaseName)) {
            dropOnline(lock, databaseName);
            return;
        }
        switch (SqlServerCatalog.status(lock.session(), databaseName).state()) {
            case NOT_FOUND, BUILDING, COPYING -> {
                // There is none.
            }
            case ONLINE, UNKNOWN -> lock.execute(TSql.dropWithoutEntering(databaseName));
            default -> lock.execute(TSql.drop(databaseName));
        }
    }

    /**
     * If the batch fails in its middle, the session may still be in the database, which has one seat. Somebody else may have
     * taken the seat in the moment before the drop. The database is opened to everybody again, and the job is tried again.
     */
    private void dropOnline(SqlServerLock lock, String databaseName) throws SQLException {
        try {
            lock.execute(TSql.dropOnline(databaseName, connections.journalDatabase()));
        } catch (SQLException e) {
            try {
                lock.execute(TSql.use(connections.journalDatabase()));
                if (SqlServerCatalog.exists(lock.session(), databaseName)) {
                    lock.execute(TSql.setMultiUser(databaseName));
                }
            } catch (SQLException lost) {
                e.addSuppressed(lost);
            }
            throw e;
        }
    }

    /** The jobs that made them held the lock that is held here, so no job uses them any more. */
    void removeLeftovers(SqlServerLock lock, String databaseName) throws SQLException {
        Connection session = lock.session();
        for (String name : SqlServerCatalog.staging(session, SqlServerNames.stagingOf(databaseName))
                .keySet()) {
            drop(lock, name);
        }
        String key = SqlServerNames.lockKey(databaseName);
        for (BackupFile file : BackupFiles.all(session)) {
            if (keyOf(file.stagingName()).filter(key::equals).isPresent()) {
                BackupFiles.remove(session, file.path());
            }
        }
    }

    private static Optional<String> keyOf(String stagingName) {
        return SqlServerNames.parseStaging(stagingName).map(SqlServerNames.Staging::lockKey);
    }

    /** The staging databases, and those of which there is only the backup. */
    List<Leftover> leftovers() throws SQLException {
        try (Connection session = journal.session()) {
            Map<String, Long> ages = new LinkedHashMap<>();
            BackupFiles.all(session).forEach(file -> ages.put(file.stagingName(), file.ageMillis()));
            SqlServerCatalog.staging(session, SqlServerNames.ANY_STAGING)
                    .forEach((name, age) -> ages.merge(name, age, Math::max));
            List<Leftover> leftovers = new ArrayList<>();
            ages.forEach((name, age) -> {
                if (keyOf(name).isPresent()) {
                    leftovers.add(new Leftover(name, Duration.ofMillis(age)));
                }
            });
            return leftovers;
        }
    }

    /** @return false if a job works on it, or it no longer exists */
    boolean remove(String stagingName) throws SQLException {
        Optional<String> key = keyOf(stagingName);
        if (key.isEmpty()) {
            return false;
        }
        try (SqlServerLock lock =
                SqlServerLock.tryLock(connections, journal, key.orElseThrow()).orElse(null)) {
            return lock != null && removeUnderLock(lock, stagingName);
        }
    }

    private boolean removeUnderLock(SqlServerLock lock, String stagingName) throws SQLException {
        boolean removed = SqlServerCatalog.exists(lock.session(), stagingName);
        drop(lock, stagingName);
        for (BackupFile file : BackupFiles.all(lock.session())) {
            if (file.stagingName().equals(stagingName)) {
                removed |= BackupFiles.remove(lock.session(), file.path());
            }
        }
        return removed;
    }
}
