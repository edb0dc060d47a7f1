package io.instanceworker.provision.postgres;

import io.instanceworker.contracts.provision.Leftover;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** Finds staging databases and drops those that no job uses any more. Their names contain the time and the key of the lock. */
final class PostgresSweep {

    private PostgresSweep() {}

    static List<Leftover> leftovers(PostgresConnections connections) throws SQLException {
        try (Connection connection = connections.getForQuery()) {
            Instant now = PostgresCatalog.now(connection);
            return PostgresCatalog.staging(connection).stream()
                    .flatMap(name -> PostgresNames.parseStaging(name).stream()
                            .map(staging -> new Leftover(name, age(staging.begunAt(), now))))
                    .toList();
        }
    }

    /** After a failover another server's clock counts, which may be behind. */
    static Duration age(Instant begunAt, Instant now) {
        return begunAt.isAfter(now) ? Duration.ZERO : Duration.between(begunAt, now);
    }

    static boolean remove(PostgresConnections connections, PostgresJournal journal, String databaseName)
            throws SQLException {
        PostgresNames.Staging staging = PostgresNames.parseStaging(databaseName).orElse(null);
        if (staging == null) {
            return false;
        }
        try (PostgresLock lock =
                PostgresLock.tryLock(connections, journal, staging.lockKey()).orElse(null)) {
            return lock != null && drop(lock, databaseName);
        }
    }

    /**
     * Under the lock no job uses it, and nobody can be connected to it, so an ordinary DROP is enough. A job may have removed
     * it meanwhile, so the catalog is read again first.
     */
    private static boolean drop(PostgresLock lock, String databaseName) throws SQLException {
        if (!PostgresCatalog.staging(lock.session()).contains(databaseName)) {
            return false;
        }
        lock.execute(Sql.drop(databaseName));
        return true;
    }
}
