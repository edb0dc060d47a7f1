package io.instanceworker.provision.sqlserver;

import static org.assertj.core.api.Assertions.assertThat;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.provision.ProvisioningException;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SqlServerErrorsTest {

    @ParameterizedTest
    @CsvSource({
        "4060, SERVER_UNAVAILABLE",
        "17142, SERVER_UNAVAILABLE",
        "40613, SERVER_UNAVAILABLE",
        "40615, SERVER_UNAVAILABLE",
        "40501, SERVER_UNAVAILABLE",
        "40197, SERVER_UNAVAILABLE",
        "49920, TOO_MANY_CONNECTIONS",
        "40544, DISK_FULL",
        "40565, SOURCE_BUSY",
        "40508, UNSUPPORTED_BY_SERVER",
        "10054, SERVER_UNAVAILABLE",
        "18456, AUTHENTICATION_FAILED",
        "10928, TOO_MANY_CONNECTIONS",
        "49918, TOO_MANY_CONNECTIONS",
        "1205, DEADLOCK",
        "1222, TIMEOUT",
        "1807, TIMEOUT",
        "921, TIMEOUT",
        "3702, SOURCE_BUSY",
        "5030, SOURCE_BUSY",
        "5061, SOURCE_BUSY",
        "924, SOURCE_BUSY",
        "1105, DISK_FULL",
        "9002, DISK_FULL",
        "5149, DISK_FULL",
        "3202, DISK_FULL",
        "3257, DISK_FULL",
        "262, INSUFFICIENT_PRIVILEGE",
        "229, INSUFFICIENT_PRIVILEGE",
        "916, INSUFFICIENT_PRIVILEGE",
        "2571, INSUFFICIENT_PRIVILEGE",
        "1801, INSTANCE_CONFLICT",
        "942, SOURCE_INVALID",
        "6102, INSUFFICIENT_PRIVILEGE",
        "3241, UNSUPPORTED_BY_SERVER",
        "41922, UNSUPPORTED_BY_SERVER",
        "911, INSTANCE_NOT_FOUND",
        "3201, INTERNAL_ERROR",
        "50000, INTERNAL_ERROR"
    })
    void theNumberDecides(int number, ErrorCode code) {
        ProvisioningException e =
                SqlServerErrors.translate("Copying", new SQLException("in any language", "S0001", number));
        assertThat(e.code()).isEqualTo(code);
        assertThat(e.vendorCode()).isEqualTo(number);
        assertThat(e).hasMessageStartingWith("Copying failed: ");
    }

    @Test
    void theErrorsOfBackupFilesSayWhatToDo() {
        assertThat(SqlServerErrors.translate("Copying", new SQLException("", "S0001", 3201)))
                .hasMessageContaining("may write and read the backup folder");
        assertThat(SqlServerErrors.translate("Copying", new SQLException("", "S0001", 3241)))
                .hasMessageContaining("no backup that this server can read");
    }

    @Test
    void aConnectionThatBrokeOrThatThePoolDidNotGetIsAnUnreachableServer() {
        SQLException broken = new SQLException("The connection to host db.example.com is closed", "08S01");
        assertThat(SqlServerErrors.code(broken)).isEqualTo(ErrorCode.SERVER_UNAVAILABLE);
        assertThat(SqlServerErrors.translate("Copying", broken)).hasMessageNotContaining("db.example.com");
        SQLException refused = new SQLTransientConnectionException(
                "no connection", null, 0, new SQLException("Login failed", "S0001", 18456));
        assertThat(SqlServerErrors.code(refused)).isEqualTo(ErrorCode.AUTHENTICATION_FAILED);
        assertThat(SqlServerErrors.code(new SQLTransientConnectionException("no connection")))
                .isEqualTo(ErrorCode.SERVER_UNAVAILABLE);
    }
}
