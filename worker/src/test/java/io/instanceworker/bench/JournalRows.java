package io.instanceworker.bench;

import io.instanceworker.testing.Login;
import io.instanceworker.testing.PostgresServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;

/** Fills the worker's journal with ended jobs, as after a month of heavy use. */
final class JournalRows {

    private static final String DATABASE = "instance_worker";

    private static final String EXISTS = "SELECT to_regclass('job_run') IS NOT NULL";

    /** The only statement of the bench that depends on the columns of job_run. A result has the size of a real one. */
    private static final String FILL = """
            INSERT INTO job_run (run_id, body_sha256, job_id, operation, instance_id, tenant, database_name, database_key,
                                 template, worker, received_at, attempt, allowed_attempts, outcome, result, ended_at)
            SELECT md5(i::text)::uuid::text, encode(sha256(i::text::bytea), 'hex'), 'filler-' || i, 'Add', i::text, 'bench',
                   'filler_' || i, 'filler_' || i, 'Small', 'filler', now() - i * interval '1 second', 1, 5, 'Succeeded',
                   repeat('x', 800), now() - i * interval '1 second'
            FROM generate_series(1, %d) i
            """;

    private JournalRows() {}

    /**
     * Called while a worker runs, which makes the table at its start.
     *
     * @return why it could not be done
     */
    static Optional<String> fill(PostgresServer server, Login login, int rows) throws SQLException {
        if (!hasDatabase(server)) {
            return Optional.of("there is no database " + DATABASE);
        }
        try (Connection connection = server.connect(DATABASE, login);
                Statement statement = connection.createStatement()) {
            if (!isTrue(statement, EXISTS)) {
                return Optional.of("there is no table job_run in the database " + DATABASE);
            }
            statement.execute(FILL.formatted(rows));
            // Otherwise autovacuum does it in the middle of the measurement.
            statement.execute("VACUUM ANALYZE job_run");
            return Optional.empty();
        }
    }

    private static boolean hasDatabase(PostgresServer server) throws SQLException {
        try (Connection connection = server.connect("postgres", server.superuser());
                Statement statement = connection.createStatement()) {
            return isTrue(statement, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = '" + DATABASE + "')");
        }
    }

    private static boolean isTrue(Statement statement, String query) throws SQLException {
        try (ResultSet row = statement.executeQuery(query)) {
            return row.next() && row.getBoolean(1);
        }
    }
}
