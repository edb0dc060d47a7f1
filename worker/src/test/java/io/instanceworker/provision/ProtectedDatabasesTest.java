package io.instanceworker.provision;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProtectedDatabasesTest {

    private final ProtectedDatabases databases = new ProtectedDatabases(
            List.of("warehouse", "prod_*_main"), List.of("EdFi_Ods_Minimal_Template", "odd*name"));

    @ParameterizedTest
    @ValueSource(
            strings = {
                "postgres",
                "Postgres",
                "template0",
                "template1",
                "master",
                "MSDB",
                "rdsadmin",
                "EdFi_Admin",
                "edfi_admin",
                "EdFi_Admin_Tenant1",
                "EdFi_Security",
                "edfi_security_tenant1",
                "warehouse",
                "WAREHOUSE",
                "prod_x_main",
                "prod__main",
                "edfi_ods_minimal_template",
                "odd*name"
            })
    void aProtectedNameIsRecognisedInAnyCase(String name) {
        assertThat(databases.contain(name)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"EdFi_Administration", "warehouse2", "prod_main", "oddXname", "postgres2", "EdFi_Ods_Grand_Bend"
            })
    void anyOtherNameIsNotProtected(String name) {
        assertThat(databases.contain(name)).isFalse();
    }
}
