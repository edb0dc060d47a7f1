package io.instanceworker.provision.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.instanceworker.contracts.InstanceState;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the name of a staging database says, and which names are none. */
class PostgresNamesTest {

    private static final Instant BEGUN = Instant.parse("2026-11-20T10:00:00Z");

    @ParameterizedTest
    @ValueSource(strings = {"ods_a", "ods_b", "Ünïvërsïtät_学区", "n"})
    void aStagingNameHasItsLockKeyAndItsStartTime(String database) {
        for (InstanceState making : new InstanceState[] {InstanceState.BUILDING, InstanceState.COPYING}) {
            String name = PostgresNames.staging(database, "a job", making, BEGUN);
            assertThat(PostgresNames.RULES.fits(name)).isTrue();
            assertThat(PostgresNames.isStaging(name)).isTrue();
            assertThat(name).startsWith(PostgresNames.stagingPrefix(database));
            assertThat(PostgresNames.parseStaging(name))
                    .contains(new PostgresNames.Staging(PostgresNames.lockKey(database), BEGUN));
        }
    }

    /** Written down, because whoever changes it leaves on the servers what no sweep knows any more. */
    @Test
    void aStagingNameHasTheDocumentedFormat() {
        assertThat(PostgresNames.staging("ods_a", "job-1", InstanceState.COPYING, BEGUN))
                .isEqualTo("iw_staging_4e4b6f02515b50cd_copy_026ab639c21df8aa_6b001a20");
    }

    @Test
    void aStagingNameCanHaveATimeIn2106() {
        Instant late = Instant.parse("2106-01-01T00:00:00Z");
        assertThat(PostgresNames.parseStaging(PostgresNames.staging("a", "b", InstanceState.BUILDING, late)))
                .map(PostgresNames.Staging::begunAt)
                .contains(late);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "iw_staging_",
                "iw_staging_backup",
                "iw_staging_0123456789abcdef_add_0123456789abcdef",
                "iw_staging_0123456789abcdef_add_0123456789abcdef_0123456",
                "iw_staging_0123456789abcdef_add_0123456789abcdef_012345678",
                "iw_staging_0123456789abcdef_add_0123456789abcdef_01234567x",
                "iw_staging_0123456789abcdef_add_0123456789abcdef_01234567\n",
                " iw_staging_0123456789abcdef_add_0123456789abcdef_01234567",
                "x_iw_staging_0123456789abcdef_add_0123456789abcdef_01234567",
                "iw_staging_0123456789ABCDEF_add_0123456789abcdef_01234567",
                "IW_STAGING_0123456789abcdef_add_0123456789abcdef_01234567",
                "iw_staging_0123456789abcdef_drop_0123456789abcdef_01234567",
                "iw_staging_0123456789abcdeg_add_0123456789abcdef_01234567",
                "iw_staging_+123456789abcdef_add_0123456789abcdef_01234567",
                "iw_staging_0123456789abcdef_add_0123456789abcdef_-1234567"
            })
    void anyOtherNameIsNoStagingName(String name) {
        assertThat(PostgresNames.parseStaging(name)).isEmpty();
    }
}
