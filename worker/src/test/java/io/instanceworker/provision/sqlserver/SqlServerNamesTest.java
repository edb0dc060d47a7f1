package io.instanceworker.provision.sqlserver;

import static org.assertj.core.api.Assertions.assertThat;

import io.instanceworker.contracts.InstanceState;
import java.util.List;
import org.junit.jupiter.api.Test;

class SqlServerNamesTest {

    @Test
    void namesThatDifferInCaseOnlyHaveTheSameLockAndStagingDatabase() {
        assertThat(SqlServerNames.lockKey("EdFi_A")).isEqualTo(SqlServerNames.lockKey("edfi_a"));
        assertThat(SqlServerNames.lockKey("EdFi_A")).isNotEqualTo(SqlServerNames.lockKey("EdFi_B"));
        assertThat(SqlServerNames.staging("EdFi_A", "job", InstanceState.COPYING))
                .isEqualTo(SqlServerNames.staging("edfi_a", "job", InstanceState.COPYING));
    }

    @Test
    void aStagingNameSaysWhoseItIs() {
        String longest = "n".repeat(128);
        String staging = SqlServerNames.staging(longest, "job-1", InstanceState.COPYING);
        assertThat(SqlServerNames.RULES.fits(staging)).isTrue();
        assertThat(SqlServerNames.parseStaging(staging))
                .contains(new SqlServerNames.Staging(SqlServerNames.lockKey(longest), InstanceState.COPYING));
        assertThat(SqlServerNames.parseStaging(SqlServerNames.staging("a", "job-1", InstanceState.BUILDING)))
                .map(SqlServerNames.Staging::making)
                .contains(InstanceState.BUILDING);
        assertThat(List.of("iw_staging_of_my_own", "ods", "iw_staging_"))
                .allMatch(name -> SqlServerNames.parseStaging(name).isEmpty());
    }

    @Test
    void namesAndTextsAreQuoted() {
        assertThat(TSql.name("a]b[c")).isEqualTo("[a]]b[c]");
        assertThat(TSql.text("it's")).isEqualTo("N'it''s'");
        assertThat(TSql.rename("a]b", "c]d")).isEqualTo("ALTER DATABASE [a]]b] MODIFY NAME = [c]]d]");
    }

    @Test
    void anUnderscoreStandsForItselfInAPattern() {
        assertThat(SqlServerNames.ANY_STAGING).isEqualTo("iw[_]staging[_]%");
    }
}
