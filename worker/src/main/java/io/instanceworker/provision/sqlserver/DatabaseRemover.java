package io.instanceworker.provision.sqlserver;

import io.instanceworker.contracts.provision.Leftover;
import io.instanceworker.contracts.provision.StillRunningException;
import io.instanceworker.provision.sqlserver.BackupFiles.BackupFile;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Removes the databases that unfinished attempts have left, together with their backups. */
final class DatabaseRemover {

    private final SqlServerConnections connections;
    private final SqlServerJournal journal;
    private final HostingForms forms;

    DatabaseRemover(SqlServerConnections connections, SqlServerJournal journal, HostingForms forms) {
        this.connections = connections;
        this.journal = journal;
        this.forms = forms;
    }

    /**
     * The jobs that made them held the lock that is held here, so no session works on them any more.
     *
     * @param kept the staging database that the job itself goes on with
     * @throws StillRunningException if the server itself still works on one
     */
    void removeLeftovers(HostingForm form, SqlServerLock lock, String databaseName, @Nullable String kept)
            throws SQLException {
        form.reasonToKeepSource(lock, databaseName).ifPresent(reason -> {
            throw new StillRunningException(reason);
        });
        for (String name : SqlServerCatalog.staging(lock.server(), SqlServerNames.stagingOf(databaseName))
                .keySet()) {
            if (!name.equals(kept)) {
                refuseIfKept(form, lock, name);
                form.drop(lock, name);
            }
        }
        for (BackupFile file : BackupFiles.ofPattern(lock.session(), SqlServerNames.stagingOf(databaseName))) {
            if (!file.stagingName().equals(kept)) {
                refuseIfKept(form, lock, file.stagingName());
                form.removeBackup(lock.session(), file.path());
            }
        }
    }

    private static void refuseIfKept(HostingForm form, SqlServerLock lock, String staging) throws SQLException {
        form.reasonToKeep(lock, staging).ifPresent(reason -> {
            throw new StillRunningException(reason);
        });
    }

    private static Optional<String> keyOf(String stagingName) {
        return SqlServerNames.parseStaging(stagingName).map(SqlServerNames.Staging::lockKey);
    }

    /** The staging databases, and those of which there is only the backup. */
    List<Leftover> leftovers() throws SQLException {
        try (Connection session = journal.session();
                Connection server = connections.getForQuery()) {
            Map<String, Long> ages = new LinkedHashMap<>();
            BackupFiles.ofPattern(session, SqlServerNames.ANY_STAGING)
                    .forEach(file -> ages.put(file.stagingName(), file.ageMillis()));
            SqlServerCatalog.staging(server, SqlServerNames.ANY_STAGING).forEach(ages::putIfAbsent);
            List<Leftover> leftovers = new ArrayList<>();
            ages.forEach((name, age) -> {
                if (keyOf(name).isPresent()) {
                    leftovers.add(new Leftover(name, Duration.ofMillis(age)));
                }
            });
            return leftovers;
        }
    }

    /** @return false if a job or the server works on it, or it no longer exists */
    boolean remove(String stagingName) throws SQLException {
        Optional<String> key = keyOf(stagingName);
        if (key.isEmpty()) {
            return false;
        }
        try (SqlServerLock lock = SqlServerLock.tryLock(connections, journal, forms, key.orElseThrow())
                .orElse(null)) {
            return lock != null && removeUnderLock(forms.of(lock.session()), lock, stagingName);
        }
    }

    private static boolean removeUnderLock(HostingForm form, SqlServerLock lock, String stagingName)
            throws SQLException {
        if (form.reasonToKeep(lock, stagingName).isPresent()) {
            return false;
        }
        boolean removed = SqlServerCatalog.exists(lock.server(), stagingName);
        form.drop(lock, stagingName);
        for (BackupFile file : BackupFiles.ofPattern(lock.session(), SqlServerNames.pattern(stagingName))) {
            removed |= form.removeBackup(lock.session(), file.path());
        }
        return removed;
    }
}
