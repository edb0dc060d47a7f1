package io.instanceworker.provision.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.instanceworker.contracts.InstanceState;
import io.instanceworker.contracts.provision.Leftover;
import io.instanceworker.testing.Login;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** What is a leftover on PostgreSQL, and what only looks like one. */
@ParameterizedClass(name = "PostgreSQL {0}")
@ValueSource(ints = {11, 15, 18})
class PostgresSweepIT {

    private static final Duration OLD = Duration.ofHours(2);

    @Parameter
    int major;

    private PostgresFixture bench;

    @BeforeEach
    void open() {
        bench = new PostgresFixture(major);
    }

    @AfterEach
    void close() {
        bench.provisioner().close();
        bench.close();
    }

    private List<String> leftovers() {
        return bench.provisioner().leftovers().stream()
                .map(Leftover::databaseName)
                .toList();
    }

    private boolean remove(String databaseName) {
        return bench.provisioner().removeLeftover(new Leftover(databaseName, OLD));
    }

    @Test
    void aDatabaseWithOnlyTheStagingPrefixIsNoLeftover() {
        for (String name : List.of(
                "iw_staging_backup",
                "iw_staging_0123456789abcdef_add_0123456789abcdef",
                "iw_staging_0123456789abcdef_add_0123456789abcdef_0123456z")) {
            bench.run("postgres", Sql.create(name, "template0"));
            assertThat(leftovers()).isEmpty();
            assertThat(remove(name)).isFalse();
            assertThat(bench.databases()).contains(name);
        }
    }

    @Test
    void aStagingDatabaseOfAnotherOwnerIsNoLeftover() {
        Login other = bench.server.createRole(bench.role.username() + "_other");
        String theirs = bench.leave("ods_a", OLD);
        bench.server.execute("ALTER DATABASE " + theirs + " OWNER TO " + other.username());
        try {
            assertThat(leftovers()).isEmpty();
            assertThat(remove(theirs)).isFalse();
            assertThat(bench.databases()).containsExactly(theirs);

            bench.server.execute("GRANT " + other.username() + " TO " + bench.role.username());
            assertThat(leftovers()).as("a member of its owner").containsExactly(theirs);
            assertThat(remove(theirs)).isTrue();
        } finally {
            bench.server.execute("DROP DATABASE IF EXISTS " + theirs);
            bench.server.execute("DROP ROLE " + other.username());
        }
    }

    /** Nobody may connect to a staging database until the transaction that gives it another name. */
    @Test
    void aStagingDatabaseThatAllowsConnectionsIsNoLeftover() {
        String opened = bench.leave("ods_a", OLD);
        bench.run("postgres", Sql.allowConnections(opened, true));
        assertThat(leftovers()).isEmpty();
        assertThat(remove(opened)).isFalse();
        assertThat(bench.databases()).containsExactly(opened);
    }

    @Test
    void anInvalidStagingDatabaseIsALeftover() {
        String halfDropped = bench.leave("ods_a", OLD);
        bench.server.execute("UPDATE pg_database SET datconnlimit = -2 WHERE datname = '" + halfDropped + "'");
        assertThat(leftovers()).containsExactly(halfDropped);
        assertThat(remove(halfDropped)).isTrue();
        assertThat(bench.databases()).isEmpty();
    }

    /** As the server process that goes on with a killed worker's CREATE holds it. */
    @Test
    void aLeftoverIsNotRemovedWhileASessionHasItsLock() throws SQLException {
        String name = bench.leave("ods_a", OLD);
        bench.provisioner().journal().orElseThrow().connect().close();
        for (String lock : List.of("pg_try_advisory_lock", "pg_try_advisory_lock_shared")) {
            try (Connection holder = bench.session(bench.journalDatabase())) {
                try (var statement = holder.createStatement()) {
                    statement.execute("SELECT " + lock + "(" + PostgresNames.lockKey("ods_a") + ")");
                }
                assertThat(remove(name)).isFalse();
            }
        }
        assertThat(bench.databases()).containsExactly(name);
    }

    /** After a failover the clock may be another. */
    @Test
    void theAgeOfALeftoverIsNeverNegative() {
        String name =
                PostgresNames.staging("ods_a", "a-job", InstanceState.COPYING, Instant.parse("2100-01-01T00:00:00Z"));
        bench.run("postgres", Sql.create(name, "template0"));
        assertThat(bench.provisioner().leftovers()).containsExactly(new Leftover(name, Duration.ZERO));
    }
}
