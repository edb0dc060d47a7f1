package io.instanceworker.provision.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.instanceworker.contracts.ErrorCode;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;

class PostgresErrorsTest {

    /** As HikariCP throws it when a connection is used again that broke before. */
    @Test
    void aConnectionThatThePoolHasClosedMeansThatTheServerIsUnreachable() {
        assertThat(PostgresErrors.code(new SQLException("Connection is closed")))
                .isEqualTo(ErrorCode.SERVER_UNAVAILABLE);
    }
}
