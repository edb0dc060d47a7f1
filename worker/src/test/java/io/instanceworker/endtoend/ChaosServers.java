package io.instanceworker.endtoend;

import io.instanceworker.testing.Login;
import io.instanceworker.testing.PostgresServer;
import io.instanceworker.testing.RabbitMqServer;
import io.instanceworker.testing.VirtualHost;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** A broker and a database server that only this run has, and what is there before it begins. */
final class ChaosServers implements AutoCloseable {

    static final int MINIMAL_ROWS = 3;
    static final int POPULATED_ROWS = 400;

    private final RabbitMqServer broker;
    private final PostgresServer postgres;
    private final VirtualHost host;
    private final Login login;
    private final Databases databases;
    private final UntouchedDatabases bystanders;

    ChaosServers(int postgresMajor) {
        broker = RabbitMqServer.startOwn();
        postgres = PostgresServer.startOwn(postgresMajor, Map.of());
        host = broker.createVirtualHost("chaos");
        login = postgres.createRole("worker");
        databases = new Databases(postgres, login);
        databases.createTemplate(ChaosJobs.MINIMAL, MINIMAL_ROWS);
        databases.createTemplate(ChaosJobs.POPULATED, POPULATED_ROWS);
        databases.createTemplate(ChaosJobs.HELD, MINIMAL_ROWS);
        ChaosJobs.BYSTANDERS.forEach(name -> databases.createTemplate(name, name.hashCode() % 50 + 60));
        bystanders = new UntouchedDatabases(
                databases,
                Stream.concat(
                                Stream.of(ChaosJobs.MINIMAL, ChaosJobs.POPULATED, ChaosJobs.HELD),
                                ChaosJobs.BYSTANDERS.stream())
                        .toArray(String[]::new));
        hold();
    }

    /** A prepared transaction holds a database as a session does, and outlives every crash. */
    private void hold() {
        inHeld("BEGIN", "PREPARE TRANSACTION 'held'");
    }

    void letGo() {
        inHeld("ROLLBACK PREPARED 'held'");
    }

    private void inHeld(String... statements) {
        try (Connection session = postgres.connect(ChaosJobs.HELD, postgres.superuser());
                Statement statement = session.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    RabbitMqServer broker() {
        return broker;
    }

    PostgresServer postgres() {
        return postgres;
    }

    VirtualHost host() {
        return host;
    }

    Login login() {
        return login;
    }

    Databases databases() {
        return databases;
    }

    /** Judges them once they are quiet. */
    Invariants invariants() {
        return new Invariants(databases, login.username(), ChaosJobs.PREFIX, bystanders);
    }

    Set<String> secrets() {
        return Set.of(login.password(), postgres.superuser().password(), broker.password());
    }

    @Override
    public void close() {
        try (broker;
                postgres) {
            // Their folders go with them, and so all that is in them.
        }
    }
}
