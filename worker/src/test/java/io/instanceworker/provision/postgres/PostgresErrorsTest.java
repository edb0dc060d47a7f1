package io.instanceworker.provision.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.provision.ProvisioningException;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

class PostgresErrorsTest {

    /** As HikariCP throws it when a connection is used again that broke before. */
    @Test
    void aConnectionThatThePoolHasClosedMeansThatTheServerIsUnreachable() {
        assertThat(PostgresErrors.code(new SQLException("Connection is closed")))
                .isEqualTo(ErrorCode.SERVER_UNAVAILABLE);
    }

    @Test
    void aServerThatCanOnlyBeReadIsUnavailableAndItsWordsAreKept() {
        SQLException readOnly = new PSQLException(
                new ServerErrorMessage("SERROR\0C25006\0Mcannot execute INSERT in a read-only transaction\0"));

        ProvisioningException translated = PostgresErrors.translate("Receiving", readOnly);

        assertThat(translated.code()).isEqualTo(ErrorCode.SERVER_UNAVAILABLE);
        assertThat(translated)
                .hasMessageStartingWith(
                        "Receiving failed: the server can only be read: it is a standby, or its"
                                + " default_transaction_read_only is on. The server says: cannot execute INSERT in a read-only transaction.");
    }
}
