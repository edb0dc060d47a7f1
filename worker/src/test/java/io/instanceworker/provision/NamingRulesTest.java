package io.instanceworker.provision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.InstanceRef;
import io.instanceworker.contracts.provision.DatabaseNameRules;
import io.instanceworker.contracts.provision.DatabaseNameRules.LengthUnit;
import io.instanceworker.contracts.provision.ProvisioningException;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NamingRulesTest {

    private static final DatabaseNameRules ENGINE =
            new DatabaseNameRules(63, LengthUnit.UTF8_BYTES, true, "iw_staging_");

    private final NamingRules rules = new NamingRules(Pattern.compile("^[A-Za-z_][A-Za-z0-9_-]*$"));

    @ParameterizedTest
    @CsvSource({
        "Grand Bend SY 2022-2023, Minimal, EdFi_Ods_Grand_Bend_SY_2022-2023_Minimal",
        "' _Grand Bend_ ', Minimal, EdFi_Ods_Grand_Bend_Minimal",
        "EdFi_Ods_Grand, Sample, EdFi_Ods_Grand_Sample",
        "edfi_ods Grand, Sample, EdFi_Ods_Grand_Sample",
        "EDFI_ODS_EdFi_Ods_Grand, Sample, EdFi_Ods_Grand_Sample",
        "EdFi_OdsGrand, Sample, EdFi_Ods_EdFi_OdsGrand_Sample",
        "EdFi_OdsNorth, Minimal, EdFi_Ods_EdFi_OdsNorth_Minimal",
        "EDFI   ODS Sandbox, Minimal, EdFi_Ods_Sandbox_Minimal",
        "EdFi Ods, Minimal, EdFi_Ods_Minimal",
        "EdFi_Ods EdFi__Ods_, Minimal, EdFi_Ods_Minimal",
        "EdFi_Ods_EdFi_OdsNorth, Minimal, EdFi_Ods_EdFi_OdsNorth_Minimal",
        "EdFiOds North, Minimal, EdFi_Ods_EdFiOds_North_Minimal",
        "' _ ', Minimal, EdFi_Ods_Minimal",
        "edfi ods, , EdFi_Ods",
        "My EdFi_Ods, Sample, EdFi_Ods_My_EdFi_Ods_Sample",
        "Grand, , EdFi_Ods_Grand",
    })
    void theDatabaseNameIsDerivedByEdFisRule(String name, String template, String expected) {
        assertThat(NamingRules.derived(name, template)).isEqualTo(expected);
    }

    /** Neither may overflow the stack nor take time with the square of the length, whatever the limit at reading is. */
    @ParameterizedTest
    @ValueSource(strings = {"EdFi_Ods", "EdFi_Ods_", "EdFi_", "_", " "})
    void aVeryLongDisplayNameIsDerivedWithoutAStackOverflow(String part) {
        String name = "a" + part.repeat(200_000) + "z";
        assertThat(NamingRules.derived(name, "Minimal")).isEqualTo("EdFi_Ods_" + name.replace(' ', '_') + "_Minimal");
        assertThat(NamingRules.derived(part.repeat(200_000), "Minimal")).endsWith("_Minimal");
    }

    @Test
    void aGivenDatabaseNameIsNotChanged() {
        InstanceRef instance = new InstanceRef("1", null, "Grand Bend", "edfi_100100_2223");
        assertThat(rules.databaseName(instance, "Minimal", ENGINE)).isEqualTo("edfi_100100_2223");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1a", "a b", "a;b", "a\"b", "x\"; DROP DATABASE x; --", "a\n", "a\0", "ü", "-a", "a.b"})
    void aNameThatDoesNotMatchThePatternIsRefused(String name) {
        assertCode(ErrorCode.INVALID_NAME, name);
    }

    @Test
    void aNameThatIsTooLongForTheEngineIsRefused() {
        assertThat(rules.checked("n".repeat(63), ENGINE)).hasSize(63);
        assertCode(ErrorCode.NAME_TOO_LONG, "n".repeat(64));
    }

    @Test
    void aPatternThatNeedsTooMuchStackRefusesTheName() {
        String nested = "(".repeat(300) + "a|b" + ")".repeat(300) + "*";
        assertThatThrownBy(() -> new NamingRules(Pattern.compile(nested)).checked("ab".repeat(100), ENGINE))
                .isInstanceOfSatisfying(ProvisioningException.class, e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.INVALID_NAME);
                    assertThat(e.getMessage()).contains("database-name-pattern");
                });
    }

    private void assertCode(ErrorCode code, String name) {
        assertThatThrownBy(() -> rules.checked(name, ENGINE))
                .isInstanceOfSatisfying(
                        ProvisioningException.class, e -> assertThat(e.code()).isEqualTo(code));
    }
}
