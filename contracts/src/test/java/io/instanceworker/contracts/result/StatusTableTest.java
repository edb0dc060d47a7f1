package io.instanceworker.contracts.result;

import static org.assertj.core.api.Assertions.assertThat;

import io.instanceworker.contracts.Operation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The tables of the contract, row by row. */
class StatusTableTest {

    @ParameterizedTest
    @CsvSource({
        "ADD,    IN_PROGRESS, CreateInProgress, InProgress",
        "ADD,    SUCCEEDED,   Created,          Completed",
        "ADD,    FAILED,      CreateFailed,     Error",
        "ADD,    ERROR,       CreateError,      Error",
        "ADD,    REJECTED,    CreateError,      Error",
        "COPY,   IN_PROGRESS, CreateInProgress, InProgress",
        "COPY,   SUCCEEDED,   Created,          Completed",
        "COPY,   FAILED,      CreateFailed,     Error",
        "COPY,   ERROR,       CreateError,      Error",
        "DELETE, IN_PROGRESS, DeleteInProgress, Pending_Delete",
        "DELETE, SUCCEEDED,   Deleted,          Deleted",
        "DELETE, FAILED,      DeleteFailed,     Delete_Failed",
        "DELETE, ERROR,       DeleteError,      Delete_Failed",
        "DELETE, REJECTED,    DeleteError,      Delete_Failed",
        "ADOPT, IN_PROGRESS, CreateInProgress, InProgress",
        "ADOPT, SUCCEEDED, Created, Completed",
        "ADOPT, FAILED, CreateFailed, Error",
        "ADOPT, ERROR, CreateError, Error",
        "ADOPT, REJECTED, CreateError, Error",
        "RESTORE, IN_PROGRESS, CreateInProgress, InProgress",
        "RESTORE, SUCCEEDED, Created, Completed",
        "RESTORE, FAILED, CreateFailed, Error",
        "RESTORE, ERROR, CreateError, Error",
        "RESTORE, REJECTED, CreateError, Error"
    })
    void jobsThatChangeDatabasesHaveAStatus(
            Operation operation, OutcomeKind outcome, String status, String legacyStatus) {
        assertThat(outcome.status(operation))
                .returns(status, StatusName::jsonName)
                .returns(legacyStatus, StatusName::legacyName);
        assertThat(StatusName.named(status)).contains(outcome.status(operation));
    }

    @ParameterizedTest
    @EnumSource
    void queriesHaveNoStatus(OutcomeKind outcome) {
        assertThat(outcome.status(Operation.INFO)).isNull();
        assertThat(outcome.status(Operation.STATUS)).isNull();
        assertThat(outcome.status(null)).isNull();
        assertThat(OutcomeKind.named(outcome.jsonName())).contains(outcome);
    }

    @Test
    void sequenceGrowsWithTheAttemptAndWithFinality() {
        assertThat(new long[] {
                    JobFacts.sequence(0, OutcomeKind.REJECTED),
                    JobFacts.sequence(1, OutcomeKind.IN_PROGRESS),
                    JobFacts.sequence(1, OutcomeKind.FAILED),
                    JobFacts.sequence(1, OutcomeKind.ERROR),
                    JobFacts.sequence(1, OutcomeKind.SUCCEEDED),
                    JobFacts.sequence(2, OutcomeKind.IN_PROGRESS),
                    JobFacts.sequence(Integer.MAX_VALUE, OutcomeKind.IN_PROGRESS)
                })
                .containsExactly(202, 1000, 1200, 1201, 1202, 2000, 2_147_483_647_000L);
    }
}
